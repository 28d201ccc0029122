package intake

import (
	"sync"
	"time"

	"bindeled/internal/clock"
)

const (
	limitWindow = 15 * time.Minute
	limitKeys   = 10_000 // what a flood may make us remember
)

// limiter counts log-in attempts. A hospital has one address, so an address alone may try
// often; one account from one address may not, and neither may the whole world one account.
type limiter struct {
	mu   sync.Mutex
	seen map[string]*attempts
}

type attempts struct {
	count int
	until time.Time
}

func newLimiter() *limiter { return &limiter{seen: map[string]*attempts{}} }

// longestAccount is more than a mail address may have; the rest of one is not remembered.
const longestAccount = 254

func limitsFor(address, account string) map[string]int {
	account = account[:min(len(account), longestAccount)]
	return map[string]int{
		"address " + address:              100,
		"both " + address + " " + account: 10,
		"account " + account:              50,
	}
}

// allow counts before the password is looked at, so that parallel tries count too.
func (l *limiter) allow(address, account string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, ok := clock.Now(), true
	for key, most := range limitsFor(address, account) {
		a := l.seen[key]
		if a == nil || !now.Before(a.until) {
			l.makeRoom(now)
			a = &attempts{until: now.Add(limitWindow)}
			l.seen[key] = a
		}
		a.count++
		ok = ok && a.count <= most
	}
	return ok
}

// forget starts over after a log-in that went well; the address keeps its count.
func (l *limiter) forget(address, account string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, "both "+address+" "+account)
	delete(l.seen, "account "+account)
}

// makeRoom forgets what is over; in a flood it forgets a quarter at random as well, so
// that it is not called again at once.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.seen) < limitKeys {
		return
	}
	for key, a := range l.seen {
		if !now.Before(a.until) {
			delete(l.seen, key)
		}
	}
	for key := range l.seen {
		if len(l.seen) < limitKeys*3/4 {
			return
		}
		delete(l.seen, key)
	}
}
