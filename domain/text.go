package domain

import (
	"slices"
	"unicode/utf8"
)

// Longest texts, in characters. A talk of an hour fits in a note many times.
const (
	MaxName  = 200
	MaxShort = 500
	MaxNote  = 20_000
	MaxDay   = 24 * 60 // minutes
)

// CheckLength refuses a text that is too long to keep whole. [P5]
func CheckLength(field, text string, most int) error {
	if utf8.RuneCountInString(text) > most {
		return broken("value.too_long", Params{"field": field, "max": most})
	}
	return nil
}

// CheckOneOf refuses a word that the list does not have. [P4]
func CheckOneOf(field, value string, allowed []string) error {
	if !slices.Contains(allowed, value) {
		return broken("value.invalid", Params{"field": field})
	}
	return nil
}
