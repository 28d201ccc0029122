package pwa

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tests"
)

var page = "<!doctype html><title>Bindeled</title>" + strings.Repeat("<p>calm</p>", 200)

var built = fstest.MapFS{
	".keep":                {},
	"index.html":           {Data: []byte(page)},
	"sw.js":                {Data: []byte("self.x = 1")},
	"manifest.webmanifest": {Data: []byte(`{"name":"Bindeled"}`)},
	"assets/app-abc123.js": {Data: []byte(strings.Repeat("export const a = 1;\n", 100))},
}

func TestServe(t *testing.T) {
	_, srv := start(t, built)
	const noCache, forever = "no-cache", "public, max-age=31536000, immutable"
	for _, c := range []struct {
		method, path string
		status       int
		kind, cache  string
		has          string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8", noCache, "calm"},
		{"GET", "/index.html", 200, "text/html; charset=utf-8", noCache, "calm"},
		{"GET", "/forloeb/abc", 200, "text/html; charset=utf-8", noCache, "calm"},
		{"GET", "/forloeb/abc/", 200, "text/html; charset=utf-8", noCache, "calm"},
		{"HEAD", "/", 200, "text/html; charset=utf-8", noCache, ""},
		{"GET", "/sw.js", 200, "text/javascript; charset=utf-8", noCache, "self.x"},
		{"GET", "/manifest.webmanifest", 200, "application/manifest+json", noCache, "Bindeled"},
		{"GET", "/assets/app-abc123.js", 200, "text/javascript; charset=utf-8", forever, "export"},
		{"GET", "/assets/gone.js", 404, "application/json", "no-store", `"not_found"`},
		{"GET", "/assets/", 404, "application/json", "no-store", `"not_found"`},
		{"GET", "/gone.png", 404, "application/json", "no-store", `"not_found"`},
		{"GET", "/.keep", 404, "application/json", "no-store", `"not_found"`},
		{"GET", "/api/nothing", 404, "application/json", "no-store", `"status":404`},
		{"POST", "/api/nothing", 404, "application/json", "no-store", `"not_found"`},
		{"GET", "/api", 404, "application/json", "no-store", `"not_found"`},
		{"POST", "/", 405, "application/json", "no-store", `"method_not_allowed"`},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			res, text := ask(t, srv, c.method, c.path, nil)
			if res.StatusCode != c.status || res.Header.Get("Content-Type") != c.kind || res.Header.Get("Cache-Control") != c.cache {
				t.Errorf("got %d %q %q", res.StatusCode, res.Header.Get("Content-Type"), res.Header.Get("Cache-Control"))
			}
			if !strings.Contains(text, c.has) {
				t.Errorf("%q is not in %.80q", c.has, text)
			}
		})
	}
}

func TestServeHeaders(t *testing.T) {
	_, srv := start(t, built)
	res, _ := ask(t, srv, "GET", "/", nil)
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self';",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "DENY",
		"Permissions-Policy":      "geolocation=()",
		"Vary":                    "Accept-Encoding",
	} {
		if got := strings.Join(res.Header.Values(name), ", "); !strings.Contains(got, want) {
			t.Errorf("%s is %q, want %q in it", name, got, want)
		}
	}
}

func TestServeUnchanged(t *testing.T) {
	_, srv := start(t, built)
	res, _ := ask(t, srv, "GET", "/", nil)
	tag := res.Header.Get("ETag")
	if again, text := ask(t, srv, "GET", "/", http.Header{"If-None-Match": {tag}}); again.StatusCode != 304 || text != "" {
		t.Errorf("got %d %q", again.StatusCode, text)
	}
	other, _ := ask(t, srv, "GET", "/sw.js", http.Header{"If-None-Match": {tag}})
	if other.StatusCode != 200 {
		t.Errorf("another file's tag gave %d", other.StatusCode)
	}
}

func TestServeGzip(t *testing.T) {
	_, srv := start(t, built)
	plain, _ := ask(t, srv, "GET", "/", nil)
	res, _ := ask(t, srv, "GET", "/", http.Header{"Accept-Encoding": {"gzip"}})
	if res.Header.Get("Content-Encoding") != "gzip" || res.Header.Get("ETag") == plain.Header.Get("ETag") {
		t.Errorf("got %v", res.Header)
	}
	if plain.Header.Get("Content-Encoding") != "" {
		t.Errorf("unasked: %v", plain.Header)
	}
}

func TestServeNotBuilt(t *testing.T) {
	_, srv := start(t, fstest.MapFS{".keep": {}})
	for _, p := range []string{"/", "/forloeb/abc"} {
		if res, text := ask(t, srv, "GET", p, nil); res.StatusCode != 503 || !strings.Contains(text, "make build") {
			t.Errorf("%s: %d %q", p, res.StatusCode, text)
		}
	}
	if res, _ := ask(t, srv, "GET", "/api/health", nil); res.StatusCode != 200 {
		t.Errorf("the server itself: %d", res.StatusCode)
	}
}

func TestEmbeddedFolderLoads(t *testing.T) {
	if s := load(apis.MustSubFS(dist, "dist")); s["/.keep"] != nil {
		t.Error(".keep is served")
	}
}

func TestSQLConsoleIsClosed(t *testing.T) {
	app, srv := start(t, built)
	admin := http.Header{"Authorization": {superuser(t, app)}}
	if res, _ := ask(t, srv, "GET", "/api/logs", admin); res.StatusCode != 200 {
		t.Fatalf("the token opens nothing: %d", res.StatusCode)
	}
	for _, who := range []http.Header{nil, admin} {
		for _, call := range [][2]string{{"POST", "/api/sql"}, {"GET", "/api/sql"}, {"POST", "/api/%73ql"}, {"POST", "/api/sql/"}} {
			res, text := ask(t, srv, call[0], call[1], who)
			var body struct {
				Status int
				Code   string
			}
			if err := json.Unmarshal([]byte(text), &body); err != nil || res.StatusCode != 403 || body.Code != "sql.closed" || body.Status != 403 {
				t.Errorf("%v: %d %q %v", call, res.StatusCode, text, err)
			}
		}
	}
}

func TestRealtimeIsClosed(t *testing.T) {
	app, srv := start(t, built)
	for _, who := range []http.Header{nil, {"Authorization": {superuser(t, app)}}} {
		for _, method := range []string{"GET", "POST"} {
			if res, text := ask(t, srv, method, "/api/realtime", who); res.StatusCode != 403 || !strings.Contains(text, "realtime.closed") {
				t.Errorf("%s: %d %q", method, res.StatusCode, text)
			}
		}
	}
}

func TestOtherRoutesOfPocketBaseAreLeftAlone(t *testing.T) {
	_, srv := start(t, built)
	for _, p := range []string{"/api/batch", "/api/collections/users/auth-with-password"} {
		if res, text := ask(t, srv, "POST", p, nil); res.StatusCode == 404 || !strings.Contains(text, `"data"`) {
			t.Errorf("%s: %d %q", p, res.StatusCode, text)
		}
	}
}

func start(t *testing.T, fsys fs.FS) (core.App, http.Handler) {
	t.Helper()
	app, err := tests.NewTestApp(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Cleanup)
	register(app, fsys)
	router, err := apis.NewRouter(app)
	if err != nil {
		t.Fatal(err)
	}
	var mux http.Handler
	err = app.OnServe().Trigger(&core.ServeEvent{App: app, Router: router}, func(e *core.ServeEvent) error {
		mux, err = e.Router.BuildMux()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return app, mux
}

func ask(t *testing.T, srv http.Handler, method, path string, header http.Header) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequest(method, path, nil)
	for name, values := range header {
		req.Header[name] = values
	}
	rec := httptest.NewRecorder()
	srv.ServeHTTP(rec, req)
	res := rec.Result()
	var r io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = zr
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func superuser(t *testing.T, app core.App) string {
	t.Helper()
	users, err := app.FindCollectionByNameOrId(core.CollectionNameSuperusers)
	if err != nil {
		t.Fatal(err)
	}
	admin := core.NewRecord(users)
	admin.SetEmail("admin@demo.example")
	admin.SetPassword("bindeled-demo")
	if err := app.Save(admin); err != nil {
		t.Fatal(err)
	}
	token, err := admin.NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
