package hooks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
)

// prepareNotice works out the verdict: it is never taken on trust.
func prepareNotice(app core.App, r *core.Record) error {
	if r.IsNew() {
		if r.GetDateTime("received_at").IsZero() {
			r.Set("received_at", clock.Now())
		}
		if r.GetString("status") == "" {
			r.Set("status", records.StatusNew)
		}
	}
	if changed(r, "phones") {
		if err := normalisePhones(r); err != nil {
			return err
		}
	}
	if !changed(r, "answers", "discharge_date") {
		return nil
	}
	verdict, err := assess(app, r)
	if err != nil {
		return err
	}
	if verdict.Result == domain.No { // there is no such notice [TG8]
		return broken.At("answers", domain.CheckAcceptance(verdict, ""))
	}
	r.Set("verdict", verdict.Result)
	r.Set("reasons", verdict.Reasons)
	r.Set("warnings", verdict.Warnings)
	return nil
}

func assess(app core.App, r *core.Record) (domain.Verdict, error) {
	var answers domain.Answers
	strict := json.NewDecoder(bytes.NewReader([]byte(r.GetString("answers"))))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&answers); err != nil && !errors.Is(err, io.EOF) {
		return domain.Verdict{}, broken.At("answers", domain.Broken("value.invalid", domain.Params{"field": "answers"}))
	}
	municipality, err := app.FindRecordById(records.Municipalities, r.GetString("municipality"))
	if err != nil {
		return domain.Verdict{}, broken.At("municipality", domain.Broken("record.gone"))
	}
	return domain.Assess(answers, records.Date(r, "discharge_date"), records.Participation(municipality)), nil
}

func checkNotice(app core.App, r *core.Record) error {
	municipality := r.GetString("municipality")
	err := first(
		checkDates(r, "discharge_date"),
		checkLength(r, domain.MaxName, "name"),
		checkLength(r, domain.MaxNote, "decline_reason", "override_reason"),
		checkNoticePhones(r),
		sameMunicipality(app, "scheme", records.Schemes, r.GetString("scheme"), municipality),
		sameMunicipality(app, "ward", records.Wards, r.GetString("ward"), municipality),
		keep(r, "municipality"),
	)
	if err != nil {
		return err
	}
	if changed(r, "consents") {
		if err := checkNoticeConsents(r); err != nil {
			return err
		}
	}
	return checkDecision(r)
}

// checkNoticePhones: somebody who cannot be called cannot be helped by phone.
func checkNoticePhones(r *core.Record) error {
	phones, err := records.Strings(r, "phones")
	if err == nil && len(phones) == 0 && changed(r, "phones") {
		err = domain.Broken("phone.invalid", domain.Params{"phone": ""})
	}
	return broken.At("phones", err)
}

// checkNoticeConsents judges on the day the notice arrived. [C2 C3 C4 C7]
func checkNoticeConsents(r *core.Record) error {
	given, err := records.NoticeConsents(r)
	if err != nil {
		return broken.At("consents", err)
	}
	day := domain.DateOf(records.Moment(r, "received_at"))
	consents := make([]domain.Consent, len(given))
	for i, c := range given {
		consents[i] = c.Domain()
		if err := domain.CheckConsent(consents[i], day); err != nil {
			return broken.At("consents", err)
		}
	}
	return broken.At("consents", domain.CheckNoticeConsents(consents, r.GetString("source") == records.SourceWard, day))
}

// checkDecision: decided once; accepted only when the rules allow. [S7 S8 TG9]
func checkDecision(r *core.Record) error {
	status := r.GetString("status")
	if r.IsNew() {
		if status != records.StatusNew {
			return broken.At("status", domain.Broken("value.invalid", domain.Params{"field": "status"}))
		}
		return nil
	}
	if !changed(r, "status") {
		return nil
	}
	if before := r.Original().GetString("status"); before != records.StatusNew {
		return broken.At("status", domain.Broken("notice.decided", domain.Params{"status": before}))
	}
	if status == records.StatusDeclined {
		if r.GetString("decline_reason") == "" {
			return broken.At("decline_reason", domain.Broken("value.invalid", domain.Params{"field": "decline_reason"}))
		}
		return nil
	}
	if r.GetString("date_kind") == records.DateCancelled {
		return broken.At("date_kind", domain.Broken("notice.cancelled"))
	}
	reasons, err := records.Strings(r, "reasons")
	if err != nil {
		return broken.At("reasons", err)
	}
	verdict := domain.Verdict{Result: r.GetString("verdict"), Reasons: reasons}
	return broken.At("override_reason", domain.CheckAcceptance(verdict, r.GetString("override_reason")))
}
