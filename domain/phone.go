package domain

import (
	"regexp"
	"strings"
)

var (
	danish  = regexp.MustCompile(`^[0-9]{8}$`)
	foreign = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	spacing = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ".", "", "(", "", ")", "", "/", "")
)

// NormalisePhone writes a number as E.164: eight digits are Danish, and other
// countries need their + (or 00). A number that is none is refused. [P1]
func NormalisePhone(s string) (string, error) {
	p := spacing.Replace(strings.TrimSpace(s))
	if strings.HasPrefix(p, "00") {
		p = "+" + p[2:]
	}
	if danish.MatchString(p) {
		p = "+45" + p
	}
	if !foreign.MatchString(p) || strings.HasPrefix(p, "+45") && len(p) != 11 {
		return "", broken("phone.invalid", Params{"phone": s})
	}
	return p, nil
}
