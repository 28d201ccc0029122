package domain

import (
	"cmp"
	"slices"
)

// DueCourse is what the list of calls needs to know of a course.
type DueCourse struct {
	ID                    string
	State                 string
	Kind                  string // of the scheme
	HoldExtendsWindow     bool
	HeldFrom              Date
	DischargeDate         Date
	LastDay               Date
	ConsentUntil          string // see ConsentUntil, scope contact
	FirstContactDays      int
	FirstContactLimitDays int
	Reached               bool // the two have talked at least once
	Appointments          []DueAppointment
	Flags                 []Flag // open ones
}

// DueAppointment is an open appointment.
type DueAppointment struct {
	ID        string
	On        Date
	Time      string
	PartOfDay string
}

// DueItem is one line of the list.
type DueItem struct {
	Course      string
	Appointment string
	Kind        string // flag, appointment, first, unplanned, ended, consent
	Group       string // flag, overdue, today, next
	On          Date
	Time        string
	PartOfDay   string
	Deadline    Date
	Flag        string
}

// Kinds and groups of due items.
const (
	KindFlag        = "flag"
	KindAppointment = "appointment"
	KindFirst       = "first"
	KindUnplanned   = "unplanned"
	KindEnded       = "ended"
	KindConsent     = "consent"

	GroupFlag    = "flag"
	GroupOverdue = "overdue"
	GroupToday   = "today"
	GroupNext    = "next"
)

// FirstContact is the day by which the first talk should have been, and the
// day by which somebody must have stepped in. [U1]
func FirstContact(discharge Date, days, limitDays int) (target, limit Date) {
	return discharge.AddDays(days), discharge.AddDays(limitDays)
}

// Due lists what a mentor has to do, in order. No open course is ever left
// out of it, unless a person said so: closed it, put it on hold, or withdrew
// consent; and no flag is, until a person closes it. [U2–U9 F4]
func Due(courses []DueCourse, today Date) []DueItem {
	items := []DueItem{}
	for _, c := range courses {
		items = append(append(items, flagsOf(c)...), callsOf(c, today)...)
	}
	slices.SortStableFunc(items, func(a, b DueItem) int {
		return cmp.Or(
			cmp.Compare(groupRank[a.Group], groupRank[b.Group]),
			compareWithin(a, b),
			cmp.Compare(a.Course, b.Course),
			cmp.Compare(a.Appointment, b.Appointment),
			cmp.Compare(a.Flag, b.Flag),
		)
	})
	return items
}

// flagsOf asks neither the state nor the consent. [F4]
func flagsOf(c DueCourse) (items []DueItem) {
	for _, f := range c.Flags {
		items = append(items, DueItem{Course: c.ID, Kind: KindFlag, Group: GroupFlag, On: f.FollowUp, Flag: f.ID})
	}
	return items
}

func callsOf(c DueCourse, today Date) []DueItem {
	state := StateOn(Course{Kind: c.Kind, State: c.State, HoldExtendsWindow: c.HoldExtendsWindow, HeldFrom: c.HeldFrom, LastDay: c.LastDay}, today)
	switch {
	case state == Closed || state == OnHold || c.ConsentUntil == Withdrawn: // [U2]
		return nil
	case state == Expired: // [U6]
		return []DueItem{{Course: c.ID, Kind: KindEnded, Group: GroupOverdue, On: c.LastDay}}
	case c.ConsentUntil < string(today): // [U7]
		return []DueItem{{Course: c.ID, Kind: KindConsent, Group: GroupOverdue, On: max(c.DischargeDate, Date(c.ConsentUntil))}}
	}
	deadline := Date("")
	if !c.Reached {
		deadline, _ = FirstContact(c.DischargeDate, c.FirstContactDays, c.FirstContactLimitDays)
	}
	if len(c.Appointments) == 0 {
		return []DueItem{withoutAppointment(c, deadline, today)}
	}
	items := make([]DueItem, 0, len(c.Appointments))
	for _, a := range c.Appointments {
		items = append(items, DueItem{
			Course: c.ID, Appointment: a.ID, Kind: KindAppointment, Group: groupOf(a.On, today),
			On: a.On, Time: a.Time, PartOfDay: a.PartOfDay, Deadline: deadline,
		})
	}
	return items
}

// withoutAppointment: before the first talk there is a deadline in its place
// [U4]; after it, that nothing is agreed is itself something to do [U5].
func withoutAppointment(c DueCourse, deadline, today Date) DueItem {
	if c.Reached {
		return DueItem{Course: c.ID, Kind: KindUnplanned, Group: GroupToday, On: today}
	}
	item := DueItem{Course: c.ID, Kind: KindFirst, On: c.DischargeDate, Deadline: deadline, Group: GroupToday}
	switch {
	case deadline < today:
		item.Group = GroupOverdue
	case c.DischargeDate > today:
		item.Group = GroupNext
	}
	return item
}

func groupOf(on, today Date) string { // [U3]
	switch {
	case on < today:
		return GroupOverdue
	case on == today:
		return GroupToday
	}
	return GroupNext
}

var groupRank = map[string]int{GroupFlag: 0, GroupOverdue: 1, GroupToday: 2, GroupNext: 3}

// compareWithin: flags by the day of the next contact; overdue oldest first; today first contacts by deadline, then
// by the clock; next days by day, then by the clock. [U8]
func compareWithin(a, b DueItem) int {
	if a.Group == GroupToday {
		return cmp.Or(
			cmp.Compare(deadlineRank(a), deadlineRank(b)),
			cmp.Compare(a.Deadline, b.Deadline),
			cmp.Compare(timeOf(a), timeOf(b)),
		)
	}
	return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(timeOf(a), timeOf(b)))
}

func deadlineRank(i DueItem) int {
	if i.Deadline != "" {
		return 0
	}
	return 1
}

// A part of the day stands where it begins; no time at all comes last. [U9]
var partStarts = map[string]string{"morning": "08:00", "afternoon": "12:00", "evening": "17:00"}

func timeOf(i DueItem) string {
	if i.Time != "" {
		return i.Time
	}
	if start, ok := partStarts[i.PartOfDay]; ok {
		return start
	}
	return "24:00"
}

// PartsOfDay is every part of a day an appointment may name.
var PartsOfDay = []string{"", "morning", "afternoon", "evening"}
