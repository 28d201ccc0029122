// Package testapp is the whole server with the demo world in it, one of its
// own for each test. The world is made once and copied.
package testapp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"bindeled/domain"
	"bindeled/internal/clock"
	"bindeled/internal/config"
	"bindeled/internal/seed"
	"bindeled/internal/wire"
	"bindeled/notify"
	engine "bindeled/sync"
)

// Now is when every test takes place: a Sunday, a little after noon in
// Denmark. Today is its day.
var (
	Now   = time.Date(2026, 11, 22, 11, 20, 0, 0, time.UTC)
	Today = domain.Date("2026-11-22")
)

// App is a running server's inside.
type App struct {
	*tests.TestApp
	Engine   *engine.Engine
	Notifier *notify.Notifier
	URL      string
	t        testing.TB
}

var template = sync.OnceValues(build)

// Main runs a package's tests and removes the template afterwards.
func Main(m *testing.M) {
	restore := clock.Set(Now)
	code := m.Run()
	restore()
	if dir, err := template(); err == nil {
		_ = os.RemoveAll(dir) // a temporary folder; the system removes it too
	}
	os.Exit(code)
}

func build() (string, error) {
	dir, err := os.MkdirTemp("", "bindeled-test-")
	if err != nil {
		return "", err
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: config.DBConnect})
	if err := app.Bootstrap(); err != nil {
		return "", err
	}
	if err := app.RunAllMigrations(); err != nil {
		return "", err
	}
	house, err := wire.Register(app, &notify.Config{Keys: noKeys})
	if err != nil {
		return "", err
	}
	if err := house.Engine.Install(); err != nil {
		return "", err
	}
	if err := seed.Demo(app, Today); err != nil {
		return "", err
	}
	return dir, app.ResetBootstrapState()
}

// New is a server with the demo world, listening on this machine until the
// test ends.
func New(t testing.TB) *App {
	t.Helper()
	return NewPushing(t, &notify.Config{Keys: noKeys})
}

func noKeys() (notify.Keys, error) { return notify.Keys{}, nil }

// NewPushing is one that sends pushes, or not, as it is told.
func NewPushing(t testing.TB, push *notify.Config) *App {
	t.Helper()
	dir, err := template()
	must(t, err)
	inner, err := tests.NewTestAppWithConfig(core.BaseAppConfig{DataDir: dir, DBConnect: config.DBConnect})
	must(t, err)
	t.Cleanup(inner.Cleanup)
	house, err := wire.Register(inner, push)
	must(t, err)
	t.Cleanup(house.Notifier.Stop)
	a := &App{TestApp: inner, Engine: house.Engine, Notifier: house.Notifier, t: t}
	a.serve()
	return a
}

func (a *App) serve() {
	a.t.Helper()
	router, err := apis.NewRouter(a.TestApp)
	must(a.t, err)
	var mux http.Handler
	err = a.OnServe().Trigger(&core.ServeEvent{App: a.TestApp, Router: router}, func(e *core.ServeEvent) error {
		mux, err = e.Router.BuildMux()
		return err
	})
	must(a.t, err)
	server := httptest.NewServer(mux)
	a.t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	a.URL = server.URL
}

// Token is a log-in of somebody in the seed: a user by first name, or "admin".
func (a *App) Token(name string) string {
	a.t.Helper()
	collection := "users"
	if name == "admin" {
		collection = core.CollectionNameSuperusers
	}
	r, err := a.FindRecordById(collection, seed.ID(name))
	must(a.t, err)
	token, err := r.NewAuthToken()
	must(a.t, err)
	return token
}

// Do sends a request and returns the status and the body. A body that is not
// a string is sent as JSON.
func (a *App) Do(method, path, token string, body any) (int, string) {
	a.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = bytes.NewBufferString(b)
	default:
		raw, err := json.Marshal(b)
		must(a.t, err)
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(a.t.Context(), method, a.URL+path, in)
	must(a.t, err)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	return a.Send(req)
}

// Send sends a request as it is.
func (a *App) Send(req *http.Request) (int, string) {
	a.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	must(a.t, err)
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	must(a.t, err)
	return res.StatusCode, string(out)
}

// Find is a record of the seed by its name.
func (a *App) Find(collection, name string) *core.Record {
	a.t.Helper()
	r, err := a.FindRecordById(collection, seed.ID(name))
	must(a.t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ID is a fresh id that a phone could have made.
var ID = func() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("phone%010d", n)
	}
}()
