package sync

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What was refused or escrowed is kept with its text until a person has dealt
// with it: the author, or whoever tends the author's work.

// keptAtMost is how many of them are listed at once.
const keptAtMost = 500

type keptItem struct {
	User     string        `db:"user" json:"user"`
	Device   string        `db:"device" json:"device"`
	N        int64         `db:"n" json:"n"`
	Name     string        `db:"name" json:"name"`
	At       string        `db:"at" json:"at"`
	Received string        `db:"received" json:"received"`
	Result   string        `db:"result" json:"result"`
	Outcome  types.JSONRaw `db:"outcome" json:"outcome"`
	Args     types.JSONRaw `db:"args" json:"args"`
	Handed   bool          `db:"handed" json:"handed"`
}

const keptColumns = `SELECT user, device, n, name, at, received, result, outcome, args, handed FROM _sync_mut`

// kept answers GET /api/sync/kept: what waits for a person, of those whose
// work the asker tends.
func (e *Engine) kept(re *core.RequestEvent) error {
	if !e.MayUse(re.Auth) {
		return problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	var authors []string
	if err := re.App.DB().NewQuery(`SELECT DISTINCT user FROM _sync_mut WHERE args IS NOT NULL AND settled IS NULL`).Column(&authors); err != nil {
		return e.failed(re, err, nil)
	}
	var tended []any
	for _, a := range authors {
		switch may, err := e.tends(re.App, re.Auth, a); {
		case err != nil:
			return e.failed(re, err, nil)
		case may:
			tended = append(tended, a)
		}
	}
	items := []keptItem{}
	err := re.App.DB().NewQuery(keptColumns + ` WHERE args IS NOT NULL AND settled IS NULL AND user IN (SELECT value FROM json_each({:users}))
		ORDER BY received DESC, n DESC LIMIT {:most}`).
		Bind(dbx.Params{"users": asJSON(tended), "most": keptAtMost + 1}).All(&items)
	if err != nil {
		return e.failed(re, err, nil)
	}
	more := len(items) > keptAtMost
	if more {
		items = items[:keptAtMost]
	}
	return re.JSON(http.StatusOK, struct {
		Items []keptItem `json:"items"`
		More  bool       `json:"more,omitempty"`
	}{items, more})
}

func asJSON(v any) string {
	out, _ := json.Marshal(v) // of ids
	return string(out)
}

// tends tells whether somebody may see to what was kept of an author's.
func (e *Engine) tends(app core.App, user *core.Record, author string) (bool, error) {
	found, err := app.FindRecordById(e.Users, author)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return e.MayTend(app, user, found)
}

// How a person dealt with what was kept.
const (
	howResend  = "resend"  // sent again as another mutation
	howDiscard = "discard" // with a reason
	howHanded  = "handed"  // to whoever tends it
	howSeen    = "seen"    // and that was all
	howRelease = "release" // done after all, in the author's name
)

type settleArgs struct {
	User   string `json:"user"` // whose it is, when it is another's
	Device string `json:"device"`
	N      int64  `json:"n"`
	How    string `json:"how"`
	Note   string `json:"note"`
}

const longestNote = 2000

// settle is the mutation sync.settle: a person dealt with something kept.
func (e *Engine) settle(c *Context, a settleArgs) error {
	author := cmp.Or(a.User, c.User.Id)
	own := author == c.User.Id
	tends, err := e.tends(c.App, c.User, author)
	if err != nil || !own && !tends {
		return orReject(err, CodeForbidden, "access.denied")
	}
	if !settles(a.How, own, tends) || len(a.Note) > longestNote {
		return Reject(CodeArgs, "args.invalid")
	}
	var found []struct {
		keptItem
		Settled string `db:"settled"`
		Skew    int64  `db:"skew"`
	}
	key := dbx.Params{"user": author, "device": a.Device, "n": a.N}
	err = c.App.DB().NewQuery(`SELECT user, device, n, name, at, received, result, outcome, coalesce(args, '') AS args, handed,
		coalesce(settled, '') AS settled, skew FROM _sync_mut WHERE user = {:user} AND device = {:device} AND n = {:n}`).Bind(key).All(&found)
	if err != nil || len(found) == 0 {
		return orReject(err, CodeGone, "record.gone")
	}
	item := found[0]
	switch {
	case item.Settled != "":
		return nil
	case !tends && item.Result == Escrowed:
		return nil // it is no longer the author's to settle
	case a.How == howHanded:
		_, err := c.App.NonconcurrentDB().NewQuery(`UPDATE _sync_mut SET handed = 1 WHERE user = {:user} AND device = {:device} AND n = {:n}`).Bind(key).Execute()
		return err
	case a.How == howRelease:
		if err := e.release(c, author, item.keptItem, time.Duration(item.Skew)*time.Millisecond); err != nil {
			return err
		}
	}
	return e.settled(c, key, item.Outcome, a)
}

// settled notes how, and forgets the text.
func (e *Engine) settled(c *Context, key dbx.Params, outcome types.JSONRaw, a settleArgs) error {
	var out Outcome
	if err := json.Unmarshal(outcome, &out); err != nil {
		return err
	}
	out.Merged = nil // two people's values
	key["outcome"] = asJSON(out)
	key["settled"] = asJSON(map[string]string{"how": a.How, "note": a.Note, "by": c.User.Id, "at": stamp(c.Received)})
	_, err := c.App.NonconcurrentDB().NewQuery(`UPDATE _sync_mut SET settled = {:settled}, outcome = {:outcome}, args = NULL
		WHERE user = {:user} AND device = {:device} AND n = {:n}`).Bind(key).Execute()
	return err
}

func settles(how string, own, tends bool) bool {
	switch how {
	case howDiscard:
		return true
	case howResend, howHanded, howSeen:
		return own
	}
	return how == howRelease && tends
}

// release does what was kept after all, as its author did it then.
func (e *Engine) release(c *Context, author string, item keptItem, skew time.Duration) error {
	mutation := e.mutation(item.Name)
	if mutation == nil || len(item.Args) == 0 || item.Result != Escrowed && item.Result != Rejected {
		return Reject(CodeArgs, "args.invalid")
	}
	user, err := c.App.FindRecordById(e.Users, author)
	if err != nil {
		return err
	}
	then := &Context{App: c.App, User: user, By: c.User, Device: item.Device, N: item.N, Received: moment(item.Received), Skew: skew, engine: e}
	then.At = moment(item.At).Add(skew)
	if then.At.After(then.Received) {
		then.At = then.Received
	}
	if err := mutation.apply(then, []byte(item.Args)); err != nil {
		return err
	}
	if len(then.refused) > 0 {
		return &then.refused[0].Refusal // all of it or nothing
	}
	return nil
}

func orReject(err error, code Code, reason string) error {
	if err != nil {
		return err
	}
	return Reject(code, reason)
}
