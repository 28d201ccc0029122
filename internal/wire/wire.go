// Package wire puts the rooms of the house together, in the same order for
// the server, the demo and the tests.
package wire

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/directory"
	"bindeled/hooks"
	"bindeled/intake"
	_ "bindeled/migrations"
	"bindeled/mutations"
	"bindeled/notify"
	pwa "bindeled/pb_public"
	"bindeled/sync"
	"bindeled/vault"
)

// House is what a command or a test may want to reach.
type House struct {
	Engine   *sync.Engine
	Notifier *notify.Notifier
}

// Register binds everything to an app.
func Register(app core.App, push *notify.Config) (*House, error) {
	// PocketBase would print a link that makes a superuser; there is a command
	// for that, and logs are read by many.
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		se.InstallerFunc = nil
		return se.Next()
	})
	hooks.Register(app)
	config := mutations.Config()
	notifier := notify.Register(app, push)
	config.Kept = notifier.Kept
	engine, err := sync.Register(app, config)
	if err != nil {
		return nil, err
	}
	push.Waiting, push.TendedIn = engine.Waiting, mutations.TendedIn
	vault.Register(app, engine)
	intake.Register(app)
	directory.Register(app)
	pwa.Register(app)
	return &House{Engine: engine, Notifier: notifier}, nil
}
