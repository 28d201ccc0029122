package hooks_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

func save(t *testing.T, a core.App, r *core.Record, v values) *core.Record {
	t.Helper()
	r.Load(v)
	if err := a.Save(r); err != nil {
		t.Fatal(err)
	}
	return r
}

func set(t *testing.T, a *testapp.App, collection, name string, v values) {
	t.Helper()
	save(t, a, a.Find(collection, name), v)
}

func add(t *testing.T, a core.App, collection string, v values) *core.Record {
	t.Helper()
	r, err := records.New(a, collection)
	if err != nil {
		t.Fatal(err)
	}
	return save(t, a, r, v)
}

// mentors tells who had a course from when to when, in days and hours after
// the tests' now.
func mentors(t *testing.T, a core.App, course string) (out []string) {
	t.Helper()
	found, err := a.FindAllRecords(records.Assignments, dbx.HashExp{"course": course})
	if err != nil {
		t.Fatal(err)
	}
	when := func(r *core.Record, field string) string {
		if r.GetDateTime(field).IsZero() {
			return ""
		}
		return records.Moment(r, field).Sub(testapp.Now).String()
	}
	for _, r := range found {
		name := r.GetString("user")[:4]
		out = append(out, fmt.Sprintf("%s %s–%s", name, when(r, "from"), when(r, "to")))
	}
	slices.Sort(out)
	return out
}

func wantMentors(t *testing.T, a core.App, course string, want ...string) {
	t.Helper()
	if got := mentors(t, a, course); !slices.Equal(got, want) {
		t.Errorf("mentors are %q, want %q", got, want)
	}
}

func clockAt(t *testing.T, after time.Duration) {
	t.Helper()
	t.Cleanup(clock.Set(testapp.Now.Add(after)))
}

// TestAssignments: whoever is the mentor is written down, on every way in.
func TestAssignments(t *testing.T) {
	a := testapp.New(t)
	karen := a.Phone("karen")
	t.Run("[A7] of a course that is made with a mentor, from its start", func(t *testing.T) {
		wantMentors(t, a, seed.ID("birk"), "maja -84h20m0s–") // 2026-11-19, midnight in Denmark
		wantMentors(t, a, seed.ID("ture"))
		r := add(t, a, records.Courses, course(values{"started_on": "2026-11-22", "mentor": seed.ID("omar")}))
		wantMentors(t, a, r.Id, "omar -12h20m0s–")
	})
	t.Run("[A7] of one that is given to another, and back, and to nobody", func(t *testing.T) {
		clockAt(t, time.Hour)
		give := func(from, to string) {
			t.Helper()
			in := values{"course": seed.ID("birk"), "from": from, "mentor": to}
			if o := karen.Do("course.assign", in); o.Result != "applied" {
				t.Fatalf("%+v", o)
			}
		}
		give(seed.ID("maja"), seed.ID("omar"))
		clockAt(t, 2*time.Hour)
		give(seed.ID("omar"), seed.ID("maja"))
		clockAt(t, 3*time.Hour)
		give(seed.ID("maja"), "")
		wantMentors(t, a, seed.ID("birk"), "maja -84h20m0s–1h0m0s", "maja 2h0m0s–3h0m0s", "omar 1h0m0s–2h0m0s")
	})
	t.Run("[A7] in the dashboard", func(t *testing.T) {
		clockAt(t, time.Hour)
		status, body := a.Do(http.MethodPatch, "/api/collections/courses/records/"+seed.ID("noor"), a.Token("admin"), values{"mentor": seed.ID("omar")})
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, body)
		}
		if got := mentors(t, a, seed.ID("noor")); len(got) != 2 || got[1] != "omar 1h0m0s–" {
			t.Errorf("%q", got)
		}
	})
	t.Run("[A7] of one that a mentor takes, and of a notice that becomes one", func(t *testing.T) {
		if o := a.Phone("omar").Do("course.take", values{"course": seed.ID("ture")}); o.Result != "applied" {
			t.Fatalf("%+v", o)
		}
		wantMentors(t, a, seed.ID("ture"), "omar 0s–")
		id := testapp.ID()
		if o := karen.Do("notice.accept", values{"notice": seed.ID("kim"), "course": id, "mentor": seed.ID("maja"), "override_reason": ""}); o.Result != "applied" {
			t.Fatalf("%+v", o)
		}
		wantMentors(t, a, id, "maja -12h20m0s–")
	})
	t.Run("[A7] other changes of a course change nothing of it", func(t *testing.T) {
		before := mentors(t, a, seed.ID("alma"))
		set(t, a, records.Courses, "alma", values{"state": "on_hold"})
		set(t, a, records.Courses, "alma", values{"state": "active"})
		wantMentors(t, a, seed.ID("alma"), before...)
	})
	t.Run("[A7] a mentor whose account is removed", func(t *testing.T) {
		u := add(t, a, records.Users, values{"email": "ny@demo.example", "password": seed.Password, "name": "Nye Ny", "role": "mentor",
			"municipality": seed.ID("proevekoebing"), "active": true})
		r := add(t, a, records.Courses, course(values{"mentor": u.Id}))
		if err := a.Delete(u); err != nil {
			t.Fatal(err)
		}
		wantMentors(t, a, r.Id)
		if m := must(records.Find(a, records.Courses, r.Id)).GetString("mentor"); m != "" {
			t.Errorf("the mentor is %s", m)
		}
	})
	t.Run("[A2] nobody of next door, nobody after before, and not of another course", func(t *testing.T) {
		r, err := records.New(a, records.Assignments)
		if err != nil {
			t.Fatal(err)
		}
		r.Load(values{"course": seed.ID("alma"), "user": seed.ID("nina"), "from": testapp.Now})
		if rule := broken.Find(a.Save(r)); rule == nil || rule.Code != "municipality.other" {
			t.Errorf("%v", rule)
		}
		all, err := a.FindAllRecords(records.Assignments, dbx.HashExp{"course": seed.ID("alma")})
		if err != nil || len(all) == 0 {
			t.Fatal(err)
		}
		for _, v := range []values{{"to": "2001-01-01 00:00:00.000Z"}, {"course": seed.ID("noor")}, {"user": seed.ID("omar")}} {
			all[0].Load(v)
			if rule := broken.Find(a.Save(all[0])); rule == nil || rule.Code != "value.invalid" {
				t.Errorf("%v: %v", v, rule)
			}
			all[0] = must(records.Find(a, records.Assignments, all[0].Id))
		}
	})
	t.Run("[A4] coordinators read them, mentors do not", func(t *testing.T) {
		for who, some := range map[string]bool{"karen": true, "admin": true, "maja": false, "ward": false} {
			status, body := a.Do(http.MethodGet, "/api/collections/assignments/records?filter=(course='"+seed.ID("alma")+"')", a.Token(who), nil)
			if status != http.StatusOK || (len(body) > 200) != some {
				t.Errorf("%s: %d %s", who, status, body)
			}
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestLeaving: the last day on mentors' phones is reckoned whenever what it
// hangs on changes, and by nobody else.
func TestLeaving(t *testing.T) {
	a := testapp.New(t)
	leaves := func(t *testing.T, course, want string) {
		t.Helper()
		if got := a.Find(records.Courses, course).GetString("leaves_on"); got != want {
			t.Errorf("%s leaves on %q, want %q", course, got, want)
		}
	}
	t.Run("[A8] thirty days after the last", func(t *testing.T) {
		leaves(t, "saga", "2026-12-27") // the last is the 27th of November
	})
	t.Run("[A8] whatever is sent", func(t *testing.T) {
		set(t, a, records.Courses, "saga", values{"leaves_on": "2030-01-01"})
		leaves(t, "saga", "2026-12-27")
	})
	t.Run("[A8] closed, and resumed", func(t *testing.T) {
		leaves(t, "ida", "2026-11-30") // closed on the 16th
		last := a.Find(records.Courses, "ida").GetString("last_day")
		set(t, a, records.Courses, "ida", values{"state": "active"})
		leaves(t, "ida", string(domain.Date(last).AddDays(30)))
		set(t, a, records.Courses, "ida", values{"state": "closed", "closed_on": "2026-11-22", "reason": "moved"})
		leaves(t, "ida", "2026-12-06")
	})
	t.Run("[A8] a discharge that is put right", func(t *testing.T) {
		set(t, a, records.Courses, "elias", values{"discharge_date": "2026-08-31"})
		leaves(t, "elias", "2027-03-30") // 28 February and 30 days
	})
	t.Run("[A8] a consent that is taken back, and one that is given anew", func(t *testing.T) {
		before := a.Find(records.Courses, "noor").GetString("leaves_on")
		set(t, a, records.Consents, "contnoor", values{"withdrawn_on": "2026-11-22"})
		leaves(t, "noor", "2026-12-22")
		add(t, a, records.Consents, consent(values{"course": seed.ID("noor"), "given_on": "2026-11-22", "expires_on": "2026-12-31"}))
		leaves(t, "noor", "2027-01-30")
		add(t, a, records.Consents, consent(values{"course": seed.ID("noor"), "given_on": "2026-11-22", "expires_on": "2027-11-22"}))
		leaves(t, "noor", before)
	})
	t.Run("[A8] a course nobody wrote a consent for", func(t *testing.T) {
		r := add(t, a, records.Courses, course(nil))
		if got := r.GetString("leaves_on"); got != "2027-06-18" {
			t.Errorf("leaves on %s", got)
		}
	})
}

// TestHoldThatMoves: discharge_mentor, where the scheme lets a hold extend
// the window.
func TestHoldThatMoves(t *testing.T) {
	a := testapp.New(t)
	scheme := add(t, a, records.Schemes, values{"municipality": seed.ID("proevekoebing"), "kind": "discharge_mentor", "title": "Udskrivningsmentor",
		"hold_extends_window": true, "first_contact_days": 3, "first_contact_limit_days": 7, "active": true})
	r := add(t, a, records.Courses, course(values{"scheme": scheme.Id, "mentor": seed.ID("maja"), "started_on": "2026-06-01", "discharge_date": "2026-06-01"}))
	add(t, a, records.Consents, consent(values{"course": r.Id, "given_on": "2026-06-01", "expires_on": "2027-06-01"}))
	fresh := func() *core.Record { return must(records.Find(a, records.Courses, r.Id)) }
	wantDays := func(last, leaves string) {
		t.Helper()
		if c := fresh(); c.GetString("last_day") != last || c.GetString("leaves_on") != leaves {
			t.Errorf("last day %s, leaves on %q; want %s, %q", c.GetString("last_day"), c.GetString("leaves_on"), last, leaves)
		}
	}
	wantDays("2026-11-29", "2026-12-29") // day 182
	save(t, a, fresh(), values{"state": "on_hold"})
	wantDays("2026-11-29", "2027-07-01") // only the consent sets a day

	clockAt(t, 60*24*time.Hour) // 21 January: past what was the last day
	t.Run("[W8 W11] a talk during the hold is inside", func(t *testing.T) {
		at := values{"course": r.Id, "occurred_at": clock.Now(), "received_at": clock.Now(), "direction": "in", "outcome": "other"}
		add(t, a, records.Contacts, contact(at))
	})
	t.Run("[S3] nothing is booked in it", func(t *testing.T) {
		x, err := records.New(a, records.Appointments)
		if err != nil {
			t.Fatal(err)
		}
		x.Load(appointment(values{"course": r.Id}))
		if rule := broken.Find(a.Save(x)); rule == nil || rule.Code != "course.on_hold" {
			t.Errorf("%v", rule)
		}
	})
	t.Run("[A8 W11] the scheme says otherwise, and says it again", func(t *testing.T) {
		for _, extends := range []bool{false, true} {
			save(t, a, must(records.Find(a, records.Schemes, scheme.Id)), values{"hold_extends_window": extends})
			if got := fresh().GetString("leaves_on"); (got == "2026-12-29") == extends {
				t.Errorf("extends %t: leaves on %s", extends, got)
			}
		}
	})
	t.Run("[W4 W11] it goes on, by as many days", func(t *testing.T) {
		save(t, a, fresh(), values{"state": "active"})
		wantDays("2027-01-28", "2027-02-27")
		add(t, a, records.Appointments, appointment(values{"course": r.Id, "on": "2027-01-28"}))
	})
	t.Run("[S6] and then it ends", func(t *testing.T) {
		clockAt(t, 80*24*time.Hour)
		c := fresh()
		c.Set("state", "on_hold")
		if rule := broken.Find(a.Save(c)); rule == nil || rule.Rule != "S1" {
			t.Errorf("%v", rule)
		}
	})
}
