package sync

import (
	"encoding/json/jsontext"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Push is what a phone has done.
type Push struct {
	Device    string   `json:"device"`
	Seen      string   `json:"seen"`  // the newest number and epoch it was told
	Epoch     string   `json:"epoch"` // what phones of version 1 sent; not asked
	Clock     string   `json:"clock"` // the phone's time as it sends; optional
	Mutations []Pushed `json:"mutations"`

	Last int64 `json:"-"` // the highest number the phone has given
	Rest bool  `json:"-"` // of a store that is lost: what is missing before it never comes
}

// PushReply has one outcome for each mutation, in order.
type PushReply struct {
	Epoch    string    `json:"epoch"`
	Seq      int64     `json:"seq"`
	At       string    `json:"at"`
	Outcomes []Outcome `json:"outcomes"`
}

// Fault is why a push was not taken as a whole.
type Fault struct {
	Status int
	Code   string
	Params map[string]any
}

func (f *Fault) Error() string { return f.Code }

// Pushed is one mutation as it travels.
type Pushed struct {
	N    int64          `json:"n"`
	Name string         `json:"name"`
	Args jsontext.Value `json:"args"`
	At   string         `json:"at"`
	Deps []int64        `json:"deps"` // numbers that must have been done
}

var deviceID = regexp.MustCompile(`^[a-z0-9]{15}$`)

// push answers POST /api/sync/push: one outcome for each mutation, in order.
// A bad envelope decides nothing; a bad mutation never stands in the way of
// the others.
func (e *Engine) push(re *core.RequestEvent) error {
	var in Push
	if ok, err := Decode(re, &in); !ok {
		return err
	}
	r, known := readReport(re)
	if !known || r.Device != in.Device {
		r = report{Device: in.Device} // an older phone says nothing of itself
	}
	reply, err := e.take(re.App, re.Auth, r, in, true)
	if fault, ok := errors.AsType[*Fault](err); ok {
		return Problem(re, fault.Status, fault.Code, fault.Params)
	}
	if err != nil {
		return e.failed(re, err, nil)
	}
	return re.JSON(http.StatusOK, reply)
}

// Take decides what a user did, as a push of hers does. Of a bad envelope, and
// where nothing was decided, the error is a Fault.
// What is not sure to be hers is kept for whoever tends her work.
func (e *Engine) Take(app core.App, user *core.Record, in Push, sure bool) (PushReply, error) {
	r := report{Device: in.Device, Last: max(in.Last, 0), shut: true, Unsent: int64(len(in.Mutations))}
	if len(in.Mutations) > 0 && isTime(in.Mutations[0].At) {
		r.Oldest = short(in.Mutations[0].At)
	}
	return e.take(app, user, r, in, sure)
}

func (e *Engine) take(app core.App, user *core.Record, r report, in Push, sure bool) (reply PushReply, err error) {
	if code := in.fault(); code != "" {
		return reply, &Fault{Status: http.StatusBadRequest, Code: code}
	}
	active := e.MayUse(user)
	if !active {
		held, err := e.everHeld(app, user.Id)
		if err != nil {
			return reply, err
		}
		if !held {
			return reply, &Fault{Status: http.StatusForbidden, Code: "auth.inactive"}
		}
	}
	switch err := saw(app.DB(), in.Seen); {
	case errors.Is(err, errRestored):
		return reply, e.wasRestored(app, user, r)
	case err != nil:
		return reply, err
	}
	call, err := e.calling(app, user.Id, r, visit{pushed: true})
	if err != nil {
		return reply, err
	}
	s := &sender{user: user, device: in.Device, active: active, sure: sure, rest: in.Rest, call: call, received: e.Now()}
	s.skew = in.skew(s.received)
	reply.At = stamp(s.received)
	reply.Outcomes = make([]Outcome, 0, len(in.Mutations))
	for i, m := range in.Mutations {
		o, err := e.decide(app, s, m)
		if err != nil {
			app.Logger().Error("sync: mutation failed", "name", m.Name, "error", err)
			if i == 0 {
				return reply, &Fault{Status: http.StatusServiceUnavailable, Code: "server.failed", Params: map[string]any{"n": m.N}}
			}
			for _, rest := range in.Mutations[i:] { // each must wait for this one
				reply.Outcomes = append(reply.Outcomes, Outcome{N: rest.N, Result: Deferred, At: reply.At, Reason: "retry"})
			}
			break
		}
		reply.Outcomes = append(reply.Outcomes, o)
	}
	if call.due { // nothing was noted that it could be noted with
		if err := call.write(app); err != nil {
			return reply, err
		}
	}
	for i := range reply.Outcomes {
		if err := e.discreet(app, user.Id, &reply.Outcomes[i]); err != nil {
			return reply, err
		}
	}
	reply.Seq, reply.Epoch, err = reached(app.DB())
	return reply, err
}

// everHeld tells whether an account ever had anything to work on: one that has
// not is owed no place for what it sends.
func (e *Engine) everHeld(app core.App, user string) (held bool, err error) {
	err = app.DB().NewQuery(`SELECT count(*) > 0 FROM _sync_member WHERE user = {:user}`).Bind(dbx.Params{"user": user}).Row(&held)
	return held, err
}

func (in *Push) fault() string {
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
		if len(m.Deps) > maxMutations {
			return "request.mutation"
		}
		for _, d := range m.Deps {
			if d < 1 || d >= m.N {
				return "request.mutation"
			}
		}
	}
	return ""
}

func isTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil && len(s) <= len("2026-11-22T10:00:00.000000000+01:00")
}

// skewTolerance is how wrong a phone's clock may be before its times are set
// right: less than that is the way a request takes.
const skewTolerance = 2 * time.Minute

// skew is what to add to a time of the phone's clock.
func (in *Push) skew(received time.Time) time.Duration {
	clock, err := time.Parse(time.RFC3339, in.Clock)
	if err != nil {
		return 0 // fault() lets only an empty one pass
	}
	if skew := received.Sub(clock); skew.Abs() > skewTolerance {
		return skew
	}
	return 0
}
