package domain

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// forSeeds runs a property many times; a failing seed is named and can be run
// alone.
func forSeeds(t *testing.T, name string, property func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		for seed := range uint64(2000) {
			property(t, rand.New(rand.NewPCG(seed, 1)))
			if t.Failed() {
				t.Fatalf("seed %d", seed)
			}
		}
	})
}

func anyDate(r *rand.Rand) Date {
	return Date("1900-01-01").AddDays(r.IntN(109_573)) // to 2199-12-31
}

func around(r *rand.Rand, day Date, days int) Date { return day.AddDays(r.IntN(2*days+1) - days) }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func TestDateProperties(t *testing.T) {
	forSeeds(t, "[P2] counting there and back", func(t *testing.T, r *rand.Rand) {
		a, b := anyDate(r), anyDate(r)
		if got := a.AddDays(a.DaysUntil(b)); got != b || !got.Valid() {
			t.Errorf("%s to %s: %s", a, b, got)
		}
		if a.DaysUntil(b) != -b.DaysUntil(a) || (a < b) != (a.DaysUntil(b) > 0) {
			t.Errorf("%s and %s are not ordered as their texts", a, b)
		}
		if n := r.IntN(7); a.AddDays(n).Weekday() != (a.Weekday()-1+n)%7+1 {
			t.Errorf("%s and %d days: weekday", a, n)
		}
	})
	forSeeds(t, "[W2] months keep the day or take the month's last", func(t *testing.T, r *rand.Rand) {
		a, n := anyDate(r), r.IntN(25)
		b := a.AddMonths(n)
		kept := a[8:] == b[8:]
		last := b.AddDays(1)[8:] == "01" && b[8:] < a[8:]
		if !kept && !last {
			t.Errorf("%s and %d months: %s", a, n, b)
		}
	})
	forSeeds(t, "[P2] every moment of a day in Denmark is of that day", func(t *testing.T, r *rand.Rand) {
		day := anyDate(r)
		noon := day.utc().Add(11*time.Hour + time.Duration(r.Int64N(int64(2*time.Hour))))
		if got := DateOf(noon); got != day {
			t.Errorf("%s is on %s", noon, got)
		}
	})
}

func TestWindowProperties(t *testing.T) {
	forSeeds(t, "[W1] six months are 181 to 184 days", func(t *testing.T, r *rand.Rand) {
		c := Course{Kind: SocialMentor, DischargeDate: anyDate(r), StartedOn: anyDate(r), HoldDays: r.IntN(90), HoldExtendsWindow: r.IntN(2) == 0}
		w := WindowOf(c)
		if days := w.First.DaysUntil(w.Last); w.First != c.DischargeDate || days < 181 || days > 184 {
			t.Errorf("%+v: %s to %s", c, w.First, w.Last)
		}
	})
	forSeeds(t, "[W4] 26 weeks are 182 days, and a hold adds its own", func(t *testing.T, r *rand.Rand) {
		c := Course{Kind: DischargeMentor, DischargeDate: anyDate(r), StartedOn: anyDate(r), HoldDays: r.IntN(90), HoldExtendsWindow: r.IntN(2) == 0}
		want := 182
		if c.HoldExtendsWindow {
			want += c.HoldDays
		}
		if w := WindowOf(c); w.First != c.StartedOn || w.First.DaysUntil(w.Last)+1 != want {
			t.Errorf("%+v: %s to %s", c, w.First, w.Last)
		}
	})
	forSeeds(t, "[W11] what is held in time never expires on hold, and goes on as if the days had not been", func(t *testing.T, r *rand.Rand) {
		c := Course{Kind: DischargeMentor, StartedOn: anyDate(r), HoldDays: r.IntN(90), HoldExtendsWindow: true, State: OnHold}
		c.LastDay = WindowOf(c).Last
		c.HeldFrom = c.LastDay.AddDays(-r.IntN(200))
		today := c.HeldFrom.AddDays(r.IntN(400))
		if got := StateOn(c, today); got != OnHold || CheckMove(c, Active, today) != nil {
			t.Errorf("on %s %+v: %s", today, c, got)
		}
		after := c
		after.State, after.HoldDays = Active, c.HoldDays+c.HeldFrom.DaysUntil(today)
		if got := WindowOf(after).Last; got != LastDayOn(c, today) {
			t.Errorf("on %s %+v: %s before it goes on, %s after", today, c, LastDayOn(c, today), got)
		}
	})
	forSeeds(t, "[W5 W6] what may be booked is what is inside", func(t *testing.T, r *rand.Rand) {
		w := WindowOf(Course{Kind: pick(r, SocialMentor, DischargeMentor), DischargeDate: anyDate(r), StartedOn: anyDate(r)})
		on := around(r, pick(r, w.First, w.Last), 3)
		inside := w.First.DaysUntil(on) >= 0 && on.DaysUntil(w.Last) >= 0
		if (CheckBooking(w, on) == nil) != inside {
			t.Errorf("%s in %+v", on, w)
		}
	})
	forSeeds(t, "[U10 U11] a suggestion is a weekday inside the window, two days ahead", func(t *testing.T, r *rand.Rand) {
		start := anyDate(r)
		last := start.AddMonths(6)
		today := around(r, start.AddDays(90), 120)
		on := SuggestNext([]int{2, 7, 17, 31, 61, 91, 137}, start, today, last)
		if on != "" && (on.Weekday() > 5 || on < today.AddDays(2) || on > last) {
			t.Errorf("from %s, on %s: %s", start, today, on)
		}
		if on == "" && today.DaysUntil(last) > 11 {
			t.Errorf("from %s, on %s there is room before %s", start, today, last)
		}
	})
}

func TestConsentProperties(t *testing.T) {
	forSeeds(t, "[C1 C5] a consent that holds today is never reckoned as run out", func(t *testing.T, r *rand.Rand) {
		today := anyDate(r)
		consents := []Consent{}
		for range r.IntN(4) {
			c := Consent{Scope: pick(r, ScopeContact, ScopeDisclosure), GivenOn: today.AddDays(-r.IntN(500))}
			c.ExpiresOn = c.GivenOn.AddDays(r.IntN(366))
			if r.IntN(3) == 0 {
				c.WithdrawnOn = c.GivenOn.AddDays(r.IntN(1 + c.GivenOn.DaysUntil(today)))
			}
			consents = append(consents, c)
		}
		until := ConsentUntil(consents, ScopeContact)
		if holds := until != Withdrawn && until >= string(today); holds != HasConsent(consents, ScopeContact, today) {
			t.Errorf("on %s %v: %q", today, consents, until)
		}
	})
}

func TestLeavingProperties(t *testing.T) {
	forSeeds(t, "[A8] no open course leaves the coordinator, and none the mentor before what was done in it may be handed in", func(t *testing.T, r *rand.Rand) {
		discharge, today := anyDate(r), anyDate(r)
		c := Course{
			Kind: pick(r, SocialMentor, DischargeMentor), State: pick(r, Awaiting, Active, OnHold, Closed), HoldExtendsWindow: r.IntN(2) == 0,
			LastDay: discharge.AddMonths(6), ClosedOn: discharge.AddDays(r.IntN(300)),
		}
		if c.State == OnHold {
			c.HeldFrom = discharge.AddDays(r.IntN(180))
		}
		end := pick(r, "", discharge.AddDays(r.IntN(400)))
		today = pick(r, today, around(r, LastDayOn(c, discharge), 60))
		if left := LeavesOn(c, end, true); !OnPhone(RoleMentor, c.State, left, today) {
			t.Errorf("on %s %+v left with an open flag", today, c)
		}
		leaves := LeavesOn(c, end, false)
		if c.State != Closed && !OnPhone(RoleCoordinator, c.State, leaves, today) {
			t.Errorf("on %s %+v left the coordinator", today, c)
		}
		last := LastDayOn(c, today)
		if end != "" {
			last = min(last, end)
		}
		if c.State != Closed && last.DaysUntil(today) <= OfflineGraceDays && !OnPhone(RoleMentor, c.State, leaves, today) {
			t.Errorf("on %s %+v, consent to %q, left the mentor on %s", today, c, end, leaves)
		}
		if OnPhone(RoleMentor, c.State, leaves, today) && !OnPhone(RoleCoordinator, c.State, leaves, today) {
			t.Errorf("on %s %+v: the mentor has it and the coordinator has not", today, c)
		}
	})
}

func anyCourses(r *rand.Rand, today Date) []DueCourse {
	courses := make([]DueCourse, r.IntN(12))
	for i := range courses {
		discharge := around(r, today.AddDays(-60), 150)
		c := DueCourse{
			ID: fmt.Sprintf("c%02d", i), State: pick(r, Awaiting, Active, OnHold, Closed), DischargeDate: discharge,
			LastDay: discharge.AddMonths(6), FirstContactDays: r.IntN(5), FirstContactLimitDays: 7, Reached: r.IntN(2) == 0,
			ConsentUntil: pick(r, "", Withdrawn, string(around(r, today, 3)), string(discharge.AddMonths(12))),
		}
		for j := range r.IntN(3) {
			c.Appointments = append(c.Appointments, DueAppointment{
				ID: fmt.Sprintf("a%d", j), On: around(r, today, 2), Time: pick(r, "", "08:00", "12:00", "23:59"), PartOfDay: pick(r, PartsOfDay...),
			})
		}
		for j := range max(0, r.IntN(6)-3) {
			c.Flags = append(c.Flags, Flag{ID: fmt.Sprintf("f%d", j), FollowUp: around(r, today, 2)})
		}
		courses[i] = c
	}
	return courses
}

func TestDueProperties(t *testing.T) {
	forSeeds(t, "[U2 U3 U4 U5 U6 U7 F4] no open course is dropped, no appointment of one that runs, and no flag", func(t *testing.T, r *rand.Rand) {
		today := anyDate(r)
		courses := anyCourses(r, today)
		lines := map[string][]DueItem{}
		for _, i := range Due(courses, today) {
			lines[i.Course] = append(lines[i.Course], i)
		}
		for _, c := range courses {
			silent := c.State == Closed || c.State == OnHold && today <= c.LastDay || c.ConsentUntil == Withdrawn
			runs := !silent && today <= c.LastDay && c.ConsentUntil >= string(today)
			got := lines[c.ID]
			flags := slices.DeleteFunc(slices.Clone(got), func(i DueItem) bool { return i.Kind != KindFlag })
			if len(flags) != len(c.Flags) {
				t.Errorf("on %s %+v: %d flags", today, c, len(flags))
			}
			if silent != (len(got) == len(flags)) {
				t.Errorf("on %s %+v: %d lines", today, c, len(got))
			}
			for _, a := range c.Appointments {
				kept := slices.ContainsFunc(got, func(i DueItem) bool { return i.Appointment == a.ID && i.On == a.On })
				if runs != kept {
					t.Errorf("on %s %+v: appointment %s is kept: %t", today, c, a.ID, kept)
				}
			}
		}
	})
	forSeeds(t, "[U8 U9] the order does not depend on the order of reading", func(t *testing.T, r *rand.Rand) {
		today := anyDate(r)
		courses := anyCourses(r, today)
		want := Due(courses, today)
		r.Shuffle(len(courses), func(i, j int) { courses[i], courses[j] = courses[j], courses[i] })
		for _, c := range courses {
			slices.Reverse(c.Appointments)
			slices.Reverse(c.Flags)
		}
		if got := Due(courses, today); !slices.Equal(got, want) {
			t.Errorf("on %s\n%+v\n%+v", today, got, want)
		}
		ranks := []string{GroupFlag, GroupOverdue, GroupToday, GroupNext}
		if !slices.IsSortedFunc(want, func(a, b DueItem) int { return slices.Index(ranks, a.Group) - slices.Index(ranks, b.Group) }) {
			t.Errorf("groups are mixed: %+v", want)
		}
	})
	forSeeds(t, "[U3] what is overdue today is overdue tomorrow, until a person acts", func(t *testing.T, r *rand.Rand) {
		today := anyDate(r)
		courses := anyCourses(r, today)
		tomorrow := Due(courses, today.AddDays(1))
		for _, i := range Due(courses, today) {
			if i.Group != GroupOverdue {
				continue
			}
			if !slices.ContainsFunc(tomorrow, func(j DueItem) bool { return j.Course == i.Course && j.Group == GroupOverdue }) {
				t.Errorf("on %s %+v is gone the day after", today, i)
			}
		}
	})
}

func TestPhoneProperties(t *testing.T) {
	const keys = "0123456789012345678901234567890123456789+ -.()/\u00a0a"
	forSeeds(t, "[P1] a normal number stays as it is", func(t *testing.T, r *rand.Rand) {
		var typed strings.Builder
		for range 6 + r.IntN(12) {
			typed.WriteRune(pick(r, []rune(keys)...))
		}
		if once, err := NormalisePhone(typed.String()); err == nil {
			if twice, err := NormalisePhone(once); err != nil || twice != once {
				t.Errorf("%q: %s, then %s, %v", typed.String(), once, twice, err)
			}
		}
	})
}
