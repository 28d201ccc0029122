// The server that the simulation drives: a small PocketBase app of boards with
// cards, which has nothing to do with mentors, and uses sync as any app would.
// The routes under /sim are the scheduler's: it sets the clock, does what an
// administrator does, asks for the truth, and says at which point of a request
// the process kills itself.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/config"
)

func main() {
	dir := flag.String("dir", "", "data folder")
	life := flag.Duration("for", 10*time.Minute, "how long to live at most")
	pages := flag.Int("page", 4, "lines that fill a page of a pull")
	wide := flag.Bool("wide", false, "declare one column more, as a later build would")
	began := flag.String("now", "2026-11-22T08:00:00Z", "the time, until a request says another")
	prepare := flag.Bool("prepare", false, "make the schema and end")
	flag.Parse()
	time.AfterFunc(*life, func() { os.Exit(3) })
	if err := run(*dir, *began, *pages, *wide, *prepare); err != nil {
		fmt.Fprintln(os.Stderr, "sim:", err)
		os.Exit(1)
	}
}

func run(dir, began string, pages int, wide, prepare bool) error {
	now, err := time.Parse(time.RFC3339, began)
	if err != nil {
		return err
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: config.DBConnect, DataMaxOpenConns: 8, DataMaxIdleConns: 8})
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if prepare {
		return errors.Join(app.RunAllMigrations(), schema(app), app.ResetBootstrapState())
	}
	s := &scheduler{app: app}
	s.now.Store(&now)
	if err := s.register(pages, wide); err != nil {
		return err
	}
	go func() { // whoever started it holds its input open for as long as it is wanted
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		se.InstallerFunc = nil
		se.Listener = listener
		s.routes(se)
		if err := se.Next(); err != nil {
			return err
		}
		fmt.Println("ready http://"+listener.Addr().String(), os.Getpid())
		return nil
	})
	return apis.Serve(app, apis.ServeConfig{HttpAddr: listener.Addr().String()})
}

func schema(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.Add(&core.BoolField{Name: "active"}, &core.BoolField{Name: "chief"})
	users.Fields.GetByName("password").(*core.PasswordField).Cost = 4 // nobody logs in here
	users.AuthToken.Duration = 90 * 24 * 3600
	boards := core.NewBaseCollection("boards")
	boards.Fields.Add(&core.TextField{Name: "title"}, &core.NumberField{Name: "room"})
	if err := errors.Join(app.Save(users), app.Save(boards)); err != nil {
		return err
	}
	seats := core.NewBaseCollection("seats")
	seats.Fields.Add(
		&core.RelationField{Name: "board", CollectionId: boards.Id, MaxSelect: 1, Required: true, CascadeDelete: true},
		&core.RelationField{Name: "user", CollectionId: users.Id, MaxSelect: 1, Required: true, CascadeDelete: true},
		&core.TextField{Name: "until"},
	)
	cards := core.NewBaseCollection("cards")
	cards.Fields.Add(
		&core.RelationField{Name: "board", CollectionId: boards.Id, MaxSelect: 1, Required: true, CascadeDelete: true},
		&core.TextField{Name: "text"},
		&core.TextField{Name: "note"},
		&core.NumberField{Name: "weight"},
		&core.JSONField{Name: "tags"},
		&core.TextField{Name: "state"},
		&core.BoolField{Name: "loud"},
	)
	deeds := core.NewBaseCollection("deeds") // what was done, each once: not synced
	deeds.Fields.Add(
		&core.TextField{Name: "mid"}, &core.TextField{Name: "name"}, &core.TextField{Name: "board"}, &core.TextField{Name: "needs"},
		&core.TextField{Name: "user"}, &core.TextField{Name: "device"}, &core.NumberField{Name: "n"}, &core.NumberField{Name: "no"},
		&core.TextField{Name: "by"}, &core.BoolField{Name: "seated"}, &core.BoolField{Name: "active"}, &core.NumberField{Name: "age"}, &core.TextField{Name: "over"},
	)
	return errors.Join(app.Save(seats), app.Save(cards), app.Save(deeds))
}
