package domain

import "slices"

// Answers are what the ward knows on the day of discharge: yes, no or unknown.
type Answers struct {
	Adult              string `json:"adult"`
	MentalDisorder     string `json:"mental_disorder"`
	RegionalPsychiatry string `json:"regional_psychiatry"`
	ServiceActSupport  string `json:"service_act_support"`
	OwnHome            string `json:"own_home"`
	OtherSupport       string `json:"other_support"`
}

// Tri-state answers, and verdicts.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

// Verdict is the target group's answer with the rules behind it.
type Verdict struct {
	Result   string   `json:"result"`
	Reasons  []string `json:"reasons"`  // rules that say no; if none does, rules not known
	Warnings []string `json:"warnings"` // worth a look, never a no
}

// Participation is when the municipality takes part in the scheme; To may be open.
type Participation struct{ From, To Date }

// Assess tells whether a person is in the target group on the day of
// discharge; support that comes later changes nothing. [TG1–TG8]
func Assess(a Answers, discharge Date, p Participation) Verdict {
	participates := Unknown
	if discharge.Valid() {
		participates = No
		if p.From != "" && discharge >= p.From && (p.To == "" || discharge <= p.To) {
			participates = Yes
		}
	}
	tests := []struct{ rule, answer, wanted string }{
		{"TG1", a.Adult, Yes},
		{"TG2", a.MentalDisorder, Yes},
		{"TG3", a.RegionalPsychiatry, Yes},
		{"TG4", a.ServiceActSupport, No},
		{"TG5", participates, Yes},
	}
	var no, unknown []string
	for _, t := range tests {
		switch t.answer {
		case t.wanted:
		case Yes, No:
			no = append(no, t.rule)
		default:
			unknown = append(unknown, t.rule)
		}
	}
	v := Verdict{Result: Yes, Reasons: []string{}, Warnings: []string{}}
	switch {
	case len(no) > 0:
		v.Result, v.Reasons = No, no
	case len(unknown) > 0:
		v.Result, v.Reasons = Unknown, unknown
	}
	if a.OwnHome != Yes {
		v.Warnings = append(v.Warnings, "TG7")
	}
	if a.OtherSupport == Yes {
		v.Warnings = append(v.Warnings, "TG6")
	}
	slices.Sort(v.Warnings)
	return v
}

// CheckAcceptance lets a yes become a course, an unknown only with a reason,
// a no never. [TG8 TG9]
func CheckAcceptance(v Verdict, reason string) error {
	switch v.Result {
	case Yes:
		return nil
	case Unknown:
		if reason == "" {
			return broken("target.needs_reason", Params{"reasons": v.Reasons})
		}
		return nil
	}
	return broken("target.not_in_group", Params{"reasons": v.Reasons})
}
