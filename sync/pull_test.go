package sync_test

import (
	"fmt"
	"net/http"
	"strings"
	stdsync "sync"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/sync"
)

func TestPull(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "bob")
	blue := w.board("blue", "ann")
	w.card(red, "one", "first")
	two := w.card(blue, "two", "second")

	wantPull := func(user, cursor, want string) pulled {
		t.Helper()
		lines, end := w.pull(user, cursor)
		if got := texts(lines); got != want {
			t.Fatalf("%s pulled: %s\nwant: %s", user, got, want)
		}
		if end.More {
			t.Fatalf("more pages")
		}
		return end
	}

	ann := wantPull("ann", "", "board:blue!, row blue, row two, board:red!, row red, row one")
	bob := wantPull("bob", "", "board:red!, row red, row one")
	cat := wantPull("cat", "", "")

	t.Run("nothing new is one line", func(t *testing.T) {
		status, body := w.send(http.MethodGet, "/api/sync/pull?cursor="+ann.Cursor, w.token("ann"), "", "")
		if status != 200 || strings.Count(body, "\n") != 1 || len(body) > 300 {
			t.Errorf("%d bytes: %s", len(body), body)
		}
	})
	t.Run("columns have their own types, and nothing else travels", func(t *testing.T) {
		lines, _ := w.pull("ann", "")
		for _, l := range lines {
			if l.ID != id("two") {
				continue
			}
			if l.Row["text"] != "second" || l.Row["weight"] != 0.0 || l.Row["done"] != false || fmt.Sprint(l.Row["tags"]) != "[a]" || len(l.Row) != 5 {
				t.Errorf("%v", l.Row)
			}
		}
	})
	t.Run("a change, a removal and a move", func(t *testing.T) {
		two.Set("text", "changed")
		must(t, w.Save(two))
		ann = wantPull("ann", ann.Cursor, "board:blue, row two")
		two.Set("board", red)
		must(t, w.Save(two))
		ann = wantPull("ann", ann.Cursor, "board:blue, gone two, board:red, row two")
		must(t, w.Delete(two))
		ann = wantPull("ann", ann.Cursor, "board:red, gone two")
		bob = wantPull("bob", bob.Cursor, "board:red, gone two")
	})
	t.Run("joining brings the whole bucket, leaving drops it", func(t *testing.T) {
		seat := w.save("seats", map[string]any{"board": red, "user": id("cat")})
		cat = wantPull("cat", cat.Cursor, "board:red!, row red, row one")
		bob = wantPull("bob", bob.Cursor, "")
		must(t, w.Delete(seat))
		cat = wantPull("cat", cat.Cursor, "leave board:red")
		w.save("seats", map[string]any{"board": red, "user": id("cat"), "until": "2026-11-23"})
		cat = wantPull("cat", cat.Cursor, "board:red!, row red, row one")
	})
	t.Run("what only the clock ends", func(t *testing.T) {
		w.on("2026-11-23")
		must(t, w.engine.Tick())
		cat = wantPull("cat", cat.Cursor, "")
		w.on("2026-11-24")
		must(t, w.engine.Tick())
		cat = wantPull("cat", cat.Cursor, "leave board:red")
	})
	t.Run("a change that is rolled back leaves no trace", func(t *testing.T) {
		err := w.RunInTransaction(func(tx core.App) error {
			card, err := tx.FindRecordById("cards", id("one"))
			must(t, err)
			card.Set("text", "never")
			must(t, tx.Save(card))
			return fmt.Errorf("no")
		})
		if err == nil {
			t.Fatal("it was committed")
		}
		ann = wantPull("ann", ann.Cursor, "")
	})
	t.Run("a board that is removed takes its cards along", func(t *testing.T) {
		board, err := w.FindRecordById("boards", red)
		must(t, err)
		must(t, w.Delete(board))
		ann = wantPull("ann", ann.Cursor, "leave board:red")
	})
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	const boards, cards = 5, 40 // 205 rows: a page takes 100 here, and never half a bucket
	for b := range boards {
		board := w.board(fmt.Sprintf("b%dx", b), "ann")
		must(t, w.RunInTransaction(func(tx core.App) error {
			for c := range cards {
				saveIn(t, tx, "cards", map[string]any{"id": id(fmt.Sprintf("b%dc%dx", b, c)), "board": board, "text": "text"})
			}
			return nil
		}))
	}

	got := map[string]bool{}
	cursor, pages := "", 0
	for {
		lines, end := w.pull("ann", cursor)
		pages++
		seen := map[string]int{}
		for _, l := range lines {
			if l.T == "row" && l.C == "cards" {
				got[l.ID] = true
				seen[l.Row["board"].(string)]++
			}
		}
		for board, n := range seen {
			if n != cards {
				t.Errorf("page %d has %d cards of %s", pages, n, board)
			}
		}
		if pages == 1 { // while the round is under way, a page behind and a page ahead change
			for _, name := range []string{"b0c7x", "b4c7x"} {
				r, err := w.FindRecordById("cards", id(name))
				must(t, err)
				r.Set("text", "meanwhile")
				must(t, w.Save(r))
			}
		}
		cursor = end.Cursor
		if !end.More {
			break
		}
		if pages > 10 {
			t.Fatal("it does not end")
		}
	}
	if len(got) != boards*cards || pages < 2 {
		t.Errorf("%d cards in %d pages", len(got), pages)
	}
	lines, _ := w.pull("ann", cursor)
	if got := texts(lines); got != "board:b0x, row b0c7x, board:b4x, row b4c7x" {
		t.Errorf("after the round: %s", got)
	}
}

// A row's number is taken inside the transaction that writes it, so whoever
// reads while others write never steps past one.
func TestNothingIsSkipped(t *testing.T) {
	w := newWorld(t)
	const writers, each = 6, 25
	boards := make([]string, writers)
	for i := range boards {
		boards[i] = w.board(fmt.Sprintf("w%d", i), "ann")
	}
	var writing stdsync.WaitGroup
	failed := make(chan error, writers)
	cards, err := w.FindCollectionByNameOrId("cards")
	must(t, err)
	for i := range writers {
		writing.Go(func() {
			for n := range each {
				r := core.NewRecord(cards)
				r.Load(map[string]any{"board": boards[i], "text": fmt.Sprint(n)})
				if err := w.Save(r); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	got, cursor, last := map[string]bool{}, "", int64(0)
	take := func() {
		for more := true; more; {
			lines, end := w.pull("ann", cursor)
			for _, l := range lines {
				if l.T == "row" && l.C == "cards" {
					got[l.ID] = true
				}
			}
			if end.Seq < last {
				t.Errorf("the number went back from %d to %d", last, end.Seq)
			}
			cursor, more, last = end.Cursor, end.More, end.Seq
		}
	}
	for writingStill := true; writingStill; {
		select {
		case <-done:
			writingStill = false
		default:
			take()
		}
	}
	take()
	select {
	case err := <-failed:
		t.Fatal(err)
	default:
	}
	if len(got) != writers*each {
		t.Errorf("%d of %d rows arrived", len(got), writers*each)
	}
}

func TestForeignCursors(t *testing.T) {
	w := newWorld(t)
	w.board("red", "ann", "bob")
	_, end := w.pull("ann", "")
	other := newWorld(t)
	_, foreign := other.pull("ann", "")
	body := end.Cursor[:strings.LastIndex(end.Cursor, ".")]
	edited := "1" + end.Cursor
	for name, cursor := range map[string]string{
		"edited": edited, "without its seal": body, "of another server": foreign.Cursor, "nonsense": "%2500.x",
		"long": strings.Repeat("a", 4000),
	} {
		if status, answer := w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor, w.token("ann"), "", ""); status != http.StatusGone || !strings.Contains(answer, "sync.cursor") {
			t.Errorf("a cursor %s: %d %s", name, status, answer)
		}
	}
	if status, _ := w.send(http.MethodGet, "/api/sync/pull?cursor="+end.Cursor, w.token("bob"), "", ""); status != http.StatusGone {
		t.Errorf("another's cursor: %d", status)
	}
}

// A phone that asks for it gets rows without the column that is the bucket's key.
func TestBareRows(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	one := w.card(red, "one", "first")
	_, end := w.pull("ann", "")
	must(t, w.Save(one))
	ask := func(cursor, more string) string {
		t.Helper()
		_, body := w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor+more, w.token("ann"), "", "")
		return body
	}
	for name, cursor := range map[string]string{"whole": "", "what changed": end.Cursor} {
		full, bare := ask(cursor, ""), ask(cursor, "&bare=1")
		if !strings.Contains(bare, `"c":"cards","k":["text","weight","done","tags"],"key":"board"}`) || strings.Count(bare, red) != strings.Count(full, red)-1 {
			t.Errorf("%s: %s", name, bare)
		}
		bare = strings.ReplaceAll(bare, `["text","weight","done","tags"],"key":"board"`, `["board","text","weight","done","tags"]`)
		before, after, _ := strings.Cut(bare, `,"first",`)
		if got := before + `,"` + red + `","first",` + after; got != full {
			t.Errorf("%s: %s\nasked for in full: %s", name, got, full)
		}
	}
}

// However much happened since, what is new is found; by looking through all of
// it, or at each of her buckets.
func TestNearAndFar(t *testing.T) {
	w := newWorld(t)
	blue, red := w.board("blue", "ann"), w.board("red", "ann")
	w.board("other", "bob")
	_, start := w.pull("ann", "")
	w.card(red, "one", "first")
	must(t, w.Delete(w.card(blue, "two", "second")))
	w.card(id("other"), "three", "third")
	w.board("new", "ann")
	for _, most := range []int64{0, 1000} {
		sync.Near(t, most)
		lines, _ := w.pull("ann", start.Cursor)
		if got := texts(lines); got != "board:blue, gone two, board:new!, row new, board:red, row one" {
			t.Errorf("near is %d: %s", most, got)
		}
	}
}

// A bucket's key is a text; what only counts as one stays in its row.
func TestKeyOfAnotherType(t *testing.T) {
	w := newWorld(t)
	c, err := w.FindCollectionByNameOrId("cards")
	must(t, err)
	c.Fields.RemoveByName("board")
	c.Fields.Add(&core.NumberField{Name: "board"})
	must(t, w.Save(c))
	w.board("5", "ann")
	w.save("cards", map[string]any{"id": id("one"), "board": 500000000000000})
	_, body := w.send(http.MethodGet, "/api/sync/pull?bare=1", w.token("ann"), "", "")
	if strings.Contains(body, `"key"`) || !strings.Contains(body, `"c":"cards","k":["board",`) {
		t.Errorf("%s", body)
	}
}

func TestWhoMaySync(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/api/sync/pull", "/api/sync/events"} {
		if status, body := w.send(http.MethodGet, path, "", "", ""); status != 401 || !strings.Contains(body, `"auth.required"`) {
			t.Errorf("%s as a guest: %d %s", path, status, body)
		}
	}
	ann := w.token("ann")
	u, err := w.FindRecordById("users", id("ann"))
	must(t, err)
	u.Set("active", false)
	must(t, w.Save(u))
	if status, body := w.send(http.MethodGet, "/api/sync/pull", ann, "", ""); status != 403 || !strings.Contains(body, `"auth.inactive"`) {
		t.Errorf("inactive: %d %s", status, body)
	}
}

// PocketBase rebuilds tables when somebody changes a collection in the
// dashboard; numbering goes on through it.
func TestCollectionsChange(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	one := w.card(red, "one", "first")
	_, end := w.pull("ann", "")
	step := func(name string, change func(*core.Collection)) {
		t.Run(name, func(t *testing.T) {
			c, err := w.FindCollectionByNameOrId("cards")
			must(t, err)
			change(c)
			must(t, w.Save(c))
			one, err = w.FindRecordById("cards", one.Id)
			must(t, err)
			one.Set("text", name)
			must(t, w.Save(one))
			var lines []pulled
			lines, end = w.pull("ann", end.Cursor)
			if got := texts(lines); got != "board:red, row one" {
				t.Errorf("pulled %s", got)
			}
		})
	}
	step("a field is added", func(c *core.Collection) { c.Fields.Add(&core.TextField{Name: "more"}) })
	step("a field that does not travel is renamed", func(c *core.Collection) { c.Fields.GetByName("more").SetName("other") })
	step("a field that does not travel is removed", func(c *core.Collection) { c.Fields.RemoveByName("other") })
	t.Run("a field that travels cannot be removed", func(t *testing.T) {
		c, err := w.FindCollectionByNameOrId("cards")
		must(t, err)
		c.Fields.RemoveByName("text")
		if w.Save(c) == nil {
			t.Error("it was")
		}
	})
	t.Run("a collection that is removed leaves tombstones", func(t *testing.T) {
		c, err := w.FindCollectionByNameOrId("cards")
		must(t, err)
		must(t, w.TestApp.Delete(c))
		lines, _ := w.pull("ann", end.Cursor)
		if got := texts(lines); got != "board:red, gone one" {
			t.Errorf("pulled %s", got)
		}
	})
}
