package mutations_test

import (
	"strings"
	"testing"
	"time"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/sync"
)

func concern(course string, more args) args {
	a := args{
		"flag": testapp.ID(), "course": seed.ID(course), "at": testapp.Now.Add(-time.Minute).Format(time.RFC3339),
		"note": "Lød meget træt og ville ikke lægge på.", "handed_to": "Lægevagten", "warm": true, "follow_up": "",
	}
	for k, v := range more {
		a[k] = v
	}
	return a
}

func TestFlags(t *testing.T) {
	a := testapp.New(t)
	maja, karen := a.Phone("maja"), a.Phone("karen")
	flag := func(t *testing.T, id any) map[string]any {
		t.Helper()
		r, err := a.FindRecordById(records.Flags, id.(string))
		if err != nil {
			t.Fatal(err)
		}
		return r.FieldsData()
	}

	t.Run("[F1] raised by the mentor, and the coordinator has it", func(t *testing.T) {
		in := concern("alma", nil)
		want(t, maja.Do("flag.raise", in), sync.Applied, "", "")
		karen.Pull()
		row := karen.Row("course:"+seed.ID("alma"), records.Flags, in["flag"].(string))
		if row["note"] != in["note"] || row["by"] != seed.ID("maja") || row["handed_to"] != "Lægevagten" || row["warm"] != true || row["state"] != "open" {
			t.Errorf("the coordinator has %v", row)
		}
	})
	t.Run("[F1] whatever state the course is in", func(t *testing.T) {
		for _, course := range []string{"ida", "saga"} { // closed; soon over
			want(t, maja.Do("flag.raise", concern(course, nil)), sync.Applied, "", "")
		}
		want(t, a.Phone("omar").Do("flag.raise", concern("bo", nil)), sync.Applied, "", "") // on hold
		want(t, maja.Do("consent.withdraw", args{"course": seed.ID("viggo")}), sync.Applied, "", "")
		want(t, maja.Do("flag.raise", concern("viggo", nil)), sync.Applied, "", "")
	})
	t.Run("[F1] a clock that runs ahead keeps no word out", func(t *testing.T) {
		in := concern("noor", args{"at": testapp.Now.Add(9 * time.Hour).Format(time.RFC3339)})
		want(t, maja.Do("flag.raise", in), sync.Applied, "", "")
		if at := flag(t, in["flag"])["at"]; !strings.HasPrefix(at.(interface{ String() string }).String(), "2026-11-22 11:20:00") {
			t.Errorf("raised %v", at)
		}
	})
	t.Run("[F2] the day of the next contact", func(t *testing.T) {
		for _, c := range []struct{ name, at, agreed, want string }{
			{"on a Sunday: Monday", "2026-11-22T11:00:00Z", "", "2026-11-23"},
			{"on a Friday, nobody at work at weekends: Monday", "2026-11-20T11:00:00Z", "", "2026-11-23"},
			{"today, if they agree so", "2026-11-22T11:00:00Z", "2026-11-22", "2026-11-22"},
			{"too late is the last day there is", "2026-11-22T11:00:00Z", "2026-12-24", "2026-11-23"},
			{"late in the evening it is Denmark's day", "2026-11-18T23:30:00Z", "", "2026-11-20"},
		} {
			in := concern("noor", args{"at": c.at, "follow_up": c.agreed})
			want(t, maja.Do("flag.raise", in), sync.Applied, "", "")
			if got := flag(t, in["flag"])["follow_up"]; got != c.want {
				t.Errorf("%s: %v, want %s", c.name, got, c.want)
			}
		}
	})
	t.Run("[A3] a stand-in while the cover lasts", func(t *testing.T) {
		want(t, a.Phone("omar").Do("flag.raise", concern("alma", nil)), sync.Applied, "", "")
	})
	t.Run("[P5] a note that is too long to keep whole", func(t *testing.T) {
		want(t, maja.Do("flag.raise", concern("alma", args{"note": strings.Repeat("å", 20_001)})), sync.Rejected, "value.too_long", "P5")
	})
	t.Run("the same flag under another number is not written twice, and another text under its id is not said to be", func(t *testing.T) {
		in := concern("alma", nil)
		want(t, maja.Do("flag.raise", in), sync.Applied, "", "")
		want(t, a.Phone("maja").Do("flag.raise", in), sync.Applied, "", "")
		in["note"] = "Noget andet"
		want(t, a.Phone("maja").Do("flag.raise", in), sync.Rejected, "value.invalid", "P4")
	})

	in := concern("elias", nil)
	done := args{"flag": in["flag"], "course": in["course"], "done": "Talt med egen læge, som følger op"}
	want(t, maja.Do("flag.raise", in), sync.Applied, "", "")
	t.Run("[F3] closing says what was done", func(t *testing.T) {
		want(t, maja.Do("flag.close", args{"flag": in["flag"], "course": in["course"], "done": ""}), sync.Rejected, "flag.done_required", "F3")
		want(t, maja.Do("flag.close", args{"flag": in["flag"], "course": seed.ID("alma"), "done": "x"}), sync.Rejected, "record.gone", "S14")
		want(t, karen.Do("flag.close", done), sync.Applied, "", "")
		if f := flag(t, in["flag"]); f["state"] != "closed" || f["closed_by"] != seed.ID("karen") || f["done"] != done["done"] {
			t.Errorf("%v", f)
		}
	})
	t.Run("[F3] it is closed once", func(t *testing.T) {
		o := maja.Do("flag.close", done)
		want(t, o, sync.Rejected, "flag.closed", "F3")
		if o.Code != sync.CodeStale {
			t.Errorf("%+v", o)
		}
	})
	t.Run("[F3] it is neither rewritten nor removed", func(t *testing.T) {
		r, err := a.FindRecordById(records.Flags, in["flag"].(string))
		if err != nil {
			t.Fatal(err)
		}
		r.Set("note", "Intet var galt")
		if err := a.Save(r); err == nil {
			t.Error("it was rewritten")
		}
		if err := a.Delete(r); err == nil {
			t.Error("it was removed")
		}
	})
}

// [F4] A course with an open flag leaves no phone, and does once it is closed.
func TestFlagKeepsCourse(t *testing.T) {
	a := testapp.New(t)
	maja := a.Phone("maja")
	ida := func() string { return a.Find(records.Courses, "ida").GetString("leaves_on") }
	before := ida()
	if before == "" {
		t.Fatal("a closed course leaves")
	}
	in := concern("ida", nil)
	want(t, maja.Do("flag.raise", in), sync.Applied, "", "")
	if ida() != "" {
		t.Errorf("[F4] it leaves on %s", ida())
	}
	want(t, maja.Do("flag.close", args{"flag": in["flag"], "course": in["course"], "done": "Fulgt til lægevagten"}), sync.Applied, "", "")
	if ida() != before {
		t.Errorf("it leaves on %q, not %s", ida(), before)
	}
}
