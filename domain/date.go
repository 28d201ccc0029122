package domain

import (
	"regexp"
	"time"
)

// Date is a civil date in Denmark, "2026-11-22"; "" is none.
// Written this way dates compare as strings, in Go, SQL and TypeScript alike.
type Date string

const layout = "2006-01-02"

// Copenhagen is the zone in which a day begins and ends.
var Copenhagen = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		panic("domain: no time zone data: " + err.Error())
	}
	return zone
}()

// ParseDate accepts a date that exists. [P2]
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1900 || t.Year() > 2199 {
		return "", broken("date.invalid", Params{"value": s})
	}
	return Date(s), nil
}

// DateOf is the day in Denmark on which a moment lies.
func DateOf(t time.Time) Date { return Date(t.In(Copenhagen).Format(layout)) }

// Valid tells whether the date exists.
func (d Date) Valid() bool {
	_, err := ParseDate(string(d))
	return err == nil
}

func (d Date) String() string { return string(d) }

func (d Date) utc() time.Time {
	t, _ := time.Parse(layout, string(d)) // callers hold valid dates; the zero time is harmless otherwise
	return t
}

func dateFrom(year, month, day int) Date {
	return Date(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Format(layout))
}

func (d Date) AddDays(n int) Date { return Date(d.utc().AddDate(0, 0, n).Format(layout)) }

// AddMonths keeps the day of the month, or takes the month's last day. [W2]
func (d Date) AddMonths(n int) Date {
	t := d.utc()
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return Date(first.AddDate(0, 0, min(t.Day(), last)-1).Format(layout))
}

// DaysUntil counts whole days from d to other, negative if other is earlier.
func (d Date) DaysUntil(other Date) int {
	return int((other.utc().Unix() - d.utc().Unix()) / (24 * 60 * 60)) // a Duration ends at 292 years
}

// Weekday is 1 (Monday) to 7 (Sunday).
func (d Date) Weekday() int { return (int(d.utc().Weekday())+6)%7 + 1 }

var clock = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// CheckTime accepts "" and "09:30". [P3]
func CheckTime(s string) error {
	if s != "" && !clock.MatchString(s) {
		return broken("time.invalid", Params{"value": s})
	}
	return nil
}
