// Package records names the collections and reads them as the domain's own
// types. A field name that a rule depends on is spelled here and nowhere else.
package records

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
)

// Collections.
const (
	Municipalities = "municipalities"
	Schemes        = "schemes"
	Wards          = "wards"
	Users          = "users"
	Notices        = "notices"
	Refusals       = "refusals"
	Courses        = "courses"
	Covers         = "covers"
	Assignments    = "assignments"
	Citizens       = "citizens"
	Consents       = "consents"
	Contacts       = "contacts"
	Appointments   = "appointments"
	Devices        = "devices"
	CrisisLines    = "crisis_lines"
	Flags          = "flags"
	Offers         = "offers"

	PushSettings      = "push_settings"
	PushSubscriptions = "push_subscriptions"
)

// When a phone locks, where nobody has said otherwise: minutes out of sight,
// and untouched.
const (
	LockHidden = 5
	LockIdle   = 15
)

// States of a flag.
const (
	FlagOpen   = "open"
	FlagClosed = "closed"
)

// Statuses of a notice.
const (
	StatusNew      = "new"
	StatusAccepted = "accepted"
	StatusDeclined = "declined"
)

// States of an appointment.
const (
	AppointmentOpen      = "open"
	AppointmentDone      = "done"
	AppointmentMoved     = "moved"
	AppointmentCancelled = "cancelled"
)

// Where a notice comes from, and what kind of discharge date it carries.
const (
	SourceWard    = "ward"
	SourceCitizen = "citizen"
	SourceOther   = "other"

	DatePlanned   = "planned"
	DateActual    = "actual"
	DateCancelled = "cancelled"
)

// New makes an empty record of a collection.
func New(app core.App, collection string) (*core.Record, error) {
	c, err := app.FindCachedCollectionByNameOrId(collection)
	if err != nil {
		return nil, fmt.Errorf("records: %s: %w", collection, err)
	}
	return core.NewRecord(c), nil
}

// Find finds a record, or says that it is gone. Any other error is a failure,
// which is tried again, and no answer. [S14]
func Find(app core.App, collection, id string) (*core.Record, error) {
	r, err := app.FindRecordById(collection, id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, domain.Broken("record.gone", domain.Params{"collection": collection})
	}
	return r, err
}

// IsGone tells whether Find found nothing.
func IsGone(err error) bool { return errors.Is(err, domain.Broken("record.gone")) }

// Date reads a civil date.
func Date(r *core.Record, field string) domain.Date { return domain.Date(r.GetString(field)) }

// Moment reads an instant.
func Moment(r *core.Record, field string) time.Time { return r.GetDateTime(field).Time() }

// Course reads a course together with its scheme.
func Course(app core.App, r *core.Record) (domain.Course, error) {
	scheme, err := Find(app, Schemes, r.GetString("scheme"))
	if err != nil {
		return domain.Course{}, fmt.Errorf("records: scheme of course %s: %w", r.Id, err)
	}
	return domain.Course{
		Kind:              scheme.GetString("kind"),
		State:             r.GetString("state"),
		DischargeDate:     Date(r, "discharge_date"),
		StartedOn:         Date(r, "started_on"),
		HoldDays:          r.GetInt("hold_days"),
		HoldExtendsWindow: scheme.GetBool("hold_extends_window"),
		HeldFrom:          Date(r, "held_from"),
		LastDay:           Date(r, "last_day"),
		ClosedOn:          Date(r, "closed_on"),
	}, nil
}

// FirstDay is the first day on which anything may have happened in a course:
// its discharge, or the day it was made. [W8]
func FirstDay(course *core.Record) domain.Date {
	return min(Date(course, "discharge_date"), Date(course, "started_on"))
}

// NotClosed refuses a closed course, and names who closed it and when, for the
// text a mentor reads. [S2]
func NotClosed(course *core.Record) error {
	if course.GetString("state") != domain.Closed {
		return nil
	}
	return domain.Broken("course.closed", domain.Params{
		"closed_on": course.GetString("closed_on"), "by": course.GetString("closed_by")})
}

// Consent reads one consent.
func Consent(r *core.Record) domain.Consent {
	return domain.Consent{
		Scope:       r.GetString("scope"),
		GivenOn:     Date(r, "given_on"),
		ExpiresOn:   Date(r, "expires_on"),
		WithdrawnOn: Date(r, "withdrawn_on"),
	}
}

// ConsentsOf reads the consents of a course.
func ConsentsOf(app core.App, course string) ([]domain.Consent, error) {
	found, err := app.FindAllRecords(Consents, dbx.HashExp{"course": course})
	if err != nil {
		return nil, err
	}
	consents := make([]domain.Consent, len(found))
	for i, r := range found {
		consents[i] = Consent(r)
	}
	return consents, nil
}

// NoticeConsent is a consent as it came with a notice.
type NoticeConsent struct {
	Scope       string      `json:"scope"`
	Form        string      `json:"form"`
	TextVersion string      `json:"text_version"`
	GivenOn     domain.Date `json:"given_on"`
	ExpiresOn   domain.Date `json:"expires_on"`
}

// Domain is the consent as the rules see it.
func (c NoticeConsent) Domain() domain.Consent {
	return domain.Consent{Scope: c.Scope, GivenOn: c.GivenOn, ExpiresOn: c.ExpiresOn}
}

// NoticeConsents reads the consents that came with a notice.
func NoticeConsents(r *core.Record) ([]NoticeConsent, error) {
	var out []NoticeConsent
	err := JSON(r, "consents", &out)
	return out, err
}

// Participation reads when a municipality takes part.
func Participation(municipality *core.Record) domain.Participation {
	return domain.Participation{From: Date(municipality, "participates_from"), To: Date(municipality, "participates_to")}
}

// JSON reads a JSON field; an empty one leaves the target as it is.
func JSON(r *core.Record, field string, target any) error {
	raw := r.GetString(field)
	if raw == "" || raw == "null" {
		return nil
	}
	if err := json.Unmarshal([]byte(raw), target); err != nil {
		return domain.Broken("value.invalid", domain.Params{"field": field})
	}
	return nil
}

// Mentions reads the offers that came up in a talk. [O1]
func Mentions(r *core.Record) ([]domain.Mention, error) {
	var out []domain.Mention
	err := JSON(r, "offers", &out)
	return out, err
}

// Strings reads a JSON field that is a list of strings.
func Strings(r *core.Record, field string) ([]string, error) {
	var out []string
	err := JSON(r, field, &out)
	return out, err
}

// PushTeam reads what a municipality has set for pushes.
func PushTeam(municipality *core.Record) domain.PushTeam {
	return domain.PushTeam{
		From: municipality.GetString("push_from"), To: municipality.GetString("push_to"),
		WeekendsOff: municipality.GetBool("weekends_off"), Without: municipality.GetStringSlice("push_without"),
	}
}

// PushWish reads what somebody has set for herself.
func PushWish(settings *core.Record) (domain.PushWish, error) {
	w := domain.PushWish{
		Off: settings.GetBool("off"), Without: settings.GetStringSlice("without"),
		From: settings.GetString("from"), To: settings.GetString("to"), Holidays: settings.GetBool("holidays"),
	}
	err := JSON(settings, "days", &w.Days)
	return w, err
}
