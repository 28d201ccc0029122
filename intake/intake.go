// Package intake is the one way in. The ward's page lives at /afdeling/: rendered here,
// without JavaScript, with a session of its own.
package intake

import (
	"net/http"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

const home = "/afdeling/"

// Register puts the ward's page on the app's router.
func Register(app core.App) {
	d := &desk{limits: newLimiter()}
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		g := se.Router.Group("/afdeling")
		g.BindFunc(headers).Bind(apis.SkipSuccessActivityLog())
		g.GET("/{$}", d.open)
		g.GET("/style.css", style)
		g.GET("/kvittering/{id}", d.receipt)
		g.POST("/log-ind", d.logIn)
		g.POST("/log-ud", d.logOut)
		g.POST("/besked", d.send)
		// A reload of a page that answered a form arrives as GET.
		g.GET("/log-ind", toHome)
		g.GET("/besked", toHome)
		g.Any("/{path...}", func(e *core.RequestEvent) error { return missing(e) })
		return se.Next()
	})
}

// desk is where a ward is served.
type desk struct{ limits *limiter }

// open shows the form, or the log-in.
func (d *desk) open(e *core.RequestEvent) error {
	v, err := visitor(e)
	if err != nil {
		return err
	}
	if !v.loggedIn() {
		return v.logInPage(e, http.StatusOK, "", "", nil)
	}
	return v.formPage(e, http.StatusOK, "", blank(), nil)
}

func toHome(e *core.RequestEvent) error { return e.Redirect(http.StatusSeeOther, home) }

func headers(e *core.RequestEvent) error {
	h := e.Response.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	// Not no-referrer: browsers would then send Origin: null with our own forms.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store") // a ward's computer is shared
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	return e.Next()
}
