package domain

// Scopes of consent: that the person wants to be called, and that the ward
// may hand over name and number.
const (
	ScopeContact    = "contact"
	ScopeDisclosure = "disclosure"
)

// Consent is one yes, given on a day, for at most a year.
type Consent struct {
	Scope       string `json:"scope"`
	GivenOn     Date   `json:"given_on"`
	ExpiresOn   Date   `json:"expires_on"`
	WithdrawnOn Date   `json:"withdrawn_on"`
}

// ValidOn: from the day it was given to the day it expires, both inside, and
// not from the day it was withdrawn. [C1]
func (c Consent) ValidOn(day Date) bool {
	return c.GivenOn <= day && day <= c.ExpiresOn && (c.WithdrawnOn == "" || day < c.WithdrawnOn)
}

// LatestExpiry is one year after the consent was given. [C2]
func LatestExpiry(given Date) Date { return given.AddMonths(12) }

// CheckConsent looks at one consent as it is written down. [C2 C7]
func CheckConsent(c Consent, today Date) error {
	switch {
	case !c.GivenOn.Valid():
		return broken("date.invalid", Params{"value": c.GivenOn})
	case !c.ExpiresOn.Valid():
		return broken("date.invalid", Params{"value": c.ExpiresOn})
	case c.GivenOn > today:
		return broken("consent.in_future", Params{"given_on": c.GivenOn})
	case c.ExpiresOn > LatestExpiry(c.GivenOn) || c.ExpiresOn < c.GivenOn:
		return broken("consent.too_long", Params{"latest": LatestExpiry(c.GivenOn)})
	}
	return nil
}

// CheckNoticeConsents: a ward needs both consents, valid on the day the
// notice arrives; a person who comes by herself consents to contact by
// coming. [C3 C4]
func CheckNoticeConsents(consents []Consent, fromWard bool, day Date) error {
	scopes := []string{ScopeContact}
	if fromWard {
		scopes = append(scopes, ScopeDisclosure)
	}
	for _, scope := range scopes {
		if !HasConsent(consents, scope, day) {
			return broken("consent.missing", Params{"scope": scope})
		}
	}
	return nil
}

// HasConsent tells whether a consent of that scope is valid on that day.
func HasConsent(consents []Consent, scope string, day Date) bool {
	for _, c := range consents {
		if c.Scope == scope && c.ValidOn(day) {
			return true
		}
	}
	return false
}

// Withdrawn marks a consent that was taken back.
const Withdrawn = "withdrawn"

// ConsentUntil is the last day on which some consent of the scope holds;
// Withdrawn when every one was taken back, "" when there never was one. [C1 C5]
func ConsentUntil(consents []Consent, scope string) string {
	until := ""
	for _, c := range consents {
		switch {
		case c.Scope != scope:
		case c.WithdrawnOn != "":
			if until == "" {
				until = Withdrawn
			}
		case until == "" || until == Withdrawn || string(c.ExpiresOn) > until:
			until = string(c.ExpiresOn)
		}
	}
	return until
}

// ConsentEnd is the day on which the last consent of the scope ran out or was
// taken back; "" when there never was one. [A8]
func ConsentEnd(consents []Consent, scope string) Date {
	end := Date("")
	for _, c := range consents {
		if c.Scope != scope {
			continue
		}
		if c.WithdrawnOn != "" {
			c.ExpiresOn = min(c.ExpiresOn, c.WithdrawnOn)
		}
		end = max(end, c.ExpiresOn)
	}
	return end
}
