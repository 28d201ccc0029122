package directory_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

func TestMain(m *testing.M) { testapp.Main(m) }

// TestCrisisLines: without a log-in, of one municipality and the country, and
// nothing that is put away.
func TestCrisisLines(t *testing.T) {
	a := testapp.New(t)
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{"of a municipality", "?municipality=" + seed.ID("proevekoebing"), []string{"akutproeve", "livslinien", "regionproeve"}},
		{"of another", "?municipality=" + seed.ID("eksempelby"), []string{"akuteksempel", "livslinien"}},
		{"of the country alone", "", []string{"livslinien"}},
		{"of none there is", "?municipality=' OR 1=1 --", []string{"livslinien"}},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, a, c.query, c.want) })
	}
	t.Run("what is put away is not handed out", func(t *testing.T) {
		r := a.Find(records.CrisisLines, "livslinien")
		r.Set("active", false)
		if err := a.Save(r); err != nil {
			t.Fatal(err)
		}
		same(t, a, "", []string{})
	})
}

func same(t *testing.T, a *testapp.App, query string, want []string) {
	t.Helper()
	status, body := a.Do(http.MethodGet, "/api/directory/crisis-lines"+strings.ReplaceAll(query, " ", "%20"), "", nil)
	var reply struct {
		Lines []struct{ ID, Name, Number string }
	}
	if err := json.Unmarshal([]byte(body), &reply); err != nil || status != http.StatusOK || reply.Lines == nil {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	got := []string{}
	for _, l := range reply.Lines {
		if l.Name == "" || l.Number == "" {
			t.Errorf("%s has no name or number", l.ID)
		}
		got = append(got, l.ID)
	}
	ids := make([]string, len(want))
	for i, name := range want {
		ids[i] = seed.ID(name)
	}
	slices.Sort(got)
	if !slices.Equal(got, ids) {
		t.Errorf("got %v, want %v", got, ids)
	}
}
