package intake

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

//go:embed pages
var pages embed.FS

var (
	templates = template.Must(template.ParseFS(pages, "pages/*.html"))
	sheet, _  = pages.ReadFile("pages/style.css")
	sheetTag  = func() string {
		sum := sha256.Sum256(sheet)
		return `"` + hex.EncodeToString(sum[:8]) + `"`
	}()
)

// view is what a page may show.
type view struct {
	Title, Message, Code string
	visit

	ID, Email string
	Kept      map[string]string // what was typed, carried through a log-in
	Sections  []section
	Problems  []*field // for the summary on top

	Receipt *receipt
}

// For the templates.
func (v view) CSRF() string { return v.csrf }
func (v view) Ward() string {
	if v.ward == nil {
		return ""
	}
	return v.ward.GetString("name")
}

func render(e *core.RequestEvent, status int, page string, v view) error {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, page+".html", v); err != nil {
		return err
	}
	return e.HTML(status, out.String())
}

func style(e *core.RequestEvent) error {
	h := e.Response.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", sheetTag)
	http.ServeContent(e.Response, e.Request, "style.css", time.Time{}, bytes.NewReader(sheet))
	return nil
}

func (v visit) logInPage(e *core.RequestEvent, status int, message, email string, kept map[string]string) error {
	return render(e, status, "login", view{Title: "Log ind", Message: message, visit: v, Email: email, Kept: kept})
}

// formPage shows the form with what was typed in it.
func (v visit) formPage(e *core.RequestEvent, status int, message string, typed map[string]string, bad problems) error {
	out := view{Title: "Besked om udskrivning", Message: message, visit: v, ID: typed["id"], Sections: layout()}
	if !idPattern.MatchString(out.ID) {
		out.ID = newID()
	}
	for _, s := range out.Sections {
		for _, f := range s.Fields {
			f.Value = typed[f.Name]
			if err := bad[f.Name]; err != nil {
				f.Error, f.Code = f.explain(err), err.Code
				out.Problems = append(out.Problems, f)
			}
		}
	}
	if len(out.Problems) > 0 {
		out.Title = "Ret og send igen"
	}
	return render(e, status, "form", out)
}
