package migrations_test

import (
	"maps"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/hooks"
	"bindeled/internal/clock"
	"bindeled/internal/config"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	_ "bindeled/migrations"
)

// TestBackfill: a server that is updated reckons what its hooks would have.
// [A7 A8]
func TestBackfill(t *testing.T) {
	t.Cleanup(clock.Set(testapp.Now))
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir(), DBConnect: config.DBConnect})
	steps := core.NewMigrationsRunner(app, core.AppMigrations)
	for _, err := range []error{app.Bootstrap(), app.RunAllMigrations()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := app.ResetBootstrapState(); err != nil {
			t.Error(err)
		}
	})
	hooks.Register(app)
	if err := seed.Demo(app, testapp.Today); err != nil {
		t.Fatal(err)
	}
	special(t, app)

	leaves, mentors := kept(t, app)
	for app.HasTable(records.Assignments) { // with those that came later
		if down, err := steps.Down(1); err != nil || len(down) == 0 {
			t.Fatal(down, err)
		}
	}
	if _, err := steps.Up(); err != nil {
		t.Fatal(err)
	}
	leavesAgain, mentorsAgain := kept(t, app)
	if !maps.Equal(leaves, leavesAgain) {
		t.Errorf("[A8] leaves on %v, the hooks say %v", leavesAgain, leaves)
	}
	if !maps.Equal(mentors, mentorsAgain) {
		t.Errorf("[A7] the mentors are %v, the hooks say %v", mentorsAgain, mentors)
	}
}

type values = map[string]any

// special adds what the demo has not: consents that ended, and holds that
// move the window.
func special(t *testing.T, app core.App) {
	t.Helper()
	write := func(collection, id string, v values) {
		t.Helper()
		r, err := records.Find(app, collection, seed.ID(id))
		if records.IsGone(err) {
			r, err = records.New(app, collection)
		}
		if err != nil {
			t.Fatal(err)
		}
		r.Set("id", seed.ID(id))
		r.Load(v)
		if err := app.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	consent := values{"scope": "contact", "form": "oral", "given_on": "2026-11-01", "expires_on": "2026-12-31"}
	given := func(course string) values {
		out := values{"course": seed.ID(course)}
		maps.Copy(out, consent)
		return out
	}
	write(records.Consents, "contnoor", values{"withdrawn_on": "2026-11-22"})
	write(records.Consents, "contalma", values{"withdrawn_on": "2026-11-22"})
	write(records.Consents, "nyalma", given("alma"))
	for name, moves := range map[string]bool{"flytter": true, "stille": false} {
		write(records.Schemes, name, values{"municipality": seed.ID("proevekoebing"), "kind": "discharge_mentor", "title": name, "hold_extends_window": moves})
		for _, held := range []string{"med", "uden"} {
			course := held + name
			write(records.Courses, course, values{"municipality": seed.ID("proevekoebing"), "scheme": seed.ID(name), "mentor": seed.ID("maja"),
				"started_on": "2026-11-01", "discharge_date": "2026-11-01", "state": "awaiting"})
			write(records.Courses, course, values{"state": "on_hold"})
			if held == "med" {
				write(records.Consents, "s"+course, given(course))
			}
		}
	}
}

// kept is what the migration adds: the last day on phones, and the mentor.
func kept(t *testing.T, app core.App) (leaves, mentors map[string]string) {
	t.Helper()
	leaves, mentors = map[string]string{}, map[string]string{}
	courses, err := app.FindAllRecords(records.Courses)
	if err != nil || len(courses) < 15 {
		t.Fatal(len(courses), err)
	}
	for _, c := range courses {
		leaves[c.Id] = c.GetString("leaves_on")
	}
	assignments, err := app.FindAllRecords(records.Assignments)
	if err != nil || len(assignments) < 10 {
		t.Fatal(len(assignments), err)
	}
	for _, a := range assignments {
		if mentors[a.GetString("course")] != "" || a.GetString("to") != "" || a.GetString("from") == "" {
			t.Errorf("%v", a.FieldsData())
		}
		mentors[a.GetString("course")] = a.GetString("user")
	}
	return leaves, mentors
}
