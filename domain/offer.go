package domain

import (
	"bytes"
	"encoding/json"
)

// OfferKinds is what people look for: every kind an offer may be of.
var OfferKinds = []string{
	"community", "talk", "urgent", "groups", "nature", "culture", "health",
	"money", "home", "work", "substances", "relatives", "peer", "digital",
}

// Hows is how an offer came up in a talk.
var Hows = []string{"told", "helped", "been"}

// Mention is an offer in a talk, with the citizen's own words. One that the
// directory does not have has only words.
type Mention struct {
	Offer string `json:"offer"`
	How   string `json:"how"`
	Words string `json:"words"`
}

// UnmarshalJSON reads a talk of before as well: a text, told about. [O1]
func (t *Mention) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		*t = Mention{How: Hows[0]}
		return json.Unmarshal(raw, &t.Words)
	}
	type plain Mention
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode((*plain)(t))
}

// CheckMention wants an offer or words, and how it came up. [O1 P4 P5]
func CheckMention(t Mention) error {
	if t.Offer == "" && t.Words == "" {
		return broken("value.invalid", Params{"field": "offers"})
	}
	if err := CheckOneOf("offers", t.How, Hows); err != nil {
		return err
	}
	if err := CheckLength("offers", t.Offer, MaxName); err != nil {
		return err
	}
	return CheckLength("offers", t.Words, MaxShort)
}
