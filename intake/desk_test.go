package intake_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

func TestMain(m *testing.M) { testapp.Main(m) }

// browser is a ward's: it keeps cookies, runs no script, and shows redirects.
type browser struct {
	t    *testing.T
	app  *testapp.App
	http http.Client
}

type page struct {
	status   int
	location string
	header   http.Header
	text     string
}

func newBrowser(t *testing.T, app *testapp.App) *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{t, app, http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) do(method, path, body string, header ...string) page {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.app.URL+path, strings.NewReader(body))
	b.must(err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.http.Do(req)
	b.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.must(err)
	return page{res.StatusCode, res.Header.Get("Location"), res.Header, string(text)}
}

func (b *browser) get(path string) page { b.t.Helper(); return b.do(http.MethodGet, path, "") }

func (b *browser) post(path string, form values, header ...string) page {
	b.t.Helper()
	return b.do(http.MethodPost, path, form.encode(), header...)
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

type values map[string]string

func (v values) encode() string {
	form := url.Values{}
	for name, value := range v {
		form.Set(name, value)
	}
	return form.Encode()
}

func (v values) with(more values) values {
	out := values{}
	for _, m := range []values{v, more} {
		for name, value := range m {
			out[name] = value
		}
	}
	return out
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)">`)

// hidden are the hidden fields of a page; the last of a name wins, and the log-out form comes first.
func (p page) hidden() values {
	out := values{}
	for _, m := range hidden.FindAllStringSubmatch(p.text, -1) {
		out[m[1]] = html.UnescapeString(m[2])
	}
	return out
}

func (p page) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if p.status != status {
		t.Fatalf("got %d, want %d: %s", p.status, status, p.text)
	}
	for _, text := range texts {
		if !strings.Contains(p.text, text) {
			t.Errorf("%q is not in %s", text, p.text)
		}
	}
}

func (b *browser) logIn(name string) page {
	b.t.Helper()
	form := b.get("/afdeling/").hidden().with(values{"email": name + "@demo.example", "password": seed.Password})
	return b.post("/afdeling/log-ind", form)
}

// atDesk is a ward's user with the form before her, filled in for somebody in the target group.
func atDesk(t *testing.T) (*browser, values) {
	t.Helper()
	b := newBrowser(t, testapp.New(t))
	b.logIn("ward").want(t, http.StatusSeeOther)
	return b, b.form()
}

func (b *browser) form() values {
	b.t.Helper()
	p := b.get("/afdeling/")
	p.want(b.t, http.StatusOK, "Send til kommunen")
	return p.hidden().with(values{
		"name": "Vera Vandret", "phone": "12 34 56 78", "phone_other": "", "discharge_date": "2026-11-24", "date_kind": "planned",
		"adult": "yes", "mental_disorder": "yes", "regional_psychiatry": "yes", "service_act_support": "no",
		"own_home": "yes", "other_support": "no",
		"consent_contact": "yes", "contact_given_on": "2026-11-20", "contact_form": "written",
		"consent_disclosure": "yes", "disclosure_given_on": "2026-11-22", "disclosure_form": "oral",
	})
}

// became is what a form became in a collection, or nil.
func (b *browser) became(collection string, form values) *core.Record {
	b.t.Helper()
	r, err := b.app.FindRecordById(collection, form["id"])
	if err != nil {
		return nil
	}
	return r
}

// written counts what the page can have written.
func (b *browser) written() (n int64) {
	b.t.Helper()
	for _, collection := range []string{records.Notices, records.Refusals} {
		more, err := b.app.CountRecords(collection)
		b.must(err)
		n += more
	}
	return n
}

// wrote runs something, and wants so many records more for it.
func (b *browser) wrote(n int64, something func()) {
	b.t.Helper()
	before := b.written()
	something()
	if got := b.written() - before; got != n {
		b.t.Errorf("%d records were written, not %d", got, n)
	}
}

// otherWard is a second ward of the same municipality, logged in.
func otherWard(t *testing.T, app *testapp.App) *browser {
	t.Helper()
	b := newBrowser(t, app)
	ward, err := records.New(app, records.Wards)
	b.must(err)
	ward.Load(map[string]any{"municipality": seed.ID("proevekoebing"), "name": "Afsnit P2"})
	b.must(app.Save(ward))
	user, err := records.New(app, records.Users)
	b.must(err)
	user.Load(map[string]any{"name": "Afsnit P2", "role": "ward", "municipality": seed.ID("proevekoebing"), "ward": ward.Id, "active": true})
	user.SetEmail("p2@demo.example")
	user.SetPassword(seed.Password)
	b.must(app.Save(user))
	b.logIn("p2").want(t, http.StatusSeeOther)
	return b
}
