package hooks_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

func TestMain(m *testing.M) { testapp.Main(m) }

type values = map[string]any

// bad is a record that breaks one rule: a change to a record of the seed, or,
// where name is empty, a new one.
var bad = []struct {
	name       string
	collection string
	record     string
	values     values
	code, rule string
}{
	{"[P1] a number that is none", records.Citizens, "borgeralma", values{"phones": []string{"1234"}}, "phone.invalid", "P1"},
	{"[P1] a notice that nobody can call about", records.Notices, "kim", values{"phones": []string{}}, "phone.invalid", "P1"},
	{"[P2] a day that does not exist", records.Appointments, "aftalealma", values{"on": "2026-02-30"}, "date.invalid", "P2"},
	{"[P3] a time that does not exist", records.Appointments, "aftalealma", values{"time": "24:10"}, "time.invalid", "P3"},
	{"[P4] a state nobody knows", records.Courses, "alma", values{"state": "paused"}, "course.transition", "S1"},
	{"[W5] booked after the last day", records.Appointments, "aftalealma", values{"on": "2027-12-01"}, "window.after_end", "W5"},
	{"[W6] booked before the first day", records.Appointments, "aftalealma", values{"on": "2026-01-01"}, "window.before_start", "W6"},
	{"[W8] a talk outside the window", records.Contacts, "", contact(values{"occurred_at": "2026-01-05 10:00:00.000Z"}), "contact.outside_window", "W8"},
	{"[W9] a talk in the future", records.Contacts, "", contact(values{"occurred_at": "2026-11-22 13:00:00.000Z"}), "contact.in_future", "W9"},
	{"[W9] received in the future", records.Contacts, "", contact(values{"received_at": "2027-11-22 13:00:00.000Z"}), "contact.in_future", "W9"},
	{"[A2] a talk by somebody of another municipality", records.Contacts, "", contact(values{"by": seed.ID("nina")}), "municipality.other", "A2"},
	{"[S1] a course that begins in the middle", records.Courses, "", course(values{"state": "active"}), "course.transition", "S1"},
	{"[S1] a course back to the beginning", records.Courses, "alma", values{"state": "awaiting"}, "course.transition", "S1"},
	{"[S2] booked on a closed course", records.Appointments, "", appointment(values{"course": seed.ID("ida")}), "course.closed", "S2"},
	{"[S3] booked on hold", records.Appointments, "", appointment(values{"course": seed.ID("bo")}), "course.on_hold", "S3"},
	{"[S4] closed for no reason", records.Courses, "alma", values{"state": "closed", "closed_on": "2026-11-22"}, "course.reason_required", "S4"},
	{"[S4] closed on a day to come", records.Courses, "alma", values{"state": "closed", "closed_on": "2026-11-29", "reason": "moved"}, "course.reason_required", "S4"},
	{"[S7] accepted after it was declined", records.Notices, "frida", values{"status": "accepted"}, "notice.decided", "S7"},
	{"[TG8] a notice outside the target group", records.Notices, "kim", values{"answers": answers("adult", "no")}, "target.not_in_group", "TG8"},
	{"[TG9] an unknown accepted without a reason", records.Notices, "rosa", values{"status": "accepted"}, "target.needs_reason", "TG9"},
	{"[C2] a consent for two years", records.Consents, "", consent(values{"expires_on": "2028-11-01"}), "consent.too_long", "C2"},
	{"[C3] a notice with one consent", records.Notices, "kim", values{"consents": []values{{
		"scope": "contact", "form": "oral", "text_version": "1", "given_on": "2026-11-21", "expires_on": "2027-11-21"}}}, "consent.missing", "C3"},
	{"[C6] a consent rewritten", records.Consents, "contalma", values{"expires_on": "2026-12-01"}, "consent.append_only", "C6"},
	{"[C6] withdrawn before it was given", records.Consents, "contalma", values{"withdrawn_on": "2026-01-01"}, "consent.append_only", "C6"},
	{"[C7] a consent given tomorrow", records.Consents, "", consent(values{"given_on": "2026-11-23"}), "consent.in_future", "C7"},
	{"[S10] a kept appointment opened again", records.Appointments, "aftalenoor", values{"state": "open"}, "appointment.not_open", "S10"},
	{"[S15] a mentor of another municipality", records.Courses, "alma", values{"mentor": seed.ID("nina")}, "mentor.not_eligible", "S15"},
	{"[S15] a stand-in from a ward", records.Covers, "vikaralma", values{"user": seed.ID("ward")}, "mentor.not_eligible", "S15"},
	{"[A2] a course moved to another municipality", records.Courses, "alma", values{"municipality": seed.ID("eksempelby")}, "municipality.other", "A2"},
	{"[A6] ward staff without a ward", records.Users, "ward", values{"ward": ""}, "value.invalid", "P4"},
	{"a taper that goes backwards", records.Schemes, "ordningproevekoebing", values{"taper": []int{7, 3}}, "value.invalid", "P4"},
	{"[F3] a flag that begins closed", records.Flags, "", flag(values{"state": "closed", "done": "Talt med egen læge"}), "flag.done_required", "F3"},
	{"[A2] a flag by somebody of another municipality", records.Flags, "", flag(values{"by": seed.ID("nina")}), "municipality.other", "A2"},
	{"[W9] a flag in the future", records.Flags, "", flag(values{"at": "2026-11-22 13:00:00.000Z"}), "contact.in_future", "W9"},
	{"[O1] an offer in a talk that came up in no way there is", records.Contacts, "", contact(values{"offers": []values{{"offer": "", "how": "sent", "words": "Et kor"}}}), "value.invalid", "P4"},
	{"an offer that was checked tomorrow", records.Offers, "kilden", values{"checked_on": "2026-11-23"}, "value.invalid", "P4"},
	{"[K1] a number that was checked tomorrow", records.CrisisLines, "livslinien", values{"verified_on": "2026-11-23"}, "value.invalid", "P4"},
	{"[K3] a crisis line without a number", records.CrisisLines, "livslinien", values{"number": "7020120"}, "phone.invalid", "P1"},
	{"[P4] a municipality code that is none", records.Municipalities, "eksempelby", values{"code": "99"}, "value.invalid", "P4"},
}

func contact(more values) values {
	return with(values{"course": seed.ID("alma"), "by": seed.ID("maja"), "occurred_at": "2026-11-20 10:00:00.000Z",
		"received_at": "2026-11-20 10:05:00.000Z", "direction": "out", "outcome": "no_answer"}, more)
}

func appointment(more values) values {
	return with(values{"course": seed.ID("alma"), "on": "2026-11-27", "state": "open"}, more)
}

func flag(more values) values {
	return with(values{"course": seed.ID("alma"), "by": seed.ID("maja"), "at": "2026-11-22 10:00:00.000Z", "note": "Lød meget træt", "state": "open"}, more)
}

func consent(more values) values {
	return with(values{"course": seed.ID("alma"), "scope": "contact", "form": "oral", "given_on": "2026-11-01", "expires_on": "2027-11-01"}, more)
}

func course(more values) values {
	return with(values{"municipality": seed.ID("proevekoebing"), "scheme": seed.ID("ordningproevekoebing"),
		"started_on": "2026-11-20", "discharge_date": "2026-11-19", "state": "awaiting"}, more)
}

func answers(question, answer string) values {
	return with(values{"adult": "yes", "mental_disorder": "yes", "regional_psychiatry": "yes",
		"service_act_support": "no", "own_home": "yes", "other_support": "no"}, values{question: answer})
}

func with(base, more values) values {
	for k, v := range more {
		base[k] = v
	}
	return base
}

// TestRefused: what a rule refuses, it refuses by app.Save and in the
// dashboard alike, and nothing is written.
func TestRefused(t *testing.T) {
	a := testapp.New(t)
	settle(t, a)
	admin := a.Token("admin")
	for _, b := range bad {
		t.Run(b.name+" by app.Save", func(t *testing.T) {
			r := target(t, a, b.collection, b.record)
			r.Load(b.values)
			err := a.Save(r)
			if err == nil {
				t.Fatal("it was saved")
			}
			if rule := broken.Find(err); rule == nil || rule.Code != b.code || rule.Rule != b.rule {
				t.Fatalf("got %v (%v), want %s %s", rule, err, b.code, b.rule)
			}
		})
		t.Run(b.name+" in the dashboard", func(t *testing.T) {
			method, path := http.MethodPost, "/api/collections/"+b.collection+"/records"
			if b.record != "" {
				method, path = http.MethodPatch, path+"/"+seed.ID(b.record)
			}
			status, body := a.Do(method, path, admin, b.values)
			if status != http.StatusBadRequest {
				t.Fatalf("%d %s", status, body)
			}
			if !strings.Contains(body, `"code":"`+b.code+`"`) {
				t.Errorf("no code in %s", body)
			}
		})
	}
}

// settle brings two records of the seed into the state some rows start from.
func settle(t *testing.T, a *testapp.App) {
	t.Helper()
	for _, s := range []struct {
		collection, name string
		values           values
	}{
		{records.Notices, "frida", values{"status": "declined", "decline_reason": "Bor et andet sted"}},
		{records.Appointments, "aftalenoor", values{"state": "done"}},
	} {
		r := a.Find(s.collection, s.name)
		r.Load(s.values)
		if err := a.Save(r); err != nil {
			t.Fatal(err)
		}
	}
}

func target(t *testing.T, a *testapp.App, collection, name string) *core.Record {
	t.Helper()
	if name != "" {
		return a.Find(collection, name)
	}
	r, err := records.New(a, collection)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFourWays: one bad value, refused by the same rule on every way in.
func TestFourWays(t *testing.T) {
	a := testapp.New(t)
	t.Run("[P1] app.Save", func(t *testing.T) {
		r := a.Find(records.Citizens, "borgeralma")
		r.Set("phones", []string{"1234"})
		if rule := broken.Find(a.Save(r)); rule == nil || rule.Rule != "P1" {
			t.Fatalf("%v", rule)
		}
	})
	t.Run("[P1] the dashboard", func(t *testing.T) {
		status, body := a.Do(http.MethodPatch, "/api/collections/citizens/records/"+seed.ID("borgeralma"), a.Token("admin"),
			values{"phones": []string{"1234"}})
		if status != 400 || !strings.Contains(body, "phone.invalid") {
			t.Fatalf("%d %s", status, body)
		}
	})
	t.Run("[P1] sync push", func(t *testing.T) {
		o := a.Phone("maja").Do("citizen.correct", values{"citizen": seed.ID("borgeralma"), "set": values{"phones": []string{"1234"}}})
		if o.Result != "rejected" || o.Rule != "P1" {
			t.Fatalf("%+v", o)
		}
	})
	// [P1] intake is the fourth: intake/intake_test.go sends the same number
	// through the ward's form.
	if p := a.Find(records.Citizens, "borgeralma").GetString("phones"); p != `["+4512345671"]` {
		t.Errorf("phones are %s", p)
	}
}

func TestAppendOnly(t *testing.T) {
	a := testapp.New(t)
	contacts, err := a.FindAllRecords(records.Contacts)
	if err != nil || len(contacts) == 0 {
		t.Fatal(err)
	}
	c := contacts[0]
	t.Run("[S12] a talk is not rewritten", func(t *testing.T) {
		c.Set("note", "Noget andet")
		if rule := broken.Find(a.Save(c)); rule == nil || rule.Code != "contact.append_only" {
			t.Fatalf("%v", rule)
		}
	})
	t.Run("[S12] a talk is not removed", func(t *testing.T) {
		status, body := a.Do(http.MethodDelete, "/api/collections/contacts/records/"+c.Id, a.Token("admin"), nil)
		if status != 400 {
			t.Fatalf("%d %s", status, body)
		}
		if _, err := a.FindRecordById(records.Contacts, c.Id); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("[S16] an open course is not removed", func(t *testing.T) {
		if rule := broken.Find(a.Delete(a.Find(records.Courses, "alma"))); rule == nil || rule.Code != "course.open" {
			t.Fatalf("%v", rule)
		}
	})
	t.Run("[S16] with a closed course goes all that hangs on it", func(t *testing.T) {
		if err := a.Delete(a.Find(records.Courses, "ida")); err != nil {
			t.Fatal(err)
		}
		for _, collection := range []string{records.Citizens, records.Consents, records.Contacts} {
			left, err := a.FindAllRecords(collection)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range left {
				if r.GetString("course") == seed.ID("ida") {
					t.Errorf("%s %s is left", collection, r.Id)
				}
			}
		}
	})
}

func TestNobodyOverwrites(t *testing.T) {
	a := testapp.New(t)
	mine, theirs := a.Find(records.Citizens, "borgeralma"), a.Find(records.Citizens, "borgeralma")
	theirs.Set("hopes", "Vil lære at sy")
	if err := a.Save(theirs); err != nil {
		t.Fatal(err)
	}
	mine.Set("prefers", "Efter kl. 16")
	if rule := broken.Find(a.Save(mine)); rule == nil || rule.Rule != "S13" {
		t.Fatalf("[S13] %v", rule)
	}
	t.Run("[S13] the same record twice in a row is no conflict", func(t *testing.T) {
		for _, hope := range []string{"Vil strikke", "Vil hækle"} {
			theirs.Set("hopes", hope)
			if err := a.Save(theirs); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Run("[S14] what is gone is not brought back", func(t *testing.T) {
		ida := a.Find(records.Citizens, "borgerida")
		if err := a.Delete(a.Find(records.Courses, "ida")); err != nil {
			t.Fatal(err)
		}
		ida.Set("prefers", "Aldrig")
		if rule := broken.Find(a.Save(ida)); rule == nil || rule.Rule != "S14" {
			t.Fatalf("%v", rule)
		}
	})
}

func TestWorkedOut(t *testing.T) {
	a := testapp.New(t)
	c := a.Find(records.Courses, "alma")
	t.Run("[W1] the last day is the server's, whatever is sent", func(t *testing.T) {
		want := c.GetString("last_day")
		c.Set("last_day", "2030-01-01")
		if err := a.Save(c); err != nil {
			t.Fatal(err)
		}
		if got := a.Find(records.Courses, "alma").GetString("last_day"); got != want {
			t.Errorf("last day %s, want %s", got, want)
		}
	})
	t.Run("[TG8] the verdict is the server's, whatever is sent", func(t *testing.T) {
		n := a.Find(records.Notices, "rosa")
		n.Set("answers", answers("adult", "yes"))
		n.Set("verdict", "unknown")
		if err := a.Save(n); err != nil {
			t.Fatal(err)
		}
		if got := a.Find(records.Notices, "rosa").GetString("verdict"); got != "yes" {
			t.Errorf("verdict %s", got)
		}
	})
	t.Run("[W10] late is the server's", func(t *testing.T) {
		r, err := records.New(a, records.Contacts)
		if err != nil {
			t.Fatal(err)
		}
		r.Load(contact(values{"occurred_at": "2026-11-10 10:00:00.000Z", "received_at": "2026-11-20 10:00:00.000Z", "late": false}))
		if err := a.Save(r); err != nil || !r.GetBool("late") {
			t.Errorf("late %v, %v", r.GetBool("late"), err)
		}
	})
	t.Run("a moment is stored as it happened", func(t *testing.T) {
		r, err := records.New(a, records.Contacts)
		if err != nil {
			t.Fatal(err)
		}
		r.Load(contact(nil))
		if err := a.Save(r); err != nil {
			t.Fatal(err)
		}
		if at := records.Moment(r, "occurred_at"); !at.Equal(time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("%s", at)
		}
	})
}

// TestConsole: the one way past the hooks is shut, for everyone.
func TestConsole(t *testing.T) {
	a := testapp.New(t)
	for _, who := range []string{"admin", "karen"} {
		status, body := a.Do(http.MethodPost, "/api/sql", a.Token(who), values{"query": "DELETE FROM contacts"})
		var answer struct{ Code string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusForbidden || answer.Code != "sql.closed" {
			t.Errorf("%s: %d %s", who, status, body)
		}
	}
}

// TestLists: what the dashboard offers to choose from is what domain knows.
func TestLists(t *testing.T) {
	a := testapp.New(t)
	for _, l := range []struct {
		collection, field string
		want              []string
	}{
		{records.Courses, "state", []string{domain.Awaiting, domain.Active, domain.OnHold, domain.Closed}},
		{records.Courses, "reason", domain.ClosingReasons},
		{records.Contacts, "outcome", domain.Outcomes},
		{records.Appointments, "part_of_day", domain.PartsOfDay[1:]},
		{records.Users, "role", domain.Roles},
		{records.Schemes, "kind", []string{domain.SocialMentor, domain.DischargeMentor, domain.ClarificationPlace}},
	} {
		c, err := a.FindCollectionByNameOrId(l.collection)
		if err != nil {
			t.Fatal(err)
		}
		field, ok := c.Fields.GetByName(l.field).(*core.SelectField)
		if !ok || !slices.Equal(field.Values, l.want) {
			t.Errorf("[P4] %s.%s offers %v, domain knows %v", l.collection, l.field, field.Values, l.want)
		}
	}
}
