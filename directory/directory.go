// Package directory hands out what anybody may know: the numbers to ring when
// it is urgent. Nobody is signed in, and nothing here is about a person.
package directory

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/records"
)

// Register puts the directory's routes on the app's router.
func Register(app core.App) {
	app.OnServe().BindFunc(func(se *core.ServeEvent) error {
		g := se.Router.Group("/api/directory")
		g.Bind(apis.SkipSuccessActivityLog())
		g.GET("/crisis-lines", crisisLines)
		return se.Next()
	})
}

// line is a crisis line as phones keep it.
type line struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Number     string `json:"number"`
	Hours      string `json:"hours"`
	Source     string `json:"source"`
	VerifiedOn string `json:"verified_on"`
	Order      int    `json:"order"`
}

// crisisLines is those of the whole country, and of the municipality that is
// asked about: GET /api/directory/crisis-lines?municipality=<id>. Whether a
// line is verified is for the phone to say, on the day it is shown.
func crisisLines(e *core.RequestEvent) error {
	found, err := e.App.FindAllRecords(records.CrisisLines,
		dbx.HashExp{"active": true, "municipality": []any{"", e.Request.URL.Query().Get("municipality")}})
	if err != nil {
		e.App.Logger().Error("directory: failed", "error", err)
		return apis.NewApiError(http.StatusServiceUnavailable, "", nil)
	}
	lines := make([]line, len(found))
	for i, r := range found {
		lines[i] = line{r.Id, r.GetString("name"), r.GetString("kind"), r.GetString("number"),
			r.GetString("hours"), r.GetString("source"), r.GetString("verified_on"), r.GetInt("order")}
	}
	e.Response.Header().Set("Cache-Control", "no-cache") // the phone keeps its own copy
	return e.JSON(http.StatusOK, map[string]any{"lines": lines})
}
