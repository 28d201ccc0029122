package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/notify"
)

// is checks a status and a problem's code.
func is(t testing.TB, status int, body string, want int, code string) {
	t.Helper()
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(body), &p) // a body that is none has no code
	if status != want || p.Code != code {
		t.Errorf("got %d %s, want %d %s", status, body, want, code)
	}
}

// TestWhoMayAsk: every route, by somebody who may not.
func TestWhoMayAsk(t *testing.T) {
	w := newWorld(t, monday)
	for _, r := range [][2]string{{"GET", "key"}, {"GET", "settings"}, {"PUT", "settings"}, {"POST", "subscribe"}, {"POST", "unsubscribe"}, {"POST", "status"}, {"POST", "test"}} {
		for user, want := range map[string]int{"": http.StatusUnauthorized, "ward": http.StatusForbidden, "admin": http.StatusForbidden} {
			status, body := w.ask(r[0], r[1], user, map[string]any{})
			code := "auth.inactive"
			if user == "" {
				code = "auth.required"
			}
			is(t, status, body, want, code)
		}
	}
	for _, body := range []string{`{"phone":"x","more":1}`, `{"phone":"x"}{}`, `[]`, `{"phone":1}`, ``, `{"phone":"x","phone":"y"}`} {
		status, answer := w.ask("POST", "test", "maja", body)
		is(t, status, answer, http.StatusBadRequest, "request.invalid")
	}
}

// TestOff: without keys a server says so, and starts.
func TestOff(t *testing.T) {
	a := testapp.New(t)
	for route, want := range map[string]string{"key": `{"on":false,"key":""}`, "health": `{"push":"off"}`} {
		if status, body := a.Do("GET", "/api/notify/"+route, a.Token("maja"), nil); status != 200 || strings.TrimSpace(body) != want {
			t.Errorf("%s: %d %s", route, status, body)
		}
	}
	status, body := a.Do("POST", "/api/notify/subscribe", a.Token("maja"), map[string]any{})
	is(t, status, body, http.StatusServiceUnavailable, "notify.off")
	w := newWorld(t, monday)
	if _, body := w.ask("GET", "key", "maja", nil); !strings.Contains(body, w.keys.Public) || !strings.Contains(body, `"on":true`) || strings.Contains(body, w.keys.Private) {
		t.Errorf("key: %s", body)
	}
}

func TestSettings(t *testing.T) {
	w := newWorld(t, monday)
	const own = `"own":{"off":false,"without":[],"from":"","to":"","days":[],"holidays":false}}`
	status, body := w.ask("GET", "settings", "maja", nil)
	if want := `{"on":true,"kinds":["morning","time","first","tray"],"from":"08:00","to":"16:00","days":[1,2,3,4,5],"holidays":false,` + own; status != 200 || strings.TrimSpace(body) != want {
		t.Errorf("%d %s", status, body)
	}
	if _, body := w.ask("GET", "settings", "karen", nil); !strings.Contains(body, `["morning","time","first","flag","notice","tray"]`) {
		t.Errorf("a coordinator's: %s", body)
	}
	set := `{"off":false,"without":["time"],"from":"12:00","to":"20:00","days":[6,2],"holidays":true}`
	for range 2 {
		status, body = w.ask("PUT", "settings", "maja", set)
		if status != 200 || !strings.Contains(body, `"own":{"off":false,"without":["time"],"from":"12:00","to":"20:00","days":[2,6],"holidays":true}`) {
			t.Errorf("%d %s", status, body)
		}
	}
	for name, bad := range map[string]string{
		"a kind that is none": `{"off":false,"without":["all"],"from":"","to":"","days":[],"holidays":false}`,
		"in the night":        `{"off":false,"without":[],"from":"00:00","to":"08:00","days":[],"holidays":false}`,
		"half the hours":      `{"off":false,"without":[],"from":"08:00","to":"","days":[],"holidays":false}`,
		"the eighth day":      `{"off":false,"without":[],"from":"","to":"","days":[8],"holidays":false}`,
		"one day twice":       `{"off":false,"without":[],"from":"","to":"","days":[1,1],"holidays":false}`,
		"another's":           `{"user":"omar","off":true,"without":[],"from":"","to":"","days":[],"holidays":false}`,
	} {
		t.Run("[N4] "+name, func(t *testing.T) {
			status, body := w.ask("PUT", "settings", "maja", bad)
			is(t, status, body, http.StatusBadRequest, "request.invalid")
		})
	}
	w.set(records.Municipalities, seed.ID("proevekoebing"), map[string]any{"push_without": []string{"morning"}, "push_from": "09:00"})
	if _, body := w.ask("GET", "settings", "maja", nil); !strings.Contains(body, `"kinds":["time","first","tray"],"from":"09:00"`) {
		t.Errorf("the municipality's: %s", body)
	}
	r := w.Find(records.Municipalities, "proevekoebing")
	r.Set("push_to", "23:00")
	if w.Save(r) == nil {
		t.Error("[N4] a municipality tells people at eleven in the evening")
	}
}

func TestSubscribe(t *testing.T) {
	w := newWorld(t, monday.Add(5*time.Hour))
	id := w.device("maja")
	good := newHandset(t, id, w.service.URL+"/one")
	for name, c := range map[string]struct {
		change func(map[string]any)
		status int
		code   string
	}{
		"no push service":    {func(a map[string]any) { a["endpoint"] = "https://evil.example/x" }, 400, "notify.endpoint"},
		"a key of 33 bytes":  {func(a map[string]any) { a["p256dh"] = b64(make([]byte, 33)) }, 400, "notify.keys"},
		"not on the curve":   {func(a map[string]any) { a["p256dh"] = b64(append([]byte{4}, make([]byte, 64)...)) }, 400, "notify.keys"},
		"a secret too short": {func(a map[string]any) { a["auth"] = b64(make([]byte, 15)) }, 400, "notify.keys"},
		"no secret":          {func(a map[string]any) { a["auth"] = "" }, 400, "notify.keys"},
		"no such language":   {func(a map[string]any) { a["lang"] = "kl" }, 400, "request.invalid"},
		"no such time":       {func(a map[string]any) { a["expires"] = "soon" }, 400, "request.invalid"},
		"no such phone":      {func(a map[string]any) { a["phone"] = "nophonenophone0" }, 404, "vault.unknown"},
		"another's phone":    {func(a map[string]any) { a["phone"] = w.device("omar") }, 404, "vault.unknown"},
		"more":               {func(a map[string]any) { a["user"] = seed.ID("omar") }, 400, "request.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			args := good.args()
			c.change(args)
			status, body := w.ask("POST", "subscribe", "maja", args)
			is(t, status, body, c.status, c.code)
		})
	}
	if n := w.count(`SELECT count(*) FROM push_subscriptions`); n != 0 {
		t.Fatalf("%d were let in", n)
	}
	padded := good.args()
	padded["auth"] = strings.NewReplacer("-", "+", "_", "/").Replace(padded["auth"].(string)) + "=="
	for _, args := range []map[string]any{good.args(), padded, good.args()} {
		status, body := w.ask("POST", "subscribe", "maja", args)
		if status != 200 || !strings.Contains(body, `"subscribed":true`) {
			t.Errorf("%d %s", status, body)
		}
	}
	if n := w.count(`SELECT count(*) FROM push_subscriptions`); n != 1 {
		t.Errorf("confirmed twice, and there are %d", n)
	}
	if s := w.statusOf("maja", newHandset(t, id, w.service.URL+"/two")); s.Subscribed {
		t.Error("another endpoint counts as this one")
	}
}

// TestSharedPhone: an endpoint goes with whoever is signed in; what was in line
// for the other is not shown to her.
func TestSharedPhone(t *testing.T) {
	w := newWorld(t, monday)
	maja := w.phone("maja")
	fatal(t, w.Notifier.Tick()) // her morning is in line
	omar := newHandset(t, w.device("omar"), maja.endpoint)
	if status, body := w.ask("POST", "subscribe", "omar", omar.args()); status != 200 {
		t.Fatal(body)
	}
	if w.subscribed(maja) || !w.subscribed(omar) {
		t.Error("the endpoint is bound to two")
	}
	came := w.round()
	if len(came) != 1 {
		t.Fatalf("%d pushes, want omar's", len(came))
	}
	omar.shows(t, came[0]) // opened by his keys
	if n := w.count(`SELECT count(*) FROM _push_send s JOIN _push_outbox o ON o.id = s.outbox WHERE o.user LIKE 'maja%'`); n != 0 {
		t.Errorf("%d of hers were on the way to him", n)
	}
}

// TestNewEndpoint: what was on its way to a phone finds it at its new endpoint.
func TestNewEndpoint(t *testing.T) {
	w := newWorld(t, monday)
	h := w.phone("maja")
	w.service.says(500)
	first := w.round()
	w.service.says(201)
	again := newHandset(t, h.id, h.endpoint+"/new")
	if status, body := w.ask("POST", "subscribe", "maja", again.args()); status != 200 {
		t.Fatal(body)
	}
	clock.Set(monday.Add(time.Minute))
	came := w.round()
	if len(first) != 1 || len(came) != 1 || came[0].topic() != first[0].topic() {
		t.Fatalf("%d, then %d pushes", len(first), len(came))
	}
	again.shows(t, came[0])
}

// TestFivePhones: the one that was seen longest ago goes.
func TestFivePhones(t *testing.T) {
	w := newWorld(t, monday)
	phones := []*handset{}
	for i := range notify.MostPhones + 2 {
		clock.Set(monday.Add(time.Duration(i) * time.Minute))
		phones = append(phones, w.phone("maja"))
	}
	for i, h := range phones {
		if w.subscribed(h) != (i >= 2) {
			t.Errorf("the phone %d is told: %v", i, i < 2)
		}
	}
}

// TestShutPhones: a phone that is revoked, forgotten or whose owner may no more
// is let go in the same transaction.
func TestShutPhones(t *testing.T) {
	for name, shut := range map[string]func(w *world, h *handset){
		"revoked": func(w *world, h *handset) { w.set(records.Devices, h.id, map[string]any{"revoked": true}) },
		"forgotten": func(w *world, h *handset) {
			w.Do("POST", "/api/vault/forget", w.Token("maja"), map[string]any{"phone": h.id})
		},
		"not active":   func(w *world, _ *handset) { w.set(records.Users, seed.ID("maja"), map[string]any{"active": false}) },
		"no mentor":    func(w *world, _ *handset) { w.set(records.Users, seed.ID("maja"), map[string]any{"role": "evaluator"}) },
		"unsubscribed": func(w *world, h *handset) { w.ask("POST", "unsubscribe", "maja", map[string]any{"phone": h.id}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, monday)
			h := w.phone("maja")
			fatal(t, w.Notifier.Tick())
			fatal(t, w.Notifier.Round())
			shut(w, h)
			if w.subscribed(h) {
				t.Error("it is still told")
			}
			if n := w.count(`SELECT (SELECT count(*) FROM _push_send) + (SELECT count(*) FROM _push_phone)`); n != 0 {
				t.Errorf("%d rows are left of it", n)
			}
		})
	}
	w := newWorld(t, monday)
	h := w.phone("maja")
	w.ask("POST", "unsubscribe", "omar", map[string]any{"phone": h.id})
	if !w.subscribed(h) {
		t.Error("a colleague unsubscribed her")
	}
	w.set(records.Devices, h.id, map[string]any{"revoked": true})
	status, body := w.ask("POST", "subscribe", "maja", h.args())
	is(t, status, body, http.StatusGone, "vault.revoked")
}

// TestTest: one a minute for a phone, in her language, at any hour.
func TestTest(t *testing.T) {
	w := newWorld(t, monday.Add(-5*time.Hour)) // three in the morning
	h, other := w.phone("maja"), w.phone("maja")
	args := h.args()
	args["lang"] = "en"
	w.ask("POST", "subscribe", "maja", args)
	status, body := w.ask("POST", "test", "maja", map[string]any{"phone": h.id})
	is(t, status, body, http.StatusAccepted, "")
	status, body = w.ask("POST", "test", "maja", map[string]any{"phone": h.id})
	is(t, status, body, http.StatusTooManyRequests, "notify.wait")
	fatal(t, w.Notifier.Round())
	came := w.service.take()
	if len(came) != 1 || h.shows(t, came[0]).Notification.Title != "Messages work on this phone" {
		t.Errorf("%d came", len(came))
	}
	w.aTest("maja", other)
	if came := w.service.take(); len(came) != 1 {
		t.Errorf("%d came to the other", len(came))
	}
	for user, phone := range map[string]string{"omar": h.id, "maja": "nophonenophone0"} {
		status, body := w.ask("POST", "test", user, map[string]any{"phone": phone})
		is(t, status, body, http.StatusNotFound, "notify.unsubscribed")
	}
	if name := notify.NameOf(h.endpoint); len(name) != 8 || strings.Contains(h.endpoint, name) {
		t.Errorf("in the log it is %s", fmt.Sprint(name))
	}
}
