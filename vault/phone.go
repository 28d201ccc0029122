package vault

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/sync"
)

// tries is how often a wrong code may be given before the share is gone.
const tries = 5

// mostPhones is how many a person has at once. Nobody holds so many in her
// hands: what she forgot the code of, or a browser threw away, still counts.
const mostPhones = 10

// Kinds of factor: what a person opens a phone with. Its proof shows that she
// did, and cannot be turned back into it.
var proofOf = map[string]string{"pin": "pin_proof", "passkey": "passkey_proof"}

const proofBytes = 32

// mostProofs is how many are kept that the phone may hold.
const mostProofs = 5

// lease is what an open phone is told.
type lease struct {
	Phone string `json:"phone"`
	Share string `json:"share,omitempty"` // base64url, 32 bytes
	Send  string `json:"send,omitempty"`  // opens POST send and nothing else
	Until string `json:"until"`           // the share may be kept so long, for opening without network
	At    string `json:"at"`
	Key   public `json:"key"`
	Lock  lock   `json:"lock"`
}

// lock is when a phone locks itself, minutes.
type lock struct {
	Hidden int `json:"hidden"`
	Idle   int `json:"idle"`
}

type enrolArgs struct {
	Name   string `json:"name"` // what its owner calls it
	Kind   string `json:"kind"`
	Factor string `json:"factor"`
	Proof  string `json:"proof"`
}

// enrol makes a phone known: POST /api/vault/phones.
func (v *vault) enrol(e *core.RequestEvent) error {
	var in enrolArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	proof, ok := proofIn(in.Factor, in.Proof)
	if proofOf[in.Kind] == "" || !ok || len(in.Name) > 100 {
		return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
	}
	phone, err := records.New(e.App, records.Devices)
	if err != nil {
		return failed(e, err)
	}
	send := secret()
	phone.Load(map[string]any{
		"user": e.Auth.Id, "name": in.Name, proofOf[in.Kind]: proof.kept(), "share": secret(), "send_hash": hash(send), "seen": clock.Now(),
	})
	out, err := v.lease(e.App, phone, e.Auth)
	if err != nil {
		return failed(e, err)
	}
	err = e.App.RunInTransaction(func(tx core.App) error {
		if err := tx.Save(phone); err != nil {
			return err
		}
		return endSilent(tx, e.Auth.Id)
	})
	if err != nil {
		return failed(e, err)
	}
	out.Phone, out.Share, out.Send = phone.Id, phone.GetString("share"), send
	return e.JSON(http.StatusOK, out)
}

// endSilent makes room: of more than mostPhones those end that were silent for
// longest. She is not turned away with the new one in her hand, and what is
// unsent on the others still arrives, as after five wrong codes.
func endSilent(tx core.App, user string) error {
	var phones []*core.Record
	err := tx.RecordQuery(records.Devices).AndWhere(dbx.HashExp{"user": user, "revoked": false}).AndWhere(dbx.NewExp("[[share]] <> ''")).
		OrderBy("seen DESC", "rowid DESC").All(&phones)
	if err != nil {
		return err
	}
	for _, phone := range phones[min(len(phones), mostPhones):] {
		wipe(phone)
		if err := tx.Save(phone); err != nil {
			return err
		}
	}
	return nil
}

// wipe takes the share: without it the store on the phone is noise.
func wipe(phone *core.Record) {
	phone.Set("share", "")
	phone.Set("wiped", clock.Now())
}

type openArgs struct {
	Phone  string `json:"phone"`
	Kind   string `json:"kind"`
	Factor string `json:"factor"` // which it is: a code that is changed is another
	Proof  string `json:"proof"`
}

// open hands out the share against a proof: POST /api/vault/open. Nobody is
// signed in: the token lies in the store that is to be opened. What is wrong
// is counted before anything is said.
func (v *vault) open(e *core.RequestEvent) error {
	var in openArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	given, ok := proofIn(in.Factor, in.Proof)
	field := proofOf[in.Kind]
	if !ok || field == "" {
		return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
	}
	var phone, user *core.Record
	known, right := false, false
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		if phone, user, err = find(tx, in.Phone); phone == nil || err != nil {
			return err
		}
		if phone.GetString("share") == "" || !mayOpen(user) {
			return nil
		}
		if known, right = fits(phone.GetString(field), given); !known {
			return nil
		}
		if right {
			phone.Set(field, given.kept())
			phone.Set("tries", 0)
			phone.Set("seen", clock.Now())
			return tx.Save(phone)
		}
		return wrong(tx, phone)
	})
	switch {
	case err != nil:
		return failed(e, err)
	case phone == nil:
		return unknown(e)
	case phone.GetBool("revoked"):
		return sync.Problem(e, http.StatusGone, "vault.revoked", nil)
	case phone.GetString("share") == "":
		return sync.Problem(e, http.StatusGone, "vault.wiped", nil)
	case !mayOpen(user):
		return sync.Problem(e, http.StatusForbidden, "auth.inactive", nil)
	case !known:
		return unknown(e)
	case !right:
		return sync.Problem(e, http.StatusUnauthorized, "vault.wrong", map[string]any{"left": tries - phone.GetInt("tries")})
	}
	out, err := v.lease(e.App, phone, user)
	if err != nil {
		return failed(e, err)
	}
	out.Share = phone.GetString("share")
	return e.JSON(http.StatusOK, out)
}

// fits tells whether a proof is among those that are kept; known, whether its
// factor is. Of one that was set after the backup nobody can say that it is
// wrong. Those from before factors had names may be any.
func fits(kept string, given proof) (known, right bool) {
	for _, text := range strings.Fields(kept) {
		factor, want, named := strings.Cut(text, ":")
		if !named {
			factor, want = given.factor, text
		}
		if factor == given.factor {
			known = true
			right = subtle.ConstantTimeCompare([]byte(want), []byte(given.hash)) == 1 || right
		}
	}
	return known, right
}

// wrong counts. The last one takes the share.
func wrong(tx core.App, phone *core.Record) error {
	phone.Set("tries", phone.GetInt("tries")+1)
	if phone.GetInt("tries") >= tries {
		wipe(phone)
	}
	return tx.Save(phone)
}

// factor sets a code or a passkey of a phone that is open: POST /api/vault/factor.
func (v *vault) factor(e *core.RequestEvent) error {
	var in openArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	given, ok := proofIn(in.Factor, in.Proof)
	if !ok || proofOf[in.Kind] == "" {
		return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
	}
	return v.change(e, in.Phone, func(phone *core.Record) {
		// Those before count until one was used: the phone may not have heard
		// that it was taken.
		all := append([]string{given.kept()}, strings.Fields(phone.GetString(proofOf[in.Kind]))...)
		phone.Set(proofOf[in.Kind], strings.Join(all[:min(len(all), mostProofs)], " "))
		phone.Set("tries", 0)
	})
}

type phoneArgs struct {
	Phone string `json:"phone"`
}

// renew prolongs the time for which an open phone may keep its share: POST
// /api/vault/renew. A phone that is to be shut learns it here.
func (v *vault) renew(e *core.RequestEvent) error {
	var in phoneArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	return v.change(e, in.Phone, func(phone *core.Record) { phone.Set("seen", clock.Now()) })
}

// forget ends a phone: POST /api/vault/forget. What it has unsent it may still
// send.
func (v *vault) forget(e *core.RequestEvent) error {
	var in phoneArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	return v.change(e, in.Phone, func(phone *core.Record) {
		phone.Set("revoked", true)
		wipe(phone)
	})
}

// change does something to a phone of the one who asks.
func (v *vault) change(e *core.RequestEvent, id string, do func(*core.Record)) error {
	var phone *core.Record
	shut := false
	err := e.App.RunInTransaction(func(tx core.App) (err error) {
		if phone, _, err = find(tx, id); err != nil || phone == nil {
			return err
		}
		if shut = phone.GetString("user") != e.Auth.Id || phone.GetBool("revoked") || phone.GetString("share") == ""; shut {
			return nil
		}
		do(phone)
		return tx.Save(phone)
	})
	switch {
	case err != nil:
		return failed(e, err)
	case phone == nil:
		return unknown(e)
	case shut:
		return sync.Problem(e, http.StatusGone, "vault.revoked", nil)
	}
	out, err := v.lease(e.App, phone, e.Auth)
	if err != nil {
		return failed(e, err)
	}
	return e.JSON(http.StatusOK, out)
}

// unknown: it was never one, or a backup was made before it was, or before its
// code was. That is no reason to wipe it.
func unknown(e *core.RequestEvent) error {
	return sync.Problem(e, http.StatusNotFound, "vault.unknown", nil)
}

// find is a phone and whose it is; nil for one that nobody knows.
func find(app core.App, id string) (phone, user *core.Record, err error) {
	phone, err = records.Find(app, records.Devices, id)
	if err == nil {
		user, err = records.Find(app, records.Users, phone.GetString("user"))
	}
	if records.IsGone(err) {
		return nil, nil, nil
	}
	return phone, user, err
}

// lease is as the municipality has set it.
func (v *vault) lease(app core.App, phone, user *core.Record) (lease, error) {
	municipality, err := records.Find(app, records.Municipalities, user.GetString("municipality"))
	if err != nil {
		return lease{}, err
	}
	now := clock.Now().UTC()
	return lease{
		Phone: phone.Id,
		Until: now.Add(time.Duration(municipality.GetInt("lease_hours")) * time.Hour).Format(time.RFC3339),
		At:    now.Format(time.RFC3339),
		Key:   v.keys.public(),
		Lock: lock{
			Hidden: minutes(municipality, "lock_hidden", records.LockHidden),
			Idle:   minutes(municipality, "lock_idle", records.LockIdle),
		},
	}, nil
}

// minutes are what the dashboard would take; else the usual: whatever stands
// there, a phone that is looked at stays open.
func minutes(municipality *core.Record, field string, usual int) int {
	if m := municipality.GetInt(field); m >= 1 && m <= mostMinutes {
		return m
	}
	return usual
}

const mostMinutes = 60

func secret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// proof shows a factor, which has a name.
type proof struct{ factor, hash string }

var factorName = regexp.MustCompile(`^[A-Za-z0-9_-]{0,43}$`)

// proofIn is a proof that came in; ok tells whether it is one.
func proofIn(factor, text string) (p proof, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return proof{factor, hash(text)}, err == nil && len(raw) == proofBytes && factorName.MatchString(factor)
}

// kept is how it is kept.
func (p proof) kept() string {
	if p.factor == "" {
		return p.hash
	}
	return p.factor + ":" + p.hash
}
