// Command server is the app that the benchmark measures: a call log in
// folders, synced by package sync as any app would use it. It serves this
// machine only and ends by itself.
package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/pprof"
	stdsync "sync"
	"syscall"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"bindeled/internal/config"
	"bindeled/sync"
)

var (
	address = flag.String("http", "127.0.0.1:0", "address to serve on, loopback only")
	dir     = flag.String("dir", "", "data folder")
	web     = flag.String("web", "", "folder with the pages")
	lives   = flag.Duration("for", 10*time.Minute, "how long to serve")
	fill    = flag.String("fill", "", "fill an empty folder from this file, a record a line, and end")
	people  = flag.Int("people", 1, "with -fill: how many users; the first two read all folders, the others two")
	copies  = flag.Int("copies", 0, "with -fill: how often to add all records again, in other people's folders")
	profile = flag.String("profile", "", "write a CPU profile here")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench server:", err)
		os.Exit(1)
	}
}

func run() error {
	if host, _, err := net.SplitHostPort(*address); err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("%s is not of this machine only", *address)
	}
	setup := config.PocketBase() // the product's own durability
	setup.DefaultDataDir = *dir
	app := pocketbase.NewWithConfig(setup)
	engine, err := sync.Register(app, declaration())
	if err != nil {
		return err
	}
	if err := app.Bootstrap(); err != nil {
		return err
	}
	if *fill != "" {
		return errors.Join(fillFolder(app, engine), app.ResetBootstrapState())
	}
	return serve(app)
}

func serve(app core.App) error {
	end, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	var took times
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Priority: -1000, Func: func(e *core.ServeEvent) error {
		e.InstallerFunc = nil
		e.Router.Bind(&hook.Handler[*core.RequestEvent]{Priority: -10_000, Func: took.measure})
		e.Router.POST("/bench/change", change)
		e.Router.POST("/bench/holds", holds)
		e.Router.GET("/bench/users", users)
		e.Router.GET("/bench/times", took.answer)
		e.Router.GET("/{path...}", apis.Static(os.DirFS(*web), false))
		if err := e.Next(); err != nil {
			return err
		}
		fmt.Println("ready")
		return nil
	}})
	go func() {
		select {
		case <-end.Done():
		case <-time.After(*lives):
		}
		_ = app.OnTerminate().Trigger(&core.TerminateEvent{App: app}) // Serve returns
	}()
	return apis.Serve(app, apis.ServeConfig{HttpAddr: *address})
}

// times is how long the server took for each request, gzip and all.
type times struct {
	mu   stdsync.Mutex
	took map[string][]float64
}

func (t *times) measure(e *core.RequestEvent) error {
	start := time.Now()
	err := e.Next()
	ms := float64(time.Since(start).Microseconds()) / 1000
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.took == nil {
		t.took = map[string][]float64{}
	}
	t.took[e.Request.URL.Path] = append(t.took[e.Request.URL.Path], ms)
	return err
}

func (t *times) answer(e *core.RequestEvent) error {
	t.mu.Lock()
	taken := t.took
	t.took = nil
	t.mu.Unlock()
	return e.JSON(http.StatusOK, taken)
}

// entry is a record as the file and the mutation have it.
type entry struct {
	ID        string   `json:"id"`
	Folder    string   `json:"folder"`
	At        string   `json:"at"`
	By        string   `json:"by"`
	Direction string   `json:"direction"`
	Outcome   string   `json:"outcome"`
	Minutes   int      `json:"minutes"`
	Topics    []string `json:"topics"`
	Note      string   `json:"note"`
}

func (a entry) load(r *core.Record) {
	r.Load(map[string]any{"id": a.ID, "folder": a.Folder, "at": a.At, "by": a.By, "direction": a.Direction,
		"outcome": a.Outcome, "minutes": a.Minutes, "topics": a.Topics, "note": a.Note})
}

func declaration() sync.Config {
	return sync.Config{
		Buckets: []sync.Bucket{{
			Kind:    "folder",
			Members: `SELECT r.folder AS key, r.user AS user FROM readers r`,
			Watches: []sync.Watch{{Table: "readers", Columns: []string{"folder", "user"}, Keys: `SELECT {row}.folder`}},
		}},
		Collections: []sync.Collection{{
			Name: "entries", Bucket: "folder", Key: `{row}.folder`,
			Columns: []string{"folder", "at", "by", "direction", "outcome", "minutes", "topics", "note"},
		}},
		Mutations: []sync.Mutation{sync.Handle("entry.put", put)},
	}
}

// put writes an entry in a folder that the user may read.
func put(c *sync.Context, a entry) error {
	reads, err := c.App.CountRecords("readers", dbx.HashExp{"folder": a.Folder, "user": c.User.Id})
	if err != nil {
		return err
	}
	if reads == 0 {
		return sync.Reject(sync.CodeForbidden, "folder.foreign")
	}
	return save(c.App, a)
}

func save(app core.App, a entry) error {
	r, err := app.FindRecordById("entries", a.ID)
	if errors.Is(err, sql.ErrNoRows) {
		var entries *core.Collection
		if entries, err = app.FindCachedCollectionByNameOrId("entries"); err == nil {
			r = core.NewRecord(entries)
		}
	}
	if err != nil {
		return err
	}
	a.load(r)
	return app.Save(r)
}

// change is what somebody else does meanwhile.
func change(e *core.RequestEvent) error {
	var list []entry
	if err := json.NewDecoder(e.Request.Body).Decode(&list); err != nil {
		return e.BadRequestError("", err)
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		for _, a := range list {
			if err := save(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return e.InternalServerError("", err)
	}
	return e.JSON(http.StatusOK, struct{}{})
}

// holds counts the entries that are just so.
func holds(e *core.RequestEvent) error {
	var list []entry
	if err := json.NewDecoder(e.Request.Body).Decode(&list); err != nil {
		return e.BadRequestError("", err)
	}
	count := 0
	for _, a := range list {
		r, err := e.App.FindRecordById("entries", a.ID)
		if err != nil {
			return e.InternalServerError("", err)
		}
		if r.GetString("note") == a.Note {
			count++
		}
	}
	return e.JSON(http.StatusOK, map[string]int{"count": count})
}

// users hands out everybody's token: nobody is real here.
func users(e *core.RequestEvent) error {
	found, err := e.App.FindRecordsByFilter("users", "", "email", 0, 0)
	if err != nil {
		return e.InternalServerError("", err)
	}
	type user struct {
		ID    string `json:"id"`
		Token string `json:"token"`
	}
	all := make([]user, len(found))
	for i, u := range found {
		token, err := u.NewAuthToken()
		if err != nil {
			return e.InternalServerError("", err)
		}
		all[i] = user{u.Id, token}
	}
	return e.JSON(http.StatusOK, all)
}
