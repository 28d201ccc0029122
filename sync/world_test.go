package sync_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	stdsync "sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"

	"bindeled/sync"
)

// The world of these tests is not Bindeled's: boards with cards, and people
// who are on a board until a day. The engine has to serve any app.
type world struct {
	*tests.TestApp
	t        testing.TB
	engine   *sync.Engine
	url      string
	day      atomic.Pointer[string]
	fail     atomic.Bool
	ahead    atomic.Int64    // how far the clock has moved
	tendsAll bool            // cat tends everybody
	header   string          // what the phone says of itself
	more     []sync.Mutation // names that this server knows and the others do not
}

var template = stdsync.OnceValues(func() (string, error) {
	dir, err := filepath.Abs(filepath.Join(templateRoot, "template"))
	if err != nil {
		return "", err
	}
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir})
	if err := errors.Join(app.Bootstrap(), app.RunAllMigrations(), schema(app)); err != nil {
		return "", err
	}
	return dir, app.ResetBootstrapState()
})

var templateRoot string

func schema(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.Add(&core.BoolField{Name: "active"})
	boards := core.NewBaseCollection("boards")
	boards.Fields.Add(&core.TextField{Name: "title"})
	if err := errors.Join(app.Save(users), app.Save(boards)); err != nil {
		return err
	}
	seats := core.NewBaseCollection("seats")
	seats.Fields.Add(
		&core.RelationField{Name: "board", CollectionId: boards.Id, MaxSelect: 1, Required: true, CascadeDelete: true},
		&core.RelationField{Name: "user", CollectionId: users.Id, MaxSelect: 1, Required: true},
		&core.TextField{Name: "until"},
	)
	cards := core.NewBaseCollection("cards")
	cards.Fields.Add(
		&core.RelationField{Name: "board", CollectionId: boards.Id, MaxSelect: 1, Required: true, CascadeDelete: true},
		&core.TextField{Name: "text"},
		&core.NumberField{Name: "weight"},
		&core.BoolField{Name: "done"},
		&core.JSONField{Name: "tags"},
		&core.TextField{Name: "secret"},
	)
	if err := errors.Join(app.Save(seats), app.Save(cards)); err != nil {
		return err
	}
	for _, name := range []string{"ann", "bob", "cat"} {
		u := core.NewRecord(users)
		u.Load(map[string]any{"id": id(name), "email": name + "@demo.example", "password": "board-demo-1", "active": true})
		if err := app.Save(u); err != nil {
			return err
		}
	}
	return nil
}

func id(name string) string { return (name + strings.Repeat("0", 15))[:15] }

func (w *world) config() sync.Config {
	return sync.Config{
		Buckets: []sync.Bucket{{
			Kind:    "board",
			Members: `SELECT s.board AS key, s.user AS user FROM seats s WHERE s.until = '' OR s.until >= {today}`,
			Watches: []sync.Watch{{Table: "seats", Columns: []string{"board", "user", "until"}, Keys: `SELECT {row}.board`}},
		}},
		Collections: []sync.Collection{
			{Name: "boards", Bucket: "board", Key: `{row}.id`, Columns: []string{"title"}},
			{Name: "cards", Bucket: "board", Key: `{row}.board`, Columns: []string{"board", "text", "weight", "done", "tags"},
				Merge: map[string]sync.Kind{"text": sync.Scalar, "tags": sync.Set}},
		},
		Mutations: append([]sync.Mutation{
			sync.Handle("card.add", func(c *sync.Context, a struct {
				ID    string `json:"id"`
				Board string `json:"board"`
				Text  string `json:"text"`
			}) error {
				switch a.Text {
				case "forbidden":
					return sync.Reject(sync.CodeRule, "card.text")
				case "not yours":
					if c.By == nil {
						return sync.Reject(sync.CodeForbidden, "card.owner")
					}
				}
				cards, err := c.App.FindCollectionByNameOrId("cards")
				if err != nil {
					return err
				}
				r := core.NewRecord(cards)
				r.Load(map[string]any{"id": a.ID, "board": a.Board, "text": a.Text})
				if err := c.App.Save(r); err != nil {
					return err
				}
				switch a.Text {
				case "late":
					return sync.Reject(sync.CodeStale, "card.late") // after it wrote
				case "half":
					return c.RefusePart("tags", func() error { return sync.Reject(sync.CodeRule, "card.tags") })
				case "broken":
					if w.fail.Load() {
						return errors.New("the disk is on fire")
					}
				}
				return nil
			}),
			sync.Handle("card.edit", func(c *sync.Context, a struct {
				ID  string         `json:"id"`
				Was map[string]any `json:"was"`
				Set map[string]any `json:"set"`
			}) error {
				r, err := c.App.FindRecordById("cards", a.ID)
				if err != nil {
					return sync.Reject(sync.CodeGone, "card.gone")
				}
				if err := c.Merge(r, a.Was, a.Set); err != nil {
					return err
				}
				return c.App.Save(r)
			}),
		}, w.more...),
		Grace: 30 * 24 * time.Hour,
		MayTend: func(_ core.App, user *core.Record, k sync.Kept) (bool, error) {
			return user.Id == id("cat") && (k.Author == nil || k.Author.Id == id("ann") || w.tendsAll), nil
		},
		Team: func(_ core.App, user *core.Record) ([]string, error) {
			if user.Id != id("cat") {
				return nil, nil
			}
			return []string{id("ann"), id("cat")}, nil
		},
		Now:      func() time.Time { return w.clock().Add(time.Duration(w.ahead.Load())) },
		PageRows: 100,
		MayUse:   func(u *core.Record) bool { return u.GetBool("active") },
		Today:    func() string { return *w.day.Load() },
	}
}

func newWorld(t testing.TB, more ...sync.Mutation) *world {
	t.Helper()
	dir, err := template()
	must(t, err)
	app, err := tests.NewTestApp(dir)
	must(t, err)
	return (&world{t: t, more: more}).serving(app)
}

// serving is this world with an app behind it that answers.
func (w *world) serving(app *tests.TestApp) *world {
	t := w.t
	t.Helper()
	t.Cleanup(app.Cleanup)
	w = &world{TestApp: app, t: t, more: w.more}
	w.on("2026-11-22")
	var err error
	w.engine, err = sync.Register(app, w.config())
	must(t, err)
	router, err := apis.NewRouter(app)
	must(t, err)
	var mux http.Handler
	must(t, app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router}, func(e *core.ServeEvent) error {
		mux, err = e.Router.BuildMux()
		return err
	}))
	server := httptest.NewServer(mux)
	w.url = server.URL
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return w
}

// clock is the time of the mutations in these tests, about.
func (w *world) clock() time.Time { return time.Date(2026, 11, 22, 10, 5, 0, 0, time.UTC) }

// on makes it a day, without telling the engine.
func (w *world) on(day string) { w.day.Store(&day) }

func (w *world) save(collection string, values map[string]any) *core.Record {
	w.t.Helper()
	return saveIn(w.t, w.TestApp, collection, values)
}

func saveIn(t testing.TB, app core.App, collection string, values map[string]any) *core.Record {
	t.Helper()
	c, err := app.FindCollectionByNameOrId(collection)
	must(t, err)
	r := core.NewRecord(c)
	r.Load(values)
	must(t, app.Save(r))
	return r
}

// board makes a board that people sit at.
func (w *world) board(name string, people ...string) string {
	w.t.Helper()
	b := w.save("boards", map[string]any{"id": id(name), "title": name})
	for _, p := range people {
		w.save("seats", map[string]any{"board": b.Id, "user": id(p)})
	}
	return b.Id
}

func (w *world) card(board, name, text string) *core.Record {
	w.t.Helper()
	return w.save("cards", map[string]any{"id": id(name), "board": board, "text": text, "secret": "canary", "tags": []string{"a"}})
}

func (w *world) token(user string) string {
	w.t.Helper()
	u, err := w.FindRecordById("users", id(user))
	must(w.t, err)
	token, err := u.NewAuthToken()
	must(w.t, err)
	return token
}

func (w *world) send(method, path, token, contentType, body string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, strings.NewReader(body))
	must(w.t, err)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if w.header != "" {
		req.Header.Set("Sync-Device", w.header)
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	res, err := http.DefaultClient.Do(req)
	must(w.t, err)
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	must(w.t, err)
	return res.StatusCode, string(out)
}

type pulled struct {
	T, B, C, Cursor, Epoch, Hash string
	Full, More                   bool
	Seq                          int64
	Sum                          []int64
	K                            []string
	R                            [][]any

	ID     string // of one row
	Row    map[string]any
	values []any
}

// each is the line's rows, one by one.
func (l pulled) each() []pulled {
	out := make([]pulled, len(l.R))
	for i, r := range l.R {
		out[i] = pulled{T: strings.TrimSuffix(l.T, "s"), C: l.C, ID: r[0].(string), Seq: int64(r[1].(float64)), values: r[2:]}
	}
	return out
}

func (w *world) pull(user, cursor string) (lines []pulled, end pulled) {
	w.t.Helper()
	status, body := w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor, w.token(user), "", "")
	if status != http.StatusOK {
		w.t.Fatalf("pull: %d %s", status, body)
	}
	return w.lines(body)
}

// lines reads a page, with the columns of its rows named. When all its buckets
// come whole, they must be what the sum says.
func (w *world) lines(body string) (lines []pulled, end pulled) {
	w.t.Helper()
	scan := bufio.NewScanner(strings.NewReader(body))
	scan.Buffer(nil, 1<<20)
	columns := map[string][]string{}
	whole, held := true, []int64{0, 0}
	for scan.Scan() {
		var l pulled
		must(w.t, json.Unmarshal(scan.Bytes(), &l))
		l.Full = l.T == "bucket"
		switch l.T {
		case "cols":
			columns[l.C] = l.K
			continue
		case "rows", "gone":
			if l.B != "" {
				whole = false
				lines = append(lines, pulled{T: "bucket", B: l.B})
			}
			for _, one := range l.each() {
				if one.T == "row" {
					held[0], held[1] = held[0]+1, held[1]+one.Seq
					one.Row = map[string]any{}
					for i, column := range columns[l.C] {
						one.Row[column] = one.values[i]
					}
				}
				lines = append(lines, one)
			}
			continue
		}
		lines = append(lines, l)
	}
	end = lines[len(lines)-1]
	if end.T != "end" {
		w.t.Fatalf("pull: the last line is %q", end.T)
	}
	if whole && len(lines) > 1 && !slices.Equal(end.Sum, held) {
		w.t.Errorf("the page sums up to %v, its rows to %v", end.Sum, held)
	}
	return lines[:len(lines)-1], end
}

// texts writes what a pull brought in one line, to compare.
func texts(lines []pulled) string {
	var out []string
	for _, l := range lines {
		switch l.T {
		case "bucket":
			full := ""
			if l.Full {
				full = "!"
			}
			out = append(out, strings.TrimRight(l.B, "0")+full)
		case "leave":
			out = append(out, "leave "+strings.TrimRight(l.B, "0"))
		default:
			out = append(out, l.T+" "+strings.TrimRight(l.ID, "0"))
		}
	}
	return strings.Join(out, ", ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
