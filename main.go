// Bindeled is the social mentor's tool: a server that holds the records and
// keeps the scheme's rules, and a phone app that works without network.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // a day begins in Denmark, whatever the machine has installed

	"github.com/pocketbase/pocketbase"

	"bindeled/internal/config"
	"bindeled/internal/demo"
	"bindeled/internal/health"
	"bindeled/internal/wire"
)

func main() {
	if handled, code := health.Command(os.Args[1:]); handled {
		os.Exit(code)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bindeled:", err)
		os.Exit(1)
	}
}

func run() error {
	app := pocketbase.NewWithConfig(config.PocketBase())
	engine, err := wire.Register(app)
	if err != nil {
		return err
	}
	app.RootCmd.Use = "bindeled"
	app.RootCmd.Short = "The social mentor's tool"
	app.RootCmd.AddCommand(demo.Command(app, engine))
	return app.Start()
}
