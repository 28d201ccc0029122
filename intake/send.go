package intake

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
)

var idPattern = regexp.MustCompile(`^[a-z0-9]{15}$`)

// newID becomes the record's id: the same form sent twice is the same record.
func newID() string {
	return security.RandomStringWithAlphabet(15, "abcdefghijklmnopqrstuvwxyz0123456789")
}

func (d *desk) send(e *core.RequestEvent) error {
	v, err := visitor(e)
	if err != nil {
		return err
	}
	in, problem := readForm(e, append(formNames(), csrfField))
	if problem != nil {
		return problem.page(e, v)
	}
	typed := kept(in)
	switch {
	case !v.loggedIn():
		return v.logInPage(e, http.StatusUnauthorized, logInFirst, "", typed)
	case !v.sealed(in[csrfField]):
		return v.formPage(e, http.StatusForbidden, staleForm, typed, nil)
	case !idPattern.MatchString(in["id"]):
		return (&problemPage{http.StatusBadRequest, "request.form_id", "Formularen har mistet sit nummer."}).page(e, v)
	}
	if sent, err := v.find(e.App, records.Notices, in["id"]); err != nil || sent != nil {
		return orReceipt(e, in["id"], err) // sent twice, received once
	}
	municipality, err := e.App.FindRecordById(records.Municipalities, v.ward.GetString("municipality"))
	if err != nil {
		return err
	}
	n, bad := assess(in, records.Participation(municipality), clock.Today())
	if len(bad) > 0 {
		return v.formPage(e, http.StatusUnprocessableEntity, "", typed, bad)
	}
	if len(n.refused) > 0 {
		err = v.refuse(e.App, in["id"], n)
	} else {
		err = v.notify(e.App, in["id"], n)
	}
	if err == nil {
		return orReceipt(e, in["id"], nil)
	}
	// The same form twice at once: the other one was quicker.
	if sent, lookErr := v.find(e.App, records.Notices, in["id"]); lookErr == nil && sent != nil {
		return orReceipt(e, in["id"], nil)
	}
	if rule := broken.Find(err); rule != nil {
		return v.formPage(e, http.StatusUnprocessableEntity, errorText(rule), typed, nil)
	}
	e.App.Logger().Error("afdeling: a notice was not saved", "error", err)
	return v.formPage(e, http.StatusInternalServerError, "Beskeden kunne ikke gemmes. Prøv igen om lidt.", typed, nil)
}

func orReceipt(e *core.RequestEvent, id string, err error) error {
	if err != nil {
		return err
	}
	return e.Redirect(http.StatusSeeOther, home+"kvittering/"+id)
}

// notify hands the notice to the municipality. If the ward first sent the form with answers
// that said no, that count is taken back: it was the same person.
func (v visit) notify(app core.App, id string, n notice) error {
	return app.RunInTransaction(func(tx core.App) error {
		old, err := v.find(tx, records.Refusals, id)
		if err == nil && old != nil {
			err = tx.Delete(old)
		}
		if err != nil {
			return err
		}
		scheme, err := schemeOf(tx, v.ward.GetString("municipality"))
		if err != nil {
			return err
		}
		r, err := records.New(tx, records.Notices)
		if err != nil {
			return err
		}
		r.Id = id
		r.Load(map[string]any{
			"municipality": v.ward.GetString("municipality"), "scheme": scheme.Id, "ward": v.ward.Id,
			"source": records.SourceWard, "name": n.name, "phones": n.phones,
			"discharge_date": string(n.discharge), "date_kind": n.dateKind, "answers": n.answers, "consents": n.consents,
			"status": records.StatusNew, "received_at": clock.Now(),
		})
		return tx.Save(r)
	})
}

// refuse counts a no and forgets who it was about. [TG8 C3]
func (v visit) refuse(app core.App, id string, n notice) error {
	r, err := v.find(app, records.Refusals, id)
	if err == nil && r == nil {
		r, err = records.New(app, records.Refusals)
	}
	if err != nil {
		return err
	}
	r.Id = id
	r.Load(map[string]any{
		"municipality": v.ward.GetString("municipality"), "ward": v.ward.Id,
		"month": string(clock.Today())[:7], "reasons": n.refused, "leaflet": true,
	})
	return app.Save(r)
}

// schemeOf is the scheme that a ward's notice is for: social mentors where there are any.
func schemeOf(app core.App, municipality string) (*core.Record, error) {
	schemes, err := app.FindRecordsByFilter(records.Schemes, "municipality = {:m} && active = true", "created", 0, 0, dbx.Params{"m": municipality})
	if err != nil {
		return nil, err
	}
	for _, s := range schemes {
		if s.GetString("kind") == "social_mentor" {
			return s, nil
		}
	}
	if len(schemes) == 0 {
		return nil, errors.New("afdeling: the municipality has no active scheme")
	}
	return schemes[0], nil
}
