package mutations_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/mutations"
)

// TestReadable: what a phone is sent is what the list rules let its user read,
// to the row and to the value, whatever was changed in the dashboard since.
// The rules look at the machine's clock and the buckets at ours, so covers
// here are long over or will long last. [A1 A2 A3 A4 A5 A6]
func TestReadable(t *testing.T) {
	a := testapp.New(t)
	set := func(collection, name string, v args) {
		t.Helper()
		r := a.Find(collection, name)
		r.Load(v)
		if err := a.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	add := func(collection, name string, v args) {
		t.Helper()
		r, err := records.New(a, collection)
		if err != nil {
			t.Fatal(err)
		}
		r.Set("id", seed.ID(name))
		r.Load(v)
		if err := a.Save(r); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(collection, name string) {
		t.Helper()
		if err := a.Delete(a.Find(collection, name)); err != nil {
			t.Fatal(err)
		}
	}
	lasting := args{"from": "2001-01-01", "to": "2199-01-01"}
	over := args{"from": "2001-01-01", "to": "2001-12-31"}

	phones := map[string]*testapp.Phone{}
	for _, name := range []string{"maja", "omar", "karen", "nina", "ole"} {
		phones[name] = a.Phone(name)
	}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"covers that last, and covers that are over", func() {
			set(records.Covers, "vikaralma", lasting)
			add(records.Covers, "overbirk", args{"course": seed.ID("birk"), "user": seed.ID("omar"), "from": "2001-01-01", "to": "2001-12-31"})
			add(records.Covers, "karenbirk", args{"course": seed.ID("birk"), "user": seed.ID("karen"), "from": "2001-01-01", "to": "2199-12-31"})
		}},
		{"a course is reassigned", func() { set(records.Courses, "noor", args{"mentor": seed.ID("omar")}) }},
		{"a course is nobody's", func() { set(records.Courses, "viggo", args{"mentor": ""}) }},
		{"mentors may not take", func() { set(records.Municipalities, "proevekoebing", args{"mentors_take": false}) }},
		{"mentors may take", func() { set(records.Municipalities, "proevekoebing", args{"mentors_take": true}) }},
		{"next door they may take, too", func() { set(records.Municipalities, "eksempelby", args{"mentors_take": true}) }},
		{"a cover is over", func() { set(records.Covers, "vikaralma", over) }},
		{"a cover begins again", func() { set(records.Covers, "vikaralma", lasting) }},
		{"a cover goes to another", func() { set(records.Covers, "karenbirk", args{"user": seed.ID("omar")}) }},
		{"a cover is removed", func() { remove(records.Covers, "vikaralma") }},
		{"a mentor stops", func() { set(records.Users, "omar", args{"active": false}) }},
		{"a mentor comes back", func() { set(records.Users, "omar", args{"active": true}) }},
		{"a mentor becomes a coordinator", func() { set(records.Users, "omar", args{"role": "coordinator"}) }},
		{"a coordinator becomes an evaluator", func() { set(records.Users, "omar", args{"role": "evaluator"}) }},
		{"an evaluator becomes a mentor", func() { set(records.Users, "omar", args{"role": "mentor"}) }},
		{"a mentor moves next door", func() { set(records.Users, "maja", args{"municipality": seed.ID("eksempelby")}) }},
		{"a mentor comes back from next door", func() { set(records.Users, "maja", args{"municipality": seed.ID("proevekoebing")}) }},
		{"a notice is removed", func() { remove(records.Notices, "rosa") }},
		{"a closed course is removed", func() { remove(records.Courses, "ida") }},
		{"a coordinator is removed", func() { remove(records.Users, "ole"); delete(phones, "ole") }},
		{"a collection changes", func() {
			c, err := a.FindCollectionByNameOrId(records.Covers)
			if err == nil {
				c.AddIndex("idx_covers_days", false, "`from`, `to`", "")
				err = a.Save(c)
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
	} {
		step.do()
		if err := a.Engine.Tick(); err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(phones)) {
			t.Run(step.name+", for "+name, func(t *testing.T) { sameAsRules(t, a, phones[name]) })
		}
	}
}

// sameAsRules compares a phone that kept up, a phone that begins, and the
// record API.
func sameAsRules(t *testing.T, a *testapp.App, kept *testapp.Phone) {
	fresh := a.Phone(kept.User)
	if !mayUse(a, kept.User) { // the phone is told so, and is sent nothing more
		if status, body := a.Do(http.MethodGet, "/api/sync/pull", fresh.Token, nil); status != http.StatusForbidden {
			t.Errorf("pull: %d %s", status, body)
		}
		for _, c := range mutations.Config().Collections {
			if rows := listed(t, a, kept.User, c.Name); len(rows) > 0 && c.Name != records.Users {
				t.Errorf("%s: the rules show %d rows", c.Name, len(rows))
			}
		}
		return
	}
	kept.Pull()
	fresh.Pull()
	for _, c := range mutations.Config().Collections {
		want := listed(t, a, kept.User, c.Name)
		for how, phone := range map[string]*testapp.Phone{"kept up": kept, "new": fresh} {
			got := held(phone, c.Name)
			for id := range got {
				if want[id] == nil {
					t.Errorf("%s, %s: the phone has %s, which the rules do not show", c.Name, how, id)
				}
			}
			for id, row := range want {
				if got[id] == nil {
					t.Errorf("%s, %s: the phone has no %s, which the rules show", c.Name, how, id)
					continue
				}
				if len(got[id]) != len(c.Columns) {
					t.Errorf("%s: %d columns travel, declared are %d", c.Name, len(got[id]), len(c.Columns))
				}
				for column, value := range got[id] {
					if !reflect.DeepEqual(value, row[column]) {
						t.Errorf("%s %s %s: pulled %v, listed %v", c.Name, id, column, value, row[column])
					}
				}
			}
		}
	}
}

func mayUse(a *testapp.App, user string) bool {
	return mutations.Config().MayUse(a.Find(records.Users, user))
}

func held(p *testapp.Phone, collection string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, box := range p.Boxes {
		maps.Copy(out, box[collection])
	}
	return out
}

func listed(t *testing.T, a *testapp.App, user, collection string) map[string]map[string]any {
	t.Helper()
	status, body := a.Do(http.MethodGet, fmt.Sprintf("/api/collections/%s/records?perPage=1000", collection), a.Token(user), nil)
	if status != http.StatusOK {
		t.Fatalf("%s: %d %s", collection, status, body)
	}
	var page struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(body), &page); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]any{}
	for _, item := range page.Items {
		out[item["id"].(string)] = item
	}
	return out
}
