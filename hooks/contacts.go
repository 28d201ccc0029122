package hooks

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
)

func prepareContact(app core.App, r *core.Record) error {
	if !r.IsNew() {
		return nil
	}
	if r.GetDateTime("received_at").IsZero() {
		r.Set("received_at", clock.Now())
	}
	emptyList(r, "topics", "offers")
	first, err := firstTold(app, r)
	r.Set("late", domain.IsLate(records.Moment(r, "occurred_at"), records.Moment(first, "received_at")))
	return err
}

// firstTold is what a correction goes back to, whatever was corrected between;
// any other contact itself. [W10]
func firstTold(app core.App, r *core.Record) (*core.Record, error) {
	for r.GetString("amends") != "" {
		amended, err := records.Find(app, records.Contacts, r.GetString("amends"))
		if records.IsGone(err) {
			return r, nil // checkAmends refuses it
		}
		if err != nil {
			return r, err
		}
		r = amended
	}
	return r, nil
}

// checkContact: a contact is lawful on the day it happened, and is never
// rewritten. [W8 W9 W11 S12]
func checkContact(app core.App, r *core.Record) error {
	if !r.IsNew() {
		for _, f := range r.Collection().Fields {
			if f.GetName() != "updated" && changed(r, f.GetName()) {
				return broken.At(f.GetName(), domain.Broken("contact.append_only"))
			}
		}
		return nil
	}
	record, course, err := courseOf(app, r)
	if err != nil {
		return err
	}
	received, occurred := records.Moment(r, "received_at"), records.Moment(r, "occurred_at")
	window := domain.WindowOf(course)
	window.Last = domain.LastDayOn(course, domain.DateOf(occurred))
	if received.After(clock.Now().Add(domain.Tolerance)) {
		return broken.At("received_at", domain.Broken("contact.in_future", domain.Params{"at": r.GetString("received_at")}))
	}
	if r.GetInt("minutes") > domain.MaxDay {
		return broken.At("minutes", domain.Broken("value.invalid", domain.Params{"field": "minutes"}))
	}
	return first(
		broken.At("occurred_at", domain.CheckContact(window, course.StartedOn, occurred, received)),
		checkLength(r, domain.MaxNote, "note"),
		checkList(r, "topics", domain.Topics),
		checkMention(r),
		sameMunicipality(app, "by", records.Users, r.GetString("by"), record.GetString("municipality")),
		checkAmends(app, r),
	)
}

// checkMention: each offer that came up is one, or words. [O1]
func checkMention(r *core.Record) error {
	told, err := records.Mentions(r)
	for i := 0; err == nil && i < len(told); i++ {
		err = domain.CheckMention(told[i])
	}
	return broken.At("offers", err)
}

// checkAmends: a correction is of this course, and of what stands. [S12 S17]
func checkAmends(app core.App, r *core.Record) error {
	amended := r.GetString("amends")
	if amended == "" {
		return nil
	}
	found, err := records.Find(app, records.Contacts, amended)
	if err != nil {
		return broken.At("amends", err)
	}
	by, err := correctedBy(app, amended)
	if err != nil {
		return err
	}
	return broken.At("amends", domain.CheckAmends(found.GetString("course") == r.GetString("course"), by))
}

func correctedBy(app core.App, contact string) (string, error) {
	corrections, err := app.FindAllRecords(records.Contacts, dbx.HashExp{"amends": contact})
	if err != nil || len(corrections) == 0 {
		return "", err
	}
	return corrections[0].GetString("by"), nil
}

// checkAppointment: booked inside the window, on an open course, with a
// consent that was not taken back; changed only while open. [W5 W6 S2 S3 S10]
func checkAppointment(app core.App, r *core.Record) error {
	if !r.IsNew() {
		before := r.Original().GetString("state")
		if before != records.AppointmentOpen && changed(r, "state", "on", "time", "part_of_day", "topic", "done_by") {
			return broken.At("state", domain.Broken("appointment.not_open", domain.Params{"state": before}))
		}
	}
	err := first(
		keep(r, "course"),
		checkDates(r, "on"),
		broken.At("time", domain.CheckTime(r.GetString("time"))),
		checkLength(r, domain.MaxShort, "topic"),
	)
	if err != nil || !changed(r, "on") {
		return err
	}
	record, course, err := courseOf(app, r)
	if err != nil {
		return err
	}
	if err := domain.CheckBooking(domain.WindowOf(course), records.Date(r, "on")); err != nil {
		return broken.At("on", err)
	}
	if r.GetString("state") != records.AppointmentOpen {
		return nil
	}
	return first(
		broken.At("course", records.NotClosed(record)),
		broken.At("course", domain.CheckOpen(course.State)),
		broken.At("course", notWithdrawn(app, r.GetString("course"))),
	)
}
