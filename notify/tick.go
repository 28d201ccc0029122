package notify

import (
	"errors"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/records"
)

// peopleAtOnce bounds what a tick holds in memory and in one transaction.
const peopleAtOnce = 200

// Tick puts in line what the clock has made due, for everybody who has a phone
// to tell. What an event put there already is there once. What goes wrong for
// some keeps nobody else waiting.
func (n *Notifier) Tick() error {
	if !n.on() {
		return nil
	}
	now := n.now()
	failed := n.leave(now)
	for last := ""; ; {
		var users []string
		err := n.app.DB().NewQuery(`SELECT DISTINCT user FROM push_subscriptions WHERE user > {:last} ORDER BY user LIMIT {:most}`).
			Bind(dbx.Params{"last": last, "most": peopleAtOnce}).Column(&users)
		if err != nil || len(users) == 0 {
			return errors.Join(failed, err)
		}
		failed = errors.Join(failed, n.due(users, now))
		n.wake()
		last = users[len(users)-1]
	}
}

// due asks domain, and writes what is not in line yet.
func (n *Notifier) due(users []string, now time.Time) error {
	there, err := known(n.app, users, now)
	if err != nil {
		return err
	}
	people, err := n.load(n.app, users, now)
	if err != nil {
		return err
	}
	fresh := []line{}
	for _, user := range users {
		for _, p := range pushesOf(people[user], now) {
			if !there[key{user, p.Kind, p.Slot}] {
				fresh = append(fresh, line{user, p})
			}
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return n.app.RunInTransaction(func(tx core.App) error {
		for _, f := range fresh {
			if _, err := put(tx, f.user, f.push, ""); err != nil {
				return err
			}
		}
		return nil
	})
}

// staleAfter is how long a phone may be silent: the app confirms at each
// unlock, and a browser's service forgets it about then.
const staleAfter = 60 * 24 * time.Hour

// staleAtOnce bounds one tick.
const staleAtOnce = 100

// leave forgets what is past, and phones that are.
func (n *Notifier) leave(now time.Time) error {
	return n.app.RunInTransaction(func(tx core.App) error {
		if err := prune(tx, now); err != nil {
			return err
		}
		stale, err := tx.FindRecordsByFilter(records.PushSubscriptions, "seen < {:before} || (expires != '' && expires < {:now})", "", staleAtOnce, 0,
			dbx.Params{"before": now.Add(-staleAfter).UTC().Format(stampLayout), "now": now.UTC().Format(stampLayout)})
		if err != nil {
			return err
		}
		for _, r := range stale {
			if err := tx.Delete(r); err != nil {
				return err
			}
		}
		return nil
	})
}
