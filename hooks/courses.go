package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// prepareCourse counts the days on hold and the last day. [W1–W4]
func prepareCourse(app core.App, r *core.Record) error {
	if !r.IsNew() && changed(r, "state") {
		before := r.Original().GetString("state")
		switch {
		case r.GetString("state") == domain.OnHold:
			r.Set("held_from", today())
		case before == domain.OnHold && r.GetString("held_from") != "":
			r.Set("hold_days", r.GetInt("hold_days")+records.Date(r, "held_from").DaysUntil(today()))
			r.Set("held_from", "")
		}
		if before == domain.Closed {
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
		return broken.At("scheme", domain.Broken("record.gone"))
	}
	r.Set("last_day", domain.WindowOf(course).Last)
	return nil
}

func checkCourse(app core.App, r *core.Record) error {
	municipality := r.GetString("municipality")
	err := first(
		checkDates(r, "discharge_date", "started_on", "held_from", "closed_on"),
		sameMunicipality(app, "scheme", records.Schemes, r.GetString("scheme"), municipality),
		keep(r, "municipality", "notice"),
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
	if closing && (r.GetString("reason") == "" || on == "" || on > today()) {
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
