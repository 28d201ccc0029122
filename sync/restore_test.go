package sync_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/tests"
)

// restart is the same world after its process ended and came back, with the
// data of then or, put back from a backup, of before.
func (w *world) restart(dir string) *world {
	w.t.Helper()
	app, err := tests.NewTestApp(dir)
	must(w.t, err)
	return w.serving(app)
}

// backup copies the data as it is.
func (w *world) backup() string {
	w.t.Helper()
	dir := w.t.TempDir()
	_, err := w.NonconcurrentDB().NewQuery(`VACUUM INTO '` + filepath.Join(dir, "data.db") + `'`).Execute()
	must(w.t, err)
	aux, err := os.ReadFile(filepath.Join(w.DataDir(), "auxiliary.db"))
	must(w.t, err)
	must(w.t, os.WriteFile(filepath.Join(dir, "auxiliary.db"), aux, 0o600))
	return dir
}

func seen(end pulled) string { return fmt.Sprintf("%d.%s", end.Seq, end.Epoch) }

func (w *world) ask(user, cursor, seen string) (int, string) {
	w.t.Helper()
	return w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor+"&seen="+seen, w.token(user), "", "")
}

func TestRestart(t *testing.T) {
	w := newWorld(t)
	w.card(w.board("red", "ann"), "c1", "one")
	_, end := w.pull("ann", "")
	again := w.restart(w.backup())
	if status, answer := again.ask("ann", end.Cursor, seen(end)); status != 200 || strings.Contains(answer, "c1") {
		t.Errorf("after a restart: %d %s", status, answer)
	}
	lines, next := again.pull("ann", "")
	if len(lines) == 0 || next.Epoch == end.Epoch {
		t.Errorf("the epoch is still %s", next.Epoch)
	}
}

// A server put back from a backup gives numbers a second time. Every phone
// that was told one of them the first time is told so, however far the server
// has come since; one that was not, goes on.
func TestRestored(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "bob")
	push := func(w *world, user, seen string, n int) (int, string) {
		in := strings.Replace(body(user, mutation(n, "card.add", card(fmt.Sprintf("%s%d", user, n), red, "x"))), `"epoch":""`, `"seen":"`+seen+`"`, 1)
		return w.send(http.MethodPost, "/api/sync/push", w.token(user), jsonType, in)
	}
	_, early := w.pull("bob", "")
	push(w, "ann", "", 1)
	_, middle := w.pull("ann", "")
	dir := w.backup()
	push(w, "ann", seen(middle), 2)
	_, late := w.pull("ann", middle.Cursor)

	for _, writes := range []int{0, 1, 50} {
		t.Run(fmt.Sprintf("and %d writes later", writes), func(t *testing.T) {
			old := w.restart(dir)
			for i := range writes {
				old.card(red, fmt.Sprintf("w%03d", i), "since")
			}
			for name, phone := range map[string]pulled{"bob, who was early": early, "ann, as she was": middle} {
				if status, answer := old.ask(name[:3], phone.Cursor, seen(phone)); status != 200 {
					t.Errorf("%s: %d %s", name, status, answer)
				}
			}
			status, answer := old.ask("ann", late.Cursor, "")
			if status != 409 || !strings.Contains(answer, "sync.restored") {
				t.Errorf("ann's cursor: %d %s", status, answer)
			}
			if status, answer = old.ask("ann", middle.Cursor, seen(late)); status != 409 {
				t.Errorf("an old cursor, and what she saw since: %d %s", status, answer)
			}
			if status, answer = push(old, "ann", seen(late), 3); status != 409 || !strings.Contains(answer, "sync.restored") {
				t.Errorf("ann's push: %d %s", status, answer)
			}
			// Everything she kept once more: done once, and then gone on.
			if status, answer = push(old, "ann", "", 1); status != 200 || !strings.Contains(answer, `"duplicate"`) {
				t.Errorf("the first again: %d %s", status, answer)
			}
			if status, answer = push(old, "ann", "", 2); status != 200 || !strings.Contains(answer, `"applied"`) {
				t.Errorf("the second again: %d %s", status, answer)
			}
		})
	}
}

// A page shows what is: a row on the second page may be newer than the number
// the round began at, and be of the stretch that a backup does not have.
func TestRestoredWithinARound(t *testing.T) {
	w := newWorld(t)
	w.engine.PageRows = 1
	red, blue := w.board("red", "ann"), w.board("blue", "ann")
	w.card(blue, "b1", "x")
	_, first := w.pull("ann", "")
	dir := w.backup()
	w.card(red, "r1", "x")
	lines, second := w.pull("ann", first.Cursor)
	if !first.More || !strings.Contains(texts(lines), "row r1") {
		t.Fatalf("%v, then %s", first.More, texts(lines))
	}
	old := w.restart(dir)
	old.card(blue, "b2", "x")
	if status, answer := old.ask("ann", second.Cursor, seen(second)); status != http.StatusConflict {
		t.Errorf("with a row of the stretch that is gone: %d %s", status, answer)
	}
	if status, answer := old.ask("ann", first.Cursor, seen(first)); status != http.StatusOK {
		t.Errorf("without: %d %s", status, answer)
	}
}

// What was refused is forgotten like everything else, and noticed like it.
func TestRestoredAfterARefusal(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	dir := w.backup()
	status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), jsonType, body("a", mutation(1, "card.add", card("c1", red, "forbidden"))))
	var reply struct {
		Seq   int64
		Epoch string
	}
	if must(t, json.Unmarshal([]byte(answer), &reply)); status != http.StatusOK {
		t.Fatalf("%d %s", status, answer)
	}
	if status, answer := w.restart(dir).ask("ann", "", fmt.Sprintf("%d.%s", reply.Seq, reply.Epoch)); status != http.StatusConflict {
		t.Errorf("%d %s", status, answer)
	}
}

func TestForgetting(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "bob")
	one := w.card(red, "c1", "one")
	w.card(red, "c2", "two")
	_, old := w.pull("ann", "")
	must(t, w.TestApp.Delete(one))
	w.ahead.Store(int64(10 * 24 * time.Hour))
	w.on("2026-12-02")
	must(t, w.engine.Tick())
	_, newer := w.pull("bob", "")

	w.ahead.Store(int64(420 * 24 * time.Hour))
	w.on("2028-01-01")
	must(t, w.engine.Tick())
	var dead int
	must(t, w.DB().NewQuery(`SELECT count(*) FROM _sync_row WHERE deleted = 1`).Row(&dead))
	if dead != 0 {
		t.Errorf("%d tombstones are left", dead)
	}
	if status, answer := w.ask("ann", old.Cursor, seen(old)); status != http.StatusGone {
		t.Errorf("a phone from before: %d %s", status, answer)
	}
	if lines, _ := w.pull("ann", ""); texts(lines) != "board:red!, row red, row c2" {
		t.Errorf("from nothing: %s", texts(lines))
	}
	if status, answer := w.ask("bob", newer.Cursor, seen(newer)); status != 200 {
		t.Errorf("a phone from after: %d %s", status, answer)
	}
}

// A database of an older build gets what it lacks, and its sums.
func TestOlderTables(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.card(red, "c1", "one")
	for _, statement := range []string{`DROP TRIGGER _sync_sum_insert`, `DROP TRIGGER _sync_sum_update`, `DROP TABLE _sync_bucket`,
		`ALTER TABLE _sync_mut DROP COLUMN settled`, `ALTER TABLE _sync_mut DROP COLUMN handed`, `ALTER TABLE _sync_mut DROP COLUMN skew`} {
		_, err := w.NonconcurrentDB().NewQuery(statement).Execute()
		must(t, err)
	}
	newer := w.restart(w.backup())
	newer.card(red, "c2", "two")
	if lines, _ := newer.pull("ann", ""); texts(lines) != "board:red!, row red, row c1, row c2" {
		t.Errorf("pulled %s", texts(lines))
	}
	if got := results(newer.push("ann", body("a", mutation(1, "card.add", card("c3", red, "forbidden"))))); got != "rejected card.text" {
		t.Errorf("pushed: %s", got)
	}
}

// A start with its triggers where they were goes through no rows; one that
// finds a trigger missing goes through all, and finds what passed it by.
func TestStart(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.card(red, "c1", "one")
	_, end := w.pull("ann", "")
	again := w.restart(w.backup())
	if _, next := again.pull("ann", end.Cursor); next.Seq != end.Seq+1 { // the mark
		t.Errorf("a start took the numbers %d to %d", end.Seq, next.Seq)
	}
	for _, statement := range []string{`DROP TRIGGER _sync_on_cards_rows_insert`,
		`INSERT INTO cards (id, board, text) VALUES ('` + id("c2") + `', '` + red + `', 'passed by')`} {
		_, err := again.NonconcurrentDB().NewQuery(statement).Execute()
		must(t, err)
	}
	mended := again.restart(again.backup())
	if lines, _ := mended.pull("ann", end.Cursor); texts(lines) != "board:red, row c2" {
		t.Errorf("pulled %s", texts(lines))
	}
	mended.card(red, "c3", "three")
	if lines, _ := mended.pull("ann", ""); texts(lines) != "board:red!, row red, row c1, row c2, row c3" {
		t.Errorf("pulled %s", texts(lines))
	}
}
