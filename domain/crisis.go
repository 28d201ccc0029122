package domain

import (
	"cmp"
	"regexp"
	"slices"
)

// CrisisKinds is every kind a crisis line may be of.
var CrisisKinds = []string{"social", "regional", "doctor", "helpline", "other"}

// VerifiedMonths is how long somebody's word for a number holds. [K1]
const VerifiedMonths = 6

// CrisisLine is a number to ring when it is urgent.
type CrisisLine struct {
	ID         string
	Order      int
	VerifiedOn Date
}

// Verified tells whether somebody checked it within six months; both days are
// inside. [K1]
func (l CrisisLine) Verified(today Date) bool {
	return l.VerifiedOn != "" && l.VerifiedOn <= today && today <= l.VerifiedOn.AddMonths(VerifiedMonths)
}

// CardLine is a line as it stands on the action card.
type CardLine struct {
	ID       string
	Verified bool
}

// CrisisCard is what stands on the card below 112: the verified lines in
// their order, then the others, marked; none at all where none is verified. [K2]
func CrisisCard(lines []CrisisLine, today Date) []CardLine {
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b CrisisLine) int {
		return cmp.Or(cmp.Compare(unverified(a, today), unverified(b, today)), cmp.Compare(a.Order, b.Order), cmp.Compare(a.ID, b.ID))
	})
	card := []CardLine{}
	if len(sorted) == 0 || !sorted[0].Verified(today) {
		return card
	}
	for _, l := range sorted {
		card = append(card, CardLine{l.ID, l.Verified(today)})
	}
	return card
}

func unverified(l CrisisLine, today Date) int {
	if l.Verified(today) {
		return 0
	}
	return 1
}

var short = regexp.MustCompile(`^[0-9]{3,6}$`)

// NormaliseLine writes the number of a crisis line: three to six digits as
// they are, any other as E.164. [K3 P1]
func NormaliseLine(s string) (string, error) {
	if p := spacing.Replace(s); short.MatchString(p) {
		return p, nil
	}
	return NormalisePhone(s)
}
