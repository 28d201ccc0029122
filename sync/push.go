package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

type pushRequest struct {
	Device    string           `json:"device"`
	Epoch     string           `json:"epoch"`
	Clock     string           `json:"clock"` // the phone's time as it sends; optional
	Mutations []pushedMutation `json:"mutations"`
}

type pushedMutation struct {
	N    int64          `json:"n"`
	Name string         `json:"name"`
	Args jsontext.Value `json:"args"`
	At   string         `json:"at"`
}

var deviceID = regexp.MustCompile(`^[a-z0-9]{15}$`)

// push answers POST /api/sync/push: one outcome for each mutation, in order.
// A bad envelope decides nothing; a bad mutation never stands in the way of
// the others.
func (e *Engine) push(re *core.RequestEvent) error {
	var in pushRequest
	if ok, err := decode(re, &in); !ok {
		return err
	}
	if code := in.fault(); code != "" {
		return problem(re, http.StatusBadRequest, code, nil)
	}
	if in.Epoch != "" && in.Epoch != e.epoch {
		return problem(re, http.StatusConflict, "sync.epoch", map[string]any{"epoch": e.epoch})
	}
	received := e.Now()
	skew := in.skew(received)
	outcomes := make([]Outcome, 0, len(in.Mutations))
	var failure error
	for i, m := range in.Mutations {
		if failure != nil {
			outcomes = append(outcomes, Outcome{N: m.N, Result: Deferred, At: stamp(received), Reason: "retry"})
			continue
		}
		o, err := e.decide(re.App, re.Auth, in.Device, m, received, skew)
		if err != nil {
			if i == 0 {
				return e.failed(re, err)
			}
			re.App.Logger().Error("sync: mutation failed", "name", m.Name, "error", err)
			failure = err
			o = Outcome{N: m.N, Result: Deferred, At: stamp(received), Reason: "retry"}
		}
		outcomes = append(outcomes, o)
	}
	return re.JSON(http.StatusOK, struct {
		Epoch    string    `json:"epoch"`
		At       string    `json:"at"`
		Outcomes []Outcome `json:"outcomes"`
	}{e.epoch, stamp(received), outcomes})
}

func (in *pushRequest) fault() string {
	switch {
	case !deviceID.MatchString(in.Device):
		return "request.device"
	case in.Clock != "" && !isTime(in.Clock):
		return "request.clock"
	case len(in.Mutations) == 0:
		return "request.empty"
	case len(in.Mutations) > maxMutations:
		return "request.too_many"
	}
	for _, m := range in.Mutations {
		if !isTime(m.At) || m.N < 1 || m.Name == "" || len(m.Name) > maxName || len(m.Args) == 0 {
			return "request.mutation"
		}
	}
	return ""
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// skewTolerance is how wrong a phone's clock may be before its times are set
// right: less than that is the way a request takes.
const skewTolerance = 2 * time.Minute

// skew is what to add to a time of the phone's clock.
func (in *pushRequest) skew(received time.Time) time.Duration {
	clock, err := time.Parse(time.RFC3339, in.Clock)
	if err != nil {
		return 0 // fault() lets only an empty one pass
	}
	if skew := received.Sub(clock); skew.Abs() > skewTolerance {
		return skew
	}
	return 0
}

// noLater keeps what was done from lying in the future: who may, may be a
// question of the day, and a phone says of itself which day it is.
func noLater(at, received time.Time) time.Time {
	if at.After(received) {
		return received
	}
	return at
}

// errDecided ends a transaction that has nothing to write.
var errDecided = errors.New("sync: decided already")

// decide gives a mutation its one durable outcome. What it writes and the
// note that it was done are one transaction; a refusal rolls the first back
// and is noted in a second, and a server killed in between decides it again.
func (e *Engine) decide(app core.App, user *core.Record, device string, m pushedMutation, received time.Time, skew time.Duration) (Outcome, error) {
	out := Outcome{N: m.N, At: stamp(received)}
	hash := m.hash()
	mutation := e.mutation(m.Name)
	at, _ := time.Parse(time.RFC3339, m.At) // fault() has parsed it
	note := func(tx core.App, args any) error {
		return e.note(tx, user.Id, device, m, hash, out, args)
	}

	err := app.RunInTransaction(func(tx core.App) error {
		decided, err := e.before(tx, user.Id, device, m, hash, mutation != nil, &out)
		if err != nil {
			return err
		}
		if decided {
			return errDecided
		}
		if mutation == nil {
			out.Result = Unknown
			return note(tx, string(m.Args))
		}
		c := &Context{App: tx, User: user, Device: device, N: m.N, At: noLater(at.Add(skew), received), Received: received, Skew: skew, refuse: e.refusal}
		if err := mutation.apply(c, m.Args); err != nil {
			return err
		}
		out.Result, out.Refused = Applied, c.refused
		if err := tx.DB().NewQuery(`SELECT v FROM _sync_seq`).Row(&out.Seq); err != nil {
			return err
		}
		if len(c.refused) > 0 {
			return note(tx, string(m.Args)) // kept until a person has dealt with the part
		}
		return note(tx, nil)
	})
	if err == nil || errors.Is(err, errDecided) {
		return out, nil
	}
	refusal := e.refusal(err)
	if refusal == nil {
		return out, fmt.Errorf("sync: %s: %w", m.Name, err)
	}
	err = app.RunInTransaction(func(tx core.App) error {
		// Another request may have decided this number between the two.
		if decided, err := e.before(tx, user.Id, device, m, hash, mutation != nil, &out); err != nil || decided {
			return err
		}
		out = Outcome{N: m.N, At: stamp(received), Result: Rejected}.with(refusal)
		return note(tx, string(m.Args))
	})
	return out, err
}

// before looks a mutation up: seen already, the number used for another one,
// or one that must wait for those before it.
func (e *Engine) before(tx core.App, user, device string, m pushedMutation, hash string, known bool, out *Outcome) (bool, error) {
	var seen []struct {
		Hash    string `db:"hash"`
		Outcome string `db:"outcome"`
	}
	err := tx.DB().NewQuery(`SELECT hash, outcome FROM _sync_mut WHERE user = {:user} AND device = {:device} AND n = {:n}`).
		Bind(dbx.Params{"user": user, "device": device, "n": m.N}).All(&seen)
	if err != nil {
		return false, err
	}
	if len(seen) == 0 {
		var last int64
		err := tx.DB().NewQuery(`SELECT coalesce(max(n), 0) FROM _sync_mut WHERE user = {:user} AND device = {:device}`).
			Bind(dbx.Params{"user": user, "device": device}).Row(&last)
		if err == nil && m.N > last+1 {
			out.Result, out.Reason = Deferred, "gap"
			out.Params = map[string]any{"next": last + 1}
			return true, nil
		}
		return false, err
	}
	if seen[0].Hash != hash {
		*out = Outcome{N: m.N, At: out.At, Result: Rejected, Code: CodeReuse, Reason: "sync.reuse"}
		return true, nil
	}
	var first Outcome
	if err := json.Unmarshal([]byte(seen[0].Outcome), &first); err != nil {
		return false, err
	}
	if first.Result == Unknown && known {
		return false, nil // the server has learnt the name since
	}
	out.Result, out.First = Duplicate, &first
	return true, nil
}

// kept is how much of a user's refused arguments is kept already; an index has it.
const kept = `(SELECT coalesce(sum(length(args)), 0) FROM _sync_mut WHERE user = {:user} AND args IS NOT NULL)`

func (e *Engine) note(tx core.App, user, device string, m pushedMutation, hash string, out Outcome, args any) error {
	outcome, err := json.Marshal(out)
	if err != nil {
		return err
	}
	_, err = tx.NonconcurrentDB().NewQuery(`INSERT INTO _sync_mut (user, device, n, name, hash, received, at, result, outcome, args)
		VALUES ({:user}, {:device}, {:n}, {:name}, {:hash}, {:received}, {:at}, {:result}, {:outcome}, CASE WHEN ` + kept + ` < {:most} THEN {:args} END)
		ON CONFLICT (user, device, n) DO UPDATE SET result = excluded.result, outcome = excluded.outcome, args = excluded.args
		WHERE _sync_mut.result = '` + Unknown + `'`).
		Bind(dbx.Params{"user": user, "device": device, "n": m.N, "name": m.Name, "hash": hash,
			"received": out.At, "at": m.At, "result": out.Result, "outcome": string(outcome), "args": args, "most": keptBytes}).Execute()
	return err
}

// hash tells whether a number comes back with the same mutation; white space
// does not count.
func (m pushedMutation) hash() string {
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
