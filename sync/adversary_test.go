package sync_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	stdsync "sync"
	"sync/atomic"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/sync"
)

// One number from two requests at once, with a server that would decide them
// differently: both are told what is stored.
func TestOneNumberTwiceAtOnce(t *testing.T) {
	var asked atomic.Int64
	w := newWorld(t, sync.Handle("first.refused", func(c *sync.Context, _ struct{}) error {
		if asked.Add(1)%2 == 1 {
			return sync.Reject(sync.CodeRule, "not.the.first")
		}
		return nil
	}))
	for n := 1; n <= 20; n++ {
		var outs [2]sync.Outcome
		var wg stdsync.WaitGroup
		asked.Store(0)
		for i := range outs {
			wg.Go(func() { outs[i] = w.push("ann", body("a", mutation(n, "first.refused", `{}`)))[0] })
		}
		wg.Wait()
		stored := w.push("ann", body("a", mutation(n, "first.refused", `{}`)))[0].First.Result
		for _, o := range outs {
			if o.First != nil {
				o = *o.First
			}
			if o.Result != stored {
				t.Fatalf("%d: told %s, stored %s", n, o.Result, stored)
			}
		}
	}
}

// A part that is refused after it wrote takes the whole mutation with it.
func TestPartThatWrote(t *testing.T) {
	w := newWorld(t, sync.Handle("part.wrote", func(c *sync.Context, a struct {
		Board string `json:"board"`
	}) error {
		saveIn(t, c.App, "cards", map[string]any{"id": id("whole"), "board": a.Board, "text": "whole"})
		return c.RefusePart("part", func() error {
			saveIn(t, c.App, "cards", map[string]any{"id": id("part"), "board": a.Board, "text": "part"})
			return sync.Reject(sync.CodeRule, "part.refused")
		})
	}))
	red := w.board("red", "ann")
	got := w.push("ann", body("a", mutation(1, "part.wrote", `{"board":"`+red+`"}`)))
	if results(got) != "rejected part.refused" || w.cards() != 0 {
		t.Errorf("%s, %d cards", results(got), w.cards())
	}
}

// A change of collections that is taken back leaves what phones are sent.
func TestCollectionChangeTakenBack(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.card(red, "c1", "one")
	undone := errors.New("undone")
	err := w.RunInTransaction(func(tx core.App) error {
		cards, err := tx.FindCollectionByNameOrId("cards")
		must(t, err)
		must(t, tx.Delete(cards))
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	lines, _ := w.pull("ann", "")
	if got := texts(lines); got != "board:red!, row red, row c1" {
		t.Errorf("pulled %s", got)
	}
}

// What one account has refused does not fill the disk.
func TestRefusedForEver(t *testing.T) {
	w := newWorld(t)
	status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), jsonType,
		body("a", mutation(1, strings.Repeat("x", 200), `{}`)))
	if status != http.StatusBadRequest || !strings.Contains(answer, "request.mutation") {
		t.Errorf("a name of 200: %d %s", status, answer)
	}
	large := `"` + strings.Repeat("x", 250<<10) + `"`
	const pushes = 40
	sync.SetKeptBytes(t, 4<<20)
	for n := 1; n <= pushes; n++ {
		if got := results(w.push("ann", body("a", mutation(n, "no.such", large)))); got != "unknown" {
			t.Fatal(got)
		}
	}
	var kept, rows int64
	must(t, w.DB().NewQuery(`SELECT sum(length(args)), count(*) FROM _sync_mut`).Row(&kept, &rows))
	if kept > 5<<20 || kept < 3<<20 || rows != pushes {
		t.Errorf("%d bytes in %d rows", kept, rows)
	}
	if got := results(w.push("ann", body("a", mutation(pushes+1, "card.add", card("c1", w.board("red", "ann"), "one"))))); got != "applied" {
		t.Error(got)
	}
}

// What lies in a JSON column may be anything: a page is one all the same.
func TestJSONThatIsNone(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	for i, raw := range []string{``, `nonsense`, `{"a":`, `null`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000), `1e999`} {
		c := w.card(red, fmt.Sprintf("c%d", i), "x")
		if _, err := w.NonconcurrentDB().Update("cards", map[string]any{"tags": raw}, nil).Execute(); err != nil {
			t.Fatal(err)
		}
		if lines, end := w.pull("ann", ""); len(lines) != i+3 || end.More {
			t.Errorf("%.20s (%s): %d lines", raw, c.Id, len(lines))
		}
	}
}

// Requests that are made to hurt get an answer, and change nothing.
func TestRequestsThatHurt(t *testing.T) {
	w := newWorld(t)
	for name, in := range map[string]string{
		"deep arguments": body("a", mutation(1, "card.add", strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000))),
		"deep and open":  strings.Repeat(`{"a":`, 50_000),
		"a huge number":  strings.Replace(body("a", mutation(1, "card.add", `{}`)), `"n":1`, `"n":`+strings.Repeat("9", 1000), 1),
	} {
		if status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), jsonType, in); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for _, cursor := range []string{strings.Repeat("A", 200_000), strings.Repeat("A", 1000) + "." + strings.Repeat("B", 1000), ".", "%00", "e30.e30"} {
		if status, answer := w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor, w.token("ann"), "", ""); status != http.StatusGone {
			t.Errorf("%.20s: %d %s", cursor, status, answer)
		}
	}
}

// FuzzPush: whatever is sent, the answer is one of the protocol's, and every
// mutation of a batch that is taken has one outcome.
func FuzzPush(f *testing.F) {
	w := newWorld(f)
	red := w.board("red", "ann")
	token := w.token("ann")
	f.Add(body("a", mutation(1, "card.add", card("c1", red, "one"))))
	f.Add(body("a", mutation(1, "card.add", card("c1", red, "half")), mutation(2, "no.such", `[]`)))
	f.Add(strings.Replace(body("a", mutation(1, "card.add", `{"text":"\ud83d"}`)), `"epoch":""`, `"epoch":"","clock":"0001-01-01T00:00:00Z"`, 1))
	f.Fuzz(func(t *testing.T, in string) {
		w.t = t
		status, answer := w.send(http.MethodPost, "/api/sync/push", token, jsonType, in)
		var reply struct {
			Code     string
			Outcomes []sync.Outcome
		}
		if err := json.Unmarshal([]byte(answer), &reply); err != nil {
			t.Fatalf("%d %s", status, answer)
		}
		switch {
		case status == http.StatusOK && len(reply.Outcomes) > 0:
			for _, o := range reply.Outcomes {
				if o.Result == "" || o.Reason == "retry" {
					t.Errorf("%+v", o)
				}
			}
		case (status == http.StatusBadRequest || status == http.StatusConflict || status == http.StatusRequestEntityTooLarge) && reply.Code != "":
		default:
			t.Errorf("%d %s", status, answer)
		}
	})
}

// FuzzPullCursor: a cursor that the server did not make is refused.
func FuzzPullCursor(f *testing.F) {
	w := newWorld(f)
	w.card(w.board("red", "ann"), "c1", "one")
	token := w.token("ann")
	_, end := w.pull("ann", "")
	f.Add(end.Cursor)
	f.Add("e30.e30")
	f.Fuzz(func(t *testing.T, cursor string) {
		w.t = t
		path := "/api/sync/pull?cursor=" + strings.ReplaceAll(fmt.Sprintf("%x", cursor), " ", "")
		if isWire(cursor) {
			path = "/api/sync/pull?cursor=" + cursor
		}
		status, answer := w.send(http.MethodGet, path, token, "", "")
		if known := cursor == "" || cursor == end.Cursor; status != http.StatusGone && (!known || status != http.StatusOK) {
			t.Errorf("%q: %d %.200s", cursor, status, answer)
		}
	})
}

func isWire(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

// One device id on two accounts is two devices: neither sees, blocks or
// settles the other's.
func TestOneDeviceTwoUsers(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "bob")
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "forbidden")), mutation(2, "card.add", card("c2", red, "hers")))), "rejected card.text, applied")
	w.want(w.push("bob", body("a", mutation(2, "card.add", card("c3", red, "his")))), "deferred gap")
	w.want(w.push("bob", body("a", settle(1, 1, "discard", ""), mutation(2, "card.add", card("c4", red, "his")))), "rejected record.gone, applied")
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "forbidden")))), "duplicate of rejected")
	if kept := w.texts(`SELECT args FROM _sync_mut WHERE user = '` + id("ann") + `' AND n = 1`); !strings.Contains(kept, "forbidden") {
		t.Errorf("hers is gone: %s", kept)
	}
}

// FuzzCheck: whatever a phone says it holds, the answer is one of the
// protocol's, and the cursor that comes back is one that a pull takes.
func FuzzCheck(f *testing.F) {
	w := newWorld(f)
	red := w.board("red", "ann")
	w.card(red, "c1", "one")
	token := w.token("ann")
	_, end := w.pull("ann", "")
	f.Add(`{"cursor":"`+end.Cursor+`","held":{"board:`+red+`":[2,9]}}`, "id="+id("a")+"&v=2&last=3")
	f.Add(`{"cursor":"`+end.Cursor+`","held":{"board:x":[],"":[1,2,3],"__proto__":null}}`, "")
	f.Add(`{"cursor":"","held":null}`, "id=%zz")
	f.Fuzz(func(t *testing.T, in, header string) {
		w.t = t
		if w.header = header; !isHeader(header) {
			w.header = ""
		}
		defer func() { w.header = "" }()
		status, answer := w.send(http.MethodPost, "/api/sync/check", token, jsonType, in)
		var reply struct {
			Code, Cursor string
			Diverged     []string
		}
		if err := json.Unmarshal([]byte(answer), &reply); err != nil {
			t.Fatalf("%d %s", status, answer)
		}
		switch {
		case status == http.StatusOK:
			if again, page := w.ask("ann", reply.Cursor, ""); again != http.StatusOK && again != http.StatusUpgradeRequired {
				t.Errorf("its cursor: %d %s", again, page)
			}
		case (status == http.StatusBadRequest || status == http.StatusGone || status == http.StatusRequestEntityTooLarge) && reply.Code != "":
		default:
			t.Errorf("%d %s", status, answer)
		}
	})
}

func isHeader(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
