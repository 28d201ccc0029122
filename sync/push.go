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

type pushRequest struct {
	Device    string           `json:"device"`
	Seen      string           `json:"seen"`  // the newest number and epoch it was told
	Epoch     string           `json:"epoch"` // what phones of version 1 sent; not asked
	Clock     string           `json:"clock"` // the phone's time as it sends; optional
	Mutations []pushedMutation `json:"mutations"`
}

type pushedMutation struct {
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
	var in pushRequest
	if ok, err := decode(re, &in); !ok {
		return err
	}
	if code := in.fault(); code != "" {
		return problem(re, http.StatusBadRequest, code, nil)
	}
	active := e.MayUse(re.Auth)
	if !active {
		held, err := e.everHeld(re.App, re.Auth.Id)
		if err != nil {
			return e.failed(re, err, nil)
		}
		if !held {
			return problem(re, http.StatusForbidden, "auth.inactive", nil)
		}
	}
	r, known := readReport(re)
	if !known || r.Device != in.Device {
		r = report{Device: in.Device} // an older phone says nothing of itself
	}
	switch err := saw(re.App.DB(), in.Seen); {
	case errors.Is(err, errRestored):
		return e.restored(re, r)
	case err != nil:
		return e.failed(re, err, nil)
	}
	call, err := e.calling(re.App, re.Auth.Id, r, visit{pushed: true})
	if err != nil {
		return e.failed(re, err, nil)
	}
	s := &sender{user: re.Auth, device: in.Device, active: active, call: call, received: e.Now()}
	s.skew = in.skew(s.received)
	outcomes := make([]Outcome, 0, len(in.Mutations))
	for i, m := range in.Mutations {
		o, err := e.decide(re.App, s, m)
		if err != nil && i == 0 {
			return e.failed(re, err, map[string]any{"n": m.N})
		}
		if err != nil {
			re.App.Logger().Error("sync: mutation failed", "name", m.Name, "error", err)
			for _, rest := range in.Mutations[i:] { // each must wait for this one
				outcomes = append(outcomes, Outcome{N: rest.N, Result: Deferred, At: stamp(s.received), Reason: "retry"})
			}
			break
		}
		outcomes = append(outcomes, o)
	}
	if call.due { // nothing was noted that it could be noted with
		if err := call.write(re.App); err != nil {
			return e.failed(re, err, nil)
		}
	}
	for i := range outcomes {
		if err := e.discreet(re.App, re.Auth.Id, &outcomes[i]); err != nil {
			return e.failed(re, err, nil)
		}
	}
	seq, epoch, err := reached(re.App.DB())
	if err != nil {
		return e.failed(re, err, nil)
	}
	return re.JSON(http.StatusOK, struct {
		Epoch    string    `json:"epoch"`
		Seq      int64     `json:"seq"`
		At       string    `json:"at"`
		Outcomes []Outcome `json:"outcomes"`
	}{epoch, seq, stamp(s.received), outcomes})
}

// everHeld tells whether an account ever had anything to work on: one that has
// not is owed no place for what it sends.
func (e *Engine) everHeld(app core.App, user string) (held bool, err error) {
	err = app.DB().NewQuery(`SELECT count(*) > 0 FROM _sync_member WHERE user = {:user}`).Bind(dbx.Params{"user": user}).Row(&held)
	return held, err
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
