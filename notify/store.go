package notify

import (
	"fmt"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
)

// The line of what is to be told. A row of _push_outbox is one push to one
// person, and stays for a week, so that nothing is told twice; _push_send is
// its way to one phone, made when the time has come; _push_phone is how that
// phone's service answered last. Moments are Unix milliseconds.
// takeBack takes back what a server that was killed had begun: nobody else
// sends.
func takeBack(app core.App) error {
	return execute(app, `UPDATE _push_send SET lease = 0 WHERE result = '' AND lease > 0`, nil)
}

// execute writes to the tables above and to no others; see arch_test.go.
func execute(tx core.App, statement string, params dbx.Params) error {
	if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(params).Execute(); err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

// put puts a push in line, once.
func put(tx core.App, user string, p domain.Push, only string) (fresh bool, err error) {
	result, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO _push_outbox (user, kind, slot, sub, due, until)
		VALUES ({:user}, {:kind}, {:slot}, {:sub}, {:due}, {:until}) ON CONFLICT DO NOTHING`).
		Bind(dbx.Params{"user": user, "kind": p.Kind, "slot": p.Slot, "sub": only, "due": p.From.UnixMilli(), "until": p.Until.UnixMilli()}).Execute()
	if err != nil {
		return false, fmt.Errorf("notify: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// key is what makes two pushes one.
type key struct {
	User string `db:"user"`
	Kind string `db:"kind"`
	Slot string `db:"slot"`
}

// known are the pushes of some users that were put in line and are not past.
func known(app core.App, users []string, now time.Time) (map[key]bool, error) {
	var keys []key
	err := app.DB().NewQuery(`SELECT user, kind, slot FROM _push_outbox WHERE until > {:now} AND user IN (SELECT value FROM json_each({:users}))`).
		Bind(dbx.Params{"now": now.UnixMilli(), "users": list(users)}).All(&keys)
	out := make(map[key]bool, len(keys))
	for _, k := range keys {
		out[k] = true
	}
	return out, err
}

// spreadAtOnce and claimAtOnce bound a transaction.
const (
	spreadAtOnce = 200
	claimAtOnce  = 64
)

// spread gives each push whose time has come a row for each phone of its
// person; more tells whether there are others.
func (n *Notifier) spread() (more bool, err error) {
	now := n.now()
	err = n.app.RunInTransaction(func(tx core.App) error {
		var due []struct {
			ID       int64  `db:"id"`
			Sub      string `db:"sub"`
			Endpoint string `db:"endpoint"`
		}
		err := tx.DB().NewQuery(`SELECT o.id, coalesce(s.id, '') AS sub, coalesce(s.endpoint, '') AS endpoint
			FROM (SELECT * FROM _push_outbox WHERE spread = 0 AND due <= {:now} ORDER BY due LIMIT {:most}) o
			LEFT JOIN push_subscriptions s ON s.user = o.user AND (o.sub = '' OR s.id = o.sub)`).
			Bind(dbx.Params{"now": now.UnixMilli(), "most": spreadAtOnce}).All(&due)
		if err != nil || len(due) == 0 {
			return err
		}
		rows := map[int64]bool{}
		for _, d := range due {
			if !rows[d.ID] {
				rows[d.ID] = true
				if err := execute(tx, `UPDATE _push_outbox SET spread = 1 WHERE id = {:id}`, dbx.Params{"id": d.ID}); err != nil {
					return err
				}
			}
			if d.Sub == "" {
				continue
			}
			err := execute(tx, `INSERT INTO _push_send (outbox, sub, origin, next) VALUES ({:id}, {:sub}, {:origin}, {:now}) ON CONFLICT DO NOTHING`,
				dbx.Params{"id": d.ID, "sub": d.Sub, "origin": n.origin(d.Endpoint), "now": now.UnixMilli()})
			if err != nil {
				return err
			}
		}
		more = len(rows) == spreadAtOnce
		return nil
	})
	return more, err
}

// origin is where an endpoint lies; limits are kept for each.
func (n *Notifier) origin(endpoint string) string {
	u, err := n.config.Policy.Check(endpoint)
	if err != nil {
		return "" // it will be refused when it is used
	}
	return u.Scheme + "://" + u.Host
}

// waiting are the origins with something to send now, and when there will be
// more.
func (n *Notifier) waiting() (origins []string, next time.Time, err error) {
	now := n.now().UnixMilli()
	err = n.app.DB().NewQuery(`SELECT DISTINCT origin FROM _push_send WHERE result = '' AND next <= {:now} AND lease <= {:now}`).
		Bind(dbx.Params{"now": now}).Column(&origins)
	if err != nil {
		return nil, next, err
	}
	var soon int64
	err = n.app.DB().NewQuery(`SELECT min(coalesce((SELECT min(max(next, lease)) FROM _push_send WHERE result = '' AND max(next, lease) > {:now}), {:far}),
		coalesce((SELECT min(due) FROM _push_outbox WHERE spread = 0), {:far}))`).
		Bind(dbx.Params{"now": now, "far": now + rest.Milliseconds()}).Row(&soon)
	return origins, time.UnixMilli(soon), err
}

// claimed is one row on its way out.
type claimed struct {
	Outbox   int64  `db:"outbox"`
	Sub      string `db:"sub"`
	User     string `db:"user"`
	Kind     string `db:"kind"`
	Slot     string `db:"slot"`
	Until    int64  `db:"until"`
	Tries    int    `db:"tries"`
	Endpoint string `db:"endpoint"`
	P256dh   string `db:"p256dh"`
	Auth     string `db:"auth"`
	Lang     string `db:"lang"`
	Updated  string `db:"updated"`

	number int
}

// claim leases what an origin is to be sent now, after asking domain whether
// all of it is still so.
func (n *Notifier) claim(origin string, most int) (out []*claimed, err error) {
	now := n.now()
	err = n.app.RunInTransaction(func(tx core.App) error {
		var rows []*claimed
		err := tx.DB().NewQuery(`SELECT d.outbox, d.sub, o.user, o.kind, o.slot, o.until, d.tries,
				coalesce(s.endpoint, '') AS endpoint, coalesce(s.p256dh, '') AS p256dh, coalesce(s.auth, '') AS auth, coalesce(s.lang, '') AS lang, coalesce(s.updated, '') AS updated
			FROM _push_send d JOIN _push_outbox o ON o.id = d.outbox LEFT JOIN push_subscriptions s ON s.id = d.sub AND s.user = o.user
			WHERE d.origin = {:origin} AND d.result = '' AND d.next <= {:now} AND d.lease <= {:now} ORDER BY d.next LIMIT {:most}`).
			Bind(dbx.Params{"origin": origin, "now": now.UnixMilli(), "most": most}).All(&rows)
		if err != nil || len(rows) == 0 {
			return err
		}
		people, err := n.load(tx, usersOf(rows), now)
		if err != nil {
			return err
		}
		for _, r := range rows {
			push, so := stillSo(people[r.User], r, now)
			switch {
			case r.Endpoint == "":
				err = settle(tx, r, string(gone), now)
			case !so:
				err = leaveOut(tx, r)
			case now.Before(push.From): // her hours are others now
				err = execute(tx, `UPDATE _push_send SET next = {:next} WHERE outbox = {:outbox} AND sub = {:sub}`,
					dbx.Params{"next": push.From.UnixMilli(), "outbox": r.Outbox, "sub": r.Sub})
			}
			if err != nil {
				return err
			}
			if r.Endpoint == "" || !so || now.Before(push.From) {
				continue
			}
			r.Until = push.Until.UnixMilli()
			r.number = domain.PushNumber(people[r.User], now)
			err := execute(tx, `UPDATE _push_send SET lease = {:lease} WHERE outbox = {:outbox} AND sub = {:sub}`,
				dbx.Params{"lease": now.Add(leaseFor).UnixMilli(), "outbox": r.Outbox, "sub": r.Sub})
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// leaseFor is longer than all that is claimed at once can take.
const leaseFor = claimAtOnce/perOrigin*sendTimeout + time.Minute

func usersOf(rows []*claimed) []string {
	users := make([]string, len(rows))
	for i, r := range rows {
		users[i] = r.User
	}
	return users
}

// stillSo is a push as it would be put in line now, if it would. [N10]
func stillSo(p domain.PushPerson, r *claimed, now time.Time) (domain.Push, bool) {
	if r.Kind == domain.PushTest {
		until := time.UnixMilli(r.Until)
		return domain.Push{Until: until}, p.Active && now.Before(until)
	}
	for _, push := range domain.Pushes(p, now) {
		if push.Kind == r.Kind && push.Slot == r.Slot {
			return push, true
		}
	}
	return domain.Push{}, false
}

// leaveOut takes out of line what is not so; where nobody was told of it, it
// may be put there again when it is.
func leaveOut(tx core.App, r *claimed) error {
	params := dbx.Params{"outbox": r.Outbox, "sub": r.Sub}
	if err := execute(tx, `DELETE FROM _push_send WHERE outbox = {:outbox} AND sub = {:sub}`, params); err != nil {
		return err
	}
	return execute(tx, `DELETE FROM _push_outbox WHERE id = {:outbox} AND NOT EXISTS (SELECT 1 FROM _push_send WHERE outbox = {:outbox})`,
		dbx.Params{"outbox": r.Outbox})
}

// stillThere tells whether a phone is as it was when its row was claimed: it may
// have been shut since, or be another's.
func (n *Notifier) stillThere(r *claimed) (there bool, err error) {
	err = n.app.DB().NewQuery(`SELECT EXISTS (SELECT 1 FROM push_subscriptions WHERE id = {:sub} AND user = {:user} AND updated = {:updated})`).
		Bind(dbx.Params{"sub": r.Sub, "user": r.User, "updated": r.Updated}).Row(&there)
	return there, err
}

func settle(tx core.App, r *claimed, result string, now time.Time) error {
	return execute(tx, `UPDATE _push_send SET result = {:result}, lease = 0, done = {:now} WHERE outbox = {:outbox} AND sub = {:sub}`,
		dbx.Params{"result": result, "now": now.UnixMilli(), "outbox": r.Outbox, "sub": r.Sub})
}

// remembered is how long it is known what was told.
const remembered = 7 * 24 * time.Hour

// prune forgets what is long past, and rows of phones that are no more.
func prune(tx core.App, now time.Time) error {
	before := dbx.Params{"before": now.Add(-remembered).UnixMilli()}
	for _, statement := range []string{
		`DELETE FROM _push_send WHERE outbox IN (SELECT id FROM _push_outbox WHERE until < {:before})`,
		`DELETE FROM _push_outbox WHERE until < {:before}`,
	} {
		if err := execute(tx, statement, before); err != nil {
			return err
		}
	}
	return nil
}

// line is a push to somebody.
type line struct {
	user string
	push domain.Push
}

// pushesOf are those whose time has come.
func pushesOf(p domain.PushPerson, now time.Time) (out []domain.Push) {
	for _, push := range domain.Pushes(p, now) {
		if push.DueAt(now) {
			out = append(out, push)
		}
	}
	return out
}
