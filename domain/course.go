package domain

import "slices"

// States of a course. Expired is never stored: it is what an open course is
// after its last day, so nothing has to run at midnight for it to be true.
const (
	Awaiting = "awaiting"
	Active   = "active"
	OnHold   = "on_hold"
	Closed   = "closed"
	Expired  = "expired"
)

var transitions = map[string][]string{
	Awaiting: {Active, OnHold, Closed},
	Active:   {OnHold, Closed},
	OnHold:   {Active, Closed},
	Closed:   {Active},
	Expired:  {Closed},
}

// ClosingReasons: the five of the evaluation of 2014, and ours. [S4]
var ClosingReasons = []string{
	"not_interested", "moved", "no_contact", "not_in_target_group", "enough_support",
	"completed", "ended_after_first", "readmitted_new_course", "service_act_support", "died", "other",
}

// StateOn is the state of a course on a day. [S6 W11]
func StateOn(c Course, today Date) string {
	if c.State != Closed && today > LastDayOn(c, today) {
		return Expired
	}
	return c.State
}

// MayMove tells whether a course may go from one state to another. [S1]
func MayMove(from, to string) bool { return slices.Contains(transitions[from], to) }

// CheckMove refuses a change of state that the table does not know, and names
// the reason a person would give. [S1 S2 S3 S5 S6]
func CheckMove(c Course, to string, today Date) error {
	from := StateOn(c, today)
	switch {
	case from == Closed && to == Closed:
		return broken("course.closed")
	case from == Closed && to == Active && today > c.LastDay:
		return broken("course.resume_after_end", Params{"last_day": c.LastDay})
	case !MayMove(from, to):
		return broken("course.transition", Params{"from": from, "to": to})
	}
	return nil
}

// CheckOpen: only an open course can be given a new appointment; on hold no
// calls go out. [S2 S3]
func CheckOpen(state string) error {
	switch state {
	case Closed:
		return broken("course.closed")
	case OnHold:
		return broken("course.on_hold")
	}
	return nil
}

// Outcomes of a contact.
const (
	Reached     = "reached"
	NoAnswer    = "no_answer"
	WrongNumber = "wrong_number"
	WantsLater  = "wants_later"
	Declined    = "declined"
	OtherResult = "other"
)

// Outcomes is every outcome a contact may have.
var Outcomes = []string{Reached, NoAnswer, WrongNumber, WantsLater, Declined, OtherResult}

// Topics a talk may have touched; ticked afterwards, never asked in order.
var Topics = []string{
	"wellbeing", "support_from_others", "other_support", "where_to_get_help", "interests", "peer", "next_call",
}

// CheckFinish: when two people have talked, they agree to talk again or to
// end; other outcomes may leave the appointment standing, and nothing both
// goes on and ends. [S11]
func CheckFinish(outcome string, next, end bool) error {
	if next && end || outcome == Reached && !next && !end {
		return broken("contact.next_or_end")
	}
	return nil
}

// CheckAmends: a correction is of a talk in the same course, and not beside
// the correction that somebody else, or she herself, has made of it. [S17]
func CheckAmends(sameCourse bool, correctedBy string) error {
	switch {
	case !sameCourse:
		return broken("record.gone")
	case correctedBy != "":
		return broken("contact.amended", Params{"by": correctedBy})
	}
	return nil
}
