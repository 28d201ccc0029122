package notify

import (
	"cmp"
	"context"
	"net/http"
	gosync "sync"
	"time"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"

	"bindeled/domain"
	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/sync"
)

// Config is what a server is set up with.
type Config struct {
	// Keys are read when the server starts; without a private one push is off.
	Keys func() (Keys, error)

	// Policy is where pushes may go. Default Public.
	Policy *Policy

	// Waiting is what waits for a person, MayTend who sees to another's.
	Waiting func(core.App) ([]sync.Waits, error)
	MayTend func(core.App, *core.Record, sync.Kept) (bool, error)

	// anyKeys lets a demo have a subject that is nobody's.
	anyKeys bool
	still   bool // a test does what the worker does
}

// Demo makes the set-up that of a demo, whose keys tell nobody's address.
func (c *Config) Demo(keys func() (Keys, error)) { c.Keys, c.anyKeys = keys, true }

// Notifier puts pushes in line and sends them.
type Notifier struct {
	config *Config
	app    core.App
	sender *sender // nil while push is off
	now    func() time.Time

	mu     gosync.Mutex
	lanes  map[string]*lane
	wakeup chan struct{}
	stop   context.CancelFunc
	ended  gosync.WaitGroup
}

// Register binds a notifier to an app: its hooks, its routes under /api/notify,
// its ticker and its worker.
func Register(app core.App, config *Config) *Notifier {
	config.Policy = cmp.Or(config.Policy, &Public)
	n := &Notifier{config: config, app: app, now: clock.Now, lanes: map[string]*lane{}, wakeup: make(chan struct{}, 1)}
	n.bind(app)
	app.OnServe().Bind(&hook.Handler[*core.ServeEvent]{Id: "notifyServe", Priority: 10, Func: func(se *core.ServeEvent) error { // when sync has its tables
		if err := n.Start(); err != nil {
			return err
		}
		n.routes(se)
		return se.Next()
	}})
	app.OnTerminate().BindFunc(func(te *core.TerminateEvent) error {
		n.Stop()
		return te.Next()
	})
	app.Cron().MustAdd("notifyTick", "*/5 * * * *", func() {
		if err := n.Tick(); err != nil {
			app.Logger().Error("notify: tick", "error", err)
		}
	})
	return n
}

// Start reads the keys and begins to send. Serving does it.
func (n *Notifier) Start() error {
	keys, err := n.config.Keys()
	if err != nil {
		return err
	}
	if keys == (Keys{}) {
		n.app.Logger().Warn("notify: off, for there are no VAPID keys; make them with: bindeled vapid")
		return nil
	}
	if err := keys.Check(); err != nil && !n.config.anyKeys {
		return err
	}
	if err := takeBack(n.app); err != nil {
		return err
	}
	n.sender = &sender{keys: keys, policy: *n.config.Policy, client: n.config.Policy.client(), now: n.now}
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	if !n.config.still {
		n.ended.Go(func() { n.work(ctx) })
	}
	if err := n.Tick(); err != nil { // the next one is in five minutes
		n.app.Logger().Error("notify: tick", "error", err)
	}
	return nil
}

// Stop ends the worker. What it was about to send is sent after the next start.
func (n *Notifier) Stop() {
	if n.stop != nil {
		n.stop()
		n.ended.Wait()
	}
}

func (n *Notifier) on() bool { return n.sender != nil }

func (n *Notifier) wake() {
	select {
	case n.wakeup <- struct{}{}:
	default: // it is awake
	}
}

func (n *Notifier) routes(se *core.ServeEvent) {
	g := se.Router.Group("/api/notify")
	g.Bind(apis.SkipSuccessActivityLog()).BindFunc(func(e *core.RequestEvent) error {
		e.Response.Header().Set("Cache-Control", "no-store")
		return e.Next()
	})
	g.GET("/health", n.health)
	g.GET("/key", signedIn(n.key))
	g.GET("/settings", signedIn(n.settings))
	g.PUT("/settings", signedIn(n.set))
	g.POST("/subscribe", signedIn(n.subscribe))
	g.POST("/unsubscribe", signedIn(n.unsubscribe))
	g.POST("/status", signedIn(n.status))
	g.POST("/test", signedIn(n.test))
}

func signedIn(next func(*core.RequestEvent) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		switch {
		case e.Auth == nil:
			return sync.Problem(e, http.StatusUnauthorized, "auth.required", nil)
		case !mayHave(e.Auth):
			return sync.Problem(e, http.StatusForbidden, "auth.inactive", nil)
		}
		return next(e)
	}
}

// mayHave tells who has pushes at all. [N1]
func mayHave(u *core.Record) bool {
	role := u.GetString("role")
	return u.Collection().Name == records.Users && u.GetBool("active") && (role == domain.RoleMentor || role == domain.RoleCoordinator)
}

func (n *Notifier) failed(e *core.RequestEvent, err error) error {
	e.App.Logger().Error("notify: failed", "path", e.Request.URL.Path, "error", err)
	return sync.Problem(e, http.StatusServiceUnavailable, "server.failed", nil)
}
