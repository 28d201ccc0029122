package sync

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// sender is who pushes, and what the server knows of them.
type sender struct {
	user     *core.Record
	device   string
	active   bool
	sure     bool // that it is the user who sends
	rest     bool // nothing comes before it any more
	call     *call
	received time.Time
	skew     time.Duration
}

// did is when a mutation was done, as far as it can be believed: who may, may
// be a question of the day, and a phone says of itself which day it is. It was
// not done after it came in, nor before a contact at which its number had not
// been given yet.
func (s *sender) did(m Pushed) time.Time {
	at := moment(m.At).Add(s.skew)
	was := s.call.was
	if contact := moment(was.Seen); was.V >= 2 && m.N > was.Last && at.Before(contact) {
		at = contact
	}
	if at.After(s.received) {
		at = s.received
	}
	return at
}

// errDecided ends a transaction that has nothing to write.
var errDecided = errors.New("sync: decided already")

// decide gives a mutation its one durable outcome. What it writes and the
// note that it was done are one transaction; a refusal rolls the first back
// and is noted in a second, and a server killed in between decides it again.
func (e *Engine) decide(app core.App, s *sender, m Pushed) (Outcome, error) {
	out := Outcome{N: m.N, At: stamp(s.received)}
	d := deed{sender: s, m: m, hash: m.hash(), kept: e.Kept}
	mutation := e.mutation(m.Name)

	err := app.RunInTransaction(func(tx core.App) error {
		if decided, err := d.before(tx, mutation != nil, &out); err != nil || decided {
			return cmp.Or(err, errDecided)
		}
		if err := e.mayBeDone(s, m); err != nil {
			return err
		}
		if waits, err := d.depends(tx, &out); err != nil || waits {
			return cmp.Or(err, errDecided)
		}
		if mutation == nil {
			out.Result = Unknown
			return d.note(tx, &out, true)
		}
		c := &Context{App: tx, User: s.user, Device: s.device, N: m.N, At: s.did(m), Received: s.received, Skew: s.skew, engine: e}
		if err := mutation.apply(c, m.Args); err != nil {
			return err
		}
		out.Result, out.Refused, out.Merged, out.In = Applied, c.refused, c.merged, c.in
		if len(c.merged) > 0 {
			out.Result = MergedIn
		}
		return d.note(tx, &out, len(c.refused) > 0) // until a person has dealt with the part
	})
	switch {
	case err == nil:
		s.call.due = false // its note has the contact
		return out, nil
	case errors.Is(err, errDecided):
		return out, nil
	}
	refusal := e.refusal(err)
	if refusal == nil {
		return out, fmt.Errorf("sync: %s: %w", m.Name, err)
	}
	err = app.RunInTransaction(func(tx core.App) error {
		// Another request may have decided this number between the two.
		if decided, err := d.before(tx, mutation != nil, &out); err != nil || decided {
			return err
		}
		out = Outcome{N: m.N, At: stamp(s.received), Result: Rejected}.with(refusal)
		if refusal.Code == CodeForbidden && m.Name != settleName {
			out.Result = Escrowed
		}
		return d.note(tx, &out, true)
	})
	if err == nil && d.noted {
		s.call.due = false
	}
	return out, err
}

// mayBeDone refuses what is not to be done whatever it is. It is escrowed:
// neither done blindly nor lost.
func (e *Engine) mayBeDone(s *sender, m Pushed) error {
	switch {
	case !s.active:
		return Reject(CodeForbidden, "sync.inactive")
	case !s.sure:
		return Reject(CodeForbidden, "sync.revoked")
	case m.Name == settleName:
		return nil // late or not, it is about what lies here
	case e.Grace > 0 && s.received.Sub(s.did(m)) > e.Grace:
		return Reject(CodeForbidden, "sync.late")
	}
	return nil
}

// deed is one mutation on its way to an outcome.
type deed struct {
	*sender
	m     Pushed
	hash  string
	kept  func(tx core.App, k Kept, tended bool) error
	noted bool
}

func (d *deed) params(more dbx.Params) dbx.Params {
	p := dbx.Params{"user": d.user.Id, "device": d.device, "n": d.m.N}
	maps.Copy(p, more)
	return p
}

// before looks a mutation up: seen already, the number used for another one,
// or one that must wait for those before it.
func (d *deed) before(tx core.App, known bool, out *Outcome) (bool, error) {
	var found struct {
		Last    int64   `db:"last"`
		Hash    *string `db:"hash"`
		Outcome *string `db:"outcome"`
	}
	err := tx.DB().NewQuery(`SELECT (SELECT coalesce(max(n), 0) FROM _sync_mut WHERE user = {:user} AND device = {:device}) AS last, m.hash, m.outcome
		FROM _sync_seq LEFT JOIN _sync_mut m ON m.user = {:user} AND m.device = {:device} AND m.n = {:n}`).Bind(d.params(nil)).One(&found)
	switch {
	case err != nil:
		return false, err
	case found.Hash == nil && d.m.N > found.Last+1 && !d.rest:
		out.Result, out.Reason = Deferred, "gap"
		out.Params = map[string]any{"next": found.Last + 1}
		return true, nil
	case found.Hash == nil:
		return false, nil
	case *found.Hash != d.hash:
		*out = Outcome{N: d.m.N, At: out.At, Result: Rejected, Code: CodeReuse, Reason: "sync.reuse"}
		return true, nil
	}
	var first Outcome
	if err := json.Unmarshal([]byte(*found.Outcome), &first); err != nil {
		return false, err
	}
	if first.Result == Unknown && known {
		return false, nil // the server has learnt the name since
	}
	out.Result, out.First = Duplicate, &first
	return true, nil
}

// depends looks after what this one builds on: it waits for it, and is
// refused where that was.
func (d *deed) depends(tx core.App, out *Outcome) (bool, error) {
	for _, dep := range d.m.Deps {
		var results []string
		err := tx.DB().NewQuery(`SELECT result FROM _sync_mut WHERE user = {:user} AND device = {:device} AND n = {:dep}`).
			Bind(d.params(dbx.Params{"dep": dep})).Column(&results)
		if err != nil {
			return false, err
		}
		refusal := &Refusal{Reason: "sync.depends", Params: map[string]any{"n": dep}}
		switch {
		case len(results) == 0 && d.rest:
			continue // the rules tell whether it can be done without
		case len(results) == 0, results[0] == Unknown:
			*out = Outcome{N: d.m.N, At: out.At, Result: Deferred, Reason: "depends", Params: refusal.Params}
			return true, nil
		case results[0] == Rejected:
			refusal.Code = CodeGone
		case results[0] == Escrowed:
			refusal.Code = CodeForbidden
		default:
			continue
		}
		return false, refusal
	}
	return false, nil
}

// note stores the outcome, and the arguments when a person has yet to see to
// it. It takes a number even if nothing was written: a server put back to
// before it is then known to have forgotten it.
func (d *deed) note(tx core.App, out *Outcome, keep bool) error {
	if d.call.due { // one durable write for the two
		if err := d.call.write(tx); err != nil {
			return err
		}
	}
	var seq int64
	if err := tx.NonconcurrentDB().NewQuery(bump + ` RETURNING v`).Row(&seq); err != nil {
		return err
	}
	if out.Result == Applied || out.Result == MergedIn {
		out.Seq = seq
	}
	var args any
	if keep && d.m.Name != settleName && string(d.m.Args) != "{}" { // or it is only a number used up
		room, err := d.room(tx)
		if err != nil {
			return err
		}
		if room {
			args = string(d.m.Args)
		} else if out.Result == Escrowed {
			out.Result = Rejected // the phone keeps the text
		}
	}
	outcome, err := out.stored()
	if err != nil {
		return err
	}
	_, err = tx.NonconcurrentDB().NewQuery(`INSERT INTO _sync_mut (user, device, n, name, hash, received, at, skew, result, outcome, args)
		VALUES ({:user}, {:device}, {:n}, {:name}, {:hash}, {:received}, {:at}, {:skew}, {:result}, {:outcome}, {:args})
		ON CONFLICT (user, device, n) DO UPDATE SET result = excluded.result, outcome = excluded.outcome, args = excluded.args, settled = NULL, handed = 0
		WHERE _sync_mut.result = '` + Unknown + `'`).
		Bind(d.params(dbx.Params{"name": d.m.Name, "hash": d.hash, "received": out.At, "at": d.m.At, "skew": d.skew.Milliseconds(),
			"result": out.Result, "outcome": outcome, "args": args})).Execute()
	d.noted = err == nil
	if err != nil || args == nil {
		return err
	}
	return d.kept(tx, Kept{Author: d.user, Name: d.m.Name, Args: d.m.Args}, out.Result == Escrowed)
}

// room tells whether more of what a user had refused can be kept; an index has
// the lengths.
func (d *deed) room(tx core.App) (room bool, err error) {
	err = tx.DB().NewQuery(`SELECT coalesce(sum(octet_length(args)), 0) < {:most} FROM _sync_mut WHERE user = {:user} AND args IS NOT NULL`).
		Bind(d.params(dbx.Params{"most": keptBytes})).Row(&room)
	return room, err
}

// outcomeBytes is how long an outcome may be that is stored. A rule may say
// again what was typed, and that may be anything.
const outcomeBytes = 8 << 10

func (o Outcome) stored() (string, error) {
	out, err := json.Marshal(o)
	if err == nil && len(out) > outcomeBytes {
		out, err = json.Marshal(o.bare())
	}
	return string(out), err
}

// bare is the outcome without anything that anybody typed.
func (o Outcome) bare() Outcome {
	o.Params, o.Merged, o.In = nil, nil, ""
	o.Refused = slices.Clone(o.Refused)
	for i := range o.Refused {
		o.Refused[i].Params = nil
	}
	return o
}

// hash tells whether a number comes back with the same mutation; white space
// does not count.
func (m Pushed) hash() string {
	var args bytes.Buffer
	if err := json.Compact(&args, m.Args); err != nil {
		args.Write(m.Args)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%s", m.Name, m.At, args.Bytes())
	return hex.EncodeToString(sum.Sum(nil))
}

// refusal is the error as an answer, or nil when it is a failure.
func (e *Engine) refusal(err error) *Refusal {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r
	}
	return e.Refuse(err)
}
