package domain

import (
	"cmp"
	"slices"
	"time"
)

// Kinds of push.
const (
	PushMorning = "morning" // there is something to do today
	PushTime    = "time"    // an agreed time is near
	PushFirst   = "first"   // a first talk is about to be late
	PushFlag    = "flag"    // a flag was raised
	PushNotice  = "notice"  // a notice arrived
	PushTray    = "tray"    // something waits in Kræver handling
	PushTest    = "test"    // does it work here; asked for, never due
)

// PushKinds is every kind that may be due, and whom it can be for. [N1]
var PushKinds = map[string][]string{
	PushMorning: {RoleMentor, RoleCoordinator},
	PushTime:    {RoleMentor, RoleCoordinator},
	PushFirst:   {RoleMentor, RoleCoordinator},
	PushFlag:    {RoleCoordinator},
	PushNotice:  {RoleCoordinator},
	PushTray:    {RoleMentor, RoleCoordinator},
}

// Nobody is told anything earlier or later than this, whatever is set. [N4]
const (
	EarliestPush = "06:00"
	LatestPush   = "22:00"
)

const (
	pushTick   = 5 * time.Minute
	timeAhead  = 30 * time.Minute
	morningFor = 4 * time.Hour
	firstAt    = "12:00"
)

// PushHours is when somebody may be told: from, to (not inside), and on which
// days, 1 is Monday. [N4]
type PushHours struct {
	From, To string
	Days     []int
	Holidays bool // on public holidays too
}

// PushTeam is what a municipality has set.
type PushTeam struct {
	From, To    string
	WeekendsOff bool
	Without     []string // kinds that are off
}

// PushWish is what somebody has set for herself; what is empty is as the
// municipality has it.
type PushWish struct {
	Off      bool
	Without  []string
	From, To string
	Days     []int
	Holidays bool
}

// PushHoursOf is when somebody is told. [N4]
func PushHoursOf(team PushTeam, wish PushWish) PushHours {
	h := PushHours{From: team.From, To: team.To, Days: []int{1, 2, 3, 4, 5, 6, 7}, Holidays: !team.WeekendsOff}
	if team.WeekendsOff {
		h.Days = h.Days[:5]
	}
	if wish.From != "" && wish.To != "" {
		h.From, h.To = wish.From, wish.To
	}
	if len(wish.Days) > 0 {
		h.Days, h.Holidays = wish.Days, wish.Holidays
	}
	h.From, h.To = max(h.From, EarliestPush), min(h.To, LatestPush)
	return h
}

// CheckPushHours accepts both or none, in order and within what is allowed. [N4]
func CheckPushHours(from, to string) error {
	if from == "" && to == "" {
		return nil
	}
	if err := cmp.Or(CheckTime(from), CheckTime(to)); err != nil {
		return err
	}
	if from < EarliestPush || to > LatestPush || from >= to {
		return broken("value.invalid", Params{"field": "hours"})
	}
	return nil
}

func (h PushHours) works(day Date) bool {
	return slices.Contains(h.Days, day.Weekday()) && (h.Holidays || !IsHoliday(day))
}

// of is the first tick of the hours of a day, and their end.
func (h PushHours) of(day Date) (from, to time.Time) {
	return tickFrom(momentOn(day, h.From)), momentOn(day, h.To)
}

func (h PushHours) holds(t time.Time) bool {
	day := DateOf(t)
	from, to := h.of(day)
	return h.works(day) && !t.Before(from) && t.Before(to)
}

// momentOn is a time of a day in Denmark. Pushes keep clear of the night, so no
// change of clocks is ever in the way.
func momentOn(day Date, clock string) time.Time {
	t, _ := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+clock, Copenhagen) // checked when it was set
	return t
}

func tickFrom(t time.Time) time.Time {
	if down := t.Truncate(pushTick); !down.Equal(t) {
		return down.Add(pushTick)
	}
	return t
}

// longestOff is more days than anybody's days are off in a row: one day a week,
// and that one a public holiday twice.
const longestOff = 28

// NextPush is the first tick from a moment on at which somebody may be told,
// and when her hours end that day; zero is never. [N5]
func NextPush(h PushHours, t time.Time) (at, until time.Time) {
	day := DateOf(t)
	for range longestOff {
		from, to := h.of(day)
		if tick := tickFrom(t); tick.After(from) {
			from = tick
		}
		if h.works(day) && from.Before(to) {
			return from, to
		}
		day = day.AddDays(1)
	}
	return time.Time{}, time.Time{}
}

// PushCover is somebody who stands in, from a day to a day.
type PushCover struct {
	User     string
	From, To Date
}

// ToldOf is who is told what is due in a course; nobody is the coordinators. [N2]
func ToldOf(mentor string, covers []PushCover, day Date) []string {
	told := []string{}
	for _, c := range covers {
		if c.From <= day && day <= c.To && !slices.Contains(told, c.User) {
			told = append(told, c.User)
		}
	}
	if len(told) == 0 && mentor != "" {
		told = append(told, mentor)
	}
	return told
}

// PushCourse is a course, and who has it.
type PushCourse struct {
	DueCourse
	Mentor string
	Covers []PushCover
}

// PushPerson is all that decides what somebody is told.
type PushPerson struct {
	User    string
	Role    string
	Active  bool
	Team    PushTeam
	Wish    PushWish
	Courses []PushCourse
	Flags   []time.Time // when open ones arrived that others raised; for a coordinator, as the next
	Notices []time.Time // when new ones arrived
	Tray    []time.Time // when what waits for her arrived
}

// Push is one thing to tell, from a moment, until it is of no use; after Last
// it is not begun. Kind and slot make it the same one. [N9]
type Push struct {
	Kind  string
	Slot  string
	From  time.Time
	Last  time.Time
	Until time.Time
}

// DueAt tells whether a push is to be put in line now.
func (p Push) DueAt(now time.Time) bool { return !now.Before(p.From) && now.Before(p.Last) }

// todo is what is due for somebody today, and how much waits.
func (p PushPerson) todo(today Date) (due []DueItem, n int) {
	mine := []DueCourse{}
	for _, c := range p.Courses {
		told := ToldOf(c.Mentor, c.Covers, today)
		if slices.Contains(told, p.User) || len(told) == 0 && p.Role == RoleCoordinator {
			mine = append(mine, c.DueCourse)
		}
	}
	due = Due(mine, today)
	for _, i := range due {
		if i.Group != GroupNext {
			n++
		}
	}
	return due, n + len(p.Flags) + len(p.Notices) + len(p.Tray)
}

// Pushes is everything that is to be told to somebody and is not past. It is
// asked before something is put in line, and again before it is sent. [N1–N10]
func Pushes(p PushPerson, now time.Time) []Push {
	t := telling{PushPerson: p, now: now, hours: PushHoursOf(p.Team, p.Wish), out: []Push{}}
	if !p.Active || p.Wish.Off {
		return t.out
	}
	today := DateOf(now)
	due, n := p.todo(today)
	from, until := t.hours.of(today)
	if t.hours.works(today) {
		if t.wants(PushMorning) {
			t.covered = from
		}
		if n > 0 { // [N6]
			t.add(PushMorning, string(today), from, until)
		}
		t.times(due, today)
		if lateFirst(due, t.hours, today) { // [N8]
			if noon := momentOn(today, firstAt); noon.After(from) && noon.Before(until) {
				from = noon
			}
			t.add(PushFirst, string(today), from, until)
		}
	}
	t.arrived(PushFlag, p.Flags)
	t.arrived(PushNotice, p.Notices)
	t.arrived(PushTray, p.Tray)
	return t.out
}

// telling is what Pushes finds.
type telling struct {
	PushPerson
	now     time.Time
	hours   PushHours
	covered time.Time // the tick of the morning's, which says it all
	out     []Push
}

func (t *telling) wants(kind string) bool { // [N1]
	return slices.Contains(PushKinds[kind], t.Role) && !slices.Contains(t.Team.Without, kind) && !slices.Contains(t.Wish.Without, kind)
}

func (t *telling) add(kind, slot string, from, until time.Time) {
	p := Push{Kind: kind, Slot: slot, From: from, Last: until, Until: until}
	same := func(o Push) bool { return o.Kind == kind && o.Slot == slot }
	if !t.wants(kind) || !t.now.Before(until) || slices.ContainsFunc(t.out, same) {
		return
	}
	if from.Equal(t.covered) {
		// What lies in line since the night is told by itself only where the
		// morning's never was, as when the server was down.
		if p.Last = from.Add(morningFor); kind != PushMorning && t.now.Before(p.Last) {
			return
		}
	}
	t.out = append(t.out, p)
}

// times are the agreed times of a day. [N7]
func (t *telling) times(due []DueItem, today Date) {
	for _, i := range due {
		if i.Kind != KindAppointment || i.On != today || i.Time == "" {
			continue
		}
		at := momentOn(i.On, i.Time)
		if from := at.Add(-timeAhead).Truncate(pushTick); t.hours.holds(from) {
			t.add(PushTime, slotOf(from), from, at)
		}
	}
}

// arrived is what came at some moments. [N3 N5]
func (t *telling) arrived(kind string, at []time.Time) {
	for _, moment := range at {
		from, until := NextPush(t.hours, moment)
		t.add(kind, slotOf(from), from, until)
	}
}

// PushNumber is how much waits for somebody, for the icon on her phone.
func PushNumber(p PushPerson, now time.Time) int {
	_, n := p.todo(DateOf(now))
	return n
}

// EventPush is the push for something that arrived at a moment. [N5 N9]
func EventPush(h PushHours, kind string, at time.Time) Push {
	from, until := NextPush(h, at)
	return Push{Kind: kind, Slot: slotOf(from), From: from, Last: until, Until: until}
}

func slotOf(t time.Time) string { return t.UTC().Format("2006-01-02T15:04Z") }

// lateFirst tells whether today is the last day somebody works before a first
// talk is late, and nothing is agreed from today on. [N8]
func lateFirst(due []DueItem, hours PushHours, today Date) bool {
	late, agreed := map[string]bool{}, map[string]bool{}
	for _, i := range due {
		if i.Deadline == "" || i.Group == GroupNext && i.Kind == KindFirst {
			continue
		}
		last := i.Deadline
		for last > today && !hours.works(last) {
			last = last.AddDays(-1)
		}
		late[i.Course] = late[i.Course] || last == today
		agreed[i.Course] = agreed[i.Course] || i.Kind == KindAppointment && i.On >= today
	}
	for course := range late {
		if late[course] && !agreed[course] {
			return true
		}
	}
	return false
}
