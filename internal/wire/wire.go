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
	pwa "bindeled/pb_public"
	"bindeled/sync"
	"bindeled/vault"
)

// Register binds everything to an app.
func Register(app core.App) (*sync.Engine, error) {
	// PocketBase would print a link that makes a superuser; there is a command
	// for that, and logs are read by many.
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		se.InstallerFunc = nil
		return se.Next()
	})
	hooks.Register(app)
	engine, err := sync.Register(app, mutations.Config())
	if err != nil {
		return nil, err
	}
	vault.Register(app, engine)
	intake.Register(app)
	directory.Register(app)
	pwa.Register(app)
	return engine, nil
}
