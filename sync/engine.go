package sync

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// Engine is one app's sync.
type Engine struct {
	Config
	app    core.App
	hash   string // of the declaration
	secret string // seals cursors
	broker *broker

	// selects reads the changes of a bucket, per kind. It is replaced whole
	// when a collection changes.
	selects atomic.Pointer[map[form]reading]
}

// Limits of the wire.
const (
	maxPushBytes = 256 << 10
	maxMutations = 100
	maxName      = 100
	pageBytes    = 512 << 10
)

// keptBytes is how much of what one account had refused is kept. No person
// types that much; a fault or ill will might, and the disk is everybody's.
var keptBytes int64 = 32 << 20

// Register binds sync to an app: its routes under /api/sync, its triggers, and
// the ticker for memberships that only the clock begins or ends.
func Register(app core.App, config Config) (*Engine, error) {
	if err := config.prepare(); err != nil {
		return nil, err
	}
	hash, err := config.shape()
	if err != nil {
		return nil, err
	}
	e := &Engine{Config: config, app: app, hash: hash, broker: newBroker()}
	e.Mutations = append(slices.Clone(config.Mutations), Handle(settleName, e.settle))

	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "syncServe", Func: func(se *core.ServeEvent) error {
		if err := e.Install(); err != nil {
			return err
		}
		e.routes(se)
		e.dashboard(se)
		e.broker.start(e)
		return se.Next()
	}})
	app.OnTerminate().BindFunc(func(te *core.TerminateEvent) error {
		e.broker.stop()
		return te.Next()
	})
	e.watchCollections(app)
	e.watchWrites(app)
	return e, app.Cron().Add("syncTick", "*/5 * * * *", func() {
		if err := e.Tick(); err != nil {
			app.Logger().Error("sync: tick", "error", err)
		}
	})
}

// Install makes tables, triggers and numbers. Serving does it; a command that
// writes before serving calls it after the migrations.
func (e *Engine) Install() error {
	if err := e.install(e.app); err != nil {
		return err
	}
	return e.Tick()
}

// Tick lets the day change: memberships that depend on {today} are worked out
// anew when it has.
func (e *Engine) Tick() error {
	today := e.Today()
	err := e.app.RunInTransaction(func(tx core.App) error {
		result, err := tx.NonconcurrentDB().NewQuery(`UPDATE _sync_day SET day = {:day} WHERE day <> {:day}`).
			Bind(dbx.Params{"day": today}).Execute()
		if err != nil {
			return err
		}
		if changed, err := result.RowsAffected(); err != nil || changed == 0 {
			return err
		}
		for _, b := range e.Buckets {
			if err := run(tx, recompute(b, allKeys(b))...); err != nil {
				return fmt.Errorf("sync: members of %s: %w", b.Kind, err)
			}
		}
		if err := e.mark(tx); err != nil {
			return err
		}
		return e.forget(tx)
	})
	e.broker.wake()
	return err
}

func (e *Engine) routes(se *core.ServeEvent) {
	g := se.Router.Group("/api/sync")
	g.Bind(apis.SkipSuccessActivityLog())
	g.BindFunc(e.authenticate)
	g.GET("/pull", e.pull)
	g.POST("/push", e.push)
	g.POST("/check", e.check)
	g.GET("/kept", e.kept)
	g.GET("/team", e.team)
	g.GET("/events", e.events)
	se.Router.GET("/api/sync/devices", e.devices).Bind(apis.RequireSuperuserAuth())
}

// watchCollections: PocketBase rebuilds tables when a collection changes, and
// SQLite checks every trigger on the way, so ours step aside meanwhile.
func (e *Engine) watchCollections(app core.App) {
	around := func(ce *core.CollectionEvent) error {
		if !e.installed(ce.App) {
			return ce.Next()
		}
		outer := ce.App
		err := outer.RunInTransaction(func(tx core.App) error {
			ce.App = tx
			if err := e.dropTriggers(tx); err != nil {
				return err
			}
			if err := ce.Next(); err != nil {
				return err
			}
			return e.rebuild(tx)
		})
		ce.App = outer
		return err
	}
	app.OnCollectionUpdate().Bind(&hook.Handler[*core.CollectionEvent]{Id: "syncCollectionUpdate", Func: around, Priority: -100})
	app.OnCollectionDelete().Bind(&hook.Handler[*core.CollectionEvent]{Id: "syncCollectionDelete", Func: around, Priority: -100})
}

func (e *Engine) installed(app core.App) bool { return app.HasTable("_sync_seq") }

// watchWrites wakes the nudger; it only ever sets a flag.
func (e *Engine) watchWrites(app core.App) {
	wake := func(me *core.ModelEvent) error {
		if me.Model.TableName() == e.Users {
			e.broker.doubt.Add(1)
		}
		e.broker.wake()
		return me.Next()
	}
	app.OnModelAfterCreateSuccess().BindFunc(wake)
	app.OnModelAfterUpdateSuccess().BindFunc(wake)
	app.OnModelAfterDeleteSuccess().BindFunc(wake)
}
