// Package vault keeps what a phone needs to open its store: a share of the
// key, handed out against a proof, counted, and withheld from a phone that is
// lost. It never sees a PIN, a key or what lies on the phone. It also takes in
// what a locked phone sends: mutations sealed to the server.
package vault

import (
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type vault struct {
	engine *sync.Engine
	keys   *keys
}

// Register puts the vault's routes on the app, and makes the server's key if
// there is none yet.
func Register(app core.App, engine *sync.Engine) {
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		keys, err := loadKeys(app.DataDir())
		if err != nil {
			return err
		}
		v := &vault{engine: engine, keys: keys}
		g := se.Router.Group("/api/vault")
		g.Bind(apis.SkipSuccessActivityLog()).BindFunc(private)
		g.POST("/phones", signedIn(v.enrol))
		g.POST("/factor", signedIn(v.factor))
		g.POST("/renew", signedIn(v.renew))
		g.POST("/forget", signedIn(v.forget))
		g.POST("/open", v.open)
		g.POST("/send", v.send)
		return se.Next()
	})
}

func private(e *core.RequestEvent) error {
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.Next()
}

// signedIn lets through whoever syncs. A closed account gets no share: its
// phone stays shut, and what lies there unsent comes by send.
func signedIn(next func(*core.RequestEvent) error) func(*core.RequestEvent) error {
	return func(e *core.RequestEvent) error {
		switch {
		case e.Auth == nil:
			return sync.Problem(e, http.StatusUnauthorized, "auth.required", nil)
		case !mayOpen(e.Auth):
			return sync.Problem(e, http.StatusForbidden, "auth.inactive", nil)
		}
		return next(e)
	}
}

func mayOpen(u *core.Record) bool {
	role := u.GetString("role")
	return u.Collection().Name == records.Users && u.GetBool("active") && (role == domain.RoleMentor || role == domain.RoleCoordinator)
}

func failed(e *core.RequestEvent, err error) error {
	e.App.Logger().Error("vault: failed", "path", e.Request.URL.Path, "error", err)
	return sync.Problem(e, http.StatusServiceUnavailable, "server.failed", nil)
}
