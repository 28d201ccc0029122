package mutations_test

import (
	"net/http"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

// Whoever is to stand in next week says today that it is next week.
func TestDeedsToCome(t *testing.T) {
	a := testapp.New(t)
	cover, err := records.New(a, records.Covers)
	if err != nil {
		t.Fatal(err)
	}
	cover.Load(args{"course": seed.ID("noor"), "user": seed.ID("omar"), "from": "2026-11-25", "to": "2026-11-28"})
	if err := a.Save(cover); err != nil {
		t.Fatal(err)
	}
	omar := a.Phone("omar")
	t.Run("[A3] a cover that has not begun", func(t *testing.T) {
		o := omar.DoAt(testapp.Now.AddDate(0, 0, 4), "course.close", args{"course": seed.ID("noor"), "reason": "moved", "told_resume": ""})
		want(t, o, sync.Escrowed, "course.not_member", "A3")
	})
	t.Run("[C5] a consent withdrawn in the year 9999", func(t *testing.T) {
		o := omar.DoAt(time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC), "consent.withdraw", args{"course": seed.ID("liv")})
		want(t, o, sync.Applied, "", "")
		if on := a.Find(records.Consents, "contliv").GetString("withdrawn_on"); on != string(testapp.Today) {
			t.Errorf("withdrawn on %s", on)
		}
	})
	t.Run("[S4] closed before it began: the first day is the day", func(t *testing.T) {
		o := a.Phone("maja").DoAt(testapp.Now.AddDate(0, 0, -10), "course.close", args{"course": seed.ID("birk"), "reason": "moved", "told_resume": ""})
		want(t, o, sync.Applied, "", "")
		if c := a.Find(records.Courses, "birk"); c.GetString("closed_on") != c.GetString("discharge_date") {
			t.Errorf("closed on %s", c.GetString("closed_on"))
		}
	})
	t.Run("a clock that no year is on", func(t *testing.T) {
		for _, clock := range []string{"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"} {
			status, body := a.Do(http.MethodPost, "/api/sync/push", omar.Token, args{"device": testapp.ID(), "epoch": "", "clock": clock,
				"mutations": []args{{"n": 1, "name": "contact.log", "at": clock, "args": talk("liv", "no_answer", args{"occurred_at": clock})}}})
			if status != http.StatusOK {
				t.Fatalf("%s: %d %s", clock, status, body)
			}
		}
	})
}

// [C5] No number is kept when nobody may call it, in the notice neither.
func TestWithdrawnFromNotice(t *testing.T) {
	a := testapp.New(t)
	karen := a.Phone("karen")
	course := testapp.ID()
	want(t, karen.Do("notice.accept", args{"notice": seed.ID("kim"), "course": course, "mentor": seed.ID("maja"), "override_reason": ""}), sync.Applied, "", "")
	want(t, karen.Do("consent.withdraw", args{"course": course}), sync.Applied, "", "")
	karen.Pull()
	for bucket, box := range karen.Boxes {
		for collection, rows := range box {
			for id, row := range rows {
				if phones, _ := row["phones"].([]any); len(phones) > 0 && (id == seed.ID("kim") || row["course"] == course) {
					t.Errorf("%s %s %s still has %v", bucket, collection, id, phones)
				}
			}
		}
	}
}

// What is typed comes back as it was typed, whatever characters it has.
func TestStrangeText(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")
	for name, note := range map[string]string{
		"20,000 emoji":            strings.Repeat("🙂", 20_000),
		"a NUL in the middle":     "før\x00efter",
		"quotes and line breaks":  "'\"\\\n\u2028`${x}; DROP TABLE contacts; --",
		"direction and no joiner": "\u202eabc\u200d\ufeff",
	} {
		t.Run(name, func(t *testing.T) {
			in := talk("noor", "no_answer", args{"note": note})
			want(t, maja.Do("contact.log", in), sync.Applied, "", "")
			maja.Pull()
			row := maja.Row("course:"+seed.ID("noor"), records.Contacts, in["contact"].(string))
			if row["note"] != note {
				t.Errorf("got %.80q", row["note"])
			}
		})
	}
	t.Run("half an emoji, as a phone's keyboard may leave it", func(t *testing.T) {
		phone := a.Phone("maja")
		id := testapp.ID()
		body := `{"device":"` + phone.Device + `","epoch":"","mutations":[{"n":1,"name":"contact.log","at":"2026-11-22T11:00:00Z","args":{"contact":"` + id +
			`","course":"` + seed.ID("noor") + `","occurred_at":"2026-11-22T10:00:00Z","direction":"out","outcome":"no_answer","note":"halv \ud83d slut"}}]}`
		status, reply := a.Do(http.MethodPost, "/api/sync/push", phone.Token, body)
		if status != http.StatusOK || !strings.Contains(reply, `"applied"`) {
			t.Fatalf("%d %s", status, reply)
		}
		phone.Pull()
		if row := phone.Row("course:"+seed.ID("noor"), records.Contacts, id); row["note"] != "halv \ufffd slut" {
			t.Errorf("got %q", row["note"])
		}
	})
}

// Numbers and days at the edges are refused, never a failure.
func TestEdges(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")
	for name, c := range map[string]struct {
		more   args
		reason string
	}{
		"minutes below zero":          {args{"minutes": -1}, "value.invalid"},
		"minutes of a thousand years": {args{"minutes": 1_000_000_000}, "value.invalid"},
		"minutes past every number":   {args{"minutes": 1e300}, "args.invalid"},
		"a direction nobody knows":    {args{"direction": "sideways"}, "value.invalid"},
		"a topic nobody knows":        {args{"topics": []string{"diagnosis"}}, "value.invalid"},
		"a thousand offers":           {args{"offers": strings.Split(strings.Repeat(strings.Repeat("x", 499)+",", 1000), ",")[:100]}, "value.invalid"},
		"an id with a quote":          {args{"contact": "abc'; drop--12"}, "value.invalid"},
		"an id too long":              {args{"contact": strings.Repeat("a", 300)}, "value.invalid"},
		"the year nought":             {args{"occurred_at": "0000-01-01T00:00:00Z"}, "contact.outside_window"},
		"the year 9999":               {args{"occurred_at": "9999-12-31T23:59:59Z"}, "contact.in_future"},
		"a note too long":             {args{"note": strings.Repeat("æ", 20_001)}, "value.too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			if o := maja.Do("contact.log", talk("noor", "no_answer", c.more)); o.Result != sync.Rejected || o.Reason != c.reason {
				t.Errorf("got %+v", o)
			}
		})
	}
	if n := count(t, a, records.Contacts, dbx.HashExp{"course": seed.ID("noor"), "by": seed.ID("maja")}); n != 2 {
		t.Errorf("%d contacts", n)
	}
}

// Ids that are somebody else's, named inside the arguments.
func TestForeignIDs(t *testing.T) {
	a := testapp.New(t)
	maja, karen := a.Phone("maja"), a.Phone("karen")
	theirs := a.Find(records.Appointments, "aftalefremmed")
	t.Run("an appointment next door is not kept", func(t *testing.T) {
		want(t, maja.Do("contact.log", talk("noor", "reached", args{"appointment": theirs.Id, "next": next("2026-11-27")})), sync.Applied, "", "")
		want(t, maja.Do("contact.log", talk("noor", "no_answer", args{"appointment": theirs.Id, "next": next("2026-11-28")})), sync.Applied, "", "")
		want(t, maja.Do("appointment.move", args{"course": seed.ID("noor"), "appointment": theirs.Id, "next": next("2026-11-27")}), sync.Rejected, "record.gone", "S14")
		if s := a.Find(records.Appointments, "aftalefremmed").GetString("state"); s != "open" {
			t.Errorf("state is %s", s)
		}
	})
	t.Run("an id that is taken next door", func(t *testing.T) {
		taken := next("2026-11-27")
		taken["appointment"] = theirs.Id
		wantPart(t, maja.Do("contact.log", talk("noor", "reached", args{"next": taken})), "next", "value.invalid", "P4")
		if on := a.Find(records.Appointments, "aftalefremmed").GetString("course"); on != seed.ID("fremmed") {
			t.Errorf("now of %s", on)
		}
		want(t, karen.Do("notice.accept", args{"notice": seed.ID("kim"), "course": seed.ID("fremmed"), "mentor": "", "override_reason": ""}),
			sync.Rejected, "value.invalid", "P4")
		if s := a.Find(records.Notices, "kim").GetString("status"); s != "new" {
			t.Errorf("the notice is %s", s)
		}
	})
	t.Run("a mentor next door", func(t *testing.T) {
		want(t, karen.Do("notice.accept", args{"notice": seed.ID("kim"), "course": testapp.ID(), "mentor": seed.ID("nina"), "override_reason": ""}),
			sync.Rejected, "mentor.not_eligible", "S15")
		want(t, karen.Do("course.assign", args{"course": seed.ID("noor"), "mentor": seed.ID("nina"), "from": seed.ID("maja")}),
			sync.Rejected, "mentor.not_eligible", "S15")
	})
	t.Run("a contact of somebody else is not shown as one's own", func(t *testing.T) {
		first := talk("liv", "no_answer", nil)
		want(t, a.Phone("omar").Do("contact.log", first), sync.Applied, "", "")
		second := talk("noor", "no_answer", args{"contact": first["contact"]})
		want(t, maja.Do("contact.log", second), sync.Rejected, "value.invalid", "P4")
	})
}

// Two at once: one of them is first, and the other hears it.
func TestAtOnce(t *testing.T) {
	a := testapp.New(t)
	both := func(phones [2]*testapp.Phone, does [2]func(*testapp.Phone) sync.Outcome) (applied int, other sync.Outcome) {
		var outs [2]sync.Outcome
		var wg stdsync.WaitGroup
		for i := range phones {
			wg.Go(func() { outs[i] = does[i](phones[i]) })
		}
		wg.Wait()
		for _, o := range outs {
			if o.Result == sync.Applied {
				applied++
			} else {
				other = o
			}
		}
		return applied, other
	}
	accept := func(p *testapp.Phone) sync.Outcome {
		return p.Do("notice.accept", args{"notice": seed.ID("kim"), "course": testapp.ID(), "mentor": "", "override_reason": ""})
	}
	decline := func(p *testapp.Phone) sync.Outcome {
		return p.Do("notice.decline", args{"notice": seed.ID("kim"), "reason": "Bor ikke her."})
	}
	take := func(p *testapp.Phone) sync.Outcome { return p.Do("course.take", args{"course": seed.ID("ture")}) }

	applied, other := both([2]*testapp.Phone{a.Phone("karen"), a.Phone("karen")}, [2]func(*testapp.Phone) sync.Outcome{accept, decline})
	if applied != 1 || other.Reason != "notice.decided" || other.Code != sync.CodeStale {
		t.Errorf("accept and decline: %d, %+v", applied, other)
	}
	applied, other = both([2]*testapp.Phone{a.Phone("maja"), a.Phone("omar")}, [2]func(*testapp.Phone) sync.Outcome{take, take})
	if applied != 1 || other.Reason != "course.assigned" || other.Code != sync.CodeStale {
		t.Errorf("two take: %d, %+v", applied, other)
	}
}

// A talk that is sent again is one talk; another text under its id is not
// said to be written when it is not.
func TestSameTalk(t *testing.T) {
	a := testapp.New(t)
	in := talk("noor", "no_answer", nil)
	want(t, a.Phone("maja").Do("contact.log", in), sync.Applied, "", "")
	want(t, a.Phone("maja").Do("contact.log", in), sync.Applied, "", "")
	in["note"] = "Noget helt andet."
	want(t, a.Phone("maja").Do("contact.log", in), sync.Rejected, "value.invalid", "P4")
	if n := count(t, a, records.Contacts, dbx.HashExp{"id": in["contact"]}); n != 1 {
		t.Errorf("%d contacts", n)
	}
}

// A database that fails is a failure, which is tried again: it does not tell
// a phone for ever that a course is gone.
func TestFailureIsNotGone(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")
	if _, err := a.NonconcurrentDB().NewQuery(`ALTER TABLE covers RENAME TO covers_away`).Execute(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.NonconcurrentDB().NewQuery(`ALTER TABLE appointments RENAME TO appointments_away`).Execute(); err != nil {
		t.Fatal(err)
	}
	body := args{"device": maja.Device, "epoch": "", "mutations": []args{{"n": 1, "name": "appointment.move", "at": testapp.Now.Format(time.RFC3339),
		"args": args{"course": seed.ID("noor"), "appointment": testapp.ID(), "next": next("2026-11-27")}}}}
	if status, reply := a.Do(http.MethodPost, "/api/sync/push", maja.Token, body); status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", status, reply)
	}
}
