package intake_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// What a person can get wrong: told at the field, nothing written, nothing typed lost.
func TestMistakes(t *testing.T) {
	b, _ := atDesk(t)
	for _, c := range []struct{ name, field, value, code, text string }{
		{"[P4] no name", "name", " ", "value.invalid", "Skriv borgerens navn."},
		{"[P5] a name without end", "name", strings.Repeat("å", 201), "value.too_long", "Der er plads til 200 tegn."},
		{"[P4] no phone", "phone", "", "value.invalid", "Skriv et telefonnummer"},
		{"[P1] seven digits", "phone", "1234567", "phone.invalid", "Det er ikke et telefonnummer."},
		{"[P1] words for a second phone", "phone_other", "hos mor", "phone.invalid", "Det er ikke et telefonnummer."},
		{"[P4] no day", "discharge_date", "", "value.invalid", "Skriv dagen"},
		{"[P2] a day that does not exist", "discharge_date", "2026-02-30", "date.invalid", "Den dato findes ikke."},
		{"[P2] a day in another writing", "discharge_date", "24/11-2026", "date.invalid", "Den dato findes ikke."},
		{"[P4] planned or not, left open", "date_kind", "", "value.invalid", "Vælg et svar."},
		{"[S8] a cancelled discharge is no notice", "date_kind", "cancelled", "value.invalid", "Vælg et svar."},
		{"[P4 TG1] an answer left open", "adult", "", "value.invalid", "Vælg et svar."},
		{"[P4 TG4] an answer from no list", "service_act_support", "maybe", "value.invalid", "Vælg et svar."},
		{"[C3] consent neither yes nor no", "consent_contact", "", "value.invalid", "Vælg et svar."},
		{"[C3] consent is not unknown", "consent_disclosure", "unknown", "value.invalid", "Vælg et svar."},
		{"[C7] consent tomorrow", "contact_given_on", "2026-11-23", "consent.in_future", "ude i fremtiden"},
		{"[C1 C2] consent older than a year", "disclosure_given_on", "2025-11-21", "consent.not_valid", "mere end et år gammelt"},
		{"[P2] consent on a day that does not exist", "contact_given_on", "2026-13-01", "date.invalid", "Den dato findes ikke."},
		{"[P4] consent without a form", "contact_form", "", "value.invalid", "Vælg et svar."},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := b.form()
			sent := form.with(values{c.field: c.value})
			var p page
			b.wrote(0, func() { p = b.post("/afdeling/besked", sent) })
			p.want(t, http.StatusUnprocessableEntity, c.text, `id="`+c.field+`-fejl" data-code="`+c.code+`"`,
				`<a href="#`+c.field+`">`, `id="`+c.field+`"`, "<title>Fejl: ")
			if n := strings.Count(p.text, "data-code="); n != 1 {
				t.Errorf("%d fields are blamed", n)
			}
			described := c.field + "-fejl"
			if strings.Contains(p.text, `id="`+c.field+`-hint"`) {
				described += " " + c.field + "-hint"
			}
			p.want(t, http.StatusUnprocessableEntity, `aria-describedby="`+described+`"`)
			again := p.hidden()
			if again["id"] != form["id"] {
				t.Error("the form's number changed: sent again, it would be another notice")
			}
			stillThere(t, p, sent)
			b.wrote(1, func() { b.post("/afdeling/besked", form.with(again)).want(t, http.StatusSeeOther) })
		})
	}
	t.Run("[C1 C2] consent a year old to the day still holds", func(t *testing.T) {
		b.post("/afdeling/besked", b.form().with(values{"contact_given_on": "2025-11-22"})).want(t, http.StatusSeeOther)
	})
	t.Run("[P4] an empty form blames each open question once", func(t *testing.T) {
		form := b.form()
		p := b.post("/afdeling/besked", values{"csrf": form["csrf"], "id": form["id"]})
		p.want(t, http.StatusUnprocessableEntity)
		if n := strings.Count(p.text, "data-code="); n != 12 {
			t.Errorf("%d fields are blamed", n)
		}
	})
}

// stillThere: everything typed is on the page again.
func stillThere(t *testing.T, p page, sent values) {
	t.Helper()
	for name, value := range sent {
		if name == "csrf" || value == "" {
			continue
		}
		typed := regexp.MustCompile(`name="` + name + `"[^>]* value="` + regexp.QuoteMeta(value) + `"`)
		chosen := regexp.MustCompile(`name="` + name + `" value="` + regexp.QuoteMeta(value) + `" checked`)
		isChoice := strings.Contains(p.text, `type="radio" name="`+name+`"`)
		known := strings.Contains(p.text, `name="`+name+`" value="`+value+`"`)
		if isChoice && known && !chosen.MatchString(p.text) || !isChoice && !typed.MatchString(p.text) {
			t.Errorf("%s=%s is gone from %s", name, value, p.text)
		}
	}
}

// What no form of ours sends: refused with a code, nothing written.
func TestBadRequests(t *testing.T) {
	b, _ := atDesk(t)
	for _, c := range []struct {
		name   string
		change func(form values) (body string, header []string)
		status int
		code   string
	}{
		{"an unknown field", func(f values) (string, []string) { return f.with(values{"cpr": "0101011234"}).encode(), nil }, 400, "request.unknown_field"},
		{"a field of the log-in", func(f values) (string, []string) { return f.with(values{"password": "x"}).encode(), nil }, 400, "request.unknown_field"},
		{"a field twice", func(f values) (string, []string) { return f.encode() + "&name=Otto", nil }, 400, "request.repeated_field"},
		{"not UTF-8", func(f values) (string, []string) { return f.with(values{"name": "\xff"}).encode(), nil }, 400, "request.malformed"},
		{"a broken escape", func(f values) (string, []string) { return f.encode() + "%", nil }, 400, "request.malformed"},
		{"no number", func(f values) (string, []string) { return f.with(values{"id": ""}).encode(), nil }, 400, "request.form_id"},
		{"a crooked number", func(f values) (string, []string) { return f.with(values{"id": "../../etc/passwd"}).encode(), nil }, 400, "request.form_id"},
		{"JSON", func(values) (string, []string) { return `{}`, []string{"Content-Type", "application/json"} }, 415, "request.content_type"},
		{"multipart", func(values) (string, []string) {
			return "", []string{"Content-Type", "multipart/form-data; boundary=x"}
		}, 415, "request.content_type"},
		{"another character set", func(f values) (string, []string) {
			return f.encode(), []string{"Content-Type", "application/x-www-form-urlencoded; charset=latin1"}
		}, 415, "request.content_type"},
		{"too much", func(f values) (string, []string) {
			return f.with(values{"name": strings.Repeat("a", 33<<10)}).encode(), nil
		}, 413, "request.too_large"},
		{"from another site", func(f values) (string, []string) { return f.encode(), []string{"Sec-Fetch-Site", "cross-site"} }, 403, "request.cross_site"},
		{"from a neighbour's site", func(f values) (string, []string) { return f.encode(), []string{"Sec-Fetch-Site", "same-site"} }, 403, "request.cross_site"},
		{"from another origin", func(f values) (string, []string) { return f.encode(), []string{"Origin", "https://evil.example"} }, 403, "request.cross_site"},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, header := c.change(b.form())
			b.wrote(0, func() {
				b.do(http.MethodPost, "/afdeling/besked", body, header...).want(t, c.status, "<code>"+c.code+"</code>")
			})
		})
	}
}

func TestFormTokenIsTheBrowsersOwn(t *testing.T) {
	b, form := atDesk(t)
	foreign := otherWard(t, b.app).form()["csrf"]
	for name, token := range map[string]string{"missing": "", "wrong": "nonsense", "another ward's": foreign} {
		t.Run(name, func(t *testing.T) {
			sent := form.with(values{"csrf": token})
			b.wrote(0, func() {
				p := b.post("/afdeling/besked", sent)
				p.want(t, http.StatusForbidden, "åben for længe")
				stillThere(t, p, sent)
			})
		})
	}
	b.wrote(1, func() {
		b.post("/afdeling/besked", form, "Sec-Fetch-Site", "same-origin", "Origin", b.app.URL).want(t, http.StatusSeeOther)
	})
}
