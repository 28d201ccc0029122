// Package demo is the command that shows the product: an invented
// municipality, on this machine only.
package demo

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/spf13/cobra"

	"bindeled/internal/clock"
	"bindeled/internal/seed"
	"bindeled/internal/vapid"
	"bindeled/notify"
	"bindeled/sync"
)

// Command fills an empty folder with the demo and serves it.
func Command(app core.App, engine *sync.Engine, push *notify.Config) *cobra.Command {
	var address string
	var crowd int
	command := &cobra.Command{
		Use:          "demo",
		Short:        "Fill an empty folder with invented people, and serve it on this machine",
		SilenceUsage: true,
		Args:         cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if !loopback(address) {
				return fmt.Errorf("demo serves on this machine only, not on %s: its passwords are public", address)
			}
			if err := app.RunAllMigrations(); err != nil {
				return err
			}
			if err := engine.Install(); err != nil {
				return err
			}
			empty, err := seed.Empty(app)
			if err != nil {
				return err
			}
			if empty {
				if err := errors.Join(seed.Demo(app, clock.Today()), seed.Crowd(app, clock.Today(), crowd)); err != nil {
					return err
				}
			}
			push.Demo(func() (notify.Keys, error) { return vapid.InFolder(filepath.Join(app.DataDir(), "vapid.json")) })
			announce(address)
			return apis.Serve(app, apis.ServeConfig{HttpAddr: address})
		},
	}
	command.Flags().StringVar(&address, "http", "127.0.0.1:8090", "address to serve on, loopback only")
	command.Flags().IntVar(&crowd, "crowd", 0, "so many courses more for maja, with 25 talks each")
	return command
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func announce(address string) {
	fmt.Printf(`
Bindeled, demo. All people are invented. Password for everyone: %s

  The app              http://%[2]s/
    mentor             maja@demo.example, omar@demo.example
    coordinator        karen@demo.example
  The ward's page      http://%[2]s/afdeling/
    ward               ward@demo.example
  The dashboard        http://%[2]s/_/
    administrator      admin@demo.example

`, seed.Password, address)
}
