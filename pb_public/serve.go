package pwa

import (
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// Nothing from elsewhere, nothing inline; HTML strings only through Svelte's templates
// and script addresses only through the worker's registration.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; font-src 'self'; base-uri 'none'; " +
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
	"trusted-types svelte-trusted-html swurl"

const notBuilt = "front end not built: run make build\n"

// Register serves the front end from the root, answers what nobody else answers,
// and closes the routes that would walk past the rules.
func Register(app core.App) {
	register(app, apis.MustSubFS(dist, "dist"))
}

func register(app core.App, fsys fs.FS) {
	site := load(fsys)
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		se.Router.Bind(unlogged(), closed())
		// "/" and not "GET /{path...}": the one pattern that leaves no method to
		// PocketBase's own catch-all and collides with no other route.
		se.Router.Any("/", site.serve).Bind(apis.SkipSuccessActivityLog())
		return se.Next()
	})
}

// serve answers every path that no route claims.
func (s site) serve(e *core.RequestEvent) error {
	p := e.Request.URL.Path
	if p == "/api" || strings.HasPrefix(p, "/api/") || strings.HasPrefix(p, "/_/") {
		return refuse(e, http.StatusNotFound, "not_found", "There is nothing at this address.")
	}
	if e.Request.Method != http.MethodGet && e.Request.Method != http.MethodHead {
		e.Response.Header().Set("Allow", "GET, HEAD")
		return refuse(e, http.StatusMethodNotAllowed, "method_not_allowed", "This address can only be read.")
	}
	headers(e.Response.Header())
	if s["/"] == nil {
		return e.String(http.StatusServiceUnavailable, notBuilt)
	}
	f := s[p]
	if f == nil {
		// A missing file must not come back as the page: a worker would keep HTML as a script.
		if path.Ext(p) != "" || strings.HasPrefix(p, "/assets/") {
			return refuse(e, http.StatusNotFound, "not_found", "There is nothing at this address.")
		}
		f = s["/"]
	}
	f.write(e.Response, e.Request)
	return nil
}

func headers(h http.Header) {
	h.Set("Content-Security-Policy", csp)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
}

func refuse(e *core.RequestEvent, status int, code, message string) error {
	e.Response.Header().Set("Cache-Control", "no-store")
	return e.JSON(status, map[string]any{"status": status, "code": code, "message": message})
}
