package domain

// closingDays before the last day is when the closing talk is suggested.
const closingDays = 7

// SuggestNext proposes the next talk: the scheme's next step that lies at
// least two days ahead, on a weekday; after the last step the closing talk;
// "" when there is no room for one. Only ever a proposal. [U10 U11]
func SuggestNext(taper []int, start, today, lastDay Date) Date {
	for _, days := range taper {
		if on := onWeekday(start.AddDays(days)); on >= today.AddDays(2) && on <= lastDay {
			return on
		}
	}
	on := lastDay.AddDays(-closingDays)
	for on.Weekday() > 5 {
		on = on.AddDays(-1)
	}
	if on < today.AddDays(2) {
		return ""
	}
	return on
}

func onWeekday(d Date) Date {
	for d.Weekday() > 5 {
		d = d.AddDays(1)
	}
	return d
}
