package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bindeled/internal/clock"
)

func TestLimiter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	defer clock.Set(now)()

	tries := func(l *limiter, n int, address, account func(int) string) (allowed int) {
		for i := range n {
			if l.allow(address(i), account(i)) {
				allowed++
			}
		}
		return allowed
	}
	same := func(s string) func(int) string { return func(int) string { return s } }
	each := func(i int) string { return fmt.Sprint(i) }

	for _, c := range []struct {
		name             string
		address, account func(int) string
		allowed          int
	}{
		{"one account from one address", same("a"), same("b"), 10},
		{"one account from everywhere", each, same("b"), 50},
		{"every account from one address", same("a"), each, 100},
		{"everyone from everywhere", each, each, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			if n := tries(newLimiter(), 200, c.address, c.account); n != c.allowed {
				t.Errorf("%d were allowed", n)
			}
		})
	}
	t.Run("a good log-in starts over", func(t *testing.T) {
		l := newLimiter()
		tries(l, 9, same("a"), same("b"))
		l.forget("a", "b")
		if n := tries(l, 20, same("a"), same("b")); n != 10 {
			t.Errorf("%d were allowed", n)
		}
	})
	t.Run("a flood of long names takes no more room", func(t *testing.T) {
		l := newLimiter()
		tries(l, 1, same("a"), same(strings.Repeat("x", 30_000)))
		for key := range l.seen {
			if len(key) > 300 {
				t.Errorf("a key of %d bytes", len(key))
			}
		}
	})
	t.Run("a flood is not remembered for ever", func(t *testing.T) {
		l := newLimiter()
		tries(l, 2*limitKeys, each, each)
		if len(l.seen) > limitKeys {
			t.Errorf("%d keys", len(l.seen))
		}
	})
}
