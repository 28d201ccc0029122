package intake_test

import (
	"net/http"
	"strings"
	"testing"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

const wrong = "Mailadressen eller adgangskoden passer ikke."

func TestLogIn(t *testing.T) {
	app := testapp.New(t)
	for _, c := range []struct{ name, email, password string }{
		{"[A6] a mentor", "maja@demo.example", seed.Password},
		{"[A6] a coordinator", "karen@demo.example", seed.Password},
		{"[A6] an administrator", "admin@demo.example", seed.Password},
		{"a wrong password", "ward@demo.example", "bindeled-dem0"},
		{"nobody", "nobody@demo.example", seed.Password},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBrowser(t, app)
			p := b.post("/afdeling/log-ind", b.get("/afdeling/").hidden().with(values{"email": c.email, "password": c.password}))
			p.want(t, http.StatusUnauthorized, wrong, `value="`+c.email+`"`)
			if cookie := strings.Join(p.header.Values("Set-Cookie"), "\n"); strings.Contains(cookie, "bindeled_afdeling=") {
				t.Errorf("got %s", cookie)
			}
			b.get("/afdeling/").want(t, http.StatusOK, "Adgangskode")
		})
	}
	t.Run("the ward's user, whatever the case of the address", func(t *testing.T) {
		b := newBrowser(t, app)
		b.post("/afdeling/log-ind", b.get("/afdeling/").hidden().with(values{"email": " Ward@Demo.Example ", "password": seed.Password})).want(t, http.StatusSeeOther)
		b.get("/afdeling/").want(t, http.StatusOK, "Afsnit P1", "Send til kommunen")
	})
	t.Run("without this page's token", func(t *testing.T) {
		b := newBrowser(t, app)
		form := newBrowser(t, app).get("/afdeling/").hidden() // another browser's
		b.get("/afdeling/")
		b.post("/afdeling/log-ind", form.with(values{"email": "ward@demo.example", "password": seed.Password})).want(t, http.StatusForbidden, "åben for længe")
	})
}

func TestSessionCookie(t *testing.T) {
	b := newBrowser(t, testapp.New(t))
	form := b.get("/afdeling/").hidden().with(values{"email": "ward@demo.example", "password": seed.Password})
	for proto, secure := range map[string]bool{"http": false, "https": true} {
		p := b.post("/afdeling/log-ind", form, "X-Forwarded-Proto", proto)
		p.want(t, http.StatusSeeOther)
		got := p.header.Values("Set-Cookie")[0]
		for _, part := range []string{"bindeled_afdeling=", "; Path=/afdeling", "; Max-Age=7200", "; HttpOnly", "; SameSite=Strict"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s is not in %s", part, got)
			}
		}
		if strings.Contains(got, "; Secure") != secure {
			t.Errorf("over %s: %s", proto, got)
		}
		b = newBrowser(t, b.app)
		form = b.get("/afdeling/").hidden().with(values{"email": "ward@demo.example", "password": seed.Password})
	}
}

func TestAttemptsAreLimited(t *testing.T) {
	b := newBrowser(t, testapp.New(t))
	form := b.get("/afdeling/").hidden().with(values{"email": "ward@demo.example", "password": "guess"})
	for range 10 {
		b.post("/afdeling/log-ind", form).want(t, http.StatusUnauthorized)
	}
	form["password"] = seed.Password
	b.post("/afdeling/log-ind", form).want(t, http.StatusTooManyRequests, "Vent et kvarter")
	defer clock.Set(testapp.Now.Add(16 * 60e9))()
	b.post("/afdeling/log-ind", form).want(t, http.StatusSeeOther)
}

func TestLogOut(t *testing.T) {
	b, form := atDesk(t)
	b.post("/afdeling/log-ud", values{"csrf": "nonsense"}).want(t, http.StatusForbidden, "csrf.invalid")
	b.get("/afdeling/").want(t, http.StatusOK, "Send til kommunen")
	b.post("/afdeling/log-ud", values{"csrf": form["csrf"]}).want(t, http.StatusSeeOther)
	b.get("/afdeling/").want(t, http.StatusOK, "Adgangskode")
}

func TestSessionEndsWithTheAccount(t *testing.T) {
	for name, change := range map[string]map[string]any{
		"[A6] not active any longer": {"active": false},
		"[A6] another role":          {"role": "mentor", "ward": ""},
	} {
		t.Run(name, func(t *testing.T) {
			b, form := atDesk(t)
			user := b.app.Find(records.Users, "ward")
			user.Load(change)
			b.must(b.app.Save(user))
			b.wrote(0, func() { b.post("/afdeling/besked", form).want(t, http.StatusUnauthorized) })
		})
	}
}

// A session that ends while somebody writes costs a log-in, not the text.
func TestLoggedOutWhileWriting(t *testing.T) {
	b, form := atDesk(t)
	b.post("/afdeling/log-ud", values{"csrf": form["csrf"]})
	var p page
	b.wrote(0, func() {
		p = b.post("/afdeling/besked", form)
		p.want(t, http.StatusUnauthorized, "Du er logget ud")
		p = b.post("/afdeling/log-ind", p.hidden().with(values{"email": "ward@demo.example", "password": seed.Password}))
		p.want(t, http.StatusOK, "Send til kommunen")
		stillThere(t, p, form)
	})
	b.post("/afdeling/besked", form.with(p.hidden())).want(t, http.StatusSeeOther)
	if b.became(records.Notices, form) == nil {
		t.Error("no notice")
	}
}

func TestPages(t *testing.T) {
	b, _ := atDesk(t)
	p := b.get("/afdeling/")
	for _, name := range []string{"<script", "style=", "onclick", "http://", "https://"} {
		if strings.Contains(p.text, name) {
			t.Errorf("%s on the page", name)
		}
	}
	for name, want := range map[string]string{
		"Content-Security-Policy": "form-action 'self'", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
	} {
		if got := p.header.Get(name); !strings.Contains(got, want) {
			t.Errorf("%s is %q", name, got)
		}
	}
	for _, c := range []struct {
		path   string
		status int
		text   string
	}{
		{"/afdeling", http.StatusTemporaryRedirect, ""},
		{"/afdeling/log-ind", http.StatusSeeOther, ""},
		{"/afdeling/besked", http.StatusSeeOther, ""},
		{"/afdeling/nothing", http.StatusNotFound, "Siden findes ikke."},
		{"/afdeling/style.css", http.StatusOK, "--paper: #f6f4ef"},
	} {
		b.get(c.path).want(t, c.status, c.text)
	}
	b.do(http.MethodGet, "/afdeling/style.css", "", "If-None-Match", b.get("/afdeling/style.css").header.Get("ETag")).want(t, http.StatusNotModified)
}
