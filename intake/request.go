package intake

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/pocketbase/pocketbase/core"
)

const maxBody = 32 << 10

// problemPage is a request that no form of ours can have sent.
type problemPage struct {
	status     int
	code, text string
}

func (p *problemPage) page(e *core.RequestEvent, v visit) error {
	return render(e, p.status, "problem", view{Title: "Det gik ikke", visit: v, Message: p.text, Code: p.code})
}

func missing(e *core.RequestEvent) error {
	v, err := visitor(e)
	if err != nil {
		return err
	}
	return (&problemPage{http.StatusNotFound, "not_found", "Siden findes ikke."}).page(e, v)
}

var sameOrigin = http.NewCrossOriginProtection()

// readForm takes nothing but a small form of ours: known fields, once each, as text.
func readForm(e *core.RequestEvent, allowed []string) (map[string]string, *problemPage) {
	bad := func(code, text string) (map[string]string, *problemPage) {
		return nil, &problemPage{http.StatusBadRequest, code, text}
	}
	if err := sameOrigin.Check(e.Request); err != nil {
		return nil, &problemPage{http.StatusForbidden, "request.cross_site", "Formularen kom fra en anden side."}
	}
	kind, params, err := mime.ParseMediaType(e.Request.Header.Get("Content-Type"))
	if err != nil || kind != "application/x-www-form-urlencoded" || (params["charset"] != "" && params["charset"] != "utf-8" && params["charset"] != "UTF-8") {
		return nil, &problemPage{http.StatusUnsupportedMediaType, "request.content_type", "Siden tager kun imod sin egen formular."}
	}
	body, err := io.ReadAll(io.LimitReader(e.Request.Body, maxBody+1))
	if err != nil {
		return bad("request.incomplete", "Formularen nåede ikke helt frem. Send den igen.")
	}
	if len(body) > maxBody {
		return nil, &problemPage{http.StatusRequestEntityTooLarge, "request.too_large", "Der er skrevet mere, end siden kan tage imod."}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return bad("request.malformed", "Formularen kunne ikke læses.")
	}
	in := map[string]string{}
	for name, v := range values {
		switch {
		case !slices.Contains(allowed, name):
			return bad("request.unknown_field", "Formularen har et felt, som siden ikke kender.")
		case len(v) > 1:
			return bad("request.repeated_field", "Formularen har det samme felt flere gange.")
		case !utf8.ValidString(v[0]):
			return bad("request.malformed", "Formularen kunne ikke læses.")
		}
		in[name] = v[0]
	}
	return in, nil
}
