package notify

import (
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

// bind puts what happens in line in the transaction in which it happens, and
// lets go of phones that are shut in the one that shuts them.
func (n *Notifier) bind(app core.App) {
	app.OnRecordCreate(records.Flags).BindFunc(within(n.gently(n.flagged)))
	app.OnRecordCreate(records.Notices).BindFunc(within(n.gently(n.noticed)))
	app.OnRecordUpdate(records.Devices).BindFunc(within(func(tx core.App, r *core.Record) error {
		if !r.GetBool("revoked") {
			return nil
		}
		return n.drop(tx, dbx.HashExp{"device": r.Id})
	}))
	app.OnRecordUpdate(records.Users).BindFunc(within(func(tx core.App, r *core.Record) error {
		if mayHave(r) {
			return nil
		}
		return n.drop(tx, dbx.HashExp{"user": r.Id})
	}))
	app.OnRecordDelete(records.Users).BindFunc(within(func(tx core.App, r *core.Record) error {
		return execute(tx, `DELETE FROM _push_outbox WHERE user = {:user}`, dbx.Params{"user": r.Id})
	}))
	app.OnRecordDelete(records.PushSubscriptions).BindFunc(within(func(tx core.App, r *core.Record) error {
		for _, statement := range []string{`DELETE FROM _push_send WHERE sub = {:sub}`, `DELETE FROM _push_phone WHERE sub = {:sub}`} {
			if err := execute(tx, statement, dbx.Params{"sub": r.Id}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// within does something after a write, in the transaction of the write.
func within(then func(core.App, *core.Record) error) func(*core.RecordEvent) error {
	return func(e *core.RecordEvent) error {
		outer := e.App
		defer func() { e.App = outer }()
		return outer.RunInTransaction(func(tx core.App) error {
			e.App = tx
			if err := e.Next(); err != nil {
				return err
			}
			return then(tx, e.Record)
		})
	}
}

// gently goes on when something cannot be put in line: it may never stand in
// the way of what happened, and the ticker finds it too.
func (n *Notifier) gently(then func(core.App, *core.Record) error) func(core.App, *core.Record) error {
	return func(tx core.App, r *core.Record) error {
		n.told(then(tx, r))
		return nil
	}
}

func (n *Notifier) told(err error) {
	if err != nil {
		n.app.Logger().Error("notify: cannot put in line; the ticker will", "error", err)
	}
}

// drop lets go of phones.
func (n *Notifier) drop(tx core.App, which dbx.HashExp) error {
	found, err := tx.FindAllRecords(records.PushSubscriptions, which)
	if err != nil {
		return err
	}
	for _, r := range found {
		if err := tx.Delete(r); err != nil {
			return err
		}
	}
	return nil
}

// flagged tells the coordinators. [N3]
func (n *Notifier) flagged(tx core.App, flag *core.Record) error {
	if !n.on() {
		return nil
	}
	course, err := records.Find(tx, records.Courses, flag.GetString("course"))
	if err != nil {
		return err
	}
	return n.tell(tx, domain.PushFlag, records.Moment(flag, "received_at"), coordinatorsOf, course.GetString("municipality"), flag.GetString("by"))
}

// noticed tells the coordinators. [N3]
func (n *Notifier) noticed(tx core.App, notice *core.Record) error {
	if !n.on() {
		return nil
	}
	return n.tell(tx, domain.PushNotice, records.Moment(notice, "received_at"), coordinatorsOf, notice.GetString("municipality"), "")
}

// Kept is for sync.Config: what begins to wait is told to whose it is. [N3]
func (n *Notifier) Kept(tx core.App, k sync.Kept, tended bool) error {
	n.told(n.kept(tx, k, tended))
	return nil
}

func (n *Notifier) kept(tx core.App, k sync.Kept, tended bool) error {
	if !n.on() || k.Author == nil {
		return nil
	}
	if !tended {
		return n.tell(tx, domain.PushTray, n.now(), itself, k.Author.Id, "")
	}
	municipality, err := n.config.TendedIn(tx, k)
	if err != nil {
		return err
	}
	return n.tell(tx, domain.PushTray, n.now(), coordinatorsOf, municipality, "")
}

func itself(_ core.App, user string) ([]string, error) { return []string{user}, nil }

// coordinatorsOf are those of a municipality who have a phone to tell.
func coordinatorsOf(tx core.App, municipality string) (users []string, err error) {
	err = tx.DB().NewQuery(`SELECT DISTINCT u.id FROM users u JOIN push_subscriptions s ON s.user = u.id
		WHERE u.active AND u.role = 'coordinator' AND u.municipality = {:municipality}`).
		Bind(dbx.Params{"municipality": municipality}).Column(&users)
	return users, err
}

// tell puts something that arrived in line, for all but one.
func (n *Notifier) tell(tx core.App, kind string, at time.Time, whom func(core.App, string) ([]string, error), of, but string) error {
	users, err := whom(tx, of)
	if err != nil || len(users) == 0 {
		return err
	}
	l := loader{app: tx, people: map[string]*domain.PushPerson{}, home: map[string][]string{}}
	if l.persons(users); l.err != nil {
		return l.err
	}
	for _, user := range users {
		p := l.people[user]
		if p == nil || user == but {
			continue
		}
		push := domain.EventPush(domain.PushHoursOf(p.Team, p.Wish), kind, at)
		if push.From.IsZero() {
			continue // she is never told anything
		}
		if _, err := put(tx, user, push, ""); err != nil {
			return err
		}
	}
	return nil
}
