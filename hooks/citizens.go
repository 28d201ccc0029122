package hooks

import (
	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

func prepareCitizen(_ core.App, r *core.Record) error {
	if !changed(r, "phones") {
		return nil
	}
	return normalisePhones(r)
}

// checkCitizen: no number is kept when nobody may call it. [C5]
func checkCitizen(app core.App, r *core.Record) error {
	err := first(
		checkLength(r, domain.MaxName, "name"),
		checkLength(r, domain.MaxShort, "prefers"),
		checkLength(r, domain.MaxNote, "hopes"),
		keep(r, "course"),
	)
	if err != nil || !changed(r, "phones") {
		return err
	}
	phones, err := records.Strings(r, "phones")
	if err != nil || len(phones) == 0 {
		return broken.At("phones", err)
	}
	return broken.At("phones", notWithdrawn(app, r.GetString("course")))
}

func notWithdrawn(app core.App, course string) error {
	consents, err := records.ConsentsOf(app, course)
	if err != nil {
		return err
	}
	if domain.ConsentUntil(consents, domain.ScopeContact) == domain.Withdrawn {
		return domain.Broken("consent.withdrawn")
	}
	return nil
}

// checkConsent: written once, withdrawn once. [C2 C6 C7]
func checkConsent(app core.App, r *core.Record) error {
	if r.IsNew() {
		if _, _, err := courseOf(app, r); err != nil {
			return err
		}
		return broken.At("given_on", domain.CheckConsent(records.Consent(r), today()))
	}
	for _, field := range r.Collection().Fields {
		name := field.GetName()
		if name != "withdrawn_on" && name != "updated" && changed(r, name) {
			return broken.At(name, domain.Broken("consent.append_only"))
		}
	}
	if !changed(r, "withdrawn_on") {
		return nil
	}
	on, err := domain.ParseDate(r.GetString("withdrawn_on"))
	if err != nil {
		return broken.At("withdrawn_on", err)
	}
	if r.Original().GetString("withdrawn_on") != "" || on < records.Date(r, "given_on") || on > today() {
		return broken.At("withdrawn_on", domain.Broken("consent.append_only"))
	}
	return nil
}

// afterConsent: with the consent to be called go the numbers, from every
// phone at its next sync, and the calls that were agreed; and sooner or later
// the course. [C5 A8]
func afterConsent(app core.App, r *core.Record) error {
	course := r.GetString("course")
	if err := reckonLeaving(app, course); err != nil {
		return err
	}
	if r.GetString("withdrawn_on") == "" || r.GetString("scope") != domain.ScopeContact || notWithdrawn(app, course) == nil {
		return nil
	}
	citizens, err := app.FindAllRecords(records.Citizens, dbx.HashExp{"course": course})
	if err != nil {
		return err
	}
	notices, err := app.FindAllRecords(records.Notices, dbx.HashExp{"course": course, "status": records.StatusAccepted})
	if err != nil {
		return err
	}
	for _, holder := range append(citizens, notices...) {
		holder.Set("phones", []string{})
		if err := app.Save(holder); err != nil {
			return err
		}
	}
	return cancelOpen(app, course)
}

// reckonLeaving reckons anew when a course leaves mentors' phones. [A8]
func reckonLeaving(app core.App, id string) error {
	r, err := records.Find(app, records.Courses, id)
	if err != nil {
		return err
	}
	course, err := records.Course(app, r)
	if err != nil {
		return err
	}
	leaves, err := leavesOn(app, id, course)
	if err != nil || leaves == records.Date(r, "leaves_on") {
		return err
	}
	return app.Save(r) // prepareCourse writes it
}

// cancelOpen cancels what was agreed in a course.
func cancelOpen(app core.App, course string) error {
	open, err := app.FindAllRecords(records.Appointments, dbx.HashExp{"course": course, "state": records.AppointmentOpen})
	if err != nil {
		return err
	}
	for _, a := range open {
		a.Set("state", records.AppointmentCancelled)
		if err := app.Save(a); err != nil {
			return err
		}
	}
	return nil
}
