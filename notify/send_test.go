package notify_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/notify"
	sync2 "bindeled/sync"
)

// aTest asks for a test push to a phone; a minute has gone by.
func (w *world) aTest(user string, h *handset) {
	w.t.Helper()
	clock.Set(clock.Now().Add(time.Minute))
	if status, body := w.ask("POST", "test", user, map[string]any{"phone": h.id}); status != http.StatusAccepted {
		w.t.Fatalf("test: %d %s", status, body)
	}
	fatal(w.t, w.Notifier.Round())
}

func (w *world) subscribed(h *handset) bool {
	w.t.Helper()
	found, err := w.FindRecordsByFilter(records.PushSubscriptions, "device = {:d}", "", 1, 0, map[string]any{"d": h.id})
	fatal(w.t, err)
	return len(found) == 1
}

// TestOutcomes: what each answer of a push service leads to: is the phone still
// told, is the push tried again, and when at the earliest and the latest.
func TestOutcomes(t *testing.T) {
	now := monday.Add(5 * time.Hour)
	for _, c := range []struct {
		name          string
		status        int
		header        []string
		gone, dropped bool
		from, to      time.Duration // the next try
		fault         string
	}{
		{"200", 200, nil, false, false, 0, 0, ""},
		{"201", 201, nil, false, false, 0, 0, ""},
		{"404", 404, nil, true, false, 0, 0, ""},
		{"410", 410, nil, true, false, 0, 0, ""},
		{"400", 400, nil, false, true, 0, 0, ""},
		{"413", 413, nil, false, true, 0, 0, ""},
		{"307, which is not followed", 307, []string{"Location", "/elsewhere"}, false, true, 0, 0, ""},
		{"401", 401, nil, false, false, time.Hour, time.Hour, "stopped"},
		{"403", 403, nil, false, false, time.Hour, time.Hour, "stopped"},
		{"429 in seconds", 429, []string{"Retry-After", "90"}, false, false, 90 * time.Second, 91 * time.Second, "slow"},
		{"429 at a date", 429, []string{"Retry-After", now.Add(3 * time.Minute).Format(http.TimeFormat)}, false, false, 2 * time.Minute, 3 * time.Minute, "slow"},
		{"429 that says nothing", 429, nil, false, false, time.Minute, 61 * time.Second, "slow"},
		{"429 for a year", 429, []string{"Retry-After", "31536000"}, false, false, time.Hour, time.Hour, "slow"},
		{"500", 500, nil, false, false, 15 * time.Second, 30 * time.Second, "slow"},
		{"503 with a time", 503, []string{"Retry-After", "120"}, false, false, 2 * time.Minute, 2 * time.Minute, "slow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, now)
			h := w.phone("maja")
			w.round()
			w.service.says(c.status, c.header...)
			w.aTest("maja", h)
			if came := w.service.take(); len(came) != 1 {
				t.Fatalf("asked %d times", len(came))
			}
			if w.subscribed(h) == c.gone {
				t.Errorf("is subscribed: %v", !c.gone)
			}
			open := w.count(`SELECT count(*) FROM _push_send WHERE result = ''`)
			if again := c.from > 0; (open == 1) != again {
				t.Fatalf("%d left to send", open)
			}
			if n := w.count(`SELECT count(*) FROM _push_send WHERE result = 'dropped'`); (n == 1) != c.dropped {
				t.Errorf("%d dropped", n)
			}
			if c.from > 0 {
				next := time.UnixMilli(int64(w.count(`SELECT max(next) FROM _push_send WHERE result = ''`))).Sub(clock.Now())
				if next < c.from || next > c.to {
					t.Errorf("tried again after %v, want %v to %v", next, c.from, c.to)
				}
			}
			if !c.gone {
				if s := w.statusOf("maja", h); s.Fault != c.fault || (s.Accepted != "") != (c.status < 300) || s.Sent == "" {
					t.Errorf("status: %+v", s)
				}
			}
			_, health := w.ask("GET", "health", "", nil)
			if strings.Contains(health, "stopped") != (c.fault == "stopped") {
				t.Errorf("health: %s", health)
			}
		})
	}
}

// TestTriedAgainIsTheSame: topic and tag of every try are equal, so a phone
// shows one; and after its time it is not tried.
func TestTriedAgainIsTheSame(t *testing.T) {
	w := newWorld(t, monday)
	h := w.phone("maja")
	w.service.says(500)
	first := w.round()
	topics, tries := map[string]bool{}, len(first)
	for ; clock.Now().Before(monday.Add(10 * time.Hour)); clock.Set(clock.Now().Add(time.Minute)) {
		for _, g := range w.round() {
			if g.topic() != first[0].topic() {
				continue // of another slot
			}
			tries++
			topics[h.shows(t, g).Notification.Tag] = true
			if clock.Now().After(monday.Add(8 * time.Hour)) {
				t.Errorf("[N10] tried at %s, after her hours", clock.Now())
			}
		}
	}
	if len(topics) != 1 || tries < 8 || tries > 20 {
		t.Errorf("%d tries in eight hours under %d tags", tries, len(topics))
	}
	if n := w.count(`SELECT count(*) FROM _push_send WHERE result = '' `); n != 0 {
		t.Errorf("%d for ever in line", n)
	}
}

// TestRefused: one is tried after an hour, and if that works the rest.
func TestRefused(t *testing.T) {
	w := newWorld(t, monday.Add(-time.Hour))
	for range 3 {
		w.phone("maja")
	}
	w.phone("omar")
	w.service.says(403)
	clock.Set(monday)
	if came := w.round(); len(came) != 4 {
		t.Fatalf("%d asked", len(came))
	}
	clock.Set(monday.Add(59 * time.Minute))
	if came := w.round(); len(came) != 0 {
		t.Errorf("%d asked within the hour", len(came))
	}
	clock.Set(monday.Add(61 * time.Minute))
	if came := w.round(); len(came) != 1 {
		t.Errorf("%d asked after an hour, want one", len(came))
	}
	w.service.says(201)
	clock.Set(monday.Add(123 * time.Minute))
	if came := w.round(); len(came) < 4 {
		t.Errorf("%d told when it worked again, want at least 4", len(came))
	}
	if _, health := w.ask("GET", "health", "", nil); !strings.Contains(health, `"on"`) {
		t.Errorf("health: %s", health)
	}
	if n := w.count(`SELECT count(*) FROM push_subscriptions`); n != 4 {
		t.Errorf("%d subscriptions are left of 4", n)
	}
}

// TestSlowServices: one that hangs, dribbles or floods keeps nobody else from
// being told, and nothing is lost.
func TestSlowServices(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, chan struct{}){
		"hangs": func(_ http.ResponseWriter, over chan struct{}) { <-over },
		"dribbles": func(rw http.ResponseWriter, over chan struct{}) {
			rw.WriteHeader(http.StatusCreated)
			rw.(http.Flusher).Flush()
			<-over
		},
		"floods": func(rw http.ResponseWriter, _ chan struct{}) {
			rw.WriteHeader(http.StatusCreated)
			for range 100 {
				if _, err := rw.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, monday.Add(5*time.Hour))
			slow := w.phone("maja")
			quick := newHandset(t, w.device("omar"), "")
			other := newService(t)
			quick.endpoint = other.URL + "/" + quick.id
			if status, body := w.ask("POST", "subscribe", "omar", quick.args()); status != 200 {
				t.Fatal(body)
			}
			w.round()
			other.take()
			over := make(chan struct{})
			defer close(over)
			w.service.answers(func(rw http.ResponseWriter, _ got) { answer(rw, over) })
			w.Notifier.Hasten(1500 * time.Millisecond)
			clock.Set(clock.Now().Add(time.Minute))
			for user, h := range map[string]*handset{"maja": slow, "omar": quick} {
				if status, body := w.ask("POST", "test", user, map[string]any{"phone": h.id}); status != http.StatusAccepted {
					t.Fatal(body)
				}
			}
			fatal(t, w.Notifier.Round())
			if came := other.take(); len(came) != 1 {
				t.Errorf("the other was told %d times", len(came))
			}
			if s := w.statusOf("maja", slow); (name == "hangs") != (s.Waiting == 1) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// crowd adds so many coordinators, each with a phone.
func (w *world) crowd(n int) {
	w.t.Helper()
	fatal(w.t, w.RunInTransaction(func(tx core.App) error {
		for i := range n {
			id := fmt.Sprintf("crowd%010d", i)
			if err := person(tx, id, "coordinator", w.service.URL+"/"+id); err != nil {
				return err
			}
		}
		return nil
	}))
}

// TestAtOnce: at most eight to one service.
func TestAtOnce(t *testing.T) {
	w := newWorld(t, monday.Add(-time.Hour))
	w.crowd(100)
	w.service.answers(func(rw http.ResponseWriter, _ got) {
		<-time.After(2 * time.Millisecond)
		rw.WriteHeader(201)
	})
	clock.Set(monday)
	if came := w.round(); len(came) != 100 {
		t.Errorf("%d of 100 told", len(came))
	}
	if w.service.most > 8 || w.service.most < 2 {
		t.Errorf("%d at once", w.service.most)
	}
}

// TestGoneButThere: a phone that subscribed anew while its push was on the way
// stays, though the service says that the old one is gone.
func TestGoneButThere(t *testing.T) {
	for _, name := range []string{"with new keys", "as before"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, monday.Add(5*time.Hour))
			h := w.phone("maja")
			w.round()
			again := h
			if name == "with new keys" {
				again = newHandset(t, h.id, h.endpoint)
			}
			w.service.answers(func(rw http.ResponseWriter, _ got) {
				clock.Set(clock.Now().Add(time.Second))
				if status, body := w.ask("POST", "subscribe", "maja", again.args()); status != 200 {
					t.Errorf("%d %s", status, body)
				}
				rw.WriteHeader(http.StatusGone)
			})
			w.aTest("maja", h)
			if !w.subscribed(h) {
				t.Error("the new subscription went with the old one")
			}
		})
	}
}

// TestRestart: what was leased when the server was killed is sent afterwards,
// under the same topic.
func TestRestart(t *testing.T) {
	w := newWorld(t, monday)
	w.phone("maja")
	fatal(t, w.Notifier.Tick())
	if n, err := w.Notifier.Claim(w.service.URL); err != nil || n != 1 {
		t.Fatalf("claimed %d, %v", n, err)
	}
	if came := w.round(); len(came) != 0 {
		t.Fatalf("a row that is leased was sent: %d", len(came))
	}
	fatal(t, w.Notifier.Forget())
	if came := w.round(); len(came) != 1 {
		t.Errorf("%d sent after the start", len(came))
	}
	if came := w.round(); len(came) != 0 {
		t.Errorf("and again: %d", len(came))
	}
}

// TestVAPID: the token that goes with a push, by hand (RFC 8292).
func TestVAPID(t *testing.T) {
	w := newWorld(t, monday.Add(5*time.Hour))
	h := w.phone("maja")
	w.round()
	w.aTest("maja", h)
	g := w.service.take()[0]
	token, key, ok := strings.Cut(strings.TrimPrefix(g.Header.Get("Authorization"), "vapid t="), ", k=")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 || key != w.keys.Public {
		t.Fatalf("%s", g.Header.Get("Authorization"))
	}
	var head struct{ Typ, Alg string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	for i, into := range []any{&head, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(parts[i])
		fatal(t, err)
		fatal(t, json.Unmarshal(raw, into))
	}
	if head.Alg != "ES256" || claims.Aud != w.service.URL || claims.Sub != "mailto:drift@bindeled.dk" {
		t.Errorf("%+v %+v", head, claims)
	}
	if life := time.Until(time.Unix(claims.Exp, 0)); life <= 0 || life > 24*time.Hour {
		t.Errorf("it runs for %v", life)
	}
	point, err := base64.RawURLEncoding.DecodeString(key)
	fatal(t, err)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	fatal(t, err)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	fatal(t, err)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is not by the key")
	}
	if ttl, err := strconv.Atoi(g.Header.Get("TTL")); err != nil || ttl != 300 || g.Header.Get("Urgency") != "high" || len(g.topic()) != 16 || strings.Trim(g.topic(), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Errorf("%v", g.Header)
	}
}

// TestSaysNothing: pushes of every kind are of one length, and have nothing of
// anybody in them; nor has what is written about them.
func TestSaysNothing(t *testing.T) {
	w := newWorld(t, monday.Add(-time.Hour))
	var secrets []string
	for _, query := range []string{
		`SELECT id FROM users UNION SELECT name FROM users UNION SELECT email FROM users UNION SELECT id FROM courses UNION SELECT id FROM citizens UNION SELECT name FROM citizens
			UNION SELECT value FROM citizens, json_each(citizens.phones) UNION SELECT id FROM wards UNION SELECT name FROM wards UNION SELECT name FROM municipalities
			UNION SELECT id FROM municipalities UNION SELECT id FROM notices UNION SELECT name FROM notices UNION SELECT id FROM appointments UNION SELECT id FROM flags`,
		`SELECT DISTINCT substr(name, 1, instr(name || ' ', ' ') - 1) FROM citizens`,
	} {
		var found []string
		fatal(t, w.DB().NewQuery(query).Column(&found))
		secrets = append(secrets, found...)
	}
	if len(secrets) < 50 {
		t.Fatalf("%d names and ids", len(secrets))
	}
	maja, karen := w.phone("maja"), w.phone("karen")
	all := w.at(23, 8, 0)
	clock.Set(monday.Add(5 * time.Hour))
	w.aTest("maja", maja)
	all = append(all, w.service.take()...)
	bodies := map[int]bool{}
	for _, g := range all {
		bodies[len(g.Body)] = true
		h := maja
		if strings.HasSuffix(karen.endpoint, g.Path) {
			h = karen
		}
		text := h.opened(t, g.Body)
		for _, secret := range secrets {
			if len(secret) > 2 && (strings.Contains(text, secret) || strings.Contains(fmt.Sprint(g.Header), secret)) {
				t.Errorf("%q is in a push: %s", secret, text)
			}
		}
	}
	if len(all) < 3 || len(bodies) != 1 {
		t.Errorf("%d pushes of %d lengths", len(all), len(bodies))
	}
	titles := map[string]bool{}
	for _, kind := range []string{"morning", "time", "first", "flag", "notice", "tray", "test", "another"} {
		for _, lang := range []string{"da", "en", "", "xx"} {
			for _, n := range []int{-1, 0, 9, 1000000} {
				for _, app := range []string{"", "https://bindeled.proevekoebing.dk", "https://" + strings.Repeat("x", 600)} {
					text := notify.PayloadOf(app, kind, lang, "0123456789abcdef", n)
					var s shown
					if len(text) != notify.PayloadSize || json.Unmarshal(bytes.TrimRight(text, " "), &s) != nil || s.WebPush != 8030 || s.Notification.Title == "" || s.AppBadge < 0 || s.AppBadge > 99 {
						t.Errorf("%s %s %d: %d bytes: %s", kind, lang, n, len(text), text)
					}
					titles[s.Notification.Title] = true
				}
			}
		}
	}
	if len(titles) != 6 {
		t.Errorf("titles that differ: %v", titles)
	}
	if a, b := w.keys.Topic("a", "flag", "x"), w.keys.Topic("b", "flag", "x"); a == b || a != w.keys.Topic("a", "flag", "x") {
		t.Error("topics of two phones have something in common, or of one have not")
	}
}

// TestLog: what is written of a phone is no endpoint, whatever goes wrong, and
// whatever the service says.
func TestLog(t *testing.T) {
	w := newWorld(t, monday.Add(5*time.Hour))
	h := w.phone("maja")
	w.round()
	w.Settings().Logs.MaxDays = 5 // tests log nothing else
	for _, status := range []int{500, 400, 403, 0, 410} {
		clock.Set(clock.Now().Add(2 * time.Hour)) // every pause is over
		w.service.answers(func(rw http.ResponseWriter, _ got) {
			if status == 0 {
				panic(http.ErrAbortHandler)
			}
			rw.WriteHeader(status)
			fmt.Fprintf(rw, "no such subscription: %s", h.endpoint)
		})
		w.aTest("maja", h)
	}
	batch, ok := w.Logger().Handler().(*logger.BatchHandler)
	if !ok {
		t.Fatal("another logger")
	}
	fatal(t, batch.WriteAll(context.WithValue(t.Context(), logger.BlockKey, true)))
	var logs []string
	fatal(t, w.AuxDB().NewQuery(`SELECT message || ' ' || data FROM _logs WHERE message LIKE 'notify%'`).Column(&logs))
	all := strings.Join(logs, "\n")
	for _, says := range []string{"cannot take what we send", "refuses our VAPID keys", "a push service fails", "a phone is gone", notify.NameOf(h.endpoint), "EOF"} {
		if !strings.Contains(all, says) {
			t.Errorf("the log does not say %q", says)
		}
	}
	for _, secret := range []string{h.id, b64(h.auth), w.keys.Private, "/" + h.id} {
		if strings.Contains(all, secret) {
			t.Errorf("the log says %q: %s", secret, all)
		}
	}
}

// TestDST: at eight by the clock on the wall, on the days around both changes
// of the clock; and never on a public holiday or a weekend.
func TestDST(t *testing.T) {
	w := newWorld(t, time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	w.phone("maja")
	for _, c := range []struct {
		from string
		days int
		told map[string]string // day → the clock in UTC
	}{
		{"2027-03-22", 11, map[string]string{"2027-03-22": "07:00", "2027-03-23": "07:00", "2027-03-24": "07:00", "2027-03-30": "06:00", "2027-03-31": "06:00", "2027-04-01": "06:00"}},
		{"2027-10-29", 5, map[string]string{"2027-10-29": "06:00", "2027-11-01": "07:00", "2027-11-02": "07:00"}},
		{"2026-12-24", 6, map[string]string{"2026-12-24": "07:00", "2026-12-28": "07:00", "2026-12-29": "07:00"}},
	} {
		at, err := time.Parse(time.DateOnly, c.from)
		fatal(t, err)
		w.ask("POST", "subscribe", "maja", map[string]any{}) // refused; a phone that is silent would be let go
		fatal(t, w.keepSeen(at))
		told := map[string]string{}
		for end := at.AddDate(0, 0, c.days); at.Before(end); at = at.Add(5 * time.Minute) {
			if hour := at.Hour(); at.Minute() > 0 && (hour < 5 || hour > 7) {
				continue // only by the hour
			}
			clock.Set(at)
			for range w.round() {
				day := at.Format(time.DateOnly)
				if told[day] != "" && told[day] != at.Format("15:04") {
					t.Errorf("[N6] told again at %s", at)
				}
				told[day] = at.Format("15:04")
			}
		}
		if fmt.Sprint(told) != fmt.Sprint(c.told) {
			t.Errorf("[N4 N5] told %v, want %v", told, c.told)
		}
	}
}

func (w *world) keepSeen(at time.Time) error {
	all, err := w.FindAllRecords(records.PushSubscriptions)
	for _, r := range all {
		r.Set("seen", at)
		if err := w.Save(r); err != nil {
			return err
		}
	}
	return err
}

// TestStale: a phone that was not opened for sixty days, or whose subscription
// ran out, is let go.
func TestStale(t *testing.T) {
	w := newWorld(t, monday)
	silent, out := w.phone("maja"), w.phone("omar")
	args := out.args()
	args["expires"] = "2026-11-25T00:00:00Z"
	if status, body := w.ask("POST", "subscribe", "omar", args); status != 200 || !strings.Contains(body, `"expires":"2026-11-25T00:00:00Z"`) {
		t.Fatalf("%d %s", status, body)
	}
	clock.Set(monday.AddDate(0, 0, 2))
	fatal(t, w.Notifier.Tick())
	if w.subscribed(out) || !w.subscribed(silent) {
		t.Error("who is let go after two days?")
	}
	clock.Set(monday.AddDate(0, 0, 61))
	fatal(t, w.Notifier.Tick())
	if w.subscribed(silent) {
		t.Error("silent for sixty-one days, and told")
	}
	if n := w.count(`SELECT (SELECT count(*) FROM _push_outbox) + (SELECT count(*) FROM _push_send) + (SELECT count(*) FROM _push_phone)`); n != 0 {
		t.Errorf("%d rows stay for ever", n)
	}
}

// TestShutMeanwhile: a phone that is shut while the others of its batch are
// being told is not told.
func TestShutMeanwhile(t *testing.T) {
	w := newWorld(t, monday.Add(-time.Hour))
	w.crowd(40)
	var once sync.Once
	w.service.answers(func(rw http.ResponseWriter, _ got) {
		once.Do(func() {
			for i := range 40 {
				w.set(records.Devices, fmt.Sprintf("crowd%010d", i), map[string]any{"revoked": true})
			}
		})
		rw.WriteHeader(http.StatusCreated)
	})
	clock.Set(monday)
	if came := w.round(); len(came) > 16 {
		t.Errorf("%d were told, of whom at most 8 could be on their way", len(came))
	}
}

// TestCannotClaim: where it cannot be seen what is due, it is looked again
// later, and not at once for ever.
func TestCannotClaim(t *testing.T) {
	w := newWorld(t, monday)
	w.phone("maja")
	fatal(t, w.Notifier.Tick())
	waiting, asked := w.config.Waiting, 0
	w.config.Waiting = func(app core.App) ([]sync2.Waits, error) {
		if asked++; asked > 20 {
			return waiting(app)
		}
		return nil, errNone
	}
	fatal(t, w.Notifier.Round())
	if asked > 1 {
		t.Errorf("asked %d times within a moment", asked)
	}
	asked = 20
	clock.Set(monday.Add(time.Minute))
	if came := w.round(); len(came) != 1 {
		t.Errorf("told %d times when it could be seen", len(came))
	}
}

// TestTTLSaysNothing: how long a service keeps a push is told in ticks, not to
// the minute of an agreed time.
func TestTTLSaysNothing(t *testing.T) {
	for _, at := range []string{"13:30", "13:31", "13:34"} {
		w := newWorld(t, monday.Add(5*time.Hour+17*time.Second))
		w.phone("maja")
		w.aTime(at)
		came := w.round()
		if len(came) != 1 || came[0].Header.Get("TTL") != "1500" && came[0].Header.Get("TTL") != "1800" {
			t.Errorf("%s: %d pushes, %v", at, len(came), came[0].Header)
		}
	}
}

// TestKilledInTheMorning: what lay in line since the night and the morning's
// that says it ring once, though the server was killed before it could send.
func TestKilledInTheMorning(t *testing.T) {
	w := newWorld(t, monday.Add(-8*time.Hour))
	w.phone("karen")
	notice := w.Find(records.Notices, "kim").Fresh()
	notice.Id = "notice000000001"
	notice.MarkAsNew()
	notice.Load(map[string]any{"received_at": clock.Now(), "status": "new", "course": ""})
	fatal(t, w.Save(notice))
	clock.Set(monday)
	fatal(t, w.Notifier.Tick())
	fatal(t, w.Notifier.Forget())
	if came := w.at(23, 12, 10); len(came) != 1 {
		t.Errorf("[N9] %d pushes when it was up again", len(came))
	}
}

// TestNewService: what waits for a phone goes by the service that it has now.
func TestNewService(t *testing.T) {
	w := newWorld(t, monday)
	h := w.phone("maja")
	w.service.says(429, "Retry-After", "3600")
	w.round()
	other := newService(t)
	again := newHandset(t, h.id, other.URL+"/new")
	if status, body := w.ask("POST", "subscribe", "maja", again.args()); status != http.StatusOK {
		t.Fatal(body)
	}
	clock.Set(monday.Add(2 * time.Minute))
	fatal(t, w.Notifier.Round())
	if came := other.take(); len(came) != 1 {
		t.Errorf("told %d times, while her old service has a pause", len(came))
	}
}

// TestRefusedAndRestarted: a phone whose last push was refused says so, though
// the server has forgotten that the service did.
func TestRefusedAndRestarted(t *testing.T) {
	w := newWorld(t, monday.Add(5*time.Hour))
	h := w.phone("maja")
	w.round()
	w.service.says(403)
	w.aTest("maja", h)
	fatal(t, w.Notifier.Forget())
	if s := w.statusOf("maja", h); s.Fault != "stopped" {
		t.Errorf("%+v", s)
	}
	w.service.says(201)
	w.aTest("maja", h)
	if s := w.statusOf("maja", h); s.Fault != "" {
		t.Errorf("%+v", s)
	}
}

// TestRefusedLongAgo: a service that refused us and has been sent nothing since
// is not called stopped for ever.
func TestRefusedLongAgo(t *testing.T) {
	w := newWorld(t, monday.Add(5*time.Hour))
	h := w.phone("maja")
	w.round()
	w.service.says(403)
	w.aTest("maja", h)
	w.ask("POST", "unsubscribe", "maja", map[string]any{"phone": h.id})
	if _, health := w.ask("GET", "health", "", nil); !strings.Contains(health, "stopped") {
		t.Errorf("health: %s", health)
	}
	clock.Set(clock.Now().AddDate(0, 0, 8))
	fatal(t, w.Notifier.Tick())
	if _, health := w.ask("GET", "health", "", nil); !strings.Contains(health, `"on"`) {
		t.Errorf("health a week after: %s", health)
	}
}

// TestSaidAgain: a service that says an address again, in part or in other
// letters, does not get it into the log.
func TestSaidAgain(t *testing.T) {
	const path, token = "APA91bH:xYz+12/34abcdefgh", "BQYAAABsecret+/=="
	for _, endpoint := range []string{
		"https://wns2.notify.windows.com/w/?token=" + url.QueryEscape(token),
		"https://fcm.googleapis.com/fcm/send/" + url.PathEscape(path) + "?token=" + token,
	} {
		for _, said := range []string{token, url.QueryEscape(token), path, url.PathEscape(path), endpoint} {
			if strings.Contains(endpoint, "fcm") || strings.Contains(said, token) || strings.Contains(said, url.QueryEscape(token)) {
				kept := notify.Without(endpoint, "no such phone: "+said)
				for _, secret := range []string{"BQYAAABsecret", "APA91bH", "34abcdefgh"} {
					if strings.Contains(kept, secret) {
						t.Errorf("%s: the log says %s", endpoint, kept)
					}
				}
			}
		}
	}
}
