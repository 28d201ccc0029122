package hooks_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/logger"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

// patch is a save in the dashboard.
func patch(t *testing.T, a *testapp.App, collection, name string, v values) (int, string) {
	t.Helper()
	return a.Do(http.MethodPatch, "/api/collections/"+collection+"/records/"+seed.ID(name), a.Token("admin"), v)
}

func patched(t *testing.T, a *testapp.App, collection, name string, v values) *core.Record {
	t.Helper()
	if status, body := patch(t, a, collection, name, v); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	return a.Find(collection, name)
}

func refused(t *testing.T, a *testapp.App, collection, name string, v values, code string) {
	t.Helper()
	if status, body := patch(t, a, collection, name, v); status != http.StatusBadRequest || !strings.Contains(body, `"`+code+`"`) {
		t.Errorf("%s %v: %d %s", collection, v, status, body)
	}
}

// A clumsy administrator, who changes what hangs together with something else.
func TestClumsy(t *testing.T) {
	a := testapp.New(t)
	t.Run("[S2] closing a course cancels what was agreed", func(t *testing.T) {
		patched(t, a, records.Courses, "alma", values{"state": "closed", "closed_on": "2026-11-22", "reason": "moved"})
		if s := a.Find(records.Appointments, "aftalealma").GetString("state"); s != "cancelled" {
			t.Errorf("the appointment is %s", s)
		}
	})
	t.Run("[S4] closed before it began", func(t *testing.T) {
		refused(t, a, records.Courses, "noor", values{"state": "closed", "closed_on": "2020-01-01", "reason": "moved"}, "course.reason_required")
	})
	t.Run("[TG8] the verdict is worked out anew when it is written over", func(t *testing.T) {
		n := patched(t, a, records.Notices, "rosa", values{"verdict": "yes", "reasons": "nonsense", "warnings": values{"a": 1}})
		if n.GetString("verdict") != "unknown" || n.GetString("reasons") != `["TG4"]` || n.GetString("warnings") != `["TG7"]` {
			t.Errorf("%s %s %s", n.GetString("verdict"), n.GetString("reasons"), n.GetString("warnings"))
		}
	})
	t.Run("[S7] accepted means a course of it", func(t *testing.T) {
		refused(t, a, records.Notices, "kim", values{"status": "accepted"}, "value.invalid")
		refused(t, a, records.Notices, "kim", values{"status": "accepted", "course": "nosuchcourse000"}, "value.invalid")
		refused(t, a, records.Notices, "kim", values{"status": "accepted", "course": seed.ID("liv")}, "value.invalid")
	})
	t.Run("[S7] what was decided on stays", func(t *testing.T) {
		o := a.Phone("karen").Do("notice.accept", values{"notice": seed.ID("kim"), "course": testapp.ID(), "mentor": "", "override_reason": ""})
		if o.Result != "applied" {
			t.Fatalf("%+v", o)
		}
		for _, v := range []values{{"course": seed.ID("liv")}, {"discharge_date": "2026-11-01"}, {"status": "new"}, {"answers": answers("adult", "unknown")}} {
			refused(t, a, records.Notices, "kim", v, "notice.decided")
		}
		if name := patched(t, a, records.Notices, "kim", values{"name": "Kim Rettet"}).GetString("name"); name != "Kim Rettet" {
			t.Errorf("name %s", name)
		}
	})
	t.Run("[C3] a consent of a kind nobody knows", func(t *testing.T) {
		given := func(scope, form string) values {
			return values{"scope": scope, "form": form, "text_version": "1", "given_on": "2026-11-21", "expires_on": "2027-11-21"}
		}
		for _, odd := range []values{given("everything", "oral"), given("contact", ""), given("contact", "shouted")} {
			refused(t, a, records.Notices, "rosa", values{"consents": []values{given("contact", "oral"), given("disclosure", "oral"), odd}}, "value.invalid")
		}
	})
	t.Run("[W4] days on hold are those that were", func(t *testing.T) {
		for _, v := range []values{{"hold_days": 1e15}, {"hold_days": 400}, {"held_from": "2027-01-01"}, {"held_from": ""}, {"held_from": "2001-01-01"}} {
			refused(t, a, records.Courses, "bo", v, "value.invalid")
		}
		refused(t, a, records.Courses, "noor", values{"held_from": "2026-11-01"}, "value.invalid")
		c := patched(t, a, records.Courses, "bo", values{"held_from": "2026-11-12"})
		c = patched(t, a, records.Courses, "bo", values{"state": "active", "hold_days": 5000})
		if c.GetInt("hold_days") != 10 || c.GetString("held_from") != "" {
			t.Errorf("%d days, from %q", c.GetInt("hold_days"), c.GetString("held_from"))
		}
	})
	t.Run("a scheme without a taper is an empty one, as phones need it", func(t *testing.T) {
		for _, none := range []any{nil, ""} {
			if s := patched(t, a, records.Schemes, "ordningeksempelby", values{"taper": none}); s.GetString("taper") != "[]" {
				t.Errorf("taper %s", s.GetString("taper"))
			}
		}
	})
	t.Run("[A2] a ward does not move next door", func(t *testing.T) {
		refused(t, a, records.Wards, "afsnitproevekoebing", values{"municipality": seed.ID("eksempelby")}, "value.invalid")
	})
	t.Run("[S12] talks are not emptied out", func(t *testing.T) {
		if status, body := a.Do(http.MethodDelete, "/api/collections/contacts/truncate", a.Token("admin"), nil); status < 400 {
			t.Errorf("%d %s", status, body)
		}
		if n, err := a.CountRecords(records.Contacts); err != nil || n == 0 {
			t.Errorf("%d left, %v", n, err)
		}
	})
}

// [W4] The last day follows the scheme's setting, in every course of it.
func TestSchemeChanges(t *testing.T) {
	a := testapp.New(t)
	scheme, err := records.New(a, records.Schemes)
	if err != nil {
		t.Fatal(err)
	}
	scheme.Load(values{"municipality": seed.ID("proevekoebing"), "kind": "discharge_mentor", "title": "Udskrivningsmentor", "active": true})
	if err := a.Save(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := records.New(a, records.Courses)
	if err != nil {
		t.Fatal(err)
	}
	c.Load(course(values{"started_on": "2026-11-01", "scheme": scheme.Id, "hold_days": 10}))
	if err := a.Save(c); err != nil {
		t.Fatal(err)
	}
	for extends, want := range map[bool]string{true: "2027-05-11", false: "2027-05-01"} {
		scheme.Set("hold_extends_window", extends)
		if err := a.Save(scheme); err != nil {
			t.Fatal(err)
		}
		if c, err = a.FindRecordById(records.Courses, c.Id); err != nil || c.GetString("last_day") != want {
			t.Errorf("extends %v: last day %s, want %s", extends, c.GetString("last_day"), want)
		}
	}
}

// Who is not a mentor or a coordinator reads nothing; and nobody writes, or
// changes herself, past the mutations.
func TestOpenDoors(t *testing.T) {
	a := testapp.New(t)
	for _, collection := range []string{records.Municipalities, records.Schemes, records.Wards, records.Notices, records.Courses, records.Covers,
		records.Citizens, records.Consents, records.Contacts, records.Appointments, records.Refusals, records.Users} {
		for who, token := range map[string]string{"a ward": a.Token("ward"), "nobody": ""} {
			status, body := a.Do(http.MethodGet, "/api/collections/"+collection+"/records", token, nil)
			if status == http.StatusOK && !strings.Contains(body, `"items":[]`) {
				t.Errorf("%s reads %s: %s", who, collection, body)
			}
		}
		for _, who := range []string{"karen", "ward", "maja"} {
			if status, body := a.Do(http.MethodPost, "/api/collections/"+collection+"/records", a.Token(who), values{}); status < 400 {
				t.Errorf("%s writes %s: %d %s", who, collection, status, body)
			}
		}
	}
	for _, c := range []struct{ who, method, path, body string }{
		{"maja", "PATCH", "/api/collections/users/records/" + seed.ID("maja"), `{"role":"coordinator"}`},
		{"maja", "DELETE", "/api/collections/users/records/" + seed.ID("maja"), ``},
		{"karen", "POST", "/api/collections/users/impersonate/" + seed.ID("maja"), `{}`},
		{"karen", "POST", "/api/batch", `{"requests":[]}`},
		{"karen", "PUT", "/api/collections/import", `{"collections":[]}`},
		{"karen", "GET", "/api/logs", ``},
		{"karen", "GET", "/api/settings", ``},
		{"karen", "GET", "/api/backups", ``},
		{"karen", "GET", "/api/crons", ``},
		{"karen", "GET", "/api/collections", ``},
		{"", "POST", "/api/collections/users/request-otp", `{"email":"maja@demo.example"}`},
		{"", "POST", "/api/collections/users/records", `{"email":"x@demo.example","password":"12345678","passwordConfirm":"12345678"}`},
		{"", "GET", "/api/realtime", ``},
		{"karen", "GET", "/api/realtime", ``},
		{"admin", "POST", "/api/sql", `{"query":"SELECT 1"}`},
	} {
		token := ""
		if c.who != "" {
			token = a.Token(c.who)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		req, err := http.NewRequestWithContext(ctx, c.method, a.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", token)
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode < 400 {
			t.Errorf("%s %s %s: %d", c.who, c.method, c.path, res.StatusCode)
		}
		res.Body.Close()
		cancel()
	}
	t.Run("[A1] an account that was stopped", func(t *testing.T) {
		token := a.Token("omar")
		patched(t, a, records.Users, "omar", values{"active": false})
		for _, path := range []string{"auth-refresh", "auth-with-password"} {
			body := values{"identity": "omar@demo.example", "password": seed.Password}
			if status, reply := a.Do(http.MethodPost, "/api/collections/users/"+path, token, body); status < 400 {
				t.Errorf("%s: %d %s", path, status, reply)
			}
		}
	})
	t.Run("[A2] a filter does not tell about next door", func(t *testing.T) {
		for _, filter := range []string{
			`@collection.citizens.name ?~ "Frede"`,
			`municipality.courses_via_municipality.citizens_via_course.name ?~ "Frede"`,
			`@collection.users.tokenKey ?~ "a"`, `tokenKey ~ "a"`, `email ~ "karen"`,
		} {
			status, body := a.Do(http.MethodGet, "/api/collections/users/records?filter="+url.QueryEscape(filter), a.Token("maja"), nil)
			if status == http.StatusOK && !strings.Contains(body, `"items":[]`) {
				t.Errorf("%s: %s", filter, body)
			}
		}
	})
}

// TestLogs: no line of the log holds a name, a number or what was written.
func TestLogs(t *testing.T) {
	a := testapp.New(t)
	a.Settings().Logs.MaxDays = 5 // PocketBase's test app keeps none
	admin := a.Token("admin")
	a.Do(http.MethodGet, "/api/collections/citizens/records?filter="+url.QueryEscape(`name ~ "Alma Prøvedal"`), admin, nil)
	a.Do(http.MethodGet, "/api/collections/citizens/records?filter="+url.QueryEscape(`name ~ "Alma Prøvedal`), admin, nil)
	patch(t, a, records.Citizens, "borgeralma", values{"name": strings.Repeat("Alma Prøvedal", 30), "phones": []string{"12345671x"}})
	patch(t, a, records.Appointments, "aftalealma", values{"on": "2027-12-01", "topic": "Alma Prøvedal"})
	a.Phone("maja").Do("citizen.correct", values{"citizen": seed.ID("borgeralma"), "set": values{"name": "Alma Prøvedal", "phones": []string{"12345671x"}}})
	a.Do(http.MethodPost, "/api/sync/push?name=Alma", a.Token("maja"), `{"Alma":"12345671x"}`)
	for path, in := range map[string]values{
		"auth-with-password":     {"identity": "Alma@demo.example", "password": "12345671x"},
		"request-password-reset": {"email": "alma@demo.example", "name": "Alma"},
		"request-verification":   {"email": "alma@demo.example"},
	} {
		a.Do(http.MethodPost, "/api/collections/users/"+path, "", in)
	}
	for _, l := range logged(t, a, "auth-with-password", "request-password-reset", "request-verification", "collections/citizens") {
		for _, private := range []string{"Alma", "alma@", "12345671"} {
			if strings.Contains(l.Message+l.Data, private) {
				t.Errorf("%s in %s %s", private, l.Message, l.Data)
			}
		}
	}
}

type logLine struct {
	Message string `db:"message"`
	Data    string `db:"data"`
}

// logged reads the log when it has a line about each of these: PocketBase
// hands lines over in the background.
func logged(t *testing.T, a *testapp.App, about ...string) (lines []logLine) {
	t.Helper()
	handler, ok := a.Logger().Handler().(*logger.BatchHandler)
	if !ok {
		t.Fatalf("the log is a %T", a.Logger().Handler())
	}
	missing := func() bool {
		for _, what := range about {
			if !slices.ContainsFunc(lines, func(l logLine) bool { return strings.Contains(l.Message+l.Data, what) }) {
				return true
			}
		}
		return false
	}
	for deadline := time.Now().Add(10 * time.Second); missing(); {
		if time.Now().After(deadline) {
			t.Fatalf("not about all of %v: %v", about, lines)
		}
		if err := handler.WriteAll(context.WithValue(t.Context(), logger.BlockKey, true)); err != nil {
			t.Fatal(err)
		}
		lines = nil
		if err := a.AuxDB().NewQuery(`SELECT message, data FROM _logs`).All(&lines); err != nil {
			t.Fatal(err)
		}
	}
	return lines
}

// TestErasure: nothing about the person is left when her course goes.
func TestErasure(t *testing.T) {
	a := testapp.New(t)
	karen, course := a.Phone("karen"), testapp.ID()
	for _, o := range []sync.Outcome{
		karen.Do("notice.accept", values{"notice": seed.ID("kim"), "course": course, "mentor": "", "override_reason": ""}),
		karen.Do("course.close", values{"course": course, "reason": "moved", "told_resume": "yes"}),
	} {
		if o.Result != sync.Applied {
			t.Fatalf("%+v", o)
		}
	}
	karen.Pull()
	r, err := a.FindRecordById(records.Courses, course)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Delete(r); err != nil {
		t.Fatal(err)
	}
	if _, err := a.FindRecordById(records.Notices, seed.ID("kim")); err == nil {
		t.Error("[S16] the notice is left on the server")
	}
	karen.Pull()
	if karen.Row("inbox:"+seed.ID("proevekoebing"), records.Notices, seed.ID("kim")) != nil || karen.Boxes["course:"+course] != nil {
		t.Error("[S16] something is left on a coordinator's phone")
	}
}
