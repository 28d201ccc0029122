package sync

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

// What was refused or escrowed is kept with its text until a person has dealt
// with it: the author, or whoever tends the author's work.

// How many of them, and about how much, is listed at once.
const (
	keptAtMost = 500
	keptAnswer = 1 << 20
)

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
	HandedAt int64         `db:"handed_at" json:"-"` // Unix milliseconds
}

const keptColumns = `SELECT user, device, n, name, at, received, result, outcome, args, handed, handed_at FROM _sync_mut`

// kept answers GET /api/sync/kept: what waits for a person, and the asker tends.
func (e *Engine) kept(re *core.RequestEvent) error {
	if !e.MayUse(re.Auth) {
		return Problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	rows, err := re.App.DB().NewQuery(keptColumns + ` WHERE args IS NOT NULL AND settled IS NULL ORDER BY received DESC, n DESC`).Rows()
	if err != nil {
		return e.failed(re, err, nil)
	}
	defer rows.Close()
	items, bytes, more := []keptItem{}, 0, false
	for !more && rows.Next() {
		var item keptItem
		if err := rows.ScanStruct(&item); err != nil {
			return e.failed(re, err, nil)
		}
		may, err := e.tends(re.App, re.Auth, item)
		if err != nil {
			return e.failed(re, err, nil)
		}
		if !may {
			continue
		}
		if more = len(items) == keptAtMost || bytes > keptAnswer; !more {
			items, bytes = append(items, item), bytes+len(item.Args)
		}
	}
	if err := rows.Err(); err != nil {
		return e.failed(re, err, nil)
	}
	return re.JSON(http.StatusOK, struct {
		Items []keptItem `json:"items"`
		More  bool       `json:"more,omitempty"`
	}{items, more})
}

func asJSON(v any) string {
	out, _ := json.Marshal(v) // it came from JSON, or is texts
	return string(out)
}

// Kept is something that waits for a person. Author is nil when the account is
// no more.
type Kept struct {
	Author *core.Record
	Name   string
	Args   []byte
}

// tends tells whether somebody may see to something kept.
func (e *Engine) tends(app core.App, user *core.Record, item keptItem) (bool, error) {
	author, err := app.FindRecordById(e.Users, item.User)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	return e.MayTend(app, user, Kept{Author: author, Name: item.Name, Args: item.Args})
}

// Waits is one thing that is kept.
type Waits struct {
	Kept
	Tended bool // waits for whoever tends it; else for its author
	Since  time.Time
}

// waitingAtMost is how many of them Waiting reads, the newest.
const waitingAtMost = 200

// Waiting is what is kept now. Of authors that are no more Author is nil.
func (e *Engine) Waiting(app core.App) ([]Waits, error) {
	var items []keptItem
	err := app.DB().NewQuery(keptColumns + ` WHERE args IS NOT NULL AND settled IS NULL ORDER BY received DESC, n DESC LIMIT {:most}`).
		Bind(dbx.Params{"most": waitingAtMost}).All(&items)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	authors := map[string]*core.Record{}
	out := make([]Waits, len(items))
	for i, item := range items {
		author, known := authors[item.User]
		if !known {
			author, err = app.FindRecordById(e.Users, item.User)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return nil, err
			}
			authors[item.User] = author
		}
		since := moment(item.Received)
		if handed := time.UnixMilli(item.HandedAt); handed.After(since) {
			since = handed
		}
		out[i] = Waits{
			Kept:   Kept{Author: author, Name: item.Name, Args: item.Args},
			Tended: item.Handed || item.Result == Escrowed, Since: since,
		}
	}
	return out, nil
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

const settleName = "sync.settle"

// settle is the mutation sync.settle: a person dealt with something kept.
func (e *Engine) settle(c *Context, a settleArgs) error {
	author := cmp.Or(a.User, c.User.Id)
	var found []struct {
		keptItem
		Settled string `db:"settled"`
		Skew    int64  `db:"skew"`
	}
	key := dbx.Params{"user": author, "device": a.Device, "n": a.N}
	err := c.App.DB().NewQuery(`SELECT user, device, n, name, at, received, result, outcome, coalesce(args, '') AS args, handed,
		coalesce(json_extract(settled, '$.how'), '') AS settled, skew FROM _sync_mut WHERE user = {:user} AND device = {:device} AND n = {:n}`).Bind(key).All(&found)
	if err != nil {
		return err
	}
	own, tends := author == c.User.Id, false
	if len(found) > 0 {
		if tends, err = e.tends(c.App, c.User, found[0].keptItem); err != nil {
			return err
		}
	}
	switch {
	case !own && !tends:
		return Reject(CodeForbidden, "access.denied")
	case !settles(a.How, own, tends) || utf8.RuneCountInString(a.Note) > longestNote:
		return Reject(CodeArgs, "args.invalid")
	case len(found) == 0:
		return Reject(CodeGone, "record.gone")
	}
	item := found[0]
	switch {
	case item.Settled == a.How, item.Settled != "" && a.How == howSeen:
		return nil
	case item.Settled != "":
		return Reject(CodeStale, "sync.settled")
	case item.Result == Unknown, item.Name == settleName:
		return Reject(CodeArgs, "args.invalid") // it is not decided; it is nothing that waits
	case !tends && item.Result == Escrowed:
		return nil // it is no longer the author's to settle
	case !own && !item.Handed && item.Result != Escrowed:
		if may, err := e.mayUse(c.App, author); err != nil || may {
			return orReject(err, CodeStale, "sync.hers")
		}
	}
	switch a.How {
	case howHanded:
		if len(item.Args) == 0 {
			return Reject(CodeGone, "record.gone")
		}
		if item.Handed {
			return nil
		}
		key["now"] = c.Received.UnixMilli()
		_, err := c.App.NonconcurrentDB().NewQuery(`UPDATE _sync_mut SET handed = 1, handed_at = {:now} WHERE user = {:user} AND device = {:device} AND n = {:n}`).Bind(key).Execute()
		if err != nil {
			return err
		}
		return e.Kept(c.App, Kept{Author: c.User, Name: item.Name, Args: item.Args}, true)
	case howRelease:
		if err := e.release(c, item.keptItem, time.Duration(item.Skew)*time.Millisecond); err != nil {
			return err
		}
	}
	return e.settled(c, key, item.Outcome, a)
}

// mayUse tells whether an account syncs; one that is no more does not.
func (e *Engine) mayUse(app core.App, user string) (bool, error) {
	found, err := app.FindRecordById(e.Users, user)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && e.MayUse(found), err
}

// settled notes how, and forgets the text.
func (e *Engine) settled(c *Context, key dbx.Params, outcome types.JSONRaw, a settleArgs) error {
	var out Outcome
	if err := json.Unmarshal(outcome, &out); err != nil {
		return err
	}
	key["outcome"] = asJSON(out.bare())
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
func (e *Engine) release(c *Context, item keptItem, skew time.Duration) error {
	mutation := e.mutation(item.Name)
	if mutation == nil || len(item.Args) == 0 || item.Result != Escrowed && item.Result != Rejected {
		return Reject(CodeArgs, "args.invalid")
	}
	user, err := c.App.FindRecordById(e.Users, item.User)
	if errors.Is(err, sql.ErrNoRows) {
		return Reject(CodeGone, "record.gone")
	}
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
	c.refused, c.merged, c.in = then.refused, then.merged, then.in
	return nil
}

func orReject(err error, code Code, reason string) error {
	if err != nil {
		return err
	}
	return Reject(code, reason)
}
