package notify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/records"
)

const (
	rest         = 30 * time.Second // between two looks, when nothing wakes it
	firstBackoff = 30 * time.Second
	longBackoff  = time.Hour
	unsaid       = time.Minute // a pause of which the service did not say how long
	refusedFor   = time.Hour
	mostLanes    = 8
)

// lane is one push service: so much at once, and nothing while it asks for a
// pause.
type lane struct {
	busy    bool
	until   time.Time // a pause
	refused bool      // it does not want us: one is tried after the pause
}

// work sends until it is stopped.
func (n *Notifier) work(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := n.look(ctx)
		if err != nil {
			n.app.Logger().Error("notify: cannot look what is due", "error", err)
		}
		timer := time.NewTimer(min(max(next.Sub(n.now()), 10*time.Millisecond), rest))
		select {
		case <-ctx.Done():
		case <-n.wakeup:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// look spreads what is due and opens a lane for each origin that has any.
func (n *Notifier) look(ctx context.Context) (next time.Time, err error) {
	next = n.now().Add(rest)
	for more := true; more; {
		if more, err = n.spread(); err != nil {
			return next, err
		}
	}
	origins, soon, err := n.waiting()
	if err != nil {
		return next, err
	}
	if soon.Before(next) {
		next = soon
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	open := 0
	for _, l := range n.lanes {
		if l.busy {
			open++
		}
	}
	for _, origin := range origins {
		l := n.lanes[origin]
		if l == nil {
			l = &lane{}
			n.lanes[origin] = l
		}
		if l.busy || open >= mostLanes {
			continue // it wakes us when it is done
		}
		if n.now().Before(l.until) {
			if l.until.Before(next) {
				next = l.until
			}
			continue
		}
		l.busy = true
		open++
		n.ended.Go(func() { n.serve(ctx, origin, l) })
	}
	return next, nil
}

// serve sends what there is for one origin.
func (n *Notifier) serve(ctx context.Context, origin string, l *lane) {
	defer func() {
		n.mu.Lock()
		l.busy = false
		n.mu.Unlock()
		n.wake()
	}()
	for ctx.Err() == nil {
		if n.paused(origin) {
			return
		}
		most := claimAtOnce
		if n.stopped(origin) {
			most = 1
		}
		rows, err := n.claim(origin, most)
		if err != nil {
			n.app.Logger().Error("notify: cannot claim", "error", err)
			return
		}
		if len(rows) == 0 {
			return
		}
		if err := n.sendAll(ctx, origin, rows); err != nil {
			n.app.Logger().Error("notify: cannot note what was sent", "error", err)
			return
		}
	}
}

// sent is a row and what came of it.
type sent struct {
	*claimed
	outcome
}

// sendAll sends a few at once, and notes what has come back as soon as it can:
// what is not noted when the server is killed is sent again.
func (n *Notifier) sendAll(ctx context.Context, origin string, rows []*claimed) error {
	back := make(chan sent, len(rows))
	go func() {
		places := make(chan struct{}, perOrigin)
		for _, r := range rows {
			places <- struct{}{}
			if ctx.Err() != nil || n.paused(origin) { // it is left as it is
				back <- sent{claimed: r}
				<-places
				continue
			}
			go func() {
				o := n.sender.send(ctx, n.message(r))
				if ctx.Err() != nil && o.status == 0 {
					o = outcome{} // broken off: nobody knows, and the next start sends it again
				}
				back <- sent{r, o}
				<-places
			}()
		}
	}()
	for left := len(rows); left > 0; {
		batch := []sent{<-back}
		for more := true; more; {
			select {
			case s := <-back:
				batch = append(batch, s)
			default:
				more = false
			}
		}
		if err := n.note(origin, batch); err != nil {
			return err
		}
		left -= len(batch)
	}
	return nil
}

func (n *Notifier) message(r *claimed) message {
	topic := n.sender.keys.topic(r.Sub, r.Kind, r.Slot)
	return message{
		to: target{r.Endpoint, r.P256dh, r.Auth}, topic: topic, ttl: time.UnixMilli(r.Until).Sub(n.now()),
		text: payloadOf(n.home(), r.Kind, r.Lang, topic, r.number),
	}
}

func (n *Notifier) paused(origin string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now().Before(n.lanes[origin].until)
}

// note writes down in one transaction what came back, and what the lane learnt.
func (n *Notifier) note(origin string, batch []sent) error {
	now := n.now()
	pause := n.learn(origin, batch, now)
	return n.app.RunInTransaction(func(tx core.App) error {
		for _, s := range batch {
			if err := n.noteOne(tx, s.claimed, s.outcome, now, pause); err != nil {
				return err
			}
		}
		return nil
	})
}

func (n *Notifier) noteOne(tx core.App, r *claimed, o outcome, now, pause time.Time) error {
	phone := dbx.Params{"sub": r.Sub, "now": now.UnixMilli(), "ok": o.verdict == accepted, "verdict": string(o.verdict)}
	switch o.verdict {
	case "": // it was not begun
		return execute(tx, `UPDATE _push_send SET lease = 0 WHERE outbox = {:outbox} AND sub = {:sub}`, dbx.Params{"outbox": r.Outbox, "sub": r.Sub})
	case gone:
		n.app.Logger().Info("notify: a phone is gone", "endpoint", nameOf(r.Endpoint), "status", o.status)
		if err := settle(tx, r, string(gone), now); err != nil {
			return err
		}
		return n.forget(tx, r)
	case accepted, dropped:
		if err := settle(tx, r, string(o.verdict), now); err != nil {
			return err
		}
	default:
		next := now.Add(backoff(r.Tries))
		if after := now.Add(o.after); after.After(next) {
			next = after
		}
		if (o.verdict == wait || o.verdict == refused) && pause.After(now) {
			next = pause // of the whole service
		}
		err := execute(tx, `UPDATE _push_send SET lease = 0, tries = tries + 1, next = {:next} WHERE outbox = {:outbox} AND sub = {:sub}`,
			dbx.Params{"next": next.UnixMilli(), "outbox": r.Outbox, "sub": r.Sub})
		if err != nil {
			return err
		}
	}
	return execute(tx, `INSERT INTO _push_phone (sub, sent, accepted, verdict)
		SELECT {:sub}, {:now}, CASE WHEN {:ok} THEN {:now} ELSE 0 END, {:verdict} WHERE EXISTS (SELECT 1 FROM push_subscriptions WHERE id = {:sub})
		ON CONFLICT (sub) DO UPDATE SET sent = excluded.sent, accepted = max(accepted, excluded.accepted), verdict = excluded.verdict`, phone)
}

// forget removes a subscription that is gone, unless the phone has said anew
// that it is there.
func (n *Notifier) forget(tx core.App, r *claimed) error {
	found, err := records.Find(tx, records.PushSubscriptions, r.Sub)
	if records.IsGone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if found.GetString("updated") != r.Updated { // each time it subscribes
		return nil
	}
	return tx.Delete(found)
}

// learn tells the lane what its service asks of us, and people what is wrong;
// it answers until when the lane pauses.
func (n *Notifier) learn(origin string, batch []sent, now time.Time) time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.lanes[origin]
	pause := func(d time.Duration) {
		if until := now.Add(d); until.After(l.until) {
			l.until = until
		}
	}
	silent := outcome{}
	for _, o := range batch {
		switch o.verdict {
		case accepted, gone:
			l.refused = false
		case wait:
			pause(cmp.Or(o.after, unsaid))
		case failed:
			if o.after > 0 { // 503 with a time
				pause(o.after)
			}
			silent = o.outcome
		case dropped:
			n.app.Logger().Error("notify: a push service cannot take what we send", "origin", origin, "status", o.status, "reason", o.reason)
		}
	}
	if silent.verdict != "" { // once for all of them
		n.app.Logger().Warn("notify: a push service fails; tried again", "origin", origin, "status", silent.status, "reason", silent.reason)
	}
	for _, o := range batch {
		if o.verdict == refused {
			if pause(refusedFor); l.refused {
				break // it was said
			}
			l.refused = true
			n.app.Logger().Error("notify: stopped for an hour; the push service refuses our VAPID keys",
				"origin", origin, "status", o.status, "reason", o.reason, "subject", n.sender.keys.Subject)
		}
	}
	return l.until
}

// backoff doubles, from half a minute to an hour, and is spread by chance.
func backoff(tries int) time.Duration {
	whole := min(firstBackoff<<min(tries, 10), longBackoff)
	return whole/2 + rand.N(whole/2)
}

// stopped tells whether some service refuses us.
func (n *Notifier) stopped(only string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for origin, l := range n.lanes {
		if l.refused && (only == "" || only == origin) {
			return true
		}
	}
	return false
}

// nameOf is how an endpoint is named where people read: it is a secret.
func nameOf(endpoint string) string {
	sum := sha256.Sum256([]byte(endpoint))
	return hex.EncodeToString(sum[:])[:8]
}
