package mutations_test

import (
	"testing"

	"github.com/pocketbase/dbx"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

func cover(course, user, from, to string) args {
	return args{"cover": testapp.ID(), "course": seed.ID(course), "user": seed.ID(user), "from": from, "to": to, "was": ""}
}

// with is the same with some of it changed.
func with(a args, more args) args {
	out := args{}
	for _, from := range []args{a, more} {
		for k, v := range from {
			out[k] = v
		}
	}
	return out
}

func TestCoverCourse(t *testing.T) {
	const bucket = "course:noor00000000000"
	t.Run("[A3 A4] a stand-in has the course today, acts on it, and loses it when it is over", func(t *testing.T) {
		a := testapp.New(t)
		karen, omar := a.Phone("karen"), a.Phone("omar")
		omar.Pull()
		if omar.Boxes[bucket] != nil {
			t.Fatal("he has it before")
		}
		in := cover("noor", "omar", "2026-11-21", "2026-11-29")
		want(t, karen.Do("course.cover", in), sync.Applied, "", "")
		omar.Pull()
		if omar.Row(bucket, records.Covers, in["cover"].(string))["to"] != "2026-11-29" {
			t.Errorf("his phone holds %v", omar.Boxes[bucket])
		}
		want(t, omar.Do("contact.log", talk("noor", "no_answer", nil)), sync.Applied, "", "")

		want(t, karen.Do("course.cover", with(in, args{"to": "", "was": "2026-11-29"})), sync.Applied, "", "")
		omar.Pull()
		if omar.Boxes[bucket] != nil {
			t.Error("he still has it")
		}
		if c := find(t, a, records.Covers, in["cover"]); c.GetString("to") != "2026-11-21" {
			t.Errorf("to %s: what was stays", c.GetString("to"))
		}
		want(t, omar.Do("contact.log", talk("noor", "no_answer", nil)), sync.Escrowed, "course.not_member", "A3")
	})
	t.Run("changed: longer, shorter; one that has not begun goes altogether", func(t *testing.T) {
		a := testapp.New(t)
		karen := a.Phone("karen")
		in := cover("noor", "omar", "2026-11-24", "2026-11-29")
		want(t, karen.Do("course.cover", in), sync.Applied, "", "")
		longer := with(in, args{"from": "2026-11-23", "to": "2026-12-05", "was": "2026-11-29"})
		want(t, karen.Do("course.cover", longer), sync.Applied, "", "")
		if c := find(t, a, records.Covers, in["cover"]); c.GetString("from") != "2026-11-23" || c.GetString("to") != "2026-12-05" {
			t.Errorf("from %s to %s", c.GetString("from"), c.GetString("to"))
		}
		want(t, karen.Do("course.cover", longer), sync.Applied, "", "")
		want(t, karen.Do("course.cover", with(longer, args{"to": "", "was": "2026-12-05"})), sync.Applied, "", "")
		want(t, karen.Do("course.cover", with(longer, args{"to": "", "was": "2026-12-05"})), sync.Applied, "", "")
		if n := count(t, a, records.Covers, dbx.HashExp{"id": in["cover"]}); n != 0 {
			t.Errorf("%d covers", n)
		}
		want(t, karen.Do("course.cover", with(longer, args{"to": "2026-12-06", "was": "2026-12-05"})), sync.Rejected, "record.gone", "S14")
	})
	t.Run("[S13] changed by another meanwhile", func(t *testing.T) {
		a := testapp.New(t)
		in := cover("noor", "omar", "2026-11-24", "2026-11-29")
		want(t, a.Phone("karen").Do("course.cover", in), sync.Applied, "", "")
		o := a.Phone("karen").Do("course.cover", with(in, args{"to": "2026-11-30", "was": "2026-11-28"}))
		want(t, o, sync.Rejected, "record.changed", "S13")
		if o.Code != sync.CodeStale {
			t.Errorf("code %s", o.Code)
		}
	})
	t.Run("what cannot be", func(t *testing.T) {
		a := testapp.New(t)
		karen := a.Phone("karen")
		there := cover("viggo", "omar", "2026-11-24", "2026-11-29")
		want(t, karen.Do("course.cover", there), sync.Applied, "", "")
		for _, w := range []struct {
			name, reason, rule string
			in                 args
		}{
			{"[S15] somebody next door", "mentor.not_eligible", "S15", cover("noor", "nina", "2026-11-24", "2026-11-29")},
			{"[S15] the ward", "mentor.not_eligible", "S15", cover("noor", "ward", "2026-11-24", "2026-11-29")},
			{"[P4] a last day before the first", "value.invalid", "P4", cover("noor", "omar", "2026-11-24", "2026-11-23")},
			{"[P2] a day that does not exist", "date.invalid", "P2", cover("noor", "omar", "2026-11-24", "2026-11-31")},
			{"[P4] another in his place", "value.invalid", "P4", with(there, args{"user": seed.ID("karen")})},
			{"[S14] that of another course", "record.gone", "S14", with(there, args{"course": seed.ID("noor")})},
			{"[P4] no id", "value.invalid", "P4", with(there, args{"cover": ""})},
		} {
			t.Run(w.name, func(t *testing.T) { want(t, karen.Do("course.cover", w.in), sync.Rejected, w.reason, w.rule) })
		}
	})
	t.Run("by role", func(t *testing.T) {
		a := testapp.New(t)
		for who, w := range map[string][2]string{"maja": {"access.denied", "A1"}, "omar": {"access.denied", "A1"}, "nina": {"municipality.other", "A2"}, "ole": {"municipality.other", "A2"}} {
			want(t, a.Phone(who).Do("course.cover", cover("noor", "omar", "2026-11-21", "2026-11-29")), sync.Escrowed, w[0], w[1])
		}
		if n := count(t, a, records.Covers, dbx.HashExp{"course": seed.ID("noor")}); n != 0 {
			t.Errorf("%d covers", n)
		}
	})
}
