package mutations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

func TestMain(m *testing.M) { testapp.Main(m) }

type args = map[string]any

func talk(course, outcome string, more args) args {
	a := args{
		"contact": testapp.ID(), "course": seed.ID(course), "occurred_at": testapp.Now.Add(-time.Hour).Format(time.RFC3339),
		"direction": "out", "outcome": outcome, "minutes": 12, "topics": []string{"wellbeing"}, "needs_now": false,
		"offers": []string{}, "note": "Sover bedre.", "appointment": "",
	}
	for k, v := range more {
		a[k] = v
	}
	return a
}

func next(on string) args {
	return args{"appointment": testapp.ID(), "on": on, "part_of_day": "morning", "time": "", "topic": "Om fællesspisning"}
}

func want(t *testing.T, o sync.Outcome, result, reason, rule string) {
	t.Helper()
	if o.Result != result || o.Reason != reason || o.Rule != rule {
		t.Fatalf("got %s %s %s %s %v, want %s %s %s", o.Result, o.Code, o.Reason, o.Rule, o.Refused, result, reason, rule)
	}
}

func wantPart(t *testing.T, o sync.Outcome, part, reason, rule string) sync.Part {
	t.Helper()
	if o.Result != sync.Applied || len(o.Refused) != 1 {
		t.Fatalf("got %+v, want applied with one part refused", o)
	}
	p := o.Refused[0]
	if p.Part != part || p.Reason != reason || p.Rule != rule {
		t.Fatalf("got part %+v, want %s %s %s", p, part, reason, rule)
	}
	return p
}

func count(t *testing.T, a *testapp.App, collection string, where dbx.HashExp) int64 {
	t.Helper()
	n, err := a.CountRecords(collection, where)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLogContact(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")

	t.Run("[S11] reached, goes on: contact, kept appointment, next one", func(t *testing.T) {
		in := talk("alma", "reached", args{"appointment": a.Find(records.Appointments, "aftalealma").Id, "next": next("2026-11-27")})
		want(t, maja.Do("contact.log", in), sync.Applied, "", "")
		kept := a.Find(records.Appointments, "aftalealma")
		if kept.GetString("state") != "done" || kept.GetString("done_by") != in["contact"] {
			t.Errorf("the kept appointment is %s by %s", kept.GetString("state"), kept.GetString("done_by"))
		}
		if n := count(t, a, records.Appointments, dbx.HashExp{"course": seed.ID("alma"), "state": "open", "on": "2026-11-27"}); n != 1 {
			t.Errorf("%d next appointments", n)
		}
		c, err := a.FindRecordById(records.Contacts, in["contact"].(string))
		if err != nil || c.GetString("note") != "Sover bedre." || c.GetString("by") != seed.ID("maja") {
			t.Errorf("contact %v, %v", c, err)
		}
	})
	t.Run("[S1] the first talk makes a course active", func(t *testing.T) {
		want(t, maja.Do("contact.log", talk("birk", "reached", args{"next": next("2026-11-27")})), sync.Applied, "", "")
		if s := a.Find(records.Courses, "birk").GetString("state"); s != "active" {
			t.Errorf("state is %s", s)
		}
	})
	t.Run("no answer leaves the appointment as it is", func(t *testing.T) {
		in := talk("noor", "no_answer", args{"appointment": a.Find(records.Appointments, "aftalenoor").Id})
		want(t, maja.Do("contact.log", in), sync.Applied, "", "")
		if s := a.Find(records.Appointments, "aftalenoor").GetString("state"); s != "open" {
			t.Errorf("state is %s", s)
		}
	})
	t.Run("no answer with another time moves the appointment", func(t *testing.T) {
		in := talk("viggo", "no_answer", args{"appointment": a.Find(records.Appointments, "aftaleviggo").Id, "next": next("2026-11-23")})
		want(t, maja.Do("contact.log", in), sync.Applied, "", "")
		if s := a.Find(records.Appointments, "aftaleviggo").GetString("state"); s != "moved" {
			t.Errorf("state is %s", s)
		}
	})
	t.Run("[W5] past the window: the contact stands, the booking is refused", func(t *testing.T) {
		in := talk("saga", "reached", args{"next": next("2027-03-01")})
		p := wantPart(t, maja.Do("contact.log", in), "next", "window.after_end", "W5")
		if p.Params["last_day"] != "2026-11-27" {
			t.Errorf("params %v", p.Params)
		}
		if n := count(t, a, records.Contacts, dbx.HashExp{"id": in["contact"]}); n != 1 {
			t.Errorf("%d contacts", n)
		}
		if n := count(t, a, records.Appointments, dbx.HashExp{"course": seed.ID("saga"), "on": "2027-03-01"}); n != 0 {
			t.Errorf("%d bookings past the window", n)
		}
	})
	t.Run("[W7] the next talk before this one is refused by itself", func(t *testing.T) {
		wantPart(t, maja.Do("contact.log", talk("elias", "reached", args{"next": next("2026-11-20")})), "next", "appointment.before_contact", "W7")
	})
	t.Run("[P2] a day that does not exist is refused by itself", func(t *testing.T) {
		wantPart(t, maja.Do("contact.log", talk("elias", "reached", args{"next": next("2027-02-30")})), "next", "date.invalid", "P2")
	})
	t.Run("[S11] reached with neither next nor end", func(t *testing.T) {
		want(t, maja.Do("contact.log", talk("noor", "reached", nil)), sync.Rejected, "contact.next_or_end", "S11")
	})
	t.Run("[S11] both next and end", func(t *testing.T) {
		both := args{"next": next("2026-11-27"), "end": args{"reason": "completed", "told_resume": "yes"}}
		want(t, maja.Do("contact.log", talk("noor", "reached", both)), sync.Rejected, "contact.next_or_end", "S11")
	})
	t.Run("[W9] a talk that has not happened yet", func(t *testing.T) {
		in := talk("noor", "no_answer", args{"occurred_at": testapp.Now.Add(time.Hour).Format(time.RFC3339)})
		want(t, maja.Do("contact.log", in), sync.Rejected, "contact.in_future", "W9")
	})
	t.Run("[W9] a phone whose clock is wrong: its times are set right", func(t *testing.T) {
		for _, skew := range []time.Duration{26 * time.Hour, -400 * 24 * time.Hour} {
			phone := a.Phone("maja")
			phone.Skew = skew
			in := talk("saga", "reached", args{"occurred_at": testapp.Now.Add(skew - time.Hour).Format(time.RFC3339), "next": next("2027-12-24")})
			wantPart(t, phone.Do("contact.log", in), "next", "window.after_end", "W5")
			c, err := a.FindRecordById(records.Contacts, in["contact"].(string))
			if err != nil || !records.Moment(c, "occurred_at").Equal(testapp.Now.Add(-time.Hour)) {
				t.Errorf("%v %v", records.Moment(c, "occurred_at"), err)
			}
		}
	})
	t.Run("[W8] a talk before the window", func(t *testing.T) {
		in := talk("noor", "no_answer", args{"occurred_at": "2026-01-05T10:00:00Z"})
		want(t, maja.Do("contact.log", in), sync.Rejected, "contact.outside_window", "W8")
	})
	t.Run("[W10] a talk written down ten days later is marked late", func(t *testing.T) {
		in := talk("noor", "no_answer", args{"occurred_at": testapp.Now.AddDate(0, 0, -10).Format(time.RFC3339)})
		want(t, maja.Do("contact.log", in), sync.Applied, "", "")
		if c, err := a.FindRecordById(records.Contacts, in["contact"].(string)); err != nil || !c.GetBool("late") {
			t.Errorf("late: %v %v", c, err)
		}
	})
	t.Run("[S4] ending closes the course and cancels what was agreed", func(t *testing.T) {
		in := talk("elias", "reached", args{"end": args{"reason": "completed", "told_resume": "not_reached"}})
		want(t, maja.Do("contact.log", in), sync.Applied, "", "")
		c := a.Find(records.Courses, "elias")
		if c.GetString("state") != "closed" || c.GetString("closed_by") != seed.ID("maja") || c.GetString("told_resume") != "not_reached" {
			t.Errorf("course %s by %s", c.GetString("state"), c.GetString("closed_by"))
		}
		if n := count(t, a, records.Appointments, dbx.HashExp{"course": seed.ID("elias"), "state": "open"}); n != 0 {
			t.Errorf("%d open appointments", n)
		}
	})
	t.Run("[S2] a course closed by another meanwhile: the contact stands, the rest is refused", func(t *testing.T) {
		want(t, a.Phone("karen").Do("course.close", args{"course": seed.ID("noor"), "reason": "moved", "told_resume": "yes"}), sync.Applied, "", "")
		in := talk("noor", "reached", args{"next": next("2026-11-27")})
		p := wantPart(t, maja.Do("contact.log", in), "next", "course.closed", "S2")
		if p.Params["by"] != seed.ID("karen") || p.Params["closed_on"] != "2026-11-22" {
			t.Errorf("params %v", p.Params)
		}
		in = talk("noor", "reached", args{"end": args{"reason": "completed", "told_resume": "yes"}})
		wantPart(t, maja.Do("contact.log", in), "end", "course.closed", "S2")
		if n := count(t, a, records.Contacts, dbx.HashExp{"id": in["contact"]}); n != 1 {
			t.Errorf("%d contacts", n)
		}
	})
	t.Run("[O1] what came up is written with its words, from an older phone too", func(t *testing.T) {
		for _, c := range []struct {
			offers any
			want   string
		}{
			{[]args{{"offer": seed.ID("kilden"), "how": "been", "words": "Det var rart"}}, `[{"offer":"kilden000000000","how":"been","words":"Det var rart"}]`},
			{[]string{"Et kor"}, `[{"offer":"","how":"told","words":"Et kor"}]`},
			{nil, `[]`},
		} {
			in := talk("viggo", "no_answer", args{"offers": c.offers})
			want(t, maja.Do("contact.log", in), sync.Applied, "", "")
			if r, err := a.FindRecordById(records.Contacts, in["contact"].(string)); err != nil || r.GetString("offers") != c.want {
				t.Errorf("%v: %v, want %s", err, r.GetString("offers"), c.want)
			}
		}
		want(t, maja.Do("contact.log", talk("viggo", "no_answer", args{"offers": []args{{"offer": "", "how": "told", "words": ""}}})), sync.Rejected, "value.invalid", "P4")
		want(t, maja.Do("contact.log", talk("viggo", "no_answer", args{"offers": []args{{"offer": "", "how": "told", "words": "x", "score": 7}}})), sync.Rejected, "args.invalid", "")
	})
	t.Run("[P4] a topic nobody knows", func(t *testing.T) {
		want(t, maja.Do("contact.log", talk("viggo", "no_answer", args{"topics": []string{"weather"}})), sync.Rejected, "value.invalid", "P4")
	})
	t.Run("[P5] a note that is too long to keep whole", func(t *testing.T) {
		want(t, maja.Do("contact.log", talk("viggo", "no_answer", args{"note": strings.Repeat("å", 20_001)})), sync.Rejected, "value.too_long", "P5")
	})
	t.Run("the same contact under another number is not written twice", func(t *testing.T) {
		in := talk("viggo", "no_answer", nil)
		want(t, maja.Do("contact.log", in), sync.Applied, "", "")
		want(t, a.Phone("maja").Do("contact.log", in), sync.Applied, "", "")
		if n := count(t, a, records.Contacts, dbx.HashExp{"id": in["contact"]}); n != 1 {
			t.Errorf("%d contacts", n)
		}
	})
}

func TestWhoMay(t *testing.T) {
	a := testapp.New(t)
	own := map[string]args{
		"contact.log":      talk("birk", "no_answer", nil),
		"appointment.move": {"course": seed.ID("birk"), "appointment": "", "next": next("2026-11-25")},
		"citizen.correct":  {"citizen": seed.ID("borgerbirk"), "set": args{"prefers": "Efter kl. 16"}},
		"course.close":     {"course": seed.ID("birk"), "reason": "moved", "told_resume": "yes"},
		"course.resume":    {"course": seed.ID("ida"), "next": next("2026-11-25")},
		"consent.withdraw": {"course": seed.ID("birk")},
		"flag.raise":       concern("birk", nil),
		"flag.close":       {"course": seed.ID("birk"), "flag": testapp.ID(), "done": "Talt med egen læge"},
	}
	others := map[string]args{
		"notice.accept":  {"notice": seed.ID("kim"), "course": testapp.ID(), "mentor": "", "override_reason": ""},
		"notice.decline": {"notice": seed.ID("kim"), "reason": "Bor i en anden kommune"},
		"course.assign":  {"course": seed.ID("ture"), "mentor": seed.ID("maja"), "from": ""},
	}
	for name, in := range own {
		t.Run("[A3] a mentor who never had the course: "+name, func(t *testing.T) {
			want(t, a.Phone("omar").Do(name, in), sync.Escrowed, "course.not_member", "A3")
		})
		t.Run("[A2] a mentor of another municipality: "+name, func(t *testing.T) {
			want(t, a.Phone("nina").Do(name, in), sync.Escrowed, "municipality.other", "A2")
		})
		t.Run("[A2] a coordinator of another municipality: "+name, func(t *testing.T) {
			want(t, a.Phone("ole").Do(name, in), sync.Escrowed, "municipality.other", "A2")
		})
	}
	for name, in := range others {
		t.Run("[A4] a mentor: "+name, func(t *testing.T) {
			want(t, a.Phone("maja").Do(name, in), sync.Escrowed, "access.denied", "A1")
		})
		t.Run("[A2] a coordinator of another municipality: "+name, func(t *testing.T) {
			want(t, a.Phone("ole").Do(name, in), sync.Escrowed, "municipality.other", "A2")
		})
		t.Run("[A4] a coordinator: "+name, func(t *testing.T) {
			if name == "notice.decline" {
				in["notice"] = seed.ID("rosa") // the other is decided by now
			}
			want(t, a.Phone("karen").Do(name, in), sync.Applied, "", "")
		})
	}
	t.Run("[A3] a stand-in while the cover lasts", func(t *testing.T) {
		want(t, a.Phone("omar").Do("contact.log", talk("alma", "no_answer", nil)), sync.Applied, "", "")
	})
	t.Run("[A3] a stand-in before the cover began", func(t *testing.T) {
		in := talk("alma", "no_answer", args{"occurred_at": testapp.Now.AddDate(0, 0, -5).Format(time.RFC3339)})
		want(t, a.Phone("omar").Do("contact.log", in), sync.Escrowed, "course.not_member", "A3")
	})
	t.Run("[A1] of an account that is not active nothing is done, and nothing lost", func(t *testing.T) {
		omar := a.Find(records.Users, "omar")
		omar.Set("active", false)
		if err := a.Save(omar); err != nil {
			t.Fatal(err)
		}
		in := talk("liv", "no_answer", nil)
		want(t, a.Phone("omar").Do("contact.log", in), sync.Escrowed, "sync.inactive", "")
		if n := count(t, a, records.Contacts, dbx.HashExp{"id": in["contact"]}); n != 0 {
			t.Errorf("%d contacts", n)
		}
	})
}

func TestNotices(t *testing.T) {
	a := testapp.New(t)
	karen := a.Phone("karen")
	t.Run("[TG9] an unknown needs a reason", func(t *testing.T) {
		in := args{"notice": seed.ID("rosa"), "course": testapp.ID(), "mentor": seed.ID("maja"), "override_reason": ""}
		want(t, karen.Do("notice.accept", in), sync.Rejected, "target.needs_reason", "TG9")
		in["override_reason"] = "Afsnittet har bekræftet det i telefonen"
		want(t, karen.Do("notice.accept", in), sync.Applied, "", "")
	})
	t.Run("a notice becomes a course with its window, person and consents", func(t *testing.T) {
		course := testapp.ID()
		want(t, karen.Do("notice.accept", args{"notice": seed.ID("kim"), "course": course, "mentor": seed.ID("maja"), "override_reason": ""}), sync.Applied, "", "")
		c, err := a.FindRecordById(records.Courses, course)
		if err != nil {
			t.Fatal(err)
		}
		if c.GetString("last_day") != "2027-05-21" || c.GetString("state") != "awaiting" || c.GetString("mentor") != seed.ID("maja") {
			t.Errorf("course %s %s %s", c.GetString("last_day"), c.GetString("state"), c.GetString("mentor"))
		}
		if n := count(t, a, records.Citizens, dbx.HashExp{"course": course, "name": "Kim Kladde"}); n != 1 {
			t.Errorf("%d citizens", n)
		}
		if n := count(t, a, records.Consents, dbx.HashExp{"course": course}); n != 2 {
			t.Errorf("%d consents", n)
		}
	})
	t.Run("[S7] a notice is decided once", func(t *testing.T) {
		want(t, karen.Do("notice.decline", args{"notice": seed.ID("kim"), "reason": "For sent"}), sync.Rejected, "notice.decided", "S7")
	})
	t.Run("[S15] a mentor of another municipality", func(t *testing.T) {
		in := args{"course": seed.ID("ture"), "mentor": seed.ID("nina"), "from": ""}
		want(t, karen.Do("course.assign", in), sync.Rejected, "mentor.not_eligible", "S15")
	})
	t.Run("[S2] a closed course is not taken", func(t *testing.T) {
		c := a.Find(records.Courses, "ida")
		c.Set("mentor", "")
		if err := a.Save(c); err != nil {
			t.Fatal(err)
		}
		want(t, a.Phone("omar").Do("course.take", args{"course": c.Id}), sync.Rejected, "course.closed", "S2")
	})
	t.Run("[A5] a mentor takes a course that nobody has, once", func(t *testing.T) {
		want(t, a.Phone("maja").Do("course.take", args{"course": seed.ID("ture")}), sync.Applied, "", "")
		want(t, a.Phone("omar").Do("course.take", args{"course": seed.ID("ture")}), sync.Rejected, "course.assigned", "S9")
	})
	t.Run("[S9] assigning from a mentor who no longer has it", func(t *testing.T) {
		in := args{"course": seed.ID("ture"), "mentor": seed.ID("omar"), "from": ""}
		o := karen.Do("course.assign", in)
		want(t, o, sync.Rejected, "course.assigned", "S9")
		if o.Code != sync.CodeStale || o.Params["mentor"] != seed.ID("maja") {
			t.Errorf("%+v", o)
		}
	})
	t.Run("[S8] a cancelled discharge", func(t *testing.T) {
		n := a.Find(records.Notices, "frida")
		n.Set("date_kind", "cancelled")
		if err := a.Save(n); err != nil {
			t.Fatal(err)
		}
		in := args{"notice": n.Id, "course": testapp.ID(), "mentor": "", "override_reason": ""}
		want(t, a.Phone("ole").Do("notice.accept", in), sync.Rejected, "notice.cancelled", "S8")
	})
	t.Run("[A5] where mentors may not take, a mentor may not", func(t *testing.T) {
		m := a.Find(records.Municipalities, "eksempelby")
		c := a.Find(records.Courses, "fremmed")
		c.Set("mentor", "")
		if err := a.Save(c); err != nil || m.GetBool("mentors_take") {
			t.Fatal(err)
		}
		want(t, a.Phone("nina").Do("course.take", args{"course": c.Id}), sync.Escrowed, "access.denied", "A1")
	})
}

func TestCourse(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")
	t.Run("[S5] a closed course is resumed inside its window", func(t *testing.T) {
		want(t, maja.Do("course.resume", args{"course": seed.ID("ida"), "next": next("2026-11-25")}), sync.Applied, "", "")
		c := a.Find(records.Courses, "ida")
		if c.GetString("state") != "active" || c.GetString("closed_on") != "" || c.GetString("reason") != "" {
			t.Errorf("course %s %s", c.GetString("state"), c.GetString("closed_on"))
		}
	})
	t.Run("[S1] an open course is not resumed", func(t *testing.T) {
		want(t, maja.Do("course.resume", args{"course": seed.ID("alma"), "next": next("2026-11-25")}), sync.Rejected, "course.transition", "S1")
	})
	t.Run("[S10] moving: the old one is moved, the new one is open", func(t *testing.T) {
		old := a.Find(records.Appointments, "aftalealma").Id
		in := args{"course": seed.ID("alma"), "appointment": old, "next": next("2026-11-26")}
		want(t, maja.Do("appointment.move", in), sync.Applied, "", "")
		in["next"] = next("2026-11-28")
		want(t, maja.Do("appointment.move", in), sync.Rejected, "appointment.not_open", "S10")
		if n := count(t, a, records.Appointments, dbx.HashExp{"course": seed.ID("alma"), "state": "open"}); n != 1 {
			t.Errorf("%d open", n)
		}
	})
	t.Run("[W5] moving past the window leaves the old one", func(t *testing.T) {
		old := a.Find(records.Appointments, "aftalesaga").Id
		in := args{"course": seed.ID("saga"), "appointment": old, "next": next("2026-12-24")}
		want(t, maja.Do("appointment.move", in), sync.Rejected, "window.after_end", "W5")
		if s := a.Find(records.Appointments, "aftalesaga").GetString("state"); s != "open" {
			t.Errorf("state %s", s)
		}
	})
	t.Run("[S3] on hold nothing is booked", func(t *testing.T) {
		in := args{"course": seed.ID("bo"), "appointment": "", "next": next("2026-11-26")}
		want(t, a.Phone("omar").Do("appointment.move", in), sync.Rejected, "course.on_hold", "S3")
	})
	t.Run("[P1] correcting to a number that is none, then to one that is", func(t *testing.T) {
		in := args{"citizen": seed.ID("borgeralma"), "set": args{"phones": []string{"1234"}}}
		want(t, maja.Do("citizen.correct", in), sync.Rejected, "phone.invalid", "P1")
		in["set"] = args{"phones": []string{"87 65 43 21"}}
		want(t, maja.Do("citizen.correct", in), sync.Applied, "", "")
		if p := a.Find(records.Citizens, "borgeralma").GetString("phones"); p != `["+4587654321"]` {
			t.Errorf("phones %s", p)
		}
	})
	t.Run("[C5] withdrawing consent removes the number and the calls, and keeps the history", func(t *testing.T) {
		want(t, maja.Do("consent.withdraw", args{"course": seed.ID("viggo")}), sync.Applied, "", "")
		if p := a.Find(records.Citizens, "borgerviggo").GetString("phones"); p != `[]` {
			t.Errorf("phones %s", p)
		}
		if n := count(t, a, records.Appointments, dbx.HashExp{"course": seed.ID("viggo"), "state": "open"}); n != 0 {
			t.Errorf("%d open", n)
		}
		if n := count(t, a, records.Contacts, dbx.HashExp{"course": seed.ID("viggo")}); n != 1 {
			t.Errorf("%d contacts", n)
		}
		want(t, maja.Do("citizen.correct", args{"citizen": seed.ID("borgerviggo"), "set": args{"phones": []string{"12345678"}}}),
			sync.Rejected, "consent.withdrawn", "C5")
		want(t, maja.Do("appointment.move", args{"course": seed.ID("viggo"), "appointment": "", "next": next("2026-11-26")}),
			sync.Rejected, "consent.withdrawn", "C5")
		want(t, maja.Do("consent.withdraw", args{"course": seed.ID("viggo")}), sync.Rejected, "consent.withdrawn", "C5")
	})
	t.Run("[S4] closing without a reason", func(t *testing.T) {
		want(t, maja.Do("course.close", args{"course": seed.ID("birk"), "reason": "", "told_resume": "yes"}), sync.Rejected, "course.reason_required", "S4")
	})
	t.Run("[S14] what is gone", func(t *testing.T) {
		o := maja.Do("course.close", args{"course": "nothing00000000", "reason": "moved", "told_resume": "yes"})
		want(t, o, sync.Rejected, "record.gone", "S14")
		if o.Code != sync.CodeGone {
			t.Errorf("code %s", o.Code)
		}
	})
	t.Run("another's appointment cannot be moved by naming one's own course", func(t *testing.T) {
		in := args{"course": seed.ID("birk"), "appointment": seed.ID("aftaleliv"), "next": next("2026-11-26")}
		want(t, maja.Do("appointment.move", in), sync.Rejected, "record.gone", "S14")
	})
	t.Run("[P4] arguments nobody knows, or of the wrong type", func(t *testing.T) {
		want(t, maja.Do("course.take", args{"course": seed.ID("ture"), "by": "maja"}), sync.Rejected, "args.invalid", "")
		want(t, maja.Do("course.take", args{"course": 7}), sync.Rejected, "args.invalid", "")
		want(t, maja.Do("course.take", []string{}), sync.Rejected, "args.invalid", "")
	})
}
