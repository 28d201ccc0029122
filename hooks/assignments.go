package hooks

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
)

// keepAssignments ends the assignment of whoever is the mentor no more, and
// begins that of whoever is: what was done offline is judged by it. [A7]
func keepAssignments(app core.App, course *core.Record) error {
	lasting, err := app.FindAllRecords(records.Assignments, dbx.HashExp{"course": course.Id, "to": ""})
	if err != nil {
		return err
	}
	mentor, begun := course.GetString("mentor"), false
	for _, a := range lasting {
		if a.GetString("user") == mentor {
			begun = true
			continue
		}
		a.Set("to", notBefore(clock.Now(), a.GetDateTime("from").Time()))
		if err := app.Save(a); err != nil {
			return err
		}
	}
	if begun || mentor == "" {
		return nil
	}
	a, err := records.New(app, records.Assignments)
	if err != nil {
		return err
	}
	a.Load(map[string]any{"course": course.Id, "user": mentor, "from": assignedFrom(course)})
	return app.Save(a)
}

// notBefore keeps a clock that was set back from holding a course fast.
func notBefore(t, from time.Time) time.Time {
	if t.Before(from) {
		return from
	}
	return t
}

// assignedFrom is now; the mentor a course was made with has it from its
// start, which may be written down afterwards.
func assignedFrom(course *core.Record) time.Time {
	now := clock.Now()
	start, err := time.ParseInLocation(time.DateOnly, course.GetString("started_on"), domain.Copenhagen)
	if made := course.Original().Id == ""; made && err == nil && start.Before(now) {
		return start
	}
	return now
}

// checkAssignment holds what is corrected in the dashboard together.
func checkAssignment(app core.App, r *core.Record) error {
	if err := first(checkOrder(r, "from", "to"), keep(r, "course", "user")); err != nil || !r.IsNew() {
		return err
	}
	course, err := records.Find(app, records.Courses, r.GetString("course"))
	if err != nil {
		return broken.At("course", err)
	}
	return sameMunicipality(app, "user", records.Users, r.GetString("user"), course.GetString("municipality"))
}
