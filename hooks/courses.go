package hooks

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// prepareCourse counts the days on hold, the last day, and the last day on
// mentors' phones. [W1–W4 A8]
func prepareCourse(app core.App, r *core.Record) error {
	if !r.IsNew() && changed(r, "state") {
		countHold(r)
		if r.Original().GetString("state") == domain.Closed {
			for _, f := range []string{"closed_on", "closed_by", "reason", "told_resume"} {
				r.Set(f, "")
			}
		}
	}
	if err := checkDates(r, "discharge_date", "started_on"); err != nil {
		return err
	}
	course, err := records.Course(app, r)
	if err != nil {
		return broken.At("scheme", err)
	}
	course.LastDay = domain.WindowOf(course).Last
	leaves, err := leavesOn(app, r.Id, course)
	if err != nil {
		return err
	}
	r.Set("last_day", course.LastDay)
	r.Set("leaves_on", leaves)
	return nil
}

func leavesOn(app core.App, id string, course domain.Course) (domain.Date, error) {
	consents, err := records.ConsentsOf(app, id)
	if err != nil {
		return "", err
	}
	flags, err := app.CountRecords(records.Flags, dbx.HashExp{"course": id, "state": records.FlagOpen})
	return domain.LeavesOn(course, domain.ConsentEnd(consents, domain.ScopeContact), flags > 0), err
}

// countHold starts from what is stored, whatever is sent along. [W4]
func countHold(r *core.Record) {
	before := r.Original()
	days, from := before.GetInt("hold_days"), records.Date(before, "held_from")
	if before.GetString("state") == domain.OnHold && from != "" {
		days += max(0, from.DaysUntil(today()))
	}
	from = ""
	if r.GetString("state") == domain.OnHold {
		from = today()
	}
	r.Set("hold_days", days)
	r.Set("held_from", from)
}

// checkHold: what is corrected by hand stays within what can have been. [W4]
func checkHold(r *core.Record) error {
	if !r.IsNew() && changed(r, "state") {
		return nil // countHold has counted
	}
	begun, from := records.Date(r, "started_on"), records.Date(r, "held_from")
	if changed(r, "hold_days") && r.GetInt("hold_days") > max(0, begun.DaysUntil(today())) {
		return broken.At("hold_days", domain.Broken("value.invalid", domain.Params{"field": "hold_days"}))
	}
	held := r.GetString("state") == domain.OnHold
	if changed(r, "held_from") && (held != (from != "") || held && (from < begun || from > today())) {
		return broken.At("held_from", domain.Broken("value.invalid", domain.Params{"field": "held_from"}))
	}
	return nil
}

// afterCourse: who is the mentor is written down, and nobody is called in a
// course that is closed. [A7 S2]
func afterCourse(app core.App, r *core.Record) error {
	if err := keepAssignments(app, r); err != nil {
		return err
	}
	if r.GetString("state") != domain.Closed {
		return nil
	}
	return cancelOpen(app, r.Id)
}

func checkCourse(app core.App, r *core.Record) error {
	municipality := r.GetString("municipality")
	err := first(
		checkDates(r, "discharge_date", "started_on", "held_from", "closed_on"),
		sameMunicipality(app, "scheme", records.Schemes, r.GetString("scheme"), municipality),
		keep(r, "municipality", "notice"),
		checkHold(r),
	)
	if err == nil && changed(r, "mentor") {
		err = eligible(app, "mentor", r.GetString("mentor"), municipality)
	}
	if err != nil || !changed(r, "state") {
		return err
	}
	return checkState(app, r)
}

// checkState: a course begins awaiting, and then follows the table. [S1–S6]
func checkState(app core.App, r *core.Record) error {
	state := r.GetString("state")
	if r.IsNew() {
		if state != domain.Awaiting {
			return broken.At("state", domain.Broken("course.transition", domain.Params{"from": "", "to": state}))
		}
		return nil
	}
	before, err := records.Course(app, r.Original())
	if err != nil {
		return err
	}
	if err := domain.CheckMove(before, state, today()); err != nil {
		return broken.At("state", err)
	}
	closing := state == domain.Closed
	on := records.Date(r, "closed_on")
	if closing && (r.GetString("reason") == "" || on == "" || on > today() || on < min(records.FirstDay(r), today())) {
		return broken.At("reason", domain.Broken("course.reason_required"))
	}
	return nil
}

// removeCourse: with a course goes everything written in it, so it is closed
// first. [S16]
func removeCourse(_ core.App, r *core.Record) error {
	if r.GetString("state") != domain.Closed {
		return broken.At("state", domain.Broken("course.open"))
	}
	return nil
}

// removeNotice: the notice a course began with has the name and the number
// too. [S16]
func removeNotice(app core.App, r *core.Record) error {
	notices, err := app.FindAllRecords(records.Notices, dbx.HashExp{"id": r.GetString("notice")})
	if err != nil {
		return err
	}
	for _, n := range notices {
		if err := app.Delete(n); err != nil {
			return err
		}
	}
	return nil
}

func checkCover(app core.App, r *core.Record) error {
	if err := first(checkDates(r, "from", "to"), checkOrder(r, "from", "to"), keep(r, "course")); err != nil {
		return err
	}
	course, _, err := courseOf(app, r)
	if err != nil || !changed(r, "user") {
		return err
	}
	return eligible(app, "user", r.GetString("user"), course.GetString("municipality"))
}
