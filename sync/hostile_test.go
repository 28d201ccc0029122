package sync_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	stdsync "sync"
	"testing"
	"time"

	"bindeled/sync"
)

// The phone drops the text of what is escrowed: the server says so only of
// what it has kept, and hands on nothing that it has not.
func TestEscrowedIsKept(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	sync.SetKeptBytes(t, 1)
	w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "not yours")), mutation(2, "card.add", card("c2", red, "not yours")),
		mutation(3, "card.add", card("c3", red, "forbidden")), settle(4, 3, "handed", "")))
	if lost := w.texts(`SELECT n FROM _sync_mut WHERE (result = 'escrowed' OR handed = 1) AND args IS NULL`); lost != "" {
		t.Errorf("said to be kept, and is not: %s", lost)
	}
}

// Only what travels is merged: another name would tell a value that nobody is
// sent, or write one that was not seen ("weight+" adds to weight).
func TestMergeOfWhatDoesNotTravel(t *testing.T) {
	w := newWorld(t)
	c1 := w.card(w.board("red", "ann"), "c1", "one")
	for i, set := range []string{`{"secret":"x"}`, `{"weight+":5}`, `{"id":"` + id("c9") + `"}`, `{"created":"2020-01-01"}`} {
		o := w.push("ann", body("a", mutation(i+1, "card.edit", `{"id":"`+c1.Id+`","set":`+set+`}`)))[0]
		if o.Result != sync.Rejected || o.Code != sync.CodeArgs || o.Params["theirs"] != nil {
			t.Errorf("%s: %s %s %v", set, o.Result, o.Reason, o.Params)
		}
	}
	if got := w.texts(`SELECT id || secret || weight FROM cards`); got != id("c1")+"canary0" {
		t.Errorf("written: %s", got)
	}
}

// A server whose clock was years ahead for a while has forgotten what was gone:
// who has not heard of it begins from nothing, whatever the clock says now.
func TestFloorDoesNotSink(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	one := w.card(red, "c1", "one")
	on := func(day string, days int) {
		w.on(day)
		w.ahead.Store(int64(days) * int64(24*time.Hour))
		must(t, w.engine.Tick())
	}
	on("2028-01-01", 405) // an install of more than 400 days
	_, old := w.pull("ann", "")
	must(t, w.TestApp.Delete(one))
	on("2028-01-02", 406)
	on("2038-01-01", 4058)
	on("2028-01-03", 407)
	status, answer := w.ask("ann", old.Cursor, seen(old))
	if status != http.StatusGone && !strings.Contains(answer, `"gone"`) {
		t.Errorf("a phone that holds %s is told nothing: %d %s", one.Id, status, answer)
	}
}

// What the server does not know is not decided, and nobody's to settle: it
// comes again after an update, and is then kept or done.
func TestUnknownIsNotSettled(t *testing.T) {
	w := newWorld(t)
	later := mutation(1, "card.later", `{"text":"typed by hand"}`)
	w.want(w.push("ann", body("a", later)), "unknown")
	w.push("cat", body("b", settle(1, 1, "discard", id("ann"))))

	dir := w.backup()
	w.more = append(w.more, sync.Handle("card.later", func(*sync.Context, struct {
		Text string `json:"text"`
	}) error {
		return sync.Reject(sync.CodeForbidden, "card.owner")
	}))
	newer := w.restart(dir)
	newer.want(newer.push("ann", body("a", later)), "escrowed card.owner")
	if items := newer.keptFor("cat"); len(items) != 1 {
		t.Errorf("escrowed, and nobody sees it: %v", items)
	}
}

// A moment is a moment, not a place to keep things.
func TestLongMoment(t *testing.T) {
	w := newWorld(t)
	long := "2026-11-22T10:00:00." + strings.Repeat("0", 200_000) + "Z"
	status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), jsonType, body("a", at(1, "no.such", `{}`, long)))
	if status != http.StatusBadRequest {
		t.Errorf("%d %.200s; %s characters of at are kept", status, answer, w.texts(`SELECT length(at) FROM _sync_mut`))
	}
}

// Who releases is told what was written over, as who sends is.
func TestReleaseMerges(t *testing.T) {
	w := newWorld(t)
	c1 := w.card(w.board("red", "ann", "bob", "cat"), "c1", "first")
	edit := func(text string) string {
		return `{"id":"` + c1.Id + `","was":{"text":"first"},"set":{"text":"` + text + `"}}`
	}
	w.want(w.push("ann", body("a", at(1, "card.edit", edit("of long ago"), "2026-10-01T10:00:00Z"))), "escrowed sync.late")
	w.want(w.push("bob", body("b", mutation(1, "card.edit", edit("of today")))), "applied")
	o := w.push("cat", body("c", settle(1, 1, "release", id("ann"))))[0]
	if o.Result != sync.MergedIn || len(o.Merged) != 1 || o.Merged[0].Theirs != "of today" {
		t.Errorf("%+v, and now it says %s", o, w.texts(`SELECT text FROM cards`))
	}
}

// A settlement is not itself kept and released: two that release each other
// would never end.
func TestSettleIsNotReleased(t *testing.T) {
	w := newWorld(t)
	w.push("ann", body("a", at(1, "sync.settle", `{"user":"`+id("bob")+`","device":"`+id("a")+`","n":1,"how":"release"}`, "2026-10-01T10:00:00Z")))
	o := w.push("cat", body("c", settle(1, 1, "release", id("ann"))))[0]
	if o.Result != sync.Rejected || o.Code == sync.CodeForbidden {
		t.Errorf("%+v", o)
	}
}

// 2,000 characters are so many letters, in Danish too.
func TestLongNote(t *testing.T) {
	w := newWorld(t)
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", w.board("red", "ann"), "forbidden")),
		mutation(2, "sync.settle", `{"device":"`+id("a")+`","n":1,"how":"discard","note":"`+strings.Repeat("å", 2000)+`"}`))), "rejected card.text, applied")
}

// What is settled is forgotten: what she typed, and what another had.
func TestSettledForgets(t *testing.T) {
	w := newWorld(t, sync.Handle("card.echo", func(_ *sync.Context, a struct {
		Text string `json:"text"`
	}) error {
		return &sync.Refusal{Code: sync.CodeRule, Reason: "card.text", Params: map[string]any{"text": a.Text}}
	}))
	c1 := w.card(w.board("red", "ann"), "c1", "first")
	w.want(w.push("ann", body("a", mutation(1, "card.edit", `{"id":"`+c1.Id+`","was":{"weight":1},"set":{"weight":77}}`), mutation(2, "card.echo", `{"text":"private"}`),
		settle(3, 1, "discard", ""), settle(4, 2, "discard", ""))), "rejected record.changed, rejected card.text, applied, applied")
	if left := w.texts(`SELECT outcome FROM _sync_mut WHERE n < 3`); strings.Contains(left, "theirs") || strings.Contains(left, "private") {
		t.Errorf("left: %s", left)
	}
}

// One account does not fill the list of devices, and push out the others.
func TestDevicesOfOne(t *testing.T) {
	w := newWorld(t)
	for i := range 200 {
		w.header = "id=" + id(fmt.Sprintf("d%d", i)) + "&v=2"
		w.ask("ann", "", "")
	}
	var n int
	must(t, w.DB().NewQuery(`SELECT count(*) FROM _sync_device`).Row(&n))
	if n > 100 {
		t.Errorf("%d devices of one account are kept", n)
	}
}

// Who releases what another has discarded is not told that it was done.
func TestReleaseOfWhatIsDiscarded(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "not yours")))), "escrowed card.owner")
	o := w.push("cat", body("c", settle(1, 1, "discard", id("ann")), settle(2, 1, "release", id("ann"))))[1]
	if o.Result == sync.Applied && w.cards() == 0 {
		t.Errorf("told %s, and nothing was done", o.Result)
	}
}

// What was kept of somebody whose account is deleted is not left lying where
// nobody may see it.
func TestDeletedAuthor(t *testing.T) {
	w := newWorld(t)
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", w.board("red"), "not yours")))), "escrowed card.owner")
	u, err := w.FindRecordById("users", id("ann"))
	must(t, err)
	if err := w.TestApp.Delete(u); err != nil {
		return // not while something waits: fine
	}
	if left := w.texts(`SELECT args FROM _sync_mut WHERE args IS NOT NULL`); left != "" && len(w.keptFor("cat")) == 0 {
		t.Errorf("nobody sees %s", left)
	}
}

// A number with a hundred thousand dependencies is not looked up so often
// while everybody waits to write.
func TestManyDeps(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "x")))), "applied")
	status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), jsonType,
		body("a", deps(2, strings.TrimSuffix(strings.Repeat("1,", 120_000), ","), "card.add", card("c2", red, "x"))))
	if status != http.StatusBadRequest {
		t.Errorf("%d %.100s", status, answer)
	}
}

// A set of many thousands is merged in no more time than it took to read it.
func TestLargeSet(t *testing.T) {
	many := func(from, n int) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = fmt.Sprintf("%08d", from+i)
		}
		return out
	}
	start := time.Now()
	value, how := sync.Merge(sync.Set, many(0, 5_000), many(0, 1), many(10_000, 5_000))
	took := time.Since(start)
	if n := len(value.([]any)); how != sync.Clean || n != 5_000 || took > 500*time.Millisecond {
		t.Errorf("%s, %d, %s", how, n, took)
	}
}

// theirs of a record that is in no bucket is nobody's to be told.
func TestTheirsOfNoBucket(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	c1 := w.card(red, "c1", "private")
	for _, s := range []string{`PRAGMA foreign_keys = OFF`, `UPDATE cards SET board = ''`} {
		_, err := w.NonconcurrentDB().NewQuery(s).Execute()
		must(t, err)
	}
	o := w.push("bob", body("b", mutation(1, "card.edit", `{"id":"`+c1.Id+`","was":{"done":true},"set":{"done":true,"weight":3}}`)))[0]
	raw, err := json.Marshal(o)
	must(t, err)
	if strings.Contains(string(raw), "theirs") {
		t.Errorf("%s", raw)
	}
}

// What stands in the author's own tray is hers to send again: nobody else does
// it as well, and it is done once.
func TestReleaseOfWhatTheAuthorHas(t *testing.T) {
	var open bool
	w := newWorld(t, sync.Handle("card.gate", func(c *sync.Context, a struct {
		Board string `json:"board"`
	}) error {
		if !open {
			return sync.Reject(sync.CodeRule, "not.yet")
		}
		saveIn(t, c.App, "cards", map[string]any{"board": a.Board, "text": "gate"})
		return nil
	}))
	red := w.board("red", "ann")
	w.want(w.push("ann", body("a", mutation(1, "card.gate", `{"board":"`+red+`"}`))), "rejected not.yet")
	open = true
	w.push("cat", body("c", settle(1, 1, "release", id("ann"))))
	w.push("ann", body("a", mutation(2, "card.gate", `{"board":"`+red+`"}`), settle(3, 1, "resend", "")))
	if n := w.cards(); n != 1 {
		t.Errorf("it is done %d times", n)
	}
}

// A phone that has said how far it counted is not believed more for having
// stopped saying it.
func TestBackdatingInSilence(t *testing.T) {
	var did []time.Time
	w := newWorld(t, sync.Handle("card.when", func(c *sync.Context, _ struct{}) error {
		did = append(did, c.At)
		return nil
	}))
	long := "2026-11-01T10:00:00Z"
	w.report("ann", "id="+id("a")+"&v=2&last=1", body("a", at(1, "card.when", `{}`, long)))
	for n := 2; n <= 3; n++ {
		w.push("ann", body("a", at(n, "card.when", `{}`, long)))
	}
	if len(did) != 3 || did[2].Before(w.clock()) {
		t.Errorf("done %v", did)
	}
}

// Two records of two buckets in one mutation: who is in one is told nothing of
// the other.
func TestTheirsOfTwoBuckets(t *testing.T) {
	w := newWorld(t, sync.Handle("card.both", func(c *sync.Context, a struct {
		IDs []string `json:"ids"`
	}) error {
		for _, one := range a.IDs {
			r, err := c.App.FindRecordById("cards", one)
			if err != nil {
				return err
			}
			if err := c.Merge(r, map[string]any{"text": "old"}, map[string]any{"text": "mine"}); err != nil {
				return err
			}
			if err := c.App.Save(r); err != nil {
				return err
			}
		}
		return nil
	}))
	w.card(w.board("red"), "r1", "private")
	w.card(w.board("blue", "ann"), "b1", "theirs")
	o := w.push("ann", body("a", mutation(1, "card.both", `{"ids":["`+id("r1")+`","`+id("b1")+`"]}`)))[0]
	if raw, err := json.Marshal(o); err != nil || strings.Contains(string(raw), "private") {
		t.Errorf("%s %v", raw, err)
	}
}

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

// The author has seen it; that another has dealt with it meanwhile is no reason
// to refuse her.
func TestSeenAfterRelease(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "not yours")))), "escrowed card.owner")
	w.want(w.push("cat", body("c", settle(1, 1, "release", id("ann")))), "applied")
	w.want(w.push("ann", body("a", settle(2, 1, "seen", ""))), "applied")
}

// A disk that takes no more still lets itself be read.
func TestPullWhenNothingCanBeWritten(t *testing.T) {
	w := newWorld(t)
	w.card(w.board("red", "ann"), "c1", "one")
	_, err := w.NonconcurrentDB().NewQuery(`CREATE TRIGGER full BEFORE INSERT ON _sync_device BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`).Execute()
	must(t, err)
	w.header = "id=" + id("a") + "&v=2"
	if status, answer := w.ask("ann", "", ""); status != http.StatusOK || !strings.Contains(answer, `"end"`) {
		t.Errorf("%d %s", status, answer)
	}
}
