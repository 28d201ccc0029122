package sync_test

import (
	"fmt"
	"net/http"
	stdsync "sync"
	"testing"
	"time"
)

// Two release the same at once: it is done once.
func TestReleaseTwiceAtOnce(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	for n := 1; n <= 10; n++ {
		w.want(w.push("ann", body("a", mutation(n, "card.add", fmt.Sprintf(`{"id":"","board":"%s","text":"not yours"}`, red)))), "escrowed card.owner")
		var wg stdsync.WaitGroup
		for _, device := range []string{"p", "q"} {
			wg.Go(func() {
				if got := results(w.push("cat", body(device, settle(n, n, "release", id("ann"))))); got != "applied" {
					t.Error(got)
				}
			})
		}
		wg.Wait()
		if got := w.cards(); got != int64(n) {
			t.Fatalf("%d cards after %d", got, n)
		}
	}
}

// Between two pages the server starts anew, the day changes, its clock goes
// back and forth: nobody is thrown back.
func TestBetweenPages(t *testing.T) {
	w := newWorld(t)
	w.engine.PageRows = 1
	for i := range 8 {
		w.card(w.board(fmt.Sprintf("b%d", i), "ann"), fmt.Sprintf("c%d", i), "x")
	}
	phone := &mirror{}
	_, answer := w.ask("ann", "", "")
	_, end := w.lines(answer)
	phone.cursor, phone.seen = end.Cursor, seen(end)
	for i, step := range []func(){
		func() { w = w.restart(w.backup()); w.engine.PageRows = 1 },
		func() { w.on("2026-11-23"); w.ahead.Store(int64(24 * time.Hour)); must(t, w.engine.Tick()) },
		func() { w.on("2020-01-01"); w.ahead.Store(-int64(7 * 365 * 24 * time.Hour)); must(t, w.engine.Tick()) },
		func() { w.on("2026-11-24"); w.ahead.Store(int64(48 * time.Hour)); must(t, w.engine.Tick()) },
		func() { w.push("ann", body("a", mutation(1, "card.add", card("n1", id("b0"), "forbidden")))) },
	} {
		step()
		status, answer := w.ask("ann", phone.cursor, phone.seen)
		if status != http.StatusOK && (i < 3 || status != http.StatusGone) { // its clock went back: 410 at worst
			t.Fatalf("step %d: %d %s", i, status, answer)
		}
		if status == http.StatusOK {
			_, end = w.lines(answer)
			phone.cursor, phone.seen = end.Cursor, seen(end)
		}
	}
	phone.cursor = ""
	phone.pull(w, "ann")
	if diverged := phone.check(w, "ann"); len(diverged) > 0 || len(phone.boxes) != 8 {
		t.Errorf("%v differ, %d held", diverged, len(phone.boxes))
	}
}
