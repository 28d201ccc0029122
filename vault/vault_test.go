package vault_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

func TestMain(m *testing.M) { testapp.Main(m) }

// phone is one, as far as the vault knows it.
type phone struct {
	*testapp.App
	t           *testing.T
	id, send    string
	key, kid    string
	token, user string
	device      string
}

type reply struct {
	Status             int
	Code               string
	Params             map[string]any
	Phone, Share, Send string
	Until, At          string
	Key                struct{ Kid, Key string }
	Lock               struct{ Hidden, Idle int }
	Taken              []int64
}

func proof(of string) string {
	return base64.RawURLEncoding.EncodeToString([]byte((of + strings.Repeat(".", 32))[:32]))
}

func (p *phone) ask(path, token string, body any) reply {
	p.t.Helper()
	status, text := p.Do(http.MethodPost, "/api/vault/"+path, token, body)
	var r reply
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		p.t.Fatalf("%s: %d %s", path, status, text)
	}
	r.Status = status
	return r
}

func (p *phone) open(code string) reply {
	p.t.Helper()
	return p.ask("open", "", map[string]any{"phone": p.id, "kind": "pin", "proof": proof(code)})
}

func enrolled(t *testing.T, user string) *phone {
	t.Helper()
	a := testapp.New(t)
	p := &phone{App: a, t: t, token: a.Token(user), user: user, device: testapp.ID()}
	r := p.ask("phones", p.token, map[string]any{"name": "", "kind": "pin", "proof": proof("right")})
	if r.Status != http.StatusOK || r.Share == "" || r.Send == "" || r.Key.Key == "" {
		t.Fatalf("enrolled: %+v", r)
	}
	p.id, p.send, p.key, p.kid = r.Phone, r.Send, r.Key.Key, r.Key.Kid
	return p
}

func (r reply) is(t *testing.T, status int, code string) {
	t.Helper()
	if r.Status != status || r.Code != code {
		t.Errorf("got %d %s %v, want %d %s", r.Status, r.Code, r.Params, status, code)
	}
}

func TestOpen(t *testing.T) {
	p := enrolled(t, "maja")
	first, again := p.open("right"), p.open("right")
	first.is(t, http.StatusOK, "")
	if first.Share == "" || first.Share != again.Share {
		t.Errorf("the share is %q, then %q: the store would not open", first.Share, again.Share)
	}
	if first.Until != "2026-11-22T23:20:00Z" || first.At != "2026-11-22T11:20:00Z" || first.Lock.Hidden != 5 || first.Lock.Idle != 15 {
		t.Errorf("the lease is %+v", first)
	}
	if first.Send != "" {
		t.Error("what opens send is told again")
	}
	p.ask("open", "", map[string]any{"phone": p.id, "kind": "passkey", "proof": proof("right")}).is(t, http.StatusNotFound, "vault.unknown") // she has none
	for name, body := range map[string]any{
		"a short proof": map[string]any{"phone": p.id, "kind": "pin", "proof": "YQ"},
		"no kind":       map[string]any{"phone": p.id, "kind": "", "proof": proof("right")},
		"a column":      map[string]any{"phone": p.id, "kind": "share", "proof": proof("right")},
		"more":          map[string]any{"phone": p.id, "kind": "pin", "proof": proof("right"), "tries": 0},
	} {
		t.Run(name, func(t *testing.T) { p.ask("open", "", body).is(t, http.StatusBadRequest, "request.invalid") })
	}
}

func TestFiveWrongCodesTakeTheShare(t *testing.T) {
	p := enrolled(t, "maja")
	for left := 4; left > 0; left-- {
		r := p.open("wrong")
		r.is(t, http.StatusUnauthorized, "vault.wrong")
		if r.Params["left"] != float64(left) {
			t.Errorf("%v tries are left, want %d", r.Params["left"], left)
		}
	}
	p.open("right").is(t, http.StatusOK, "")
	for range 4 {
		p.open("wrong").is(t, http.StatusUnauthorized, "vault.wrong")
	}
	p.open("wrong").is(t, http.StatusGone, "vault.wiped")
	p.open("right").is(t, http.StatusGone, "vault.wiped")
	r, err := p.FindRecordById(records.Devices, p.id)
	if err != nil || r.GetString("share") != "" || r.GetDateTime("wiped").IsZero() {
		t.Errorf("the phone is %v, %v", r, err)
	}
	p.ask("renew", p.token, map[string]any{"phone": p.id}).is(t, http.StatusGone, "vault.revoked")
}

func TestWhoIsShutOut(t *testing.T) {
	p := enrolled(t, "maja")
	t.Run("revoked", func(t *testing.T) {
		r, err := p.FindRecordById(records.Devices, p.id)
		if err != nil {
			t.Fatal(err)
		}
		r.Set("revoked", true)
		if err := p.Save(r); err != nil {
			t.Fatal(err)
		}
		p.open("right").is(t, http.StatusGone, "vault.revoked")
		p.ask("renew", p.token, map[string]any{"phone": p.id}).is(t, http.StatusGone, "vault.revoked")
		r.Set("revoked", false)
		if err := p.Save(r); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("another's phone", func(t *testing.T) {
		omar := p.Token("omar")
		for _, path := range []string{"renew", "forget"} {
			p.ask(path, omar, map[string]any{"phone": p.id}).is(t, http.StatusGone, "vault.revoked")
		}
		p.ask("factor", omar, map[string]any{"phone": p.id, "kind": "pin", "proof": proof("mine now")}).is(t, http.StatusGone, "vault.revoked")
		p.open("right").is(t, http.StatusOK, "")
	})
	t.Run("without a log-in", func(t *testing.T) {
		for _, path := range []string{"phones", "factor", "renew", "forget"} {
			p.ask(path, "", map[string]any{}).is(t, http.StatusUnauthorized, "auth.required")
			p.ask(path, p.Token("ward"), map[string]any{}).is(t, http.StatusForbidden, "auth.inactive")
		}
	})
	t.Run("a closed account", func(t *testing.T) {
		maja := p.Find(records.Users, "maja")
		maja.Set("active", false)
		if err := p.Save(maja); err != nil {
			t.Fatal(err)
		}
		r := p.open("right")
		r.is(t, http.StatusForbidden, "auth.inactive")
		if r.Share != "" {
			t.Error("the share went to a closed account")
		}
	})
}

func TestAnotherCode(t *testing.T) {
	p := enrolled(t, "maja")
	p.ask("factor", p.token, map[string]any{"phone": p.id, "kind": "pin", "proof": proof("new")}).is(t, http.StatusOK, "")
	p.open("right").is(t, http.StatusOK, "") // the phone did not hear of it
	p.open("new").is(t, http.StatusUnauthorized, "vault.wrong")
	p.ask("factor", p.token, map[string]any{"phone": p.id, "kind": "pin", "proof": proof("newer")}).is(t, http.StatusOK, "")
	p.open("newer").is(t, http.StatusOK, "")
	p.open("right").is(t, http.StatusUnauthorized, "vault.wrong")
}

// The phone may not hear of several in a row: whichever it holds opens.
func TestCodesThatWereNotHeardOf(t *testing.T) {
	p := enrolled(t, "maja")
	for _, code := range []string{"one", "two", "three"} {
		p.ask("factor", p.token, map[string]any{"phone": p.id, "kind": "pin", "proof": proof(code)}).is(t, http.StatusOK, "")
	}
	p.open("right").is(t, http.StatusOK, "")
	p.open("three").is(t, http.StatusUnauthorized, "vault.wrong")
}

// A server put back from a backup knows the code before: the right one is not
// counted as wrong, and a name that nobody gave gets round nothing.
func TestACodeThatTheServerForgot(t *testing.T) {
	p := enrolled(t, "maja")
	factor := func(path, code, name string) reply {
		t.Helper()
		return p.ask(path, p.token, map[string]any{"phone": p.id, "kind": "pin", "factor": name, "proof": proof(code)})
	}
	factor("open", "right", "one").is(t, http.StatusOK, "") // enrolled before factors had names
	backup, err := p.FindRecordById(records.Devices, p.id)
	if err != nil {
		t.Fatal(err)
	}
	factor("factor", "new", "two").is(t, http.StatusOK, "")
	factor("open", "wrong", "two").is(t, http.StatusUnauthorized, "vault.wrong")
	if _, err := p.NonconcurrentDB().NewQuery(`UPDATE devices SET pin_proof = {:proof}, tries = 0 WHERE id = {:id}`).Bind(dbx.Params{"proof": backup.GetString("pin_proof"), "id": p.id}).Execute(); err != nil {
		t.Fatal(err)
	}
	for range tries {
		factor("open", "new", "two").is(t, http.StatusNotFound, "vault.unknown")
		factor("open", "right", "two").is(t, http.StatusNotFound, "vault.unknown")
	}
	factor("open", "right", "one").is(t, http.StatusOK, "")
	if r := factor("open", "new", "one"); r.Params["left"] != 4.0 {
		t.Errorf("the first that was wrong: %+v", r)
	}
	factor("open", "right", "one two").is(t, http.StatusBadRequest, "request.invalid")
}

const tries = 5

// A server put back from a backup has forgotten it, and wipes nothing for that.
func TestAForgottenPhone(t *testing.T) {
	p := enrolled(t, "maja")
	r, err := p.FindRecordById(records.Devices, p.id)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(r); err != nil {
		t.Fatal(err)
	}
	p.open("right").is(t, http.StatusNotFound, "vault.unknown")
	p.ask("renew", p.token, map[string]any{"phone": p.id}).is(t, http.StatusNotFound, "vault.unknown")
	letter := p.letter(p.sealed(1, "contact.log", talk(testapp.ID())))
	p.ask("send", "", letter).is(t, http.StatusUnauthorized, "auth.required")
	p.ask("send", p.Token("ward"), letter).is(t, http.StatusUnauthorized, "auth.required")
	if r := p.ask("send", p.token, letter); len(r.Taken) != 1 || p.talks() != 1 {
		t.Errorf("signed in: %+v, %d talks", r, p.talks())
	}
}

// An account without one: nothing is enrolled that nobody could open.
func TestWithoutAMunicipality(t *testing.T) {
	p := enrolled(t, "maja")
	if _, err := p.NonconcurrentDB().NewQuery(`UPDATE users SET municipality = '' WHERE id = {:id}`).Bind(dbx.Params{"id": seed.ID("maja")}).Execute(); err != nil {
		t.Fatal(err)
	}
	p.ask("phones", p.token, map[string]any{"name": "", "kind": "pin", "proof": proof("right")}).is(t, http.StatusServiceUnavailable, "server.failed")
	if n, err := p.CountRecords(records.Devices); n != 1 || err != nil {
		t.Errorf("%d phones, %v", n, err)
	}
}

func TestTheMunicipalityDecides(t *testing.T) {
	p := enrolled(t, "maja")
	m := p.Find(records.Municipalities, p.Find(records.Users, "maja").GetString("municipality"))
	m.Set("lease_hours", 0)
	m.Set("lock_idle", 3)
	if err := p.Save(m); err != nil {
		t.Fatal(err)
	}
	if r := p.open("right"); r.Until != r.At || r.Lock.Idle != 3 {
		t.Errorf("the lease is %+v", r)
	}
}

// What the dashboard would not take, as by SQL, locks no phone at once.
func TestALockThatCannotBe(t *testing.T) {
	p := enrolled(t, "maja")
	for minutes, want := range map[int][2]int{0: {5, 15}, -3: {5, 15}, 61: {5, 15}, 1: {1, 1}, 60: {60, 60}} {
		if _, err := p.NonconcurrentDB().NewQuery(`UPDATE municipalities SET lock_hidden = {:m}, lock_idle = {:m}`).Bind(dbx.Params{"m": minutes}).Execute(); err != nil {
			t.Fatal(err)
		}
		if r := p.open("right"); [2]int{r.Lock.Hidden, r.Lock.Idle} != want {
			t.Errorf("%d: %+v, want %v", minutes, r.Lock, want)
		}
	}
}

func TestNothingSecretIsRead(t *testing.T) {
	p := enrolled(t, "maja")
	status, body := p.Do(http.MethodGet, "/api/collections/devices/records", p.token, nil)
	if status != http.StatusOK || !strings.Contains(body, p.id) {
		t.Fatalf("her own phones: %d %s", status, body)
	}
	for _, secret := range []string{"share", "proof", "hash"} {
		if strings.Contains(body, secret) {
			t.Errorf("the list has %s: %s", secret, body)
		}
	}
	if _, body := p.Do(http.MethodGet, "/api/collections/devices/records", p.Token("omar"), nil); strings.Contains(body, p.id) {
		t.Errorf("omar reads maja's phones: %s", body)
	}
	if status, _ := p.Do(http.MethodPatch, "/api/collections/devices/records/"+p.id, p.token, map[string]any{"revoked": true}); status == http.StatusOK {
		t.Error("a record is changed past the vault")
	}
}

// sealed is a mutation as a phone seals it.
func (p *phone) sealed(n int64, name string, args any, deps ...int64) map[string]any {
	p.t.Helper()
	text, err := json.Marshal(map[string]any{"n": n, "name": name, "args": args, "at": testapp.Now.Add(-time.Minute).Format(time.RFC3339), "deps": deps})
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	public, err := hpke.DHKEM(ecdh.P256()).NewPublicKey(raw)
	if err != nil {
		p.t.Fatal(err)
	}
	out, err := hpke.Seal(public, hpke.HKDFSHA256(), hpke.AES256GCM(), fmt.Appendf(nil, "bindeled outbox\n%s\n%d", p.device, n), text)
	if err != nil {
		p.t.Fatal(err)
	}
	return map[string]any{"n": n, "kid": p.kid, "text": out}
}

func (p *phone) sends(items ...any) reply {
	p.t.Helper()
	return p.ask("send", "", p.letter(items...))
}

// letter is what a locked phone sends.
func (p *phone) letter(items ...any) map[string]any {
	return map[string]any{
		"phone": p.id, "send": p.send, "device": p.device, "last": 0, "rest": false, "seen": "", "clock": clock.Now().Format(time.RFC3339), "items": items,
	}
}

func talk(contact string) map[string]any {
	return map[string]any{
		"contact": contact, "course": seed.ID("alma"), "occurred_at": testapp.Now.Add(-time.Hour).Format(time.RFC3339), "direction": "out",
		"outcome": "no_answer", "minutes": 0, "topics": []string{}, "needs_now": false, "offers": []string{}, "note": "Sover bedre.", "appointment": "",
	}
}

// talks counts those that arrived.
func (p *phone) talks() int64 {
	p.t.Helper()
	n, err := p.CountRecords(records.Contacts, dbx.HashExp{"note": "Sover bedre.", "by": seed.ID("maja")})
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestALockedPhoneSends(t *testing.T) {
	p := enrolled(t, "maja")
	contact := testapp.ID()
	if r := p.sends(p.sealed(1, "contact.log", talk(contact)), p.sealed(2, "nonsense", map[string]any{}), p.sealed(4, "contact.log", talk(testapp.ID()))); fmt.Sprint(r.Taken) != "[1 2]" {
		t.Fatalf("taken: %+v, want those before the gap", r)
	}
	found, err := p.FindRecordById(records.Contacts, contact)
	if err != nil || found.GetString("note") != "Sover bedre." || found.GetString("by") != seed.ID("maja") {
		t.Errorf("the talk is %v, %v", found, err)
	}
	if r := p.sends(p.sealed(1, "contact.log", talk(contact))); fmt.Sprint(r.Taken) != "[1]" {
		t.Errorf("sent again: %+v", r)
	}
	if n, err := p.CountRecords(records.Contacts, dbx.HashExp{"id": contact}); n != 1 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
}

// Half a character, as a keyboard may leave it, holds up nothing.
func TestHalfACharacterSealed(t *testing.T) {
	p := enrolled(t, "maja")
	args := json.RawMessage(`{"half":"\ud83d"}`)
	if r := p.sends(p.sealed(1, "nonsense", args), p.sealed(2, "contact.log", talk(testapp.ID()))); fmt.Sprint(r.Taken) != "[1 2]" {
		t.Errorf("taken: %+v", r)
	}
	// Opened again, the phone asks for the outcome: it is the same one.
	push := map[string]any{"device": p.device, "mutations": []any{map[string]any{"n": 1, "name": "nonsense", "args": args, "at": testapp.Now.Add(-time.Minute).Format(time.RFC3339)}}}
	if _, body := p.Do(http.MethodPost, "/api/sync/push", p.token, push); !strings.Contains(body, `"unknown"`) {
		t.Errorf("asked again: %s", body)
	}
}

// A store that nothing opens any more cannot fill a gap, nor send again what a
// backup has forgotten.
func TestTheRestOfAPhone(t *testing.T) {
	p := enrolled(t, "maja")
	waits := p.sealed(8, "contact.log", talk(testapp.ID()))
	if r := p.sends(p.sealed(7, "contact.log", talk(testapp.ID())), waits); len(r.Taken) != 0 {
		t.Fatalf("before the gap is filled: %+v", r)
	}
	letter := p.letter(p.sealed(7, "contact.log", talk(testapp.ID()), 3), waits)
	letter["rest"] = true
	if r := p.ask("send", "", letter); fmt.Sprint(r.Taken) != "[7 8]" || p.talks() != 2 {
		t.Errorf("the rest: %+v, %d talks", r, p.talks())
	}
}

// What a phone has numbered before it calls was done before: what comes in the
// next batch keeps its time.
func TestALockedPhoneSaysHowFarItCounted(t *testing.T) {
	p := enrolled(t, "maja")
	letter := p.letter(p.sealed(1, "contact.log", talk(testapp.ID())))
	letter["last"] = 250
	p.ask("send", "", letter).is(t, http.StatusOK, "")
	var last int
	if err := p.DB().NewQuery(`SELECT last FROM _sync_device WHERE device = {:device}`).Bind(dbx.Params{"device": p.device}).Row(&last); err != nil || last != 250 {
		t.Errorf("it counted to %d, %v", last, err)
	}
}

// A locked phone cannot say what it is, nor how much waits: what it said before
// stands, and what was decided since is taken off.
func TestALockedPhoneBlanksNothing(t *testing.T) {
	p := enrolled(t, "maja")
	admin, err := p.FindFirstRecordByFilter(core.CollectionNameSuperusers, "email != ''")
	if err != nil {
		t.Fatal(err)
	}
	root, err := admin.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	said := func(want string) {
		t.Helper()
		var d struct {
			Unsent              int64
			Oldest, App, Schema string
			V                   int
		}
		_, body := p.Do(http.MethodGet, "/api/sync/devices", root, nil)
		var all struct{ Devices []json.RawMessage }
		if err := json.Unmarshal([]byte(body), &all); err != nil || len(all.Devices) != 1 || json.Unmarshal(all.Devices[0], &d) != nil {
			t.Fatalf("%v: %s", err, body)
		}
		if got := fmt.Sprint(d.Unsent, " ", d.Oldest, " ", d.App, " ", d.V, " ", d.Schema); got != want {
			t.Errorf("it is listed as %q, want %q", got, want)
		}
		var team struct {
			Users []struct {
				User, Oldest string
				Unsent       int64
			}
		}
		_, body = p.Do(http.MethodGet, "/api/sync/team", p.Token("karen"), nil)
		if err := json.Unmarshal([]byte(body), &team); err != nil || len(team.Users) != 1 || team.Users[0].Unsent != d.Unsent {
			t.Errorf("karen is told %s, want %d unsent", body, d.Unsent)
		}
	}
	last := 0
	send := func(items ...any) {
		t.Helper()
		letter := p.letter(items...)
		letter["last"] = last
		p.ask("send", "", letter).is(t, http.StatusOK, "")
	}
	hers := func(n int64) any { return p.sealed(n, "contact.log", talk(testapp.ID())) }
	at := testapp.Now.Add(-time.Minute).Format(time.RFC3339) // as sealed says

	r, err := http.NewRequest(http.MethodGet, p.URL+"/api/sync/pull?v=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", p.token)
	r.Header.Set("Sync-Device", "id="+p.device+"&v=2&app=build7&schema=s9&last=3&unsent=3&oldest="+at)
	if status, body := p.Send(r); status != http.StatusOK {
		t.Fatal(status, body)
	}
	said("3 " + at + " build7 2 s9")

	last = 3
	send(hers(1), hers(2))
	said("1 " + at + " build7 2 s9")
	last = 6 // three more since
	send(hers(3), hers(4), hers(6))
	said("2 " + at + " build7 2 s9")
	send(hers(5), hers(6))
	said("0  build7 2 s9")
}

func TestAWipedOrRevokedPhoneStillSends(t *testing.T) {
	p := enrolled(t, "maja")
	for range 5 {
		p.open("wrong")
	}
	if r := p.sends(p.sealed(1, "contact.log", talk(testapp.ID()))); len(r.Taken) != 1 {
		t.Errorf("a wiped phone's is not taken: %+v", r)
	}
	if n := p.talks(); n != 1 {
		t.Errorf("%d talks, want that of the wiped phone", n)
	}
	r, err := p.FindRecordById(records.Devices, p.id)
	if err != nil {
		t.Fatal(err)
	}
	r.Set("revoked", true)
	if err := p.Save(r); err != nil {
		t.Fatal(err)
	}
	if r := p.sends(p.sealed(2, "contact.log", talk(testapp.ID()))); len(r.Taken) != 1 {
		t.Errorf("a revoked phone's is not taken: %+v", r)
	}
	if n := p.talks(); n != 1 {
		t.Errorf("%d talks: what a revoked phone sent was done", n)
	}
	if _, kept := p.Do(http.MethodGet, "/api/sync/kept", p.Token("karen"), nil); !strings.Contains(kept, "sync.revoked") || !strings.Contains(kept, "Sover bedre.") {
		t.Errorf("the coordinator is shown %s", kept)
	}
}

func TestSendRefuses(t *testing.T) {
	p := enrolled(t, "maja")
	good := p.sealed(1, "contact.log", talk(testapp.ID()))
	bent := map[string]any{"n": 1, "kid": p.kid, "text": append([]byte{4}, bytes.Repeat([]byte{7}, 100)...)}
	moved := map[string]any{"n": 2, "kid": good["kid"], "text": good["text"]}
	p.sends(moved).is(t, http.StatusBadRequest, "vault.sealed")
	p.sends(bent).is(t, http.StatusBadRequest, "vault.sealed")
	p.sends(map[string]any{"n": 1, "kid": "other", "text": good["text"]}).is(t, http.StatusBadRequest, "vault.sealed")
	p.sends().is(t, http.StatusBadRequest, "request.invalid")

	right := p.send
	p.send = proof("x")
	p.sends(good).is(t, http.StatusUnauthorized, "auth.required")
	p.send = right
	device := p.device
	p.device = testapp.ID()
	p.sends(good).is(t, http.StatusBadRequest, "vault.sealed") // sealed as another device's
	p.device = device
	if n := p.talks(); n > 0 {
		t.Errorf("%d talks were taken", n)
	}
	p.sends(good).is(t, http.StatusOK, "")
}

func TestForget(t *testing.T) {
	p := enrolled(t, "maja")
	p.ask("forget", p.token, map[string]any{"phone": p.id}).is(t, http.StatusOK, "")
	p.open("right").is(t, http.StatusGone, "vault.revoked")
}

// Phones that a person no longer has end by themselves: the one that was silent
// for longest, as after five wrong codes, and what it has unsent still arrives.
func TestTenPhonesEach(t *testing.T) {
	p := enrolled(t, "maja")
	first := *p
	enrol := func(user string) string {
		t.Helper()
		t.Cleanup(clock.Set(clock.Now().Add(time.Minute)))
		r := p.ask("phones", p.Token(user), map[string]any{"name": "", "kind": "pin", "proof": proof("right")})
		r.is(t, http.StatusOK, "")
		return r.Phone
	}
	open := func(id string) reply { return (&phone{App: p.App, t: t, id: id}).open("right") }

	second, third := enrol("maja"), enrol("maja")
	for range 7 {
		enrol("maja")
	}
	enrol("omar")
	open(third).is(t, http.StatusOK, "") // the tenth is no reason to end one
	t.Cleanup(clock.Set(clock.Now().Add(time.Minute)))
	open(second).is(t, http.StatusOK, "")

	gone := enrol("maja")
	first.open("right").is(t, http.StatusGone, "vault.wiped")
	open(second).is(t, http.StatusOK, "") // it was here since
	if r := first.sends(first.sealed(1, "contact.log", talk(testapp.ID()))); len(r.Taken) != 1 || first.talks() != 1 {
		t.Errorf("of the one that went: %+v, %d talks", r, first.talks())
	}

	p.ask("forget", p.Token("maja"), map[string]any{"phone": gone}).is(t, http.StatusOK, "")
	enrol("maja") // one that was given back makes room
	open(third).is(t, http.StatusOK, "")
	if n, err := p.CountRecords(records.Devices, dbx.HashExp{"user": seed.ID("omar")}, dbx.NewExp("share <> ''")); n != 1 || err != nil {
		t.Errorf("omar's: %d, %v", n, err)
	}
}
