// Package hooks enforces the rules on every way a record can be written:
// mutations, intake, the dashboard and app.Save. It contains no rule; it
// reads fields, asks domain, and turns the answer into an error.
package hooks

import (
	"encoding/json"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// guard is what one collection is held to. Every part runs in the transaction
// of the write and is given that transaction.
type guard struct {
	collection string
	prepare    func(core.App, *core.Record) error // works out what the server works out
	check      func(core.App, *core.Record) error // asks the rules
	after      func(core.App, *core.Record) error // what must follow in the same transaction
	remove     func(core.App, *core.Record) error // may it be deleted?
	removed    func(core.App, *core.Record) error // what goes along, in the same transaction
}

var guards = []guard{
	{collection: records.Municipalities, prepare: prepareMunicipality, check: checkMunicipality},
	{collection: records.Schemes, prepare: prepareScheme, check: checkScheme, after: afterScheme},
	{collection: records.Wards, check: checkWard},
	{collection: records.Users, check: checkUser},
	{collection: records.PushSettings, check: checkPushSettings},
	{collection: records.Notices, prepare: prepareNotice, check: checkNotice},
	{collection: records.Courses, prepare: prepareCourse, check: checkCourse, after: afterCourse, remove: removeCourse, removed: removeNotice},
	{collection: records.Covers, check: checkCover},
	{collection: records.Assignments, check: checkAssignment},
	{collection: records.Citizens, prepare: prepareCitizen, check: checkCitizen},
	{collection: records.Consents, check: checkConsent, after: afterConsent, remove: onlyWithCourse("consent.append_only")},
	{collection: records.Contacts, prepare: prepareContact, check: checkContact, remove: onlyWithCourse("contact.append_only")},
	{collection: records.Flags, prepare: prepareFlag, check: checkFlag, after: afterFlag, remove: onlyWithCourse("flag.append_only")},
	{collection: records.Offers, prepare: prepareOffer, check: checkOffer},
	{collection: records.CrisisLines, prepare: prepareLine, check: checkLine},
	{collection: records.Appointments, check: checkAppointment, remove: onlyWithCourse("appointment.not_open")},
}

// Register binds every guard to the app, at model level: hooks on requests
// would not see mutations, intake or jobs.
func Register(app core.App) {
	for _, g := range guards {
		app.OnRecordCreate(g.collection).Bind(&hook.Handler[*core.RecordEvent]{Id: g.collection + ".create", Func: g.write, Priority: -50})
		app.OnRecordUpdate(g.collection).Bind(&hook.Handler[*core.RecordEvent]{Id: g.collection + ".update", Func: g.write, Priority: -50})
		if g.check != nil {
			app.OnRecordValidate(g.collection).Bind(&hook.Handler[*core.RecordEvent]{Id: g.collection + ".validate", Func: g.validate})
		}
		if g.remove != nil {
			app.OnRecordDelete(g.collection).Bind(&hook.Handler[*core.RecordEvent]{Id: g.collection + ".delete", Func: g.delete})
		}
	}
}

// write puts the whole write in one transaction and refuses to overwrite what
// changed since it was read: PocketBase's PATCH reads outside of one and then
// writes every column. [S13]
func (g guard) write(e *core.RecordEvent) error {
	return within(e, func(tx core.App) error {
		if !e.Record.IsNew() {
			if err := unchanged(tx, e.Record); err != nil {
				return err
			}
		}
		if g.prepare != nil {
			if err := g.prepare(tx, e.Record); err != nil {
				return err
			}
		}
		if err := e.Next(); err != nil {
			return err
		}
		if g.after != nil {
			if err := g.after(tx, e.Record); err != nil {
				return err
			}
		}
		return e.Record.PostScan() // what is now stored is what the next write starts from
	})
}

func (g guard) validate(e *core.RecordEvent) error {
	if err := g.check(e.App, e.Record); err != nil {
		return err
	}
	return e.Next()
}

func (g guard) delete(e *core.RecordEvent) error {
	return within(e, func(tx core.App) error {
		if err := g.remove(tx, e.Record); err != nil {
			return err
		}
		if err := e.Next(); err != nil || g.removed == nil {
			return err
		}
		return g.removed(tx, e.Record)
	})
}

// within gives an event a transaction for as long as the work takes.
func within(e *core.RecordEvent, work func(tx core.App) error) error {
	outer := e.App
	defer func() { e.App = outer }()
	return outer.RunInTransaction(func(tx core.App) error {
		e.App = tx
		return work(tx)
	})
}

func unchanged(tx core.App, r *core.Record) error {
	stored, err := records.Find(tx, r.Collection().Id, r.Id)
	if err != nil {
		return broken.At("id", err)
	}
	a, err := json.Marshal(stored.FieldsData())
	if err != nil {
		return err
	}
	b, err := json.Marshal(r.Original().FieldsData())
	if err != nil {
		return err
	}
	if string(a) != string(b) {
		return broken.At("updated", domain.Broken("record.changed"))
	}
	return nil
}

// changed tells whether a rule about these fields has anything to say: an old
// record stays correctable when the rule came later than the record.
func changed(r *core.Record, fields ...string) bool {
	if r.IsNew() {
		return true
	}
	original := r.Original()
	for _, f := range fields {
		if r.GetString(f) != original.GetString(f) {
			return true
		}
	}
	return false
}

// onlyWithCourse lets a record be deleted when its course is, and not else.
func onlyWithCourse(code string) func(core.App, *core.Record) error {
	return func(app core.App, r *core.Record) error {
		switch _, err := records.Find(app, records.Courses, r.GetString("course")); {
		case records.IsGone(err):
			return nil // the course went first; this goes with it
		case err != nil:
			return err
		}
		return broken.At("id", domain.Broken(code, domain.Params{"state": r.GetString("state")}))
	}
}
