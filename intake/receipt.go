package intake

import (
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/records"
)

// receipt is what the ward sees of a notice it sent, or of one that was not taken.
type receipt struct {
	ID, Received, Name, Phones, Discharge string
	Unsettled                             bool // the coordinator will look at the target group

	Refused   bool
	Because   []string // outside the target group, rule by rule
	NoConsent bool
}

// receipt is shown to the ward that sent it, and to no other. [A6]
func (d *desk) receipt(e *core.RequestEvent) error {
	v, err := visitor(e)
	if err != nil {
		return err
	}
	if !v.loggedIn() {
		return toHome(e)
	}
	r, err := v.outcome(e.App, e.Request.PathValue("id"))
	if err != nil {
		return err
	}
	if r == nil {
		return missing(e)
	}
	if r.Collection().Name == records.Refusals {
		return v.refusedPage(e, r)
	}
	phones, err := records.Strings(r, "phones")
	if err != nil {
		return err
	}
	for i := range phones {
		phones[i] = showPhone(phones[i])
	}
	return render(e, http.StatusOK, "receipt", view{Title: "Modtaget", visit: v, Receipt: &receipt{
		ID: r.Id, Received: spellMoment(records.Moment(r, "received_at")), Name: r.GetString("name"),
		Phones: strings.Join(phones, ", "), Discharge: spell(records.Date(r, "discharge_date")),
		Unsettled: r.GetString("verdict") == "unknown",
	}})
}

func (v visit) refusedPage(e *core.RequestEvent, r *core.Record) error {
	rules, err := records.Strings(r, "reasons")
	if err != nil {
		return err
	}
	out := &receipt{Refused: true, NoConsent: slices.Contains(rules, noConsent)}
	for _, rule := range rules {
		if text := because[rule]; text != "" {
			out.Because = append(out.Because, text)
		}
	}
	return render(e, http.StatusOK, "refused", view{Title: "Giv pjecen med", visit: v, Receipt: out})
}

// outcome is what a form became; nil when nothing yet.
func (v visit) outcome(app core.App, id string) (*core.Record, error) {
	for _, collection := range []string{records.Notices, records.Refusals} {
		r, err := v.find(app, collection, id)
		if err != nil || r != nil {
			return r, err
		}
	}
	return nil, nil
}

// find is a record of this ward, or nil.
func (v visit) find(app core.App, collection, id string) (*core.Record, error) {
	r, err := app.FindRecordById(collection, id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case r.GetString("ward") != v.ward.Id:
		return nil, nil
	}
	return r, nil
}
