package seed

import (
	"bindeled/domain"
	"bindeled/internal/records"
)

// inTarget are the answers of somebody in the target group.
func inTarget() values {
	return values{
		"adult": domain.Yes, "mental_disorder": domain.Yes, "regional_psychiatry": domain.Yes,
		"service_act_support": domain.No, "own_home": domain.Yes, "other_support": domain.No,
	}
}

// notices: what waits in the coordinator's inbox.
func (w *world) notices() {
	w.notice("proevekoebing", "kim", "Kim Kladde", "12345661", -1, records.DateActual, inTarget())
	unknown := inTarget()
	unknown["service_act_support"] = domain.Unknown
	unknown["own_home"] = domain.No
	w.notice("proevekoebing", "rosa", "Rosa Rundt", "12345662", 2, records.DatePlanned, unknown)
	w.notice("eksempelby", "frida", "Frida Fremmed", "12345663", -1, records.DateActual, inTarget())
}

func (w *world) notice(municipality, id, name, phone string, discharged int, kind string, answers values) {
	given := w.day(-1)
	consents := []values{}
	for _, scope := range []string{domain.ScopeContact, domain.ScopeDisclosure} {
		consents = append(consents, values{
			"scope": scope, "form": "written", "text_version": "1", "given_on": given, "expires_on": given.AddMonths(12),
		})
	}
	w.save(records.Notices, id, values{
		"municipality": ID(municipality), "scheme": ID("ordning" + municipality), "ward": ID("afsnit" + municipality),
		"source": records.SourceWard, "name": name, "phones": []string{phone}, "discharge_date": w.day(discharged),
		"date_kind": kind, "answers": answers, "consents": consents, "status": records.StatusNew,
		"received_at": w.at(-1, "13:05"),
	})
}
