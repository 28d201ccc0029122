package mutations_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

// later lets the clock stand so much after the tests' now.
func later(t *testing.T, by time.Duration) {
	t.Helper()
	t.Cleanup(clock.Set(testapp.Now.Add(by)))
}

func assign(t *testing.T, a *testapp.App, course, from, to string) {
	t.Helper()
	in := args{"course": seed.ID(course), "from": "", "mentor": ""}
	if from != "" {
		in["from"] = seed.ID(from)
	}
	if to != "" {
		in["mentor"] = seed.ID(to)
	}
	want(t, a.Phone("karen").Do("course.assign", in), sync.Applied, "", "")
}

func state(t *testing.T, a *testapp.App, appointment any) string {
	t.Helper()
	r, err := a.FindRecordById(records.Appointments, appointment.(string))
	if err != nil {
		t.Fatal(err)
	}
	return r.GetString("state")
}

// handed is a course that maja had for long and omar has since now, in which
// he has agreed a talk; maja comes back an hour later with what she did
// before.
func handed(t *testing.T, course string) (a *testapp.App, maja *testapp.Phone, agreed any) {
	t.Helper()
	a = testapp.New(t)
	assign(t, a, course, "maja", "omar")
	mine := next("2026-11-24")
	want(t, a.Phone("omar").Do("appointment.move", args{"course": seed.ID(course), "appointment": "", "next": mine}), sync.Applied, "", "")
	later(t, time.Hour)
	return a, a.Phone("maja"), mine["appointment"]
}

var before = testapp.Now.Add(-time.Minute)

func TestFormerMentor(t *testing.T) {
	t.Run("[A7] her talk is written, and what she agreed stands beside what is agreed now", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		hers := next("2026-11-27")
		in := talk("noor", "reached", args{"appointment": seed.ID("aftalenoor"), "next": hers})
		want(t, maja.DoAt(before, "contact.log", in), sync.Applied, "", "")
		if by := find(t, a, records.Contacts, in["contact"]).GetString("by"); by != seed.ID("maja") {
			t.Errorf("by %s", by)
		}
		if kept, his, new := state(t, a, seed.ID("aftalenoor")), state(t, a, agreed), state(t, a, hers["appointment"]); kept != "done" || his != "open" || new != "open" {
			t.Errorf("kept %s, his %s, hers %s", kept, his, new)
		}
	})
	t.Run("[A7] she moves what is still open, and nothing else", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		hers := next("2026-11-27")
		in := args{"course": seed.ID("noor"), "appointment": seed.ID("aftalenoor"), "next": hers}
		want(t, maja.DoAt(before, "appointment.move", in), sync.Applied, "", "")
		if old, his, new := state(t, a, seed.ID("aftalenoor")), state(t, a, agreed), state(t, a, hers["appointment"]); old != "moved" || his != "open" || new != "open" {
			t.Errorf("old %s, his %s, hers %s", old, his, new)
		}
	})
	t.Run("[A7 S10] what was moved meanwhile stays where it was moved to", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		again := next("2026-11-25")
		want(t, a.Phone("omar").Do("appointment.move", args{"course": seed.ID("noor"), "appointment": seed.ID("aftalenoor"), "next": again}), sync.Applied, "", "")
		in := args{"course": seed.ID("noor"), "appointment": seed.ID("aftalenoor"), "next": next("2026-11-27")}
		o := maja.DoAt(before, "appointment.move", in)
		want(t, o, sync.Rejected, "appointment.not_open", "S10")
		if o.Code != sync.CodeStale {
			t.Errorf("code %s", o.Code)
		}
		if state(t, a, agreed) != "open" || state(t, a, again["appointment"]) != "open" || open(t, a, "noor") != 2 {
			t.Errorf("%d open", open(t, a, "noor"))
		}
	})
	t.Run("[A7 S10] a talk with nobody does not move what was moved meanwhile", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		want(t, a.Phone("omar").Do("contact.log", talk("noor", "reached", args{"appointment": agreed, "next": next("2026-11-26")})), sync.Applied, "", "")
		want(t, maja.DoAt(before, "contact.log", talk("noor", "no_answer", args{"appointment": agreed, "next": next("2026-11-28")})), sync.Applied, "", "")
		if s := state(t, a, agreed); s != "done" || open(t, a, "noor") != 3 {
			t.Errorf("his is %s, %d open", s, open(t, a, "noor"))
		}
	})
	t.Run("[A7 S9] she does not end what another has: the talk stands, and so does what he agreed", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		in := talk("noor", "reached", args{"end": args{"reason": "completed", "told_resume": "yes"}})
		p := wantPart(t, maja.DoAt(before, "contact.log", in), "end", "course.assigned", "S9")
		if p.Code != sync.CodeStale || p.Params["mentor"] != seed.ID("omar") {
			t.Errorf("%+v", p)
		}
		want(t, a.Phone("maja").DoAt(before, "course.close", args{"course": seed.ID("noor"), "reason": "moved", "told_resume": "yes"}), sync.Rejected, "course.assigned", "S9")
		if s := a.Find(records.Courses, "noor").GetString("state"); s != "active" || state(t, a, agreed) != "open" {
			t.Errorf("course %s, his %s", s, state(t, a, agreed))
		}
		if find(t, a, records.Contacts, in["contact"]) == nil {
			t.Error("no talk")
		}
	})
	t.Run("[A7 S9] she does not open what another has", func(t *testing.T) {
		a := testapp.New(t)
		assign(t, a, "ida", "maja", "omar")
		later(t, time.Hour)
		want(t, a.Phone("maja").DoAt(before, "course.resume", args{"course": seed.ID("ida"), "next": next("2026-11-25")}), sync.Rejected, "course.assigned", "S9")
	})
	t.Run("[A7] she ends what nobody has", func(t *testing.T) {
		a := testapp.New(t)
		assign(t, a, "noor", "maja", "")
		later(t, time.Hour)
		want(t, a.Phone("maja").DoAt(before, "course.close", args{"course": seed.ID("noor"), "reason": "moved", "told_resume": "yes"}), sync.Applied, "", "")
	})
	t.Run("[A7] what may be is judged as ever: nothing is booked on a course closed since", func(t *testing.T) {
		a, maja, _ := handed(t, "noor")
		want(t, a.Phone("omar").Do("course.close", args{"course": seed.ID("noor"), "reason": "moved", "told_resume": "yes"}), sync.Applied, "", "")
		wantPart(t, maja.DoAt(before, "contact.log", talk("noor", "reached", args{"next": next("2026-11-27")})), "next", "course.closed", "S2")
		want(t, a.Phone("maja").DoAt(before, "appointment.move", args{"course": seed.ID("noor"), "appointment": "", "next": next("2026-11-27")}), sync.Rejected, "course.closed", "S2")
	})
	t.Run("[A7] consent taken back to her is taken back", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		want(t, maja.DoAt(before, "consent.withdraw", args{"course": seed.ID("noor")}), sync.Applied, "", "")
		if s := state(t, a, agreed); s != "cancelled" {
			t.Errorf("a talk is %s that nobody consents to", s)
		}
	})
	t.Run("[A3] what she does afterwards is kept for the coordinator", func(t *testing.T) {
		a, maja, _ := handed(t, "noor")
		in := talk("noor", "no_answer", args{"occurred_at": testapp.Now.Add(time.Second).Format(time.RFC3339)})
		o := maja.DoAt(testapp.Now.Add(time.Second), "contact.log", in)
		want(t, o, sync.Escrowed, "course.not_member", "A3")
		if o.Code != sync.CodeForbidden {
			t.Errorf("code %s", o.Code)
		}
		release(t, a, maja, 1, sync.Applied, "")
		if c := find(t, a, records.Contacts, in["contact"]); c == nil || c.GetString("by") != seed.ID("maja") {
			t.Errorf("%v", c)
		}
	})
	t.Run("[A7] the account is judged as it is now: moved next door, it is kept for those it is about, and nobody there sees it", func(t *testing.T) {
		a, maja, _ := handed(t, "noor")
		change(t, a, records.Users, "maja", args{"municipality": seed.ID("eksempelby")})
		want(t, maja.DoAt(before, "contact.log", talk("noor", "no_answer", nil)), sync.Escrowed, "municipality.other", "A2")
		if here, there := len(keptOf(t, a, "karen")), len(keptOf(t, a, "ole")); here != 1 || there != 0 {
			t.Errorf("karen sees %d, and ole next door %d", here, there)
		}
	})
	t.Run("[A7] no longer active: kept, and done when the coordinator says so", func(t *testing.T) {
		a, maja, agreed := handed(t, "noor")
		change(t, a, records.Users, "maja", args{"active": false})
		in := talk("noor", "reached", args{"end": args{"reason": "completed", "told_resume": "yes"}})
		want(t, maja.DoAt(before, "contact.log", in), sync.Escrowed, "sync.inactive", "")
		if n := len(keptOf(t, a, "karen")); n != 1 {
			t.Fatalf("karen sees %d", n)
		}
		if n := len(keptOf(t, a, "omar")) + len(keptOf(t, a, "ole")); n != 0 {
			t.Errorf("others see %d", n)
		}
		release(t, a, maja, 1, sync.Applied, "")
		if c := a.Find(records.Courses, "noor"); c.GetString("state") != "closed" || c.GetString("closed_by") != seed.ID("maja") || state(t, a, agreed) != "cancelled" {
			t.Errorf("%s by %s", c.GetString("state"), c.GetString("closed_by"))
		}
		if n := len(keptOf(t, a, "karen")); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
	t.Run("[A7] who never had it has no more than before", func(t *testing.T) {
		a, _, _ := handed(t, "noor")
		want(t, a.Phone("nina").DoAt(before, "contact.log", talk("noor", "no_answer", nil)), sync.Escrowed, "municipality.other", "A2")
		want(t, a.Phone("maja").DoAt(before, "contact.log", talk("liv", "no_answer", nil)), sync.Escrowed, "course.not_member", "A3")
	})
}

func TestGrace(t *testing.T) {
	const day = 24 * time.Hour
	then := testapp.Now.Add(-time.Hour)
	at := args{"occurred_at": then.Format(time.RFC3339)}
	t.Run("[A7] thirty days later it is still done", func(t *testing.T) {
		a := testapp.New(t)
		assign(t, a, "noor", "maja", "omar")
		later(t, domain.Grace-time.Hour)
		want(t, a.Phone("maja").DoAt(then, "contact.log", talk("noor", "no_answer", at)), sync.Applied, "", "")
	})
	t.Run("[A7] after thirty days it is kept, also of who is the mentor", func(t *testing.T) {
		a := testapp.New(t)
		later(t, domain.Grace+day)
		want(t, a.Phone("maja").DoAt(then, "contact.log", talk("noor", "no_answer", at)), sync.Escrowed, "sync.late", "")
	})
	t.Run("[A7] a talk of long ago written down now is the mentor's to write, and not the former mentor's or the stand-in's", func(t *testing.T) {
		a := testapp.New(t)
		assign(t, a, "noor", "maja", "omar")
		later(t, domain.Grace+day)
		now := clock.Now()
		want(t, a.Phone("omar").DoAt(now, "contact.log", talk("noor", "no_answer", at)), sync.Applied, "", "")
		want(t, a.Phone("maja").DoAt(now, "contact.log", talk("noor", "no_answer", at)), sync.Escrowed, "course.not_member", "A3")
		want(t, a.Phone("omar").DoAt(now, "contact.log", talk("alma", "no_answer", at)), sync.Escrowed, "course.not_member", "A3")
	})
	t.Run("[A7] a stand-in hands in what was done while the cover lasted", func(t *testing.T) {
		a := testapp.New(t)
		later(t, 20*day) // the cover is over
		want(t, a.Phone("omar").DoAt(then, "contact.log", talk("alma", "no_answer", at)), sync.Applied, "", "")
		want(t, a.Phone("omar").Do("contact.log", talk("alma", "no_answer", args{"occurred_at": clock.Now().Format(time.RFC3339)})), sync.Escrowed, "course.not_member", "A3")
	})
}

func TestCorrecting(t *testing.T) {
	alma := func(a *testapp.App) args {
		r := a.Find(records.Citizens, "borgeralma")
		return args{"name": r.GetString("name"), "prefers": r.GetString("prefers"), "hopes": r.GetString("hopes"), "phones": []string{"+4512345671"}}
	}
	correct := func(was, set args) args {
		in := args{"citizen": seed.ID("borgeralma"), "set": set}
		if was != nil {
			in["was"] = was
		}
		return in
	}
	t.Run("two correct different things, and both prevail", func(t *testing.T) {
		a := testapp.New(t)
		was := alma(a)
		want(t, a.Phone("omar").Do("citizen.correct", correct(args{"hopes": was["hopes"]}, args{"hopes": "Vil sy"})), sync.Applied, "", "")
		want(t, a.Phone("maja").Do("citizen.correct", correct(args{"prefers": was["prefers"]}, args{"prefers": "Efter kl. 16"})), sync.Applied, "", "")
		if now := alma(a); now["hopes"] != "Vil sy" || now["prefers"] != "Efter kl. 16" {
			t.Errorf("%v", now)
		}
	})
	t.Run("two correct the same: the last one stands, and is told of the other", func(t *testing.T) {
		a := testapp.New(t)
		was := args{"prefers": alma(a)["prefers"]}
		want(t, a.Phone("omar").Do("citizen.correct", correct(was, args{"prefers": "Formiddag"})), sync.Applied, "", "")
		o := a.Phone("maja").Do("citizen.correct", correct(was, args{"prefers": "Efter kl. 16"}))
		if o.Result != sync.MergedIn || len(o.Merged) != 1 || o.Merged[0] != (sync.Clash{Field: "prefers", Theirs: "Formiddag", Mine: "Efter kl. 16"}) {
			t.Errorf("%+v", o)
		}
		if now := alma(a); now["prefers"] != "Efter kl. 16" {
			t.Errorf("%v", now)
		}
	})
	t.Run("[P1] of numbers, what each added and took away counts, however it is written", func(t *testing.T) {
		a := testapp.New(t)
		was := args{"phones": []string{"12 34 56 71"}}
		want(t, a.Phone("omar").Do("citizen.correct", correct(was, args{"phones": []string{"12345671", "22222222"}})), sync.Applied, "", "")
		want(t, a.Phone("maja").Do("citizen.correct", correct(was, args{"phones": []string{"+45 33 33 33 33"}})), sync.Applied, "", "")
		if p := a.Find(records.Citizens, "borgeralma").GetString("phones"); p != `["+4522222222","+4533333333"]` {
			t.Errorf("phones %s", p)
		}
	})
	t.Run("an old phone does not say what it saw: what it says stands", func(t *testing.T) {
		a := testapp.New(t)
		want(t, a.Phone("omar").Do("citizen.correct", correct(nil, args{"prefers": "Formiddag", "phones": []string{"22222222"}})), sync.Applied, "", "")
		want(t, a.Phone("maja").Do("citizen.correct", correct(nil, args{"prefers": "Efter kl. 16", "phones": []string{"33333333"}})), sync.Applied, "", "")
		if c := a.Find(records.Citizens, "borgeralma"); c.GetString("prefers") != "Efter kl. 16" || c.GetString("phones") != `["+4533333333"]` {
			t.Errorf("%s %s", c.GetString("prefers"), c.GetString("phones"))
		}
	})
	t.Run("[C5] a number put in beside a withdrawal is not kept", func(t *testing.T) {
		a := testapp.New(t)
		want(t, a.Phone("omar").Do("consent.withdraw", args{"course": seed.ID("alma")}), sync.Applied, "", "")
		o := a.Phone("maja").Do("citizen.correct", correct(args{"phones": []string{"+4512345671"}}, args{"phones": []string{"+4512345671", "22222222"}}))
		want(t, o, sync.Rejected, "consent.withdrawn", "C5")
		want(t, a.Phone("maja").Do("citizen.correct", correct(args{"phones": []string{"+4512345671"}}, args{"phones": []string{}})), sync.Applied, "", "")
	})
}

func find(t *testing.T, a *testapp.App, collection string, id any) *core.Record {
	t.Helper()
	r, err := records.Find(a, collection, id.(string))
	if err != nil && !records.IsGone(err) {
		t.Fatal(err)
	}
	return r
}

func change(t *testing.T, a *testapp.App, collection, name string, v args) {
	t.Helper()
	r := a.Find(collection, name)
	r.Load(v)
	if err := a.Save(r); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, a *testapp.App, course string) int64 {
	t.Helper()
	return count(t, a, records.Appointments, dbx.HashExp{"course": seed.ID(course), "state": records.AppointmentOpen})
}

func keptOf(t *testing.T, a *testapp.App, who string) []args {
	t.Helper()
	status, body := a.Do(http.MethodGet, "/api/sync/kept", a.Token(who), nil)
	var answer struct{ Items []args }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	return answer.Items
}

// release lets the coordinator do what was kept of somebody's.
func release(t *testing.T, a *testapp.App, of *testapp.Phone, n int, result, reason string) {
	t.Helper()
	o := a.Phone("karen").Do("sync.settle", args{"user": seed.ID(of.User), "device": of.Device, "n": n, "how": "release", "note": ""})
	if o.Result != result || o.Reason != reason {
		t.Fatalf("release: %+v", o)
	}
}
