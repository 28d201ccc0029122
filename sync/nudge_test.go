package sync_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listen opens a user's stream and returns its lines as they come.
func (w *world) listen(user string) (lines <-chan string, stop func()) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), 20*time.Second)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/api/sync/events", nil)
	must(w.t, err)
	req.Header.Set("Authorization", w.token(user))
	res, err := http.DefaultClient.Do(req)
	must(w.t, err)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		w.t.Fatalf("events: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	out := make(chan string, 64)
	go func() {
		defer close(out)
		defer res.Body.Close()
		scan := bufio.NewScanner(res.Body)
		for scan.Scan() {
			if scan.Text() != "" {
				out <- scan.Text()
			}
		}
	}()
	if first := <-out; first != ": hello" {
		w.t.Fatalf("the stream begins with %q", first)
	}
	return out, stop
}

func TestNudge(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	ann, stopAnn := w.listen("ann")
	defer stopAnn()
	bob, stopBob := w.listen("bob")
	defer stopBob()

	w.card(red, "one", "very private")
	for _, want := range []string{"event: nudge", `data: {"seq":`} {
		if got := <-ann; !strings.HasPrefix(got, want) || strings.Contains(got, "private") {
			t.Fatalf("ann got %q, want %q", got, want)
		}
	}
	// Bob's first nudge is for the board he joins, not for Ann's card.
	seat := w.save("seats", map[string]any{"board": red, "user": id("bob")})
	if got := <-bob; got != "event: nudge" {
		t.Fatalf("bob got %q", got)
	}
	must(t, w.Delete(seat))

	u, err := w.FindRecordById("users", id("ann"))
	must(t, err)
	u.Set("active", false)
	must(t, w.Save(u))
	w.card(red, "two", "more")
	revoked := false
	for line := range ann {
		revoked = revoked || line == "event: revoked"
	}
	if !revoked {
		t.Error("the stream of an account that may no longer sync ended without saying so")
	}
}

func TestStreamsAreBounded(t *testing.T) {
	w := newWorld(t)
	for range 8 {
		_, stop := w.listen("ann")
		defer stop()
	}
	status, body := w.send(http.MethodGet, "/api/sync/events", w.token("ann"), "", "")
	if status != http.StatusTooManyRequests || !strings.Contains(body, "sync.streams") {
		t.Errorf("%d %s", status, body)
	}
}
