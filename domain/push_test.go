package domain

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestPushProperties: at any moment of five years, with any hours, everything
// is told on a tick and ends in her hours of that day. [N4 N5 N7 N9 N10]
func TestPushProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	clock := func(from, to int) string {
		m := from + r.IntN(to-from)
		return fmt.Sprintf("%02d:%02d", m/60, m%60)
	}
	team := PushTeam{From: "08:00", To: "16:00", WeekendsOff: true}
	for range 20000 {
		from, to := clock(6*60, 22*60-20), ""
		for to < from {
			to = clock(6*60+20, 22*60)
		}
		wish := PushWish{From: from, To: to, Holidays: r.IntN(2) == 0}
		for day := 1; day <= 7; day++ {
			if r.IntN(2) == 0 {
				wish.Days = append(wish.Days, day)
			}
		}
		hours := PushHoursOf(team, wish)
		inside := func(what string, at, until, now time.Time) {
			day := DateOf(at)
			if at.Truncate(pushTick) != at || !at.Before(until) || !now.Before(until) || !hours.works(day) || DateOf(until) != day ||
				at.In(Copenhagen).Format("15:04") < from || until.In(Copenhagen).Format("15:04") > to {
				t.Fatalf("%s at %s to %s, asked at %s of %+v", what, at.In(Copenhagen), until.In(Copenhagen), now, hours)
			}
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.Int64N(int64(5 * 365 * 24 * time.Hour))))
		first, last := hours.of(DateOf(now))
		if !first.Before(last) {
			continue // no tick in them
		}
		at, until := NextPush(hours, now)
		if inside("next", at, until, now); at.Before(now) {
			t.Fatalf("[N5] %s is before %s", at, now)
		}
		today := DateOf(now)
		p := PushPerson{User: "m", Role: RoleCoordinator, Active: true, Team: team, Wish: wish, Morning: r.IntN(2) == 0, Tray: []time.Time{now.Add(-time.Duration(r.IntN(30)) * time.Hour)},
			Courses: []PushCourse{{Mentor: "m", DueCourse: DueCourse{ID: "c", State: Active, Kind: "social_mentor", DischargeDate: today.AddDays(-r.IntN(5)), LastDay: today.AddDays(100),
				ConsentUntil: "2099-01-01", FirstContactDays: 3, FirstContactLimitDays: 7, Reached: r.IntN(2) == 0, Appointments: []DueAppointment{{ID: "a", On: today, Time: clock(0, 24*60)}}}}}}
		told := map[string]bool{}
		for _, push := range Pushes(p, now) {
			inside(push.Kind, push.From, push.Until, now)
			if told[push.Kind+push.Slot] {
				t.Fatalf("[N9] twice: %+v", push)
			}
			told[push.Kind+push.Slot] = true
		}
	}
}
