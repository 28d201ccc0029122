package vault

import (
	"crypto/subtle"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"net/http"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/sync"
)

// mostSent is how many sealed mutations one request may bring.
const mostSent = 100

type sendArgs struct {
	Phone  string   `json:"phone"`
	Send   string   `json:"send"`
	Device string   `json:"device"`
	Last   int64    `json:"last"` // the highest number it has given
	Rest   bool     `json:"rest"` // its store will never open again
	Seen   string   `json:"seen"`
	Clock  string   `json:"clock"`
	Items  []sealed `json:"items"`
}

// sealed is a mutation that only this server can read.
type sealed struct {
	N    int64  `json:"n"`
	Kid  string `json:"kid"`
	Text []byte `json:"text"` // base64: encapsulated key, then the text
}

// send takes in what lies unsent on a locked phone, wiped or revoked ones too:
// POST /api/vault/send. The phone cannot read what was decided, and is only
// told what has arrived; opened again, it asks as ever and gets the outcomes.
// From a phone that was revoked anybody may be sending: it is kept for the
// coordinator. For one that this server has forgotten, as after a backup, its
// owner speaks, signed in.
func (v *vault) send(e *core.RequestEvent) error {
	var in sendArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	if len(in.Items) == 0 || len(in.Items) > mostSent {
		return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
	}
	phone, user, err := find(e.App, in.Phone)
	sure := true
	switch {
	case err != nil:
		return failed(e, err)
	case phone != nil:
		sure = !phone.GetBool("revoked")
	case e.Auth != nil && mayOpen(e.Auth):
		user = e.Auth
	}
	switch {
	case user == nil, phone != nil && subtle.ConstantTimeCompare([]byte(phone.GetString("send_hash")), []byte(hash(in.Send))) != 1:
		return sync.Problem(e, http.StatusUnauthorized, "auth.required", nil)
	}
	mutations := make([]sync.Pushed, 0, len(in.Items))
	for _, item := range in.Items {
		text, err := v.keys.open(item.Kid, item.Text, infoOf(in.Device, item.N))
		if err != nil {
			return sync.Problem(e, http.StatusBadRequest, "vault.sealed", map[string]any{"n": item.N})
		}
		var m sync.Pushed
		if err := json.Unmarshal(text, &m, json.RejectUnknownMembers(true), jsontext.AllowInvalidUTF8(true)); err != nil || m.N != item.N {
			return sync.Problem(e, http.StatusBadRequest, "vault.sealed", map[string]any{"n": item.N})
		}
		mutations = append(mutations, m)
	}
	reply, err := v.engine.Take(e.App, user, sync.Push{
		Device: in.Device, Last: in.Last, Rest: in.Rest, Seen: in.Seen, Clock: in.Clock, Mutations: mutations,
	}, sure)
	if fault, ok := errors.AsType[*sync.Fault](err); ok {
		return sync.Problem(e, fault.Status, fault.Code, fault.Params)
	}
	if err != nil {
		return failed(e, err)
	}
	taken := []int64{}
	for _, o := range reply.Outcomes {
		if o.Result != sync.Deferred {
			taken = append(taken, o.N)
		}
	}
	return e.JSON(http.StatusOK, map[string]any{"taken": taken})
}

// infoOf is what is bound into a sealed mutation: it opens as no other.
func infoOf(device string, n int64) string { return fmt.Sprintf("bindeled outbox\n%s\n%d", device, n) }
