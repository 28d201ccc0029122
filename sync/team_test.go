package sync_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

type phones struct {
	User, Seen, Oldest string
	Unsent             int64
}

func (w *world) teamOf(user string) (int, []phones) {
	w.t.Helper()
	status, answer := w.send(http.MethodGet, "/api/sync/team", w.token(user), "", "")
	var reply struct{ Users []phones }
	must(w.t, json.Unmarshal([]byte(answer), &reply))
	if strings.Contains(answer, "red") || strings.Contains(answer, id("a")) {
		w.t.Errorf("it tells of a board or a device: %s", answer)
	}
	return status, reply.Users
}

func TestTeam(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "bob")
	here := func(user, header string, in string) {
		t.Helper()
		w.report(user, header, in)
		w.ahead.Add(int64(time.Hour))
	}
	// On her first phone two more wait behind the one that she sent; the other is in use.
	here("ann", "id="+id("a")+"&v=2&last=3&unsent=3&oldest=2026-11-22T09:00:00Z", body("a", mutation(1, "card.add", card("c1", red, "x"))))
	here("ann", "id="+id("b")+"&v=2&last=1&unsent=1&oldest=2026-11-22T11:00:00Z", body("b", mutation(1, "card.add", card("c2", red, "x"))))
	here("bob", "id="+id("c")+"&v=2&last=9&unsent=9&oldest=2026-11-22T11:00:00Z", body("c", mutation(1, "card.add", card("c3", red, "x"))))

	status, users := w.teamOf("cat")
	if status != http.StatusOK || len(users) != 1 {
		t.Fatalf("%d %+v", status, users)
	}
	want := phones{User: id("ann"), Seen: "2026-11-22T10:05:00Z", Unsent: 2, Oldest: "2026-11-22T09:00:00Z"}
	if got := users[0]; got.User != want.User || !strings.HasPrefix(got.Seen, "2026-11-22T10:05:00") || got.Unsent != want.Unsent || got.Oldest != want.Oldest {
		t.Errorf("got %+v, want %+v", got, want)
	}

	here("ann", "id="+id("a")+"&v=2&last=3&unsent=2", body("a", mutation(2, "card.add", card("c4", red, "x")), mutation(3, "card.add", card("c5", red, "x"))))
	if _, users := w.teamOf("cat"); users[0].Unsent != 0 || !strings.HasPrefix(users[0].Seen, "2026-11-22T13:05:00") {
		t.Errorf("all is decided: %+v", users)
	}
	here("ann", "id="+id("a")+"&v=2&last=5&unsent=2&oldest=2026-11-22T13:00:00Z", body("a", mutation(3, "card.add", card("c5", red, "x"))))
	here("ann", "id="+id("d")+"&v=2&last=1&unsent=1&lost="+id("a")+".5", body("d", mutation(1, "card.add", card("c6", red, "x"))))
	if _, users := w.teamOf("cat"); users[0].Unsent != 0 {
		t.Errorf("what a browser threw away does not come any more: %+v", users)
	}
	for _, who := range []string{"ann", "bob"} {
		if status, users := w.teamOf(who); status != http.StatusForbidden || users != nil {
			t.Errorf("%s: %d %+v", who, status, users)
		}
	}
	if status, _ := w.send(http.MethodGet, "/api/sync/team", "", "", ""); status != http.StatusUnauthorized {
		t.Errorf("nobody: %d", status)
	}
}
