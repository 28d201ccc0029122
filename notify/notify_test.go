package notify_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/sync"
)

// TestMorning: once, to the mentor, in her hours; and again tomorrow.
func TestMorning(t *testing.T) {
	w := newWorld(t, monday.Add(-10*3600e9))
	maja := w.phone("maja")
	if came := w.round(); len(came) != 0 {
		t.Fatalf("[N4] told on a Sunday evening: %d", len(came))
	}
	came := w.at(23, 8, 0)
	if len(came) != 1 {
		t.Fatalf("[N6] %d pushes in the morning, want 1", len(came))
	}
	s := maja.shows(t, came[0])
	if s.WebPush != 8030 || s.Notification.Title != "Du har opgaver i dag" || s.Notification.Lang != "da" || s.AppBadge == 0 || s.Notification.AppBadge != fmt.Sprint(s.AppBadge) {
		t.Errorf("shown: %+v", s)
	}
	for _, minute := range []int{0, 5, 40} {
		if came := w.at(23, 8, minute); len(came) != 0 {
			t.Errorf("[N9] told again at 8.%02d", minute)
		}
	}
	next := w.at(24, 8, 0)
	if len(next) != 1 || next[0].topic() == came[0].topic() {
		t.Errorf("[N6] the next day: %d", len(next))
	}
	if st := w.statusOf("maja", maja); !st.Subscribed || st.Accepted != "2026-11-24T07:00:00Z" || st.Waiting != 0 || st.Fault != "" {
		t.Errorf("status: %+v", st)
	}
}

// TestWhoIsTold: mentor, stand-in, coordinators.
func TestWhoIsTold(t *testing.T) {
	w := newWorld(t, monday)
	for _, who := range []string{"maja", "omar", "karen", "nina"} {
		w.phone(who)
	}
	at := func() map[string]int {
		names := map[string]int{}
		for _, g := range w.round() {
			var user []string
			fatal(t, w.DB().NewQuery(`SELECT user FROM push_subscriptions WHERE endpoint = {:e}`).Bind(dbx.Params{"e": w.service.URL + g.Path}).Column(&user))
			names[strings.TrimRight(user[0], "0")]++
		}
		return names
	}
	if told := at(); told["maja"] != 1 || told["omar"] != 1 || told["karen"] != 1 {
		t.Errorf("[N2] told in the morning: %v", told)
	}
	clock.Set(monday.Add(5 * 3600e9)) // 11:00
	if told := at(); len(told) != 0 {
		t.Fatalf("told at eleven: %v", told)
	}
	course := ""
	fatal(t, w.DB().NewQuery(`SELECT id FROM courses WHERE mentor = {:m} AND state = 'active' ORDER BY id LIMIT 1`).Bind(dbx.Params{"m": seed.ID("maja")}).Row(&course))
	if o := w.Phone("maja").Do("flag.raise", map[string]any{"flag": "flagflagflag001", "course": course, "at": clock.Now().Format(time.RFC3339), "note": "Lød meget trist.", "handed_to": "", "warm": false, "follow_up": ""}); o.Result != "applied" {
		t.Fatalf("%+v", o)
	}
	if n := w.count(`SELECT count(*) FROM _push_outbox WHERE kind = 'flag'`); n != 1 {
		t.Errorf("[N3] %d flags in line, want the coordinator's", n)
	}
	if told := at(); told["karen"] != 1 || len(told) != 1 {
		t.Errorf("[N3] told of a flag: %v", told)
	}
}

func (w *world) count(query string) (n int) {
	w.t.Helper()
	fatal(w.t, w.DB().NewQuery(query).Row(&n))
	return n
}

// TestEventIsOneTransaction: what is not done is not told, and what is, is in
// line with it.
func TestEventIsOneTransaction(t *testing.T) {
	w := newWorld(t, monday)
	w.phone("karen")
	w.round()
	clock.Set(monday.Add(5 * 3600e9))
	notice, err := w.FindRecordById(records.Notices, seed.ID("kim"))
	fatal(t, err)
	again := notice.Fresh()
	again.Id = "notice000000001"
	again.MarkAsNew()
	again.Load(map[string]any{"received_at": clock.Now(), "status": "new", "course": ""})
	_ = w.RunInTransaction(func(tx core.App) error {
		fatal(t, tx.Save(again))
		return errNone
	})
	if n := w.count(`SELECT count(*) FROM _push_outbox WHERE kind = 'notice'`); n != 0 {
		t.Fatalf("%d in line for a notice that never was", n)
	}
	again.MarkAsNew()
	fatal(t, w.Save(again))
	if n := w.count(`SELECT count(*) FROM _push_outbox WHERE kind = 'notice'`); n != 1 {
		t.Fatalf("[N3] %d in line for a notice", n)
	}
	came := w.round()
	if len(came) != 1 {
		t.Fatalf("[N3] %d pushes for a notice", len(came))
	}
}

// TestDownInTheMorning: what lay in line when the server was down, and the
// morning is over, is told by itself; once.
func TestDownInTheMorning(t *testing.T) {
	w := newWorld(t, monday.Add(-8*3600e9))
	karen := w.phone("karen")
	notice := w.Find(records.Notices, "kim").Fresh()
	notice.Id = "notice000000001"
	notice.MarkAsNew()
	notice.Load(map[string]any{"received_at": clock.Now(), "status": "new", "course": ""})
	fatal(t, w.Save(notice))
	came := w.at(23, 12, 10)
	if len(came) != 1 || karen.shows(t, came[0]).Notification.Navigate != "/indbakke" {
		t.Errorf("[N9] %d pushes when it was up again", len(came))
	}
	if came := w.at(23, 12, 15); len(came) != 0 {
		t.Errorf("[N9] and %d again", len(came))
	}
}

// TestTray: what a locked phone sent in vain is told to its owner, and what is
// hers no more to the coordinator.
func TestTray(t *testing.T) {
	w := newWorld(t, monday.Add(5*3600e9))
	maja, karen := w.phone("maja"), w.phone("karen")
	w.round()
	phone := w.Phone("maja")
	for range 3 {
		phone.Do("course.close", map[string]any{"course": "golden000000009", "reason": "moved", "told_resume": "yes"})
	}
	if n := w.count(`SELECT count(*) FROM _push_outbox WHERE kind = 'tray' AND user LIKE 'maja%'`); n != 1 {
		t.Errorf("[N9] %d in line for three refusals in one tick, want 1", n)
	}
	came := w.round()
	if len(came) != 1 || maja.shows(t, came[0]).Notification.Navigate != "/kraever-handling" {
		t.Fatalf("[N3] %d pushes to maja", len(came))
	}
	clock.Set(clock.Now().Add(5 * 60e9))
	phone.Do("sync.settle", map[string]any{"device": phone.Device, "n": 3, "how": "handed", "note": ""})
	if came := w.round(); len(came) != 1 || karen.shows(t, came[0]).Notification.Title != "Du har en opgave" {
		t.Errorf("[N3] handed to the coordinator: %d pushes", len(came))
	}
	ole := w.phone("ole")
	w.round()
	for course, tends := range map[string]*handset{"liv": karen, "fremmed": ole} { // omar's, and nina's next door
		clock.Set(clock.Now().Add(5 * 60e9))
		if o := w.Phone("maja").Do("course.close", map[string]any{"course": seed.ID(course), "reason": "moved", "told_resume": "yes"}); o.Result != "escrowed" {
			t.Fatalf("%s: %+v", course, o)
		}
		if came := w.round(); len(came) != 1 || !strings.HasSuffix(tends.endpoint, came[0].Path) {
			t.Errorf("[N3] escrowed about %s: %d pushes", course, len(came))
		}
	}
	clock.Set(clock.Now().Add(5 * 60e9))
	phone.Do("course.close", map[string]any{"course": "golden000000009", "reason": "moved", "told_resume": "yes"})
	phone.Do("sync.settle", map[string]any{"device": phone.Device, "n": 5, "how": "discard", "note": ""})
	if came := w.round(); len(came) != 0 {
		t.Errorf("[N10] told of what was dealt with: %d", len(came))
	}
}

// TestWhatIsNotSoIsNotTold: all that can happen between the line and the phone.
func TestWhatIsNotSoIsNotTold(t *testing.T) {
	for name, then := range map[string]func(w *world, course, appointment string){
		"nothing happens": func(*world, string, string) {},
		"done": func(w *world, _, appointment string) {
			w.set(records.Appointments, appointment, map[string]any{"state": "done"})
		},
		"moved": func(w *world, _, appointment string) {
			w.set(records.Appointments, appointment, map[string]any{"state": "moved"})
		},
		"on hold": func(w *world, course, _ string) { w.set(records.Courses, course, map[string]any{"state": "on_hold"}) },
		"closed": func(w *world, course, _ string) {
			w.set(records.Courses, course, map[string]any{"state": "closed", "reason": "moved", "closed_on": "2026-11-23", "closed_by": seed.ID("maja")})
		},
		"another's": func(w *world, course, _ string) {
			w.set(records.Courses, course, map[string]any{"mentor": seed.ID("omar")})
		},
		"covered": func(w *world, course, _ string) {
			r, err := records.New(w, records.Covers)
			fatal(w.t, err)
			r.Load(map[string]any{"course": course, "user": seed.ID("omar"), "from": "2026-11-23", "to": "2026-11-23"})
			fatal(w.t, w.Save(r))
		},
		"consent withdrawn": func(w *world, course, _ string) {
			w.Phone("maja").Do("consent.withdraw", map[string]any{"course": course})
		},
		"quiet now": func(w *world, _, _ string) {
			status, body := w.ask("PUT", "settings", "maja", map[string]any{"off": false, "without": []string{"time"}, "from": "", "to": "", "days": []int{}, "holidays": false})
			if status != http.StatusOK {
				w.t.Fatalf("%d %s", status, body)
			}
		},
		"account closed": func(w *world, _, _ string) { w.set(records.Users, seed.ID("maja"), map[string]any{"active": false}) },
		"phone revoked": func(w *world, _, _ string) {
			r, err := w.FindFirstRecordByData(records.Devices, "user", seed.ID("maja"))
			fatal(w.t, err)
			w.set(records.Devices, r.Id, map[string]any{"revoked": true})
		},
		"too late": func(*world, string, string) { clock.Set(monday.Add(7 * 3600e9)) },
	} {
		t.Run("[N10] "+name, func(t *testing.T) {
			w := newWorld(t, monday.Add(5*3600e9)) // 13:00
			w.phone("maja")
			var course string
			fatal(t, w.DB().NewQuery(`SELECT c.id FROM courses c WHERE mentor = {:m} AND state = 'active' AND last_day > '2026-12-01'
				AND NOT EXISTS (SELECT 1 FROM covers v WHERE v.course = c.id) ORDER BY id LIMIT 1`).
				Bind(dbx.Params{"m": seed.ID("maja")}).Row(&course))
			a, err := records.New(w, records.Appointments)
			fatal(t, err)
			a.Load(map[string]any{"course": course, "on": "2026-11-23", "time": "13:30", "state": "open"})
			fatal(t, w.Save(a))
			fatal(t, w.Notifier.Tick())
			if n := w.count(`SELECT count(*) FROM _push_outbox WHERE kind = 'time'`); n != 1 {
				t.Fatalf("%d in line", n)
			}
			then(w, course, a.Id)
			fatal(t, w.Notifier.Round())
			want := 0
			if name == "nothing happens" {
				want = 1
			}
			if came := w.service.take(); len(came) != want {
				t.Errorf("%d pushes, want %d", len(came), want)
			}
		})
	}
}

// TestHoursChanged: what is in line keeps to her hours as they are when it is
// sent, and so does how long its service keeps it.
func TestHoursChanged(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		quiet    int // minutes past midnight at which nothing comes, for it is too early
		at       int
		most     int // seconds
	}{
		"later":   {"12:00", "20:00", 8*60 + 2, 12 * 60, 8 * 3600},
		"shorter": {"08:00", "10:00", 0, 8*60 + 2, 2 * 3600},
		"longer":  {"08:00", "20:00", 0, 17 * 60, 3 * 3600},
	} {
		t.Run("[N4] "+name, func(t *testing.T) {
			w := newWorld(t, monday)
			w.phone("maja")
			w.service.says(500)
			first := w.round()
			w.service.says(201)
			status, body := w.ask("PUT", "settings", "maja", map[string]any{"off": false, "without": []string{}, "from": c.from, "to": c.to, "days": []int{}, "holidays": false})
			if status != http.StatusOK || len(first) != 1 {
				t.Fatalf("%d pushes, %d %s", len(first), status, body)
			}
			if c.quiet > 0 {
				if came := w.at(23, c.quiet/60, c.quiet%60); len(came) != 0 {
					t.Errorf("%d came before her hours", len(came))
				}
			}
			again := 0
			for _, g := range w.at(23, c.at/60, c.at%60) {
				if g.topic() != first[0].topic() {
					continue // the first talk's
				}
				again++
				if ttl, err := strconv.Atoi(g.Header.Get("TTL")); err != nil || ttl > c.most {
					t.Errorf("its service keeps it for %s s, after her hours", g.Header.Get("TTL"))
				}
			}
			if again != 1 {
				t.Errorf("told %d times in her hours", again)
			}
		})
	}
}

// aTime agrees a time today in a course of maja's.
func (w *world) aTime(clock string) (course string) {
	w.t.Helper()
	fatal(w.t, w.DB().NewQuery(`SELECT c.id FROM courses c WHERE mentor = {:m} AND state = 'active' AND last_day > '2026-12-01'
		AND NOT EXISTS (SELECT 1 FROM covers v WHERE v.course = c.id) ORDER BY id LIMIT 1`).Bind(dbx.Params{"m": seed.ID("maja")}).Row(&course))
	a, err := records.New(w, records.Appointments)
	fatal(w.t, err)
	a.Load(map[string]any{"course": course, "on": "2026-11-23", "time": clock, "state": "open"})
	fatal(w.t, w.Save(a))
	return course
}

func (w *world) cover(course, user string) *core.Record {
	w.t.Helper()
	r, err := records.New(w, records.Covers)
	fatal(w.t, err)
	r.Load(map[string]any{"course": course, "user": seed.ID(user), "from": "2026-11-23", "to": "2026-11-23"})
	fatal(w.t, w.Save(r))
	return r
}

// TestSoAgain: what was not so for a while, and is again before it was told, is
// told.
func TestSoAgain(t *testing.T) {
	w := newWorld(t, monday.Add(5*3600e9)) // 13:00
	w.phone("maja")
	course := w.aTime("13:30")
	fatal(t, w.Notifier.Tick())
	cover := w.cover(course, "omar")
	if came := w.round(); len(came) != 0 {
		t.Fatalf("[N2] %d came while another stands in", len(came))
	}
	fatal(t, w.Delete(cover))
	if came := w.at(23, 13, 5); len(came) != 1 {
		t.Errorf("[N7] told %d times", len(came))
	}
	if came := w.at(23, 13, 10); len(came) != 0 {
		t.Errorf("[N9] and %d times again", len(came))
	}
}

// TestNobodyThere: a mentor or stand-in who is told nothing any more is as if
// there were none.
func TestNobodyThere(t *testing.T) {
	for name, c := range map[string]struct {
		leave func(w *world, course string)
		told  string
	}{
		"the stand-in is no mentor any more": {func(w *world, course string) {
			w.cover(course, "omar")
			w.set(records.Users, seed.ID("omar"), map[string]any{"role": "evaluator"})
		}, "maja"},
		"the mentor has left": {func(w *world, _ string) { w.set(records.Users, seed.ID("maja"), map[string]any{"active": false}) }, "karen"},
		"the mentor is an evaluator now": {func(w *world, _ string) {
			w.set(records.Users, seed.ID("maja"), map[string]any{"role": "evaluator"})
		}, "karen"},
	} {
		t.Run("[N2] "+name, func(t *testing.T) {
			w := newWorld(t, monday.Add(5*3600e9))
			phones := map[string]*handset{"maja": w.phone("maja"), "omar": w.phone("omar"), "karen": w.phone("karen")}
			course := w.aTime("13:30")
			c.leave(w, course)
			came := w.round()
			if len(came) != 1 || !strings.HasSuffix(phones[c.told].endpoint, came[0].Path) {
				t.Errorf("%d pushes, want one to %s", len(came), c.told)
			}
		})
	}
}

// TestLineIsBroken: an event goes on where the line cannot be written, and is
// told when it can.
func TestLineIsBroken(t *testing.T) {
	w := newWorld(t, monday.Add(5*3600e9))
	w.phone("maja")
	karen := w.phone("karen")
	w.round()
	rename := func(from, to string) {
		_, err := w.NonconcurrentDB().NewQuery(`ALTER TABLE ` + from + ` RENAME TO ` + to).Execute()
		fatal(t, err)
	}
	rename("_push_outbox", "_away")
	course := ""
	fatal(t, w.DB().NewQuery(`SELECT id FROM courses WHERE mentor = {:m} AND state = 'active' ORDER BY id LIMIT 1`).Bind(dbx.Params{"m": seed.ID("maja")}).Row(&course))
	phone := w.Phone("maja")
	if o := phone.Do("flag.raise", map[string]any{"flag": "flagflagflag001", "course": course, "at": clock.Now().Format(time.RFC3339), "note": "Lød meget trist.", "handed_to": "", "warm": false, "follow_up": ""}); o.Result != "applied" {
		t.Errorf("a flag was not raised: %+v", o)
	}
	if o := phone.Do("course.close", map[string]any{"course": "golden000000009", "reason": "moved", "told_resume": "yes"}); o.Result != "rejected" {
		t.Errorf("a refusal was not kept: %+v", o)
	}
	rename("_away", "_push_outbox")
	to := map[string]int{}
	for _, g := range w.at(23, 13, 5) {
		to[g.Path]++
	}
	if len(to) != 2 || to["/"+karen.id] != 1 {
		t.Errorf("told when it could be: %v", to)
	}
}

// TestHandedLater: what is handed over is told when it is, though it was
// refused long before.
func TestHandedLater(t *testing.T) {
	w := newWorld(t, monday.Add(5*3600e9))
	karen := w.phone("karen")
	w.round()
	phone := w.Phone("maja")
	phone.Do("course.close", map[string]any{"course": "golden000000009", "reason": "moved", "told_resume": "yes"})
	clock.Set(monday.Add(26 * 3600e9)) // the next morning is over
	w.round()
	clock.Set(clock.Now().Add(time.Minute))
	w.Phone("maja")
	phone.Do("sync.settle", map[string]any{"device": phone.Device, "n": 1, "how": "handed", "note": ""})
	if came := w.at(24, 10, 5); len(came) != 1 || karen.shows(t, came[0]).Notification.Navigate != "/kraever-handling" {
		t.Errorf("[N3] told %d times", len(came))
	}
}

// TestTendedOnce: whose something kept is to see to is asked once for each of
// them, however many coordinators there are: it is asked while nobody can write.
func TestTendedOnce(t *testing.T) {
	w := newWorld(t, monday.Add(5*3600e9))
	w.crowd(10)
	phone := w.Phone("maja")
	for range 3 {
		phone.Do("course.close", map[string]any{"course": seed.ID("liv"), "reason": "moved", "told_resume": "yes"})
	}
	asked, tendedIn := 0, w.config.TendedIn
	w.config.TendedIn = func(app core.App, k sync.Kept) (string, error) {
		asked++
		return tendedIn(app, k)
	}
	fatal(t, w.Notifier.Tick())
	if asked != 3 {
		t.Errorf("asked %d times about three", asked)
	}
}

// TestCannotLeave: a phone that cannot be let go keeps nobody from being told.
func TestCannotLeave(t *testing.T) {
	w := newWorld(t, monday.Add(-3600e9))
	stale := w.phone("omar")
	w.phone("maja")
	r, err := w.FindFirstRecordByData(records.PushSubscriptions, "device", stale.id)
	fatal(t, err)
	r.Set("seen", monday.AddDate(0, -3, 0))
	fatal(t, w.Save(r))
	w.OnRecordDelete(records.PushSubscriptions).BindFunc(func(*core.RecordEvent) error { return errNone })
	clock.Set(monday)
	if w.Notifier.Tick() == nil {
		t.Error("the tick says that all is well")
	}
	fatal(t, w.Notifier.Round())
	if came := w.service.take(); len(came) == 0 {
		t.Error("[N6] nobody was told")
	}
}

// TestAuthorLeft: what waited for somebody who has left waits for the
// coordinators.
func TestAuthorLeft(t *testing.T) {
	w := newWorld(t, monday.Add(5*3600e9+60e9))
	karen := w.phone("karen")
	w.round()
	w.Phone("maja").Do("course.close", map[string]any{"course": "golden000000009", "reason": "moved", "told_resume": "yes"})
	w.set(records.Users, seed.ID("maja"), map[string]any{"active": false})
	came := w.at(23, 13, 5)
	if len(came) != 1 || karen.shows(t, came[0]).Notification.Navigate != "/kraever-handling" {
		t.Errorf("[N3] told %d times", len(came))
	}
}
