package domain

import "slices"

// easter is Easter Sunday (Gauss, as Meeus has it for the Gregorian calendar).
func easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	e := (32 + 2*(b%4) + 2*(c/4) - d - c%4) % 7
	f := d + e - 7*((a+11*d+22*e)/451) + 114
	return dateFrom(year, f/31, f%31+1)
}

// lastPrayerDay is the last year that had store bededag.
const lastPrayerDay = 2023

// Holidays is every public holiday of a year in Denmark, in order. Days on which
// many offices close (1 May, 5 June, 24 and 31 December) are none. [P6]
func Holidays(year int) []Date {
	sunday := easter(year)
	after := []int{-3, -2, 0, 1, 26, 39, 49, 50}
	if year > lastPrayerDay {
		after = slices.Delete(after, 4, 5)
	}
	days := []Date{dateFrom(year, 1, 1)}
	for _, n := range after {
		days = append(days, sunday.AddDays(n))
	}
	return append(days, dateFrom(year, 12, 25), dateFrom(year, 12, 26))
}

// IsHoliday tells whether a day is a public holiday. [P6]
func IsHoliday(d Date) bool { return slices.Contains(Holidays(d.utc().Year()), d) }

// IsWorkday is Monday to Friday, but for public holidays. [P6]
func IsWorkday(d Date) bool { return d.Weekday() <= 5 && !IsHoliday(d) }
