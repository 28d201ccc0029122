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
	"bindeled/internal/vapid"
	"bindeled/internal/wire"
	"bindeled/notify"
)

func main() {
	for _, command := range []func([]string) (bool, int){health.Command, vapid.Command} {
		if handled, code := command(os.Args[1:]); handled {
			os.Exit(code)
		}
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bindeled:", err)
		os.Exit(1)
	}
}

func run() error {
	app := pocketbase.NewWithConfig(config.PocketBase())
	push := &notify.Config{Keys: keys}
	house, err := wire.Register(app, push)
	if err != nil {
		return err
	}
	app.RootCmd.Use = "bindeled"
	app.RootCmd.Short = "The social mentor's tool"
	app.RootCmd.AddCommand(demo.Command(app, house.Engine, push))
	return app.Start()
}

// keys are those of push, from the environment or the file that it names.
func keys() (notify.Keys, error) {
	var k notify.Keys
	err := config.VAPID(&k)
	return k, err
}
