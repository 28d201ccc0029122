package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"bindeled/internal/records"
	"bindeled/internal/seed"
)

func TestNotice(t *testing.T) {
	b, _ := atDesk(t)
	for _, c := range []struct {
		name     string
		change   values
		verdict  string
		reasons  string
		warnings string
		page     string
	}{
		{"[C3 P1] both consents, in the target group", nil, "yes", "[]", "[]", "Modtaget hos kommunen søndag 22. november 2026 kl. 12.20"},
		{"[TG6] other support is noted", values{"other_support": "yes"}, "yes", "[]", `["TG6"]`, "Modtaget"},
		{"[TG7] no home of one's own is noted", values{"own_home": "no"}, "yes", "[]", `["TG7"]`, "Modtaget"},
		{"[TG9] an unknown is for the coordinator", values{"service_act_support": "unknown"}, "unknown", `["TG4"]`, "[]", "ikke er afklaret"},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := b.form()
			var sent page
			b.wrote(1, func() { sent = b.post("/afdeling/besked", form.with(c.change)) })
			sent.want(t, http.StatusSeeOther)
			if sent.location != "/afdeling/kvittering/"+form["id"] {
				t.Fatalf("went to %q", sent.location)
			}
			b.get(sent.location).want(t, http.StatusOK, c.page, "Vera Vandret", "12 34 56 78", "tirsdag 24. november 2026", form["id"])

			r := b.became(records.Notices, form)
			if r == nil {
				t.Fatal("no notice")
			}
			for field, want := range map[string]string{
				"id": form["id"], "municipality": seed.ID("proevekoebing"), "scheme": seed.ID("ordningproevekoebing"),
				"ward": seed.ID("afsnitproevekoebing"), "source": "ward", "name": "Vera Vandret", "phones": `["+4512345678"]`,
				"discharge_date": "2026-11-24", "date_kind": "planned", "verdict": c.verdict, "reasons": c.reasons,
				"warnings": c.warnings, "status": "new", "received_at": "2026-11-22 11:20:00.000Z",
			} {
				if got := r.GetString(field); got != want {
					t.Errorf("%s is %q, want %q", field, got, want)
				}
			}
			consents, err := records.NoticeConsents(r)
			want := []records.NoticeConsent{
				{Scope: "contact", Form: "written", TextVersion: "1", GivenOn: "2026-11-20", ExpiresOn: "2027-11-20"},
				{Scope: "disclosure", Form: "oral", TextVersion: "1", GivenOn: "2026-11-22", ExpiresOn: "2027-11-22"},
			}
			if err != nil || fmt.Sprint(consents) != fmt.Sprint(want) {
				t.Errorf("consents are %v %v", consents, err)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	b, _ := atDesk(t)
	for _, c := range []struct {
		name    string
		change  values
		reasons string
		page    string
	}{
		{"[TG1 TG8] under 18", values{"adult": "no"}, `["TG1"]`, "ikke er fyldt 18 år"},
		{"[TG2 TG8] no mental disorder", values{"mental_disorder": "no"}, `["TG2"]`, "ikke har en psykisk lidelse"},
		{"[TG3 TG8] not from regional psychiatry", values{"regional_psychiatry": "no"}, `["TG3"]`, "den regionale psykiatri"},
		{"[TG4 TG8] support under serviceloven", values{"service_act_support": "yes"}, `["TG4"]`, "støtte efter serviceloven"},
		{"[TG5 TG8] the municipality took no part that day", values{"discharge_date": "1999-01-01"}, `["TG5"]`, "ikke er med i ordningen"},
		{"[TG8] a no outweighs an unknown", values{"adult": "no", "mental_disorder": "unknown"}, `["TG1"]`, "18 år"},
		{"[C3] no consent to contact", values{"consent_contact": "no"}, `["C3"]`, "ikke givet begge samtykker"},
		{"[C3] no consent to disclosure", values{"consent_disclosure": "no"}, `["C3"]`, "ikke givet begge samtykker"},
		{"[C3 TG8] neither in the target group nor consent", values{"adult": "no", "consent_contact": "no"}, `["TG1","C3"]`, "18 år"},
		{"[TG8] nobody needs a name to hear no", values{"adult": "no", "name": "", "phone": ""}, `["TG1"]`, "Borgeren er ikke i målgruppen for ordningen, fordi"},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := b.form()
			var sent page
			b.wrote(1, func() { sent = b.post("/afdeling/besked", form.with(c.change)) })
			sent.want(t, http.StatusSeeOther)
			p := b.get(sent.location)
			p.want(t, http.StatusOK, c.page, "Giv gerne pjecen med")
			if strings.Contains(p.text, "Vera") {
				t.Error("the page still knows who it was")
			}
			r := b.became(records.Refusals, form)
			if r == nil {
				t.Fatal("no refusal")
			}
			want := map[string]any{
				"municipality": seed.ID("proevekoebing"), "ward": seed.ID("afsnitproevekoebing"), "month": "2026-11", "leaflet": true,
			}
			for field, got := range r.FieldsData() {
				switch field {
				case "id":
				case "reasons":
					if r.GetString(field) != c.reasons {
						t.Errorf("reasons are %s", got)
					}
				default: // and no field beyond these: no identity
					if got != want[field] {
						t.Errorf("%s is %v", field, got)
					}
				}
			}
		})
	}
}

func TestSentTwice(t *testing.T) {
	b, _ := atDesk(t)
	t.Run("at once: one notice, the same receipt", func(t *testing.T) {
		form := b.form()
		answers := make([]page, 6)
		b.wrote(1, func() {
			var all sync.WaitGroup
			for i := range answers {
				all.Go(func() { answers[i] = b.post("/afdeling/besked", form) })
			}
			all.Wait()
		})
		for _, p := range answers {
			if p.status != http.StatusSeeOther || p.location != "/afdeling/kvittering/"+form["id"] {
				t.Errorf("got %d %q", p.status, p.location)
			}
		}
	})
	t.Run("with other answers: what was received stands", func(t *testing.T) {
		form := b.form()
		b.post("/afdeling/besked", form)
		b.wrote(0, func() {
			b.post("/afdeling/besked", form.with(values{"adult": "no", "name": "Another"})).want(t, http.StatusSeeOther)
		})
		if name := b.became(records.Notices, form).GetString("name"); name != "Vera Vandret" {
			t.Errorf("the name is %q", name)
		}
	})
	t.Run("[TG8] a slip corrected: the no is taken back", func(t *testing.T) {
		form := b.form()
		b.wrote(1, func() {
			b.post("/afdeling/besked", form.with(values{"adult": "no"})).want(t, http.StatusSeeOther)
			b.post("/afdeling/besked", form.with(values{"adult": "no", "mental_disorder": "no"})).want(t, http.StatusSeeOther)
		})
		if reasons := b.became(records.Refusals, form).GetString("reasons"); reasons != `["TG1","TG2"]` {
			t.Errorf("reasons are %s", reasons)
		}
		b.post("/afdeling/besked", form).want(t, http.StatusSeeOther)
		if b.became(records.Notices, form) == nil || b.became(records.Refusals, form) != nil {
			t.Error("the no still stands")
		}
	})
	t.Run("[A6] another ward's number: not its record", func(t *testing.T) {
		form := b.form()
		b.post("/afdeling/besked", form)
		other := otherWard(t, b.app)
		b.wrote(0, func() {
			p := other.post("/afdeling/besked", other.form().with(values{"id": form["id"], "name": "Otto Omvej"}))
			if p.status == http.StatusSeeOther || strings.Contains(p.text, "Vera") {
				t.Errorf("got %d %s", p.status, p.text)
			}
		})
		if name := b.became(records.Notices, form).GetString("name"); name != "Vera Vandret" {
			t.Errorf("the name is %q", name)
		}
	})
}

func TestReceiptIsTheWardsOwn(t *testing.T) {
	b, form := atDesk(t)
	sent := b.post("/afdeling/besked", form)
	for name, who := range map[string]*browser{
		"[A6] another ward":    otherWard(t, b.app),
		"[A6] nobody at all":   newBrowser(t, b.app),
		"[A6] a seeded notice": b,
	} {
		t.Run(name, func(t *testing.T) {
			path, status := sent.location, http.StatusNotFound
			switch who {
			case b:
				path = "/afdeling/kvittering/" + seed.ID("frida") // of the municipality next door
			default:
				if !strings.Contains(who.get("/afdeling/").text, "Log ud") {
					status = http.StatusSeeOther
				}
			}
			p := who.get(path)
			p.want(t, status)
			if strings.Contains(p.text, "Vera") || strings.Contains(p.text, "Frida") {
				t.Error("the page tells who it is")
			}
		})
	}
}

func TestNoScheme(t *testing.T) {
	b, form := atDesk(t)
	schemes, err := b.app.FindAllRecords(records.Schemes)
	b.must(err)
	for _, s := range schemes {
		s.Set("active", false)
		b.must(b.app.Save(s))
	}
	b.wrote(0, func() {
		b.post("/afdeling/besked", form).want(t, http.StatusInternalServerError, "Prøv igen", "Vera Vandret")
	})
}

func TestNameIsText(t *testing.T) {
	b, form := atDesk(t)
	evil := `"><script>alert(1)</script>`
	const escaped = "&#34;&gt;&lt;script&gt;"
	b.post("/afdeling/besked", form.with(values{"name": evil, "phone": "1"})).want(t, http.StatusUnprocessableEntity, escaped)
	sent := b.post("/afdeling/besked", form.with(values{"name": evil}))
	p := b.get(sent.location)
	p.want(t, http.StatusOK, escaped)
	if strings.Contains(p.text, "<script") {
		t.Error(p.text)
	}
	if name := b.became(records.Notices, form).GetString("name"); name != evil {
		t.Errorf("stored as %q", name)
	}
}
