package domain

// Flag is a concern that somebody raised in a course and nobody has closed:
// words, and a day; never a score.
type Flag struct {
	ID       string
	FollowUp Date
}

// FollowUpBy is the last day for the next contact: the day after; where nobody
// is at work at weekends and on public holidays, the next working day. [F2 P6]
func FollowUpBy(raised Date, weekendsOff bool) Date {
	by := raised.AddDays(1)
	for weekendsOff && !IsWorkday(by) {
		by = by.AddDays(1)
	}
	return by
}

// FollowUp is the day of the next contact: the one that was agreed, or the
// last there is where none was, or one too late. Nothing refuses a flag. [F1 F2]
func FollowUp(raised, agreed Date, weekendsOff bool) Date {
	by := FollowUpBy(raised, weekendsOff)
	if !agreed.Valid() || agreed > by {
		return by
	}
	return max(agreed, raised)
}
