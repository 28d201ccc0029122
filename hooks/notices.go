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
	if !changed(r, "answers", "discharge_date", "verdict", "reasons", "warnings") {
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
	municipality, err := records.Find(app, records.Municipalities, r.GetString("municipality"))
	if err != nil {
		return domain.Verdict{}, broken.At("municipality", err)
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
	return checkDecision(app, r)
}

// checkNoticePhones: somebody who cannot be called cannot be helped by phone.
// Once it is a course, the numbers may go. [C5]
func checkNoticePhones(r *core.Record) error {
	phones, err := records.Strings(r, "phones")
	if err == nil && len(phones) == 0 && changed(r, "phones") && r.GetString("status") != records.StatusAccepted {
		err = domain.Broken("phone.invalid", domain.Params{"phone": ""})
	}
	return broken.At("phones", err)
}

// What the consents of a course may say; a notice's become those. [P4]
var (
	consentScopes = []string{domain.ScopeContact, domain.ScopeDisclosure}
	consentForms  = []string{"written", "oral", "digital"}
)

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
		err := first(
			domain.CheckConsent(consents[i], day),
			domain.CheckOneOf("scope", c.Scope, consentScopes),
			domain.CheckOneOf("form", c.Form, consentForms),
			domain.CheckLength("text_version", c.TextVersion, domain.MaxShort),
		)
		if err != nil {
			return broken.At("consents", err)
		}
	}
	return broken.At("consents", domain.CheckNoticeConsents(consents, r.GetString("source") == records.SourceWard, day))
}

// checkDecision: decided once; accepted only when the rules allow. [S7 S8 TG9]
func checkDecision(app core.App, r *core.Record) error {
	status := r.GetString("status")
	if r.IsNew() {
		if status != records.StatusNew {
			return broken.At("status", domain.Broken("value.invalid", domain.Params{"field": "status"}))
		}
		return nil
	}
	before := r.Original().GetString("status")
	if before != records.StatusNew && changed(r, "status", "course", "scheme", "discharge_date", "date_kind", "answers", "consents") {
		return broken.At("status", domain.Broken("notice.decided", domain.Params{"status": before}))
	}
	if !changed(r, "status") {
		return nil
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
	return first(
		broken.At("override_reason", domain.CheckAcceptance(verdict, r.GetString("override_reason"))),
		broken.At("course", becameCourse(app, r)),
	)
}

// becameCourse: a notice that is accepted without a course would be a person
// whom nobody calls. [S7]
func becameCourse(app core.App, r *core.Record) error {
	course, err := records.Find(app, records.Courses, r.GetString("course"))
	if err != nil && !records.IsGone(err) {
		return err
	}
	if err != nil || course.GetString("notice") != r.Id {
		return domain.Broken("value.invalid", domain.Params{"field": "course"})
	}
	return nil
}
