package mutations_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

// What was written about somebody here is not for the coordinator next door,
// though its author works there now.
func TestKeptStaysInTheMunicipality(t *testing.T) {
	t.Run("[A2] refused before she moved", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		o := maja.Do("contact.log", talk("noor", "no_answer", args{"note": "Privat om Noor", "minutes": -1}))
		want(t, o, sync.Rejected, "value.invalid", "P4")
		change(t, a, records.Users, "maja", args{"municipality": seed.ID("eksempelby")})
		if items := keptOf(t, a, "ole"); len(items) > 0 {
			t.Errorf("ole reads %v", items)
		}
		if items := keptOf(t, a, "karen"); len(items) != 1 {
			t.Errorf("karen sees %d", len(items))
		}
	})
	t.Run("[A2] sent after she moved", func(t *testing.T) {
		a, maja, _ := handed(t, "noor")
		change(t, a, records.Users, "maja", args{"municipality": seed.ID("eksempelby")})
		want(t, maja.DoAt(before, "contact.log", talk("noor", "no_answer", nil)), sync.Escrowed, "municipality.other", "A2")
		if items := keptOf(t, a, "ole"); len(items) > 0 {
			t.Errorf("ole reads %v", items)
		}
	})
}

// A settlement that is refused is not itself something to settle.
func TestRefusedSettlement(t *testing.T) {
	a := testapp.New(t)
	maja, karen := a.Phone("maja"), a.Phone("karen")
	want(t, maja.Do("contact.log", talk("noor", "no_answer", args{"minutes": -1})), sync.Rejected, "value.invalid", "P4")
	maja.Do("sync.settle", settleOf(maja, 1, "handed"))
	for range 3 {
		want(t, karen.Do("sync.settle", settleOf(maja, 1, "release")), sync.Rejected, "value.invalid", "P4")
	}
	if items := keptOf(t, a, "karen"); len(items) != 1 {
		t.Errorf("%d wait", len(items))
	}
}

// The number somebody typed wrong is forgotten with the rest.
func TestSettledForgetsTheNumber(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")
	o := maja.Do("citizen.correct", args{"citizen": seed.ID("borgeralma"), "set": args{"phones": []string{"555 12 99 nabo"}}})
	if o.Result != sync.Rejected {
		t.Fatalf("%+v", o)
	}
	want(t, maja.Do("sync.settle", args{"device": maja.Device, "n": 1, "how": "discard", "note": ""}), sync.Applied, "", "")
	var left string
	if err := a.DB().NewQuery(`SELECT outcome FROM _sync_mut WHERE n = 1`).Row(&left); err != nil || strings.Contains(left, "nabo") {
		t.Errorf("left: %s %v", left, err)
	}
}

// A server's clock that goes back a second does not hold a course fast.
func TestAssigningWhileTheClockGoesBack(t *testing.T) {
	a := testapp.New(t)
	assign(t, a, "noor", "maja", "omar")
	t.Cleanup(clock.Set(testapp.Now.Add(-time.Second)))
	assign(t, a, "noor", "omar", "maja")
}

// Who has no app has nothing to hand in, and nothing to put before the
// coordinators.
func TestWardPushes(t *testing.T) {
	a := testapp.New(t)
	wards, err := a.FindAllRecords(records.Users, dbx.HashExp{"role": "ward"})
	if err != nil || len(wards) == 0 {
		t.Fatal(err)
	}
	token, err := wards[0].NewAuthToken()
	if err != nil {
		t.Fatal(err)
	}
	status, body := a.Do(http.MethodPost, "/api/sync/push", token, args{"device": testapp.ID(), "mutations": []args{
		{"n": 1, "name": "anything", "args": "from the ward", "at": testapp.Now.Format(time.RFC3339)}}})
	if n := len(keptOf(t, a, "karen")); status != http.StatusForbidden || n > 0 {
		t.Errorf("%d %s; karen sees %d", status, body, n)
	}
}

func settleOf(p *testapp.Phone, n int, how string) args {
	return args{"user": seed.ID(p.User), "device": p.Device, "n": n, "how": how, "note": "fordi"}
}

// A coordinator's own work that came too late can be dealt with, also where
// she is the only one.
func TestOwnWorkOfTheCoordinator(t *testing.T) {
	for _, how := range []string{"release", "discard"} {
		t.Run(how, func(t *testing.T) {
			a := testapp.New(t)
			then := testapp.Now.Add(-time.Hour)
			later(t, 31*24*time.Hour)
			karen := a.Phone("karen")
			in := talk("noor", "no_answer", args{"occurred_at": then.Format(time.RFC3339)})
			want(t, karen.DoAt(then, "contact.log", in), sync.Escrowed, "sync.late", "")
			if items := keptOf(t, a, "karen"); len(items) != 1 {
				t.Fatalf("karen sees %d", len(items))
			}
			o := karen.Do("sync.settle", settleOf(karen, 1, how))
			if left := keptOf(t, a, "karen"); o.Result != sync.Applied || len(left) != 0 {
				t.Errorf("told %s %s, and %d are left", o.Result, o.Reason, len(left))
			}
		})
	}
}

// Taken away and given back within the same instant: she has had it all along.
func TestAssigningWithinAnInstant(t *testing.T) {
	a := testapp.New(t)
	assign(t, a, "noor", "maja", "")
	assign(t, a, "noor", "", "maja")
	assign(t, a, "noor", "maja", "omar")
	later(t, time.Hour)
	want(t, a.Phone("maja").DoAt(before, "contact.log", talk("noor", "no_answer", nil)), sync.Applied, "", "")
	after := args{"occurred_at": testapp.Now.Add(time.Second).Format(time.RFC3339)}
	want(t, a.Phone("maja").DoAt(testapp.Now.Add(time.Second), "contact.log", talk("noor", "no_answer", after)), sync.Escrowed, "course.not_member", "A3")
}

// Whatever a phone says, the answer is an outcome and never a failure: one of
// those would be sent again and again.
func TestNothingFails(t *testing.T) {
	a := testapp.New(t)
	odd := []any{"\x00", strings.Repeat("å", 20_001), "a'b\"c", "2026-02-30", "-1", seed.ID("noor"), seed.ID("maja")}
	karen, n := a.Phone("karen"), 0
	var batch []args
	send := func() {
		status, body := a.Do(http.MethodPost, "/api/sync/push", karen.Token, args{"device": karen.Device, "mutations": batch})
		if status != http.StatusOK || strings.Contains(body, `"deferred"`) {
			t.Fatalf("%d %.300s after number %d: %.2000v", status, body, n-len(batch), batch)
		}
		batch = nil
	}
	for name, in := range map[string]string{
		"contact.log":      `{"contact":"C","course":"noor","occurred_at":"2026-11-22T10:00:00Z","direction":"out","outcome":"reached","topics":["X"],"offers":["X"],"note":"X","appointment":"X","next":{"appointment":"X","on":"2026-11-27","part_of_day":"X","time":"X","topic":"X"}}`,
		"contact.amend":    `{"contact":"C","course":"noor","amends":"X","occurred_at":"2026-11-22T10:00:00Z","direction":"out","outcome":"reached","topics":["X"],"offers":["X"],"note":"X"}`,
		"appointment.move": `{"course":"noor","appointment":"X","next":{"appointment":"X","on":"X","part_of_day":"X","time":"X","topic":"X"}}`,
		"citizen.correct":  `{"citizen":"borgeralma","set":{"name":"X","phones":["X"],"prefers":"X","hopes":"X"},"was":{"name":"X","phones":["X"]}}`,
		"course.close":     `{"course":"noor","reason":"X","told_resume":"X"}`,
		"course.resume":    `{"course":"ida","next":{"appointment":"X","on":"X","part_of_day":"X","time":"X","topic":"X"}}`,
		"course.assign":    `{"course":"noor","mentor":"X","from":"maja"}`,
		"course.take":      `{"course":"X"}`,
		"course.cover":     `{"cover":"X","course":"noor","user":"X","from":"X","to":"X","was":"X"}`,
		"consent.withdraw": `{"course":"X"}`,
		"notice.accept":    `{"notice":"kim","course":"X","mentor":"X","override_reason":"X"}`,
		"notice.decline":   `{"notice":"X","reason":"X"}`,
		"sync.settle":      `{"user":"X","device":"X","n":1,"how":"X","note":"X"}`,
	} {
		for place := range strings.Count(in, `"X"`) {
			for _, v := range odd {
				raw, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				parts := strings.Split(in, `"X"`)
				text := strings.Join(parts[:place+1], `"vanlig"`) + string(raw) + strings.Join(parts[place+1:], `"vanlig"`)
				for _, who := range []string{"noor", "borgeralma", "ida", "maja", "kim"} {
					text = strings.ReplaceAll(text, `"`+who+`"`, `"`+seed.ID(who)+`"`)
				}
				n++
				batch = append(batch, args{"n": n, "name": name, "at": testapp.Now.Format(time.RFC3339),
					"args": json.RawMessage(strings.ReplaceAll(text, `"C"`, `"`+testapp.ID()+`"`))})
				if len(batch) == 4 {
					send()
				}
			}
		}
	}
	if len(batch) > 0 {
		send()
	}
}

// Who was whose mentor is written by the server, and by nobody over the record
// API.
func TestForgedAssignments(t *testing.T) {
	a := testapp.New(t)
	in := args{"course": seed.ID("noor"), "user": seed.ID("omar"), "from": "2026-01-01 00:00:00.000Z"}
	for _, who := range []string{"omar", "karen", "nina"} {
		if status, body := a.Do(http.MethodPost, "/api/collections/assignments/records", a.Token(who), in); status < 400 {
			t.Errorf("%s made one: %d %s", who, status, body)
		}
	}
	if status, body := a.Do(http.MethodGet, "/api/collections/assignments/records", a.Token("omar"), nil); !strings.Contains(body, `"totalItems":0`) {
		t.Errorf("omar reads %d %s", status, body)
	}
	want(t, a.Phone("omar").DoAt(before, "contact.log", talk("noor", "no_answer", nil)), sync.Escrowed, "course.not_member", "A3")
}
