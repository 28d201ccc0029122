package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Who was whose mentor when, so that what was done offline can be judged as of
// then; and the last day a course is on mentors' phones.
func init() {
	m.Register(func(app core.App) error {
		courses, err := find(app, "courses")
		if err != nil {
			return err
		}
		users, err := find(app, "users")
		if err != nil {
			return err
		}
		courses.Fields.Add(civil("leaves_on", "Sidste dag på mentorers telefoner; tom = ingen. Regnes ud af serveren"))
		readable(courses, phoneRule(""))
		if err := app.Save(courses); err != nil {
			return err
		}
		for _, name := range onCourse {
			c, err := find(app, name)
			if err != nil {
				return err
			}
			readable(c, phoneRule("course."))
			if err := app.Save(c); err != nil {
				return err
			}
		}

		assignments := core.NewBaseCollection("assignments")
		assignments.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			belongsTo("user", "Mentoren", users, true),
			moment("from", "Mentor fra", true),
			moment("to", "Mentor til; tom = endnu", false),
		)
		stamps(assignments)
		assignments.AddIndex("idx_assignments_course", false, "course, user", "")
		readable(assignments, coordinator+` && course.municipality = @request.auth.municipality && `+notLeft("course."))
		if err := app.Save(assignments); err != nil {
			return err
		}
		return backfill(app)
	}, func(app core.App) error {
		if err := drop("assignments")(app); err != nil {
			return err
		}
		for _, name := range onCourse {
			c, err := find(app, name)
			if err != nil {
				return err
			}
			readable(c, courseRule("course."))
			if err := app.Save(c); err != nil {
				return err
			}
		}
		courses, err := find(app, "courses")
		if err != nil {
			return err
		}
		courses.Fields.RemoveByName("leaves_on")
		readable(courses, courseRule(""))
		return app.Save(courses)
	})
}

var onCourse = []string{"covers", "citizens", "consents", "contacts", "appointments"}

// backfill reckons as the hooks did on the day this was written. [A7 A8]
func backfill(app core.App) error {
	for _, statement := range []string{
		`UPDATE courses SET leaves_on = coalesce(CASE WHEN state = 'closed' THEN date(nullif(closed_on, ''), '+14 days') ELSE (
			SELECT date(min(day), '+30 days') FROM (
				SELECT courses.last_day AS day WHERE courses.state <> 'on_hold' OR courses.held_from = '' OR NOT EXISTS (
					SELECT 1 FROM schemes s WHERE s.id = courses.scheme AND s.kind = 'discharge_mentor' AND s.hold_extends_window)
				UNION ALL
				SELECT max(CASE WHEN withdrawn_on <> '' THEN min(withdrawn_on, expires_on) ELSE expires_on END) AS day
				FROM consents WHERE course = courses.id AND scope = 'contact')) END, '')`,
		`INSERT INTO assignments (id, course, user, "from", "to", created, updated)
			SELECT 'm' || substr(lower(hex(randomblob(7))), 1, 14), id, mentor, created, '', created, created FROM courses WHERE mentor <> ''`,
	} {
		if _, err := app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
			return err
		}
	}
	return nil
}

// notLeft says that a course is still on a phone: a coordinator keeps what is
// not closed. A day is after @yesterday, which has a time too, if it is today
// or later (in UTC: the rules show a day for an hour or two longer than the
// phone has it).
func notLeft(prefix string) string {
	return `(` + prefix + `leaves_on = "" || ` + prefix + `leaves_on >= @yesterday` +
		` || (@request.auth.role = "coordinator" && ` + prefix + `state != "closed"))`
}

// phoneRule is courseRule for as long as the course is on the phone.
func phoneRule(prefix string) string { return notLeft(prefix) + ` && ` + courseRule(prefix) }
