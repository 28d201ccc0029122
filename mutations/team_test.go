package mutations_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

type teamLine struct {
	User, Seen, Oldest string
	Unsent             int64
}

func teamOf(t *testing.T, a *testapp.App, who string) (int, []teamLine) {
	t.Helper()
	status, body := a.Do(http.MethodGet, "/api/sync/team", a.Token(who), nil)
	var reply struct{ Users []teamLine }
	if err := json.Unmarshal([]byte(body), &reply); err != nil {
		t.Fatal(err)
	}
	return status, reply.Users
}

// calls lets somebody's phone call, and say that much is unsent.
func calls(t *testing.T, a *testapp.App, who, device, unsent string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+"/api/sync/pull", bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", a.Token(who))
	req.Header.Set("Sync-Device", "v=2&id="+seed.ID(device)+"&last="+unsent+"&unsent="+unsent+"&oldest=2026-11-21T15:00:00Z")
	if status, body := a.Send(req); status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
}

func TestTeamPhones(t *testing.T) {
	a := testapp.New(t)
	calls(t, a, "maja", "majasphone", "3")
	calls(t, a, "nina", "ninasphone", "2")
	t.Run("[A9] the coordinator of the municipality", func(t *testing.T) {
		status, users := teamOf(t, a, "karen")
		if status != http.StatusOK || len(users) != 1 || users[0].User != seed.ID("maja") || users[0].Unsent != 3 || users[0].Oldest != "2026-11-21T15:00:00Z" || users[0].Seen == "" {
			t.Errorf("%d %+v", status, users)
		}
	})
	t.Run("[A2 A9] the coordinator next door has her own, and nothing of these", func(t *testing.T) {
		if status, users := teamOf(t, a, "ole"); status != http.StatusOK || len(users) != 1 || users[0].User != seed.ID("nina") {
			t.Errorf("%d %+v", status, users)
		}
	})
	t.Run("[A9] nobody else", func(t *testing.T) {
		for _, who := range []string{"maja", "ward", "admin"} {
			if status, users := teamOf(t, a, who); status != http.StatusForbidden || users != nil {
				t.Errorf("%s: %d %+v", who, status, users)
			}
		}
		karen := a.Find("users", "karen")
		karen.Set("active", false)
		if err := a.Save(karen); err != nil {
			t.Fatal(err)
		}
		if status, _ := teamOf(t, a, "karen"); status != http.StatusForbidden {
			t.Errorf("a coordinator who has left: %d", status)
		}
	})
}
