package mutations_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/mutations"
)

var worldSeed = flag.Uint64("world", 0, "seed of the one random world to run; 0 runs the first, and a new one")

// rulesNow is the clock of the list rules' @yesterday and @todayEnd.
//
//go:linkname rulesNow github.com/pocketbase/pocketbase/tools/search.timeNow
var rulesNow func() time.Time

// TestReadable: what a phone is sent is what the list rules let its user read,
// to the row and to the value, and what domain says; whatever was changed
// since, and however many days went by. [A1 A2 A3 A4 A5 A6 A8]
func TestReadable(t *testing.T) {
	seeds := []uint64{*worldSeed}
	if *worldSeed == 0 {
		seeds = []uint64{1, rand.Uint64()}
	}
	for _, s := range seeds {
		t.Run(fmt.Sprintf("-world=%d", s), func(t *testing.T) { newWorld(t, s).live(60) })
	}
}

// world is the demo, lived in at random.
type world struct {
	*testapp.App
	t      *testing.T
	r      *rand.Rand
	now    time.Time
	log    []string
	phones map[string]*testapp.Phone
	done   map[string]int // how often each deed was done, and not refused
}

func newWorld(t *testing.T, s uint64) *world {
	w := &world{App: testapp.New(t), t: t, r: rand.New(rand.NewPCG(s, 1)), now: testapp.Now, phones: map[string]*testapp.Phone{}, done: map[string]int{}}
	t.Cleanup(clock.Set(w.now))
	back := rulesNow
	rulesNow = clock.Now
	t.Cleanup(func() { rulesNow = back })
	for _, name := range []string{"maja", "omar", "karen", "nina", "ole"} {
		w.phones[name] = w.Phone(name)
	}
	for _, m := range []string{"proevekoebing", "eksempelby"} {
		w.write(records.Schemes, "", args{"municipality": seed.ID(m), "kind": "discharge_mentor", "title": "Udskrivningsmentor", "hold_extends_window": true})
	}
	return w
}

// live compares two people after each deed, so that the others have more to
// catch up with, and everyone at the end.
func (w *world) live(steps int) {
	for step := range steps {
		deed := w.deed()
		if err := w.Engine.Tick(); err != nil {
			w.t.Fatal(err)
		}
		w.log = append(w.log, fmt.Sprintf("%d, %s: %s", step, clock.Today(), deed))
		w.reckoned()
		names := slices.Sorted(maps.Keys(w.phones))
		if w.r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] }); step < steps-1 {
			names = names[:2]
		}
		for _, name := range names {
			w.phones[name] = w.same(name)
		}
		if w.t.Failed() {
			w.t.Fatalf("after\n%s", strings.Join(w.log, "\n"))
		}
	}
	w.t.Log(w.done)
}

// deed does one thing, as the dashboard or a mutation would; what a rule
// refuses is not done.
func (w *world) deed() string {
	deeds := []struct {
		name string
		do   func() error
	}{
		{"days go by", w.days}, {"days go by", w.days}, {"days go by", w.days}, {"days go by", w.days},
		{"reassigned", func() error { return w.update(w.any(records.Courses), args{"mentor": w.somebody()}) }},
		{"reassigned", func() error { return w.update(w.any(records.Courses), args{"mentor": w.somebody()}) }},
		{"closed", func() error {
			return w.update(w.any(records.Courses), args{"state": "closed", "closed_on": clock.Today().AddDays(-w.r.IntN(20)), "reason": "moved"})
		}},
		{"active", func() error { return w.update(w.any(records.Courses), args{"state": "active"}) }},
		{"on hold", func() error { return w.update(w.any(records.Courses), args{"state": "on_hold"}) }},
		{"a discharge is put right", func() error {
			return w.update(w.any(records.Courses), args{"discharge_date": clock.Today().AddDays(-w.r.IntN(240))})
		}},
		{"a course is removed", func() error { return w.remove(w.any(records.Courses)) }},
		{"a course begins", w.begin}, {"a course begins", w.begin},
		{"a consent is withdrawn", func() error { return w.update(w.any(records.Consents), args{"withdrawn_on": clock.Today()}) }},
		{"a consent is given", func() error {
			return w.write(records.Consents, "", args{"course": w.any(records.Courses).Id, "scope": pick(w.r, "contact", "disclosure"), "form": "oral",
				"given_on": clock.Today(), "expires_on": clock.Today().AddDays(w.r.IntN(60))})
		}},
		{"a cover", w.cover}, {"a cover", w.cover},
		{"a cover is changed", func() error {
			return w.update(w.any(records.Covers), args{"user": w.somebody(), "to": clock.Today().AddDays(w.r.IntN(10) - 3)})
		}},
		{"a cover is removed", func() error { return w.remove(w.any(records.Covers)) }},
		{"a mentor stops or comes back", func() error {
			u := w.person()
			return w.update(u, args{"active": !u.GetBool("active")})
		}},
		{"another role", func() error {
			return w.update(w.person(), args{"role": pick(w.r, "mentor", "coordinator", "evaluator")})
		}},
		{"a mentor moves next door", func() error {
			return w.update(w.person(), args{"municipality": w.any(records.Municipalities).Id})
		}},
		{"may mentors take?", func() error {
			m := w.any(records.Municipalities)
			return w.update(m, args{"mentors_take": !m.GetBool("mentors_take")})
		}},
		{"does a hold move the window?", func() error {
			s := w.any(records.Schemes)
			return w.update(s, args{"hold_extends_window": !s.GetBool("hold_extends_window")})
		}},
		{"a talk", func() error {
			return w.write(records.Contacts, "", args{"course": w.any(records.Courses).Id, "by": seed.ID("maja"), "occurred_at": w.now,
				"direction": "out", "outcome": "no_answer"})
		}},
		{"a flag", func() error {
			return w.write(records.Flags, "", args{"course": w.any(records.Courses).Id, "by": seed.ID("maja"), "at": w.now, "note": "Lød træt", "state": "open"})
		}},
		{"a flag is closed", func() error {
			return w.update(w.any(records.Flags), args{"state": "closed", "done": "Talt med egen læge"})
		}},
		{"an offer", func() error {
			return w.write(records.Offers, "", args{"municipality": w.any(records.Municipalities).Id, "name": "Et kor", "kind": "culture", "weekdays": []string{"3", "7"}})
		}},
		{"an offer is put away", func() error { return w.update(w.any(records.Offers), args{"active": false}) }},
		{"an appointment", func() error {
			return w.write(records.Appointments, "", args{"course": w.any(records.Courses).Id, "on": clock.Today().AddDays(w.r.IntN(30)), "state": "open"})
		}},
		{"a notice is removed", func() error { return w.remove(w.any(records.Notices)) }},
		{"an account is removed", func() error { return w.remove(w.person()) }},
		{"a collection changes", func() error {
			c, err := w.FindCollectionByNameOrId(records.Covers)
			if err != nil {
				return err
			}
			c.AddIndex(fmt.Sprintf("idx_covers_%d", w.r.Uint32()), false, "`from`, `to`", "")
			return w.Save(c)
		}},
	}
	d := deeds[w.r.IntN(len(deeds))]
	switch err := d.do(); {
	case err == nil:
		w.done[d.name]++
		return d.name
	case errors.Is(err, errNothing), broken.Find(err) != nil, strings.Contains(err.Error(), "part of a required reference"):
		return d.name + ", refused: " + err.Error()
	default:
		w.t.Fatalf("%s: %v\n%s", d.name, err, strings.Join(w.log, "\n"))
		return ""
	}
}

var errNothing = errors.New("there is none")

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// days go by: one or many, or just so many that a course is on phones for the
// last day, or no longer.
func (w *world) days() error {
	days := pick(w.r, 1, 2, 7, 31)
	if left := clock.Today().DaysUntil(records.Date(w.any(records.Courses), "leaves_on")); left >= 0 && left <= 200 {
		days = left + w.r.IntN(2)
	}
	w.now = w.now.AddDate(0, 0, days)
	clock.Set(w.now)
	return nil
}

func (w *world) begin() error {
	m := w.any(records.Municipalities)
	schemes, err := w.FindAllRecords(records.Schemes, dbx.HashExp{"municipality": m.Id})
	if err != nil {
		return err
	}
	day, id := clock.Today().AddDays(-w.r.IntN(230)), testapp.ID()
	err = w.write(records.Courses, id, args{"municipality": m.Id, "scheme": pick(w.r, schemes...).Id, "mentor": w.somebody(),
		"started_on": day, "discharge_date": day, "state": "awaiting"})
	if err != nil {
		return err
	}
	return w.write(records.Consents, "", args{"course": id, "scope": "contact", "form": "oral", "given_on": day, "expires_on": day.AddDays(w.r.IntN(365))})
}

func (w *world) cover() error {
	from := clock.Today().AddDays(w.r.IntN(8) - 4)
	return w.write(records.Covers, "", args{"course": w.any(records.Courses).Id, "user": w.somebody(), "from": from, "to": from.AddDays(w.r.IntN(8))})
}

// any is a record of a collection; one that is stored nowhere, where there is none.
func (w *world) any(collection string) *core.Record {
	all, err := w.FindRecordsByFilter(collection, "id != ''", "id", 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(all) == 0 {
		return core.NewRecord(must(w.FindCollectionByNameOrId(collection)))
	}
	return all[w.r.IntN(len(all))]
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// person is one of those with a phone and, still, an account.
func (w *world) person() *core.Record {
	var there []*core.Record
	for _, name := range slices.Sorted(maps.Keys(w.phones)) {
		if u, err := w.FindRecordById(records.Users, seed.ID(name)); err == nil {
			there = append(there, u)
		}
	}
	if len(there) == 0 {
		return w.any(records.Users)
	}
	return there[w.r.IntN(len(there))]
}

func (w *world) name() string { return pick(w.r, slices.Sorted(maps.Keys(w.phones))...) }

func (w *world) somebody() string {
	return pick(w.r, "", seed.ID(w.name()), seed.ID(w.name()), seed.ID(w.name()))
}

func (w *world) write(collection, id string, v args) error {
	r := core.NewRecord(must(w.FindCollectionByNameOrId(collection)))
	if id != "" {
		r.Set("id", id)
	}
	r.Load(v)
	return w.Save(r)
}

func (w *world) update(r *core.Record, v args) error {
	if r.IsNew() {
		return errNothing
	}
	r.Load(v)
	return w.Save(r)
}

func (w *world) remove(r *core.Record) error {
	if r.IsNew() {
		return errNothing
	}
	return w.Delete(r)
}

// reckoned: the last day on phones is what domain says now, whatever came
// before. [A8]
func (w *world) reckoned() {
	for _, r := range must(w.FindAllRecords(records.Courses)) {
		c := must(records.Course(w, r))
		consents := must(records.ConsentsOf(w, r.Id))
		flags := must(w.CountRecords(records.Flags, dbx.HashExp{"course": r.Id, "state": "open"}))
		if want := domain.LeavesOn(c, domain.ConsentEnd(consents, domain.ScopeContact), flags > 0); records.Date(r, "leaves_on") != want {
			w.t.Errorf("%s leaves on %q, domain says %q", r.Id, r.GetString("leaves_on"), want)
		}
	}
}

// same compares somebody's phone with the rules, and with domain. It returns
// the phone, or a new one where there is no account any more.
func (w *world) same(name string) *testapp.Phone {
	w.t.Helper()
	phone := w.phones[name]
	u, err := records.Find(w, records.Users, seed.ID(name))
	if records.IsGone(err) {
		u = core.NewRecord(must(w.FindCollectionByNameOrId(records.Users)))
		u.Load(args{"id": seed.ID(name), "email": name + "@demo.example", "password": seed.Password, "name": name, "role": "mentor",
			"municipality": seed.ID("proevekoebing"), "active": true})
		if err := w.Save(u); err != nil {
			w.t.Fatal(err)
		}
		phone = w.Phone(name)
	}
	w.t.Run(name, func(t *testing.T) {
		sameAsRules(t, w.App, phone)
		if mayUse(w.App, name) {
			w.sameAsDomain(t, u, phone)
		}
	})
	return phone
}

// sameAsDomain: whose course it is, and for how long. [A2 A3 A4 A5 A8]
func (w *world) sameAsDomain(t *testing.T, u *core.Record, phone *testapp.Phone) {
	t.Helper()
	today, role := clock.Today(), u.GetString("role")
	covers := must(w.FindAllRecords(records.Covers))
	for _, c := range must(w.FindAllRecords(records.Courses)) {
		mentor := c.GetString("mentor")
		theirs := role == domain.RoleCoordinator || mentor == u.Id ||
			mentor == "" && must(records.Find(w, records.Municipalities, c.GetString("municipality"))).GetBool("mentors_take") ||
			slices.ContainsFunc(covers, func(v *core.Record) bool {
				return v.GetString("course") == c.Id && v.GetString("user") == u.Id && records.Date(v, "from") <= today && today <= records.Date(v, "to")
			})
		want := c.GetString("municipality") == u.GetString("municipality") && theirs &&
			domain.OnPhone(role, c.GetString("state"), records.Date(c, "leaves_on"), today)
		if got := phone.Row("course:"+c.Id, records.Courses, c.Id) != nil; got != want {
			t.Errorf("the phone has %s: %t; domain says %t (%s, leaves on %q)", c.Id, got, want, c.GetString("state"), c.GetString("leaves_on"))
		}
	}
}

// sameAsRules compares a phone that kept up, a phone that begins, and the
// record API.
func sameAsRules(t *testing.T, a *testapp.App, kept *testapp.Phone) {
	fresh := a.Phone(kept.User)
	if !mayUse(a, kept.User) { // the phone is told so, and is sent nothing more
		if status, body := a.Do(http.MethodGet, "/api/sync/pull", fresh.Token, nil); status != http.StatusForbidden {
			t.Errorf("pull: %d %s", status, body)
		}
		for _, c := range mutations.Config().Collections {
			if rows := listed(t, a, kept.User, c.Name); len(rows) > 0 && c.Name != records.Users {
				t.Errorf("%s: the rules show %d rows", c.Name, len(rows))
			}
		}
		return
	}
	kept.Pull()
	fresh.Pull()
	for _, c := range mutations.Config().Collections {
		want := listed(t, a, kept.User, c.Name)
		for how, phone := range map[string]*testapp.Phone{"kept up": kept, "new": fresh} {
			got := held(phone, c.Name)
			for id := range got {
				if want[id] == nil {
					t.Errorf("%s, %s: the phone has %s, which the rules do not show", c.Name, how, id)
				}
			}
			for id, row := range want {
				if got[id] == nil {
					t.Errorf("%s, %s: the phone has no %s, which the rules show", c.Name, how, id)
					continue
				}
				if len(got[id]) != len(c.Columns) {
					t.Errorf("%s: %d columns travel, declared are %d", c.Name, len(got[id]), len(c.Columns))
				}
				for column, value := range got[id] {
					if !reflect.DeepEqual(value, row[column]) {
						t.Errorf("%s %s %s: pulled %v, listed %v", c.Name, id, column, value, row[column])
					}
				}
			}
		}
	}
}

func mayUse(a *testapp.App, user string) bool {
	return mutations.Config().MayUse(a.Find(records.Users, user))
}

func held(p *testapp.Phone, collection string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, box := range p.Boxes {
		maps.Copy(out, box[collection])
	}
	return out
}

func listed(t *testing.T, a *testapp.App, user, collection string) map[string]map[string]any {
	t.Helper()
	status, body := a.Do(http.MethodGet, fmt.Sprintf("/api/collections/%s/records?perPage=1000", collection), a.Token(user), nil)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", collection, status, body)
	}
	var page struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, item := range page.Items {
		out[item["id"].(string)] = item
	}
	return out
}
