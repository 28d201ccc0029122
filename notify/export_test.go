package notify

import (
	"context"
	"slices"
	"time"
)

// Still has no worker: a test takes its steps.
func Still(c *Config) *Config { c.still = true; return c }

// Round sends what can be sent now.
func (n *Notifier) Round() error {
	for {
		if _, err := n.look(context.Background()); err != nil {
			return err
		}
		n.ended.Wait()
		origins, _, err := n.waiting()
		if err != nil {
			return err
		}
		n.mu.Lock()
		open := slices.DeleteFunc(origins, func(o string) bool { return n.lanes[o] != nil && n.now().Before(n.lanes[o].until) })
		n.mu.Unlock()
		if len(open) == 0 {
			return nil
		}
	}
}

// Forget is a server that was started anew, as far as memory goes.
func (n *Notifier) Forget() error {
	n.lanes = map[string]*lane{}
	return takeBack(n.app)
}

// Claim leases as the worker does, and does not send: it was killed then.
func (n *Notifier) Claim(origin string) (int, error) {
	if _, err := n.spread(); err != nil {
		return 0, err
	}
	rows, err := n.claim(origin, claimAtOnce)
	return len(rows), err
}

// Hasten lets no answer take long, for one test.
func (n *Notifier) Hasten(d time.Duration) { n.sender.client.Timeout = d }

const PayloadSize, RecordSize, MostPhones = payloadSize, recordSize, mostPhones

var (
	RetryAfter = retryAfter
	PayloadOf  = payloadOf
	NameOf     = nameOf
)

// Backoff tells how long after so many tries.
func Backoff(tries int) time.Duration { return backoff(tries) }

// Dial looks at an address as the dialler does.
func (p Policy) Dial(address string) error { return p.dial("tcp", address, nil) }

// Topic is that of a push to a subscription.
func (k Keys) Topic(subscription, kind, slot string) string { return k.topic(subscription, kind, slot) }

// Send is one try, for its cost.
func Send(keys Keys) func(endpoint, p256dh, auth string) bool {
	p := Policy{Loopback: true}
	s := &sender{keys: keys, policy: p, client: p.client(), now: time.Now}
	text := payloadOf("", "morning", "da", "x", 1)
	return func(endpoint, p256dh, auth string) bool {
		return s.send(context.Background(), message{to: target{endpoint, p256dh, auth}, text: text, topic: "x", ttl: time.Hour}).verdict == accepted
	}
}
