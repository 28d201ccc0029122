package mutations_test

import (
	"testing"
	"time"

	"github.com/pocketbase/dbx"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

// logged is a talk that somebody has had and sent.
func logged(t *testing.T, p *testapp.Phone, course string, more args) args {
	t.Helper()
	in := talk(course, "no_answer", more)
	want(t, p.Do("contact.log", in), sync.Applied, "", "")
	return in
}

// amend is a correction of a talk, without a time of its own.
func amend(of args, more args) args {
	a := args{"contact": testapp.ID(), "course": of["course"], "amends": of["contact"]}
	for _, k := range []string{"direction", "outcome", "minutes", "topics", "needs_now", "offers"} {
		a[k] = of[k]
	}
	a["note"] = "Sover ikke bedre."
	for k, v := range more {
		a[k] = v
	}
	return a
}

func TestAmendContact(t *testing.T) {
	t.Run("[S12] the first stays, and the correction tells it anew", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		first := logged(t, maja, "birk", nil)
		in := amend(first, nil)
		want(t, maja.Do("contact.amend", in), sync.Applied, "", "")
		old, new := find(t, a, records.Contacts, first["contact"]), find(t, a, records.Contacts, in["contact"])
		if old.GetString("note") != "Sover bedre." || new.GetString("note") != "Sover ikke bedre." || new.GetString("amends") != old.Id {
			t.Errorf("%q, then %q of %s", old.GetString("note"), new.GetString("note"), new.GetString("amends"))
		}
		if new.GetDateTime("occurred_at") != old.GetDateTime("occurred_at") || new.GetString("by") != seed.ID("maja") {
			t.Errorf("at %s by %s", new.GetString("occurred_at"), new.GetString("by"))
		}
		maja.Pull()
		if row := maja.Row("course:"+seed.ID("birk"), records.Contacts, new.Id); row == nil || row["amends"] != old.Id {
			t.Errorf("her phone holds %v", row)
		}
	})
	t.Run("[S17] what is corrected already is not corrected beside that, its correction is", func(t *testing.T) {
		a := testapp.New(t)
		first := logged(t, a.Phone("maja"), "alma", nil)
		second := amend(first, nil)
		want(t, a.Phone("karen").Do("contact.amend", second), sync.Applied, "", "")
		o := a.Phone("maja").Do("contact.amend", amend(first, nil))
		want(t, o, sync.Rejected, "contact.amended", "S17")
		if o.Code != sync.CodeStale || o.Params["by"] != seed.ID("karen") {
			t.Errorf("%s %v", o.Code, o.Params)
		}
		want(t, a.Phone("maja").Do("contact.amend", amend(second, nil)), sync.Applied, "", "")
	})
	t.Run("[S17] of another course, or of nothing: refused", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		first := logged(t, maja, "birk", nil)
		want(t, maja.Do("contact.amend", amend(first, args{"course": seed.ID("noor")})), sync.Rejected, "record.gone", "S14")
		want(t, maja.Do("contact.amend", amend(first, args{"amends": testapp.ID()})), sync.Rejected, "record.gone", "S14")
		own := testapp.ID()
		want(t, maja.Do("contact.amend", amend(first, args{"contact": own, "amends": own})), sync.Rejected, "record.gone", "S14")
	})
	t.Run("[S12] what was agreed and what has ended stays as it is; that they have talked begins the course", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		booked := next("2026-11-27")
		first := logged(t, maja, "birk", args{"next": booked})
		want(t, maja.Do("contact.amend", amend(first, args{"outcome": "reached"})), sync.Applied, "", "")
		if s, c := state(t, a, booked["appointment"]), a.Find(records.Courses, "birk").GetString("state"); s != "open" || c != domain.Active {
			t.Errorf("appointment %s, course %s", s, c)
		}
		want(t, maja.Do("contact.amend", amend(first, args{"next": next("2026-11-28")})), sync.Rejected, "args.invalid", "")
	})
	t.Run("[W8 W9] a time that is put right is judged as any", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		first := logged(t, maja, "birk", nil)
		want(t, maja.Do("contact.amend", amend(first, args{"occurred_at": testapp.Now.AddDate(0, 0, -30)})), sync.Rejected, "contact.outside_window", "W8")
		want(t, maja.Do("contact.amend", amend(first, args{"occurred_at": testapp.Now.Add(time.Hour)})), sync.Rejected, "contact.in_future", "W9")
		day := testapp.Now.AddDate(0, 0, -1)
		in := amend(first, args{"occurred_at": day})
		want(t, maja.Do("contact.amend", in), sync.Applied, "", "")
		if at := find(t, a, records.Contacts, in["contact"]).GetDateTime("occurred_at").Time(); !at.Equal(day.Truncate(time.Millisecond)) {
			t.Errorf("at %s", at)
		}
	})
	t.Run("[W10] a correction is as late as what it corrects", func(t *testing.T) {
		a := testapp.New(t)
		first := logged(t, a.Phone("maja"), "noor", nil)
		later(t, 12*24*time.Hour)
		second := amend(first, nil)
		want(t, a.Phone("maja").Do("contact.amend", second), sync.Applied, "", "")
		third := amend(second, args{"occurred_at": testapp.Now.AddDate(0, 0, -20)})
		want(t, a.Phone("maja").Do("contact.amend", third), sync.Applied, "", "")
		if find(t, a, records.Contacts, second["contact"]).GetBool("late") || !find(t, a, records.Contacts, third["contact"]).GetBool("late") {
			t.Error("late is not what it was when the talk arrived")
		}
	})
	t.Run("a clock that is wrong does not move what stands", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		maja.Skew = 3 * time.Hour
		first := logged(t, maja, "birk", args{"occurred_at": testapp.Now.Add(2 * time.Hour)}) // an hour ago
		in := amend(first, nil)
		want(t, maja.Do("contact.amend", in), sync.Applied, "", "")
		if at := find(t, a, records.Contacts, in["contact"]).GetDateTime("occurred_at").Time(); !at.Equal(testapp.Now.Add(-time.Hour)) {
			t.Errorf("at %s", at)
		}
	})
	t.Run("sent again under another number: written once", func(t *testing.T) {
		a := testapp.New(t)
		maja := a.Phone("maja")
		in := amend(logged(t, maja, "birk", nil), nil)
		want(t, maja.Do("contact.amend", in), sync.Applied, "", "")
		want(t, maja.Do("contact.amend", in), sync.Applied, "", "")
		if n := count(t, a, records.Contacts, dbx.HashExp{"amends": in["amends"]}); n != 1 {
			t.Errorf("%d corrections", n)
		}
		in["note"] = "Noget andet."
		want(t, maja.Do("contact.amend", in), sync.Rejected, "value.invalid", "P4")
	})
}

func TestWhoAmends(t *testing.T) {
	a := testapp.New(t)
	first := logged(t, a.Phone("maja"), "alma", nil)
	for _, w := range []struct {
		name, who, result, reason, rule string
	}{
		{"[A3] a stand-in, while the cover lasts", "omar", sync.Applied, "", ""},
		{"[A4] the coordinator", "karen", sync.Applied, "", ""},
		{"[A3] the mentor", "maja", sync.Applied, "", ""},
		{"[A2] a mentor next door", "nina", sync.Escrowed, "municipality.other", "A2"},
		{"[A2] a coordinator next door", "ole", sync.Escrowed, "municipality.other", "A2"},
	} {
		t.Run(w.name, func(t *testing.T) {
			in := amend(first, nil)
			want(t, a.Phone(w.who).Do("contact.amend", in), w.result, w.reason, w.rule)
			if w.result == sync.Applied {
				first = in
			}
		})
	}
	t.Run("[A3] a colleague", func(t *testing.T) {
		want(t, a.Phone("omar").Do("contact.amend", amend(logged(t, a.Phone("maja"), "noor", nil), nil)), sync.Escrowed, "course.not_member", "A3")
	})
	t.Run("[A7] who was the mentor when the talk was, for thirty days", func(t *testing.T) {
		a := testapp.New(t)
		first := logged(t, a.Phone("maja"), "noor", nil)
		assign(t, a, "noor", "maja", "omar")
		later(t, 24*time.Hour)
		second := amend(first, nil)
		want(t, a.Phone("maja").Do("contact.amend", second), sync.Applied, "", "")
		his := logged(t, a.Phone("omar"), "noor", args{"occurred_at": testapp.Now.Add(20 * time.Hour)})
		want(t, a.Phone("maja").Do("contact.amend", amend(his, nil)), sync.Escrowed, "course.not_member", "A3")
		later(t, 31*24*time.Hour)
		want(t, a.Phone("maja").Do("contact.amend", amend(second, nil)), sync.Escrowed, "course.not_member", "A3")
	})
}
