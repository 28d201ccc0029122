package domain

import "time"

// Kinds of scheme.
const (
	SocialMentor       = "social_mentor"
	DischargeMentor    = "discharge_mentor"
	ClarificationPlace = "clarification_place"
)

// Course is what the window and the states are reckoned from.
type Course struct {
	Kind              string
	State             string
	DischargeDate     Date
	StartedOn         Date
	HoldDays          int // whole days on hold, ended holds only
	HoldExtendsWindow bool
	HeldFrom          Date // while on hold
	LastDay           Date
	ClosedOn          Date
}

// Window is the first and the last day of a course; both are inside.
type Window struct{ First, Last Date }

// WindowOf counts the window of a course. [W1 W2 W3 W4]
func WindowOf(c Course) Window {
	if c.Kind != DischargeMentor {
		return Window{First: c.DischargeDate, Last: c.DischargeDate.AddMonths(6)}
	}
	last := c.StartedOn.AddDays(26*7 - 1)
	if c.HoldExtendsWindow {
		last = last.AddDays(c.HoldDays)
	}
	return Window{First: c.StartedOn, Last: last}
}

// moves tells whether the window moves along with a hold that runs. [W3 W11]
func (c Course) moves() bool {
	return c.State == OnHold && c.Kind == DischargeMentor && c.HoldExtendsWindow && c.HeldFrom != ""
}

// LastDayOn is the last day as it stands on a day: a hold that runs moves it
// along, day by day. [W11]
func LastDayOn(c Course, day Date) Date {
	if !c.moves() {
		return c.LastDay
	}
	return c.LastDay.AddDays(max(0, c.HeldFrom.DaysUntil(day)))
}

// CheckBooking tells whether the two may agree to talk on that day. [W5 W6]
func CheckBooking(w Window, on Date) error {
	switch {
	case on > w.Last:
		return broken("window.after_end", Params{"last_day": w.Last})
	case on < w.First:
		return broken("window.before_start", Params{"first_day": w.First})
	}
	return nil
}

// CheckNext refuses an appointment before the talk in which it was agreed. [W7]
func CheckNext(occurred time.Time, on Date) error {
	if on < DateOf(occurred) {
		return broken("appointment.before_contact", Params{"on": on})
	}
	return nil
}

// Tolerance is how far a phone's clock may run ahead, LateAfter when an entry
// counts as written late.
const (
	Tolerance = 5 * time.Minute
	LateAfter = 7 * 24 * time.Hour
)

// CheckContact judges a talk on the day it happened. A person may ring the
// mentor as soon as the course exists, also before a planned discharge. [W8 W9]
func CheckContact(w Window, startedOn Date, occurred, received time.Time) error {
	if occurred.After(received.Add(Tolerance)) {
		return broken("contact.in_future", Params{"at": occurred.UTC().Format(time.RFC3339)})
	}
	first := min(w.First, startedOn)
	if day := DateOf(occurred); day < first || day > w.Last {
		return broken("contact.outside_window", Params{"first_day": first, "last_day": w.Last})
	}
	return nil
}

// IsLate marks what was written down more than a week after it happened. [W10]
func IsLate(occurred, received time.Time) bool { return received.Sub(occurred) > LateAfter }
