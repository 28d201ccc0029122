// Package clock is the only reader of the time.
package clock

import (
	"sync/atomic"
	"time"

	"bindeled/domain"
)

var fixed atomic.Pointer[time.Time]

// Now is the current moment.
func Now() time.Time {
	if t := fixed.Load(); t != nil {
		return *t
	}
	return time.Now()
}

// Today is the current day in Denmark.
func Today() domain.Date { return domain.DateOf(Now()) }

// Set stops the clock at a moment, for tests and for the demo's fixed day;
// the returned function lets it run again.
func Set(t time.Time) (restore func()) {
	previous := fixed.Swap(&t)
	return func() { fixed.Store(previous) }
}
