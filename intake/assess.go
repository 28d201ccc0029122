package intake

import (
	"errors"
	"strings"

	"bindeled/domain"
	"bindeled/internal/records"
)

// textVersion names the consent text that the ward reads aloud or hands over.
const textVersion = "1"

// notice is the form once it holds.
type notice struct {
	name, dateKind string
	phones         []string
	discharge      domain.Date
	answers        domain.Answers
	consents       []records.NoticeConsent
	verdict        domain.Verdict
	refused        []string // the rules that stand in the way
}

// problems are errors by field.
type problems map[string]*domain.Error

func (p problems) add(field string, err error) {
	if e := (*domain.Error)(nil); errors.As(err, &e) && p[field] == nil {
		p[field] = e
	}
}

// assess reads the form. A person outside the target group or without consent needs no name:
// then nothing about who it is gets further than here. [TG8 C3]
func assess(in map[string]string, p domain.Participation, today domain.Date) (notice, problems) {
	n, bad := notice{}, problems{}
	n.discharge = readDate(in, "discharge_date", bad)
	n.answers = readAnswers(in, bad)
	contact := readChoice(in, "consent_contact", bad)
	disclosure := readChoice(in, "consent_disclosure", bad)
	if len(bad) == 0 {
		n.verdict = domain.Assess(n.answers, n.discharge, p)
		if n.verdict.Result == domain.No {
			n.refused = append(n.refused, n.verdict.Reasons...)
		}
		if contact == domain.No || disclosure == domain.No {
			n.refused = append(n.refused, domain.Codes["consent.missing"])
		}
		if len(n.refused) > 0 {
			return n, nil
		}
	}

	n.name = strings.TrimSpace(in["name"])
	if n.name == "" {
		bad.add("name", open("name"))
	}
	bad.add("name", domain.CheckLength("name", n.name, domain.MaxName))
	n.dateKind = readChoice(in, "date_kind", bad)
	n.phones = readPhones(in, bad)
	for _, c := range []struct{ scope, answer string }{{domain.ScopeContact, contact}, {domain.ScopeDisclosure, disclosure}} {
		if c.answer == domain.Yes {
			n.consents = append(n.consents, readConsent(in, c.scope, today, bad))
		}
	}
	return n, bad
}

// open is a question that was left open. [P4]
func open(field string) error {
	return domain.Broken("value.invalid", domain.Params{"field": field})
}

func readDate(in map[string]string, name string, bad problems) domain.Date {
	text := strings.TrimSpace(in[name])
	if text == "" {
		bad.add(name, open(name))
		return ""
	}
	day, err := domain.ParseDate(text)
	bad.add(name, err)
	return day
}

func readChoice(in map[string]string, name string, bad problems) string {
	bad.add(name, domain.CheckOneOf(name, in[name], choices(name)))
	return in[name]
}

func readAnswers(in map[string]string, bad problems) domain.Answers {
	for _, name := range questionNames {
		readChoice(in, name, bad)
	}
	return domain.Answers{
		Adult: in["adult"], MentalDisorder: in["mental_disorder"], RegionalPsychiatry: in["regional_psychiatry"],
		ServiceActSupport: in["service_act_support"], OwnHome: in["own_home"], OtherSupport: in["other_support"],
	}
}

func readPhones(in map[string]string, bad problems) (phones []string) {
	for _, name := range []string{"phone", "phone_other"} {
		if strings.TrimSpace(in[name]) == "" {
			if name == "phone" {
				bad.add(name, open(name))
			}
			continue
		}
		phone, err := domain.NormalisePhone(in[name])
		bad.add(name, err)
		if err == nil && (len(phones) == 0 || phones[0] != phone) {
			phones = append(phones, phone)
		}
	}
	return phones
}

// readConsent wants a consent that holds today. [C1 C2 C7]
func readConsent(in map[string]string, scope string, today domain.Date, bad problems) records.NoticeConsent {
	day := scope + "_given_on"
	given := readDate(in, day, bad)
	c := records.NoticeConsent{
		Scope: scope, Form: readChoice(in, scope+"_form", bad), TextVersion: textVersion,
		GivenOn: given, ExpiresOn: domain.LatestExpiry(given),
	}
	if given != "" {
		bad.add(day, domain.CheckConsent(c.Domain(), today))
		if !c.Domain().ValidOn(today) {
			bad.add(day, domain.Broken("consent.not_valid", domain.Params{"scope": scope}))
		}
	}
	return c
}

func choices(name string) []string {
	var values []string
	for _, s := range layout() {
		for _, f := range s.Fields {
			if f.Name == name {
				for _, o := range f.Options {
					values = append(values, o.Value)
				}
			}
		}
	}
	return values
}
