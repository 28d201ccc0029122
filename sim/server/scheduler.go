package main

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/sync"
)

// scheduler is the hand that moves the server: what would be chance or the
// machine's time elsewhere comes in headers of the requests.
type scheduler struct {
	app    core.App
	engine *sync.Engine
	now    atomic.Pointer[time.Time]
	point  atomic.Pointer[string] // of a request at which the process dies
	broken atomic.Bool            // what says BROKEN fails
}

const secret = "x-sim" // keeps a stray browser out; the address is loopback only

func (s *scheduler) register(pages int, wide bool) (err error) {
	declared := declaration(pages, wide)
	declared.Mutations = s.mutations()
	declared.Now = func() time.Time { return *s.now.Load() }
	declared.Refuse = func(err error) *sync.Refusal {
		if errors.Is(err, errWrong) {
			s.die("between") // what it wrote is rolled back, that it was refused is not noted
			return &sync.Refusal{Code: sync.CodeRule, Reason: "card.wrong"}
		}
		return nil
	}
	s.app.OnRecordAfterCreateSuccess("deeds").BindFunc(func(re *core.RecordEvent) error {
		s.die("committed")
		return re.Next()
	})
	s.engine, err = sync.Register(s.app, declared)
	return err
}

// die ends the process as a power cut would, if this is the point.
func (s *scheduler) die(at string) {
	if point := s.point.Load(); point != nil && *point == at {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
		select {}
	}
}

func (s *scheduler) routes(se *core.ServeEvent) {
	se.Router.BindFunc(func(re *core.RequestEvent) error {
		h := re.Request.Header
		if at, err := time.Parse(time.RFC3339, h.Get("X-Sim-Now")); err == nil {
			before := s.now.Swap(&at)
			if before.UTC().YearDay() != at.UTC().YearDay() || before.Year() != at.Year() {
				if err := s.engine.Tick(); err != nil {
					return err
				}
			}
		}
		point := h.Get("X-Sim-Die")
		s.point.Store(&point)
		s.die("begin")
		err := re.Next()
		s.die("end") // decided, and the reply is in no packet yet
		return err
	})
	g := se.Router.Group("/sim")
	g.BindFunc(func(re *core.RequestEvent) error {
		if re.Request.Header.Get("X-Sim") != secret {
			return re.NotFoundError("", nil)
		}
		return re.Next()
	})
	g.Bind(apis.SkipSuccessActivityLog())
	g.POST("/do", s.do)
	g.GET("/state", s.state)
	g.GET("/sound", s.sound)
}

// order is one thing an administrator does.
type order struct {
	Op     string         `json:"op"`
	ID     string         `json:"id"`
	User   string         `json:"user"`
	Board  string         `json:"board"`
	Coll   string         `json:"coll"`
	On     bool           `json:"on"`
	Values map[string]any `json:"values"`
}

func (s *scheduler) do(re *core.RequestEvent) error {
	var orders []order
	if err := re.BindBody(&orders); err != nil {
		return err
	}
	tokens := map[string]string{}
	for _, o := range orders {
		if err := s.obey(re.App, o, tokens); err != nil {
			return re.JSON(http.StatusInternalServerError, map[string]string{"error": fmt.Sprintf("%+v: %v", o, err)})
		}
	}
	return re.JSON(http.StatusOK, tokens)
}

func (s *scheduler) obey(app core.App, o order, tokens map[string]string) error {
	switch o.Op {
	case "user":
		u, err := create(app, "users", map[string]any{"id": o.ID, "email": o.ID + "@demo.example", "password": "board-demo-1", "active": true, "chief": o.On})
		if err != nil {
			return err
		}
		tokens[o.ID], err = u.NewAuthToken()
		return err
	case "make":
		_, err := create(app, o.Coll, o.Values)
		return err
	case "set": // what an administrator writes over; what is gone is gone
		r, err := app.FindRecordById(o.Coll, o.ID)
		if err != nil {
			return nil
		}
		if board, ok := o.Values["board"].(string); ok {
			relabel(r, board)
		}
		r.Load(o.Values)
		if note, ok := o.Values["note"].(string); ok {
			r.Set("note", canary(r.GetString("board"))+note)
		}
		return app.Save(r)
	case "drop":
		r, err := app.FindRecordById(o.Coll, o.ID)
		if err != nil {
			return nil
		}
		return app.Delete(r)
	case "seat":
		return s.seat(app, o)
	case "column":
		c, err := app.FindCollectionByNameOrId(o.Coll)
		if err != nil {
			return err
		}
		if o.On {
			c.Fields.Add(&core.TextField{Name: o.ID})
		} else {
			c.Fields.RemoveByName(o.ID)
		}
		return app.Save(c)
	case "broken":
		s.broken.Store(o.On)
		return nil
	}
	return fmt.Errorf("no such order")
}

// seat gives somebody a seat until a day, or takes it away.
func (s *scheduler) seat(app core.App, o order) error {
	found, err := app.FindAllRecords("seats", dbx.HashExp{"board": o.Board, "user": o.User})
	if err != nil {
		return err
	}
	if o.On && len(found) == 0 {
		_, err := create(app, "seats", map[string]any{"board": o.Board, "user": o.User, "until": o.Values["until"]})
		return err
	}
	for _, r := range found {
		if !o.On {
			err = errors.Join(err, app.Delete(r))
			continue
		}
		r.Set("until", o.Values["until"])
		err = errors.Join(err, app.Save(r))
	}
	return err
}

func create(app core.App, collection string, values map[string]any) (*core.Record, error) {
	c, err := app.FindCollectionByNameOrId(collection)
	if err != nil {
		return nil, err
	}
	r := core.NewRecord(c)
	r.Load(values)
	return r, app.Save(r)
}

// sound answers with what SQLite finds wrong with its file.
func (s *scheduler) sound(re *core.RequestEvent) error {
	var found []string
	if err := re.App.DB().NewQuery(`SELECT integrity_check FROM pragma_integrity_check`).Column(&found); err != nil {
		return err
	}
	return re.JSON(http.StatusOK, found)
}

// state answers with all there is of one run, whose ids begin alike: what the
// phones should hold is worked out from it, by nothing that sync has written.
func (s *scheduler) state(re *core.RequestEvent) error {
	run := re.Request.URL.Query().Get("run") + "%"
	if strings.Trim(run, "%") == "" {
		return re.BadRequestError("run", nil)
	}
	out := map[string]any{}
	db := re.App.DB()
	for name, q := range map[string]*dbx.Query{
		"boards":  db.NewQuery(`SELECT id, title FROM boards WHERE id LIKE {:run}`),
		"seats":   db.NewQuery(`SELECT board, user, until FROM seats WHERE board LIKE {:run}`),
		"users":   db.NewQuery(`SELECT id, active, chief FROM users WHERE id LIKE {:run}`),
		"cards":   db.NewQuery(`SELECT id, board, text, note, weight, tags, state, loud FROM cards WHERE board LIKE {:run}`),
		"deeds":   db.NewQuery(`SELECT mid, name, board, needs, user, device, n, no, "by", seated, active, age, over FROM deeds WHERE user LIKE {:run} ORDER BY no`),
		"muts":    db.NewQuery(`SELECT user, device, n, name, result, outcome, args, settled, handed FROM _sync_mut WHERE user LIKE {:run} ORDER BY user, device, n`),
		"rows":    db.NewQuery(`SELECT bucket, coll, id, seq, deleted FROM _sync_row WHERE bucket LIKE 'board:' || {:run}`),
		"members": db.NewQuery(`SELECT user, bucket, seq, active FROM _sync_member WHERE user LIKE {:run}`),
		"devices": db.NewQuery(`SELECT user, device, diverged, restored, lost, last FROM _sync_device WHERE user LIKE {:run}`),
	} {
		var rows []dbx.NullStringMap
		if err := q.Bind(dbx.Params{"run": run}).All(&rows); err != nil {
			return err
		}
		list := []map[string]*string{}
		for _, row := range rows {
			line := map[string]*string{}
			for column, value := range row {
				if value.Valid {
					line[column] = &value.String
				}
			}
			list = append(list, line)
		}
		out[name] = list
	}
	var seq int64
	if err := db.NewQuery(`SELECT v FROM _sync_seq`).Row(&seq); err != nil {
		return err
	}
	out["seq"] = seq
	return re.JSON(http.StatusOK, out)
}
