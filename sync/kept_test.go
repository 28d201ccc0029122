package sync_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bindeled/sync"
)

func at(n int, name, args, when string) string {
	return fmt.Sprintf(`{"n":%d,"name":"%s","args":%s,"at":"%s"}`, n, name, args, when)
}

func deps(n int, on, name, args string) string {
	return fmt.Sprintf(`{"n":%d,"name":"%s","args":%s,"at":"2026-11-22T10:00:00.000Z","deps":[%s]}`, n, name, args, on)
}

func (w *world) want(got []sync.Outcome, wanted string) {
	w.t.Helper()
	if results(got) != wanted {
		w.t.Fatalf("got %s, want %s", results(got), wanted)
	}
}

func (w *world) keptFor(user string) []map[string]any {
	w.t.Helper()
	status, answer := w.send(http.MethodGet, "/api/sync/kept", w.token(user), "", "")
	var reply struct{ Items []map[string]any }
	if must(w.t, json.Unmarshal([]byte(answer), &reply)); status != http.StatusOK {
		w.t.Fatalf("kept: %d %s", status, answer)
	}
	return reply.Items
}

func (w *world) texts(query string) string {
	w.t.Helper()
	var out []string
	must(w.t, w.DB().NewQuery(query).Column(&out))
	return strings.Join(out, ",")
}

func settle(n int, of int, how, user string) string {
	return mutation(n, "sync.settle", fmt.Sprintf(`{"user":"%s","device":"%s","n":%d,"how":"%s","note":"because"}`, user, id("a"), of, how))
}

// Neither done blindly nor lost: whoever may not has it kept for whoever tends it.
func TestEscrow(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "cat")
	in := body("a", mutation(1, "card.add", card("c1", red, "not yours")),
		at(2, "card.add", card("c2", red, "old"), "2026-10-01T10:00:00Z"), mutation(3, "card.add", card("c3", red, "fine")))
	w.want(w.push("ann", in), "escrowed card.owner, escrowed sync.late, applied")
	w.want(w.push("ann", in), "duplicate of escrowed, duplicate of escrowed, duplicate of applied")

	u, err := w.FindRecordById("users", id("ann"))
	must(t, err)
	u.Set("active", false)
	must(t, w.Save(u))
	w.want(w.push("ann", body("a", mutation(4, "card.add", card("c4", red, "from somebody who left")), mutation(5, "no.such", `{"a":1}`))),
		"escrowed sync.inactive, escrowed sync.inactive")
	if status, answer := w.ask("ann", "", ""); status != http.StatusForbidden || !strings.Contains(answer, "auth.inactive") {
		t.Errorf("she still pulls: %d %s", status, answer)
	}
	if got := w.texts(`SELECT text FROM cards`); got != "fine" {
		t.Errorf("written: %s", got)
	}
	if items := w.keptFor("bob"); len(items) != 0 {
		t.Errorf("bob sees %v", items)
	}
	items := w.keptFor("cat")
	if len(items) != 4 || items[0]["name"] != "no.such" || items[3]["args"].(map[string]any)["text"] != "not yours" {
		t.Fatalf("cat sees %v", items)
	}

	w.want(w.push("bob", body("b", settle(1, 1, "release", id("ann")), settle(2, 1, "discard", id("ann")))), "rejected access.denied, rejected access.denied")
	w.want(w.push("cat", body("b", settle(1, 1, "release", id("ann")), settle(2, 4, "discard", id("ann")), settle(3, 5, "release", id("ann")),
		settle(4, 9, "release", id("ann")), settle(5, 2, "resend", id("ann")), settle(6, 1, "release", id("ann")), settle(7, 2, "dance", id("ann")))),
		"applied, applied, rejected args.invalid, rejected access.denied, rejected args.invalid, applied, rejected args.invalid")
	if got := w.texts(`SELECT text FROM cards ORDER BY id`); got != "not yours,fine" {
		t.Errorf("written: %s", got)
	}
	if got := w.texts(`SELECT coalesce(args, '-') FROM _sync_mut WHERE user = '` + id("ann") + `' AND n IN (1, 4)`); got != "-,-" {
		t.Errorf("what was settled still lies there: %s", got)
	}
	if items := w.keptFor("cat"); len(items) != 2 {
		t.Errorf("left: %v", items)
	}
}

// The author settles her own; what is escrowed is not hers any more.
func TestSettle(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann", "bob")
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "forbidden")), mutation(2, "card.add", card("c2", red, "half")),
		mutation(3, "card.add", card("c3", red, "not yours")), mutation(4, "card.add", card("c4", red, "late")))),
		"rejected card.text, applied, escrowed card.owner, rejected card.late")
	w.want(w.push("ann", body("a", settle(5, 1, "discard", ""), settle(6, 2, "resend", ""), settle(7, 3, "discard", ""), settle(8, 4, "handed", ""),
		settle(9, 1, "release", ""))), "applied, applied, applied, applied, rejected args.invalid")
	if got := w.texts(`SELECT n || coalesce(json_extract(settled, '$.how'), '') || CASE WHEN args IS NULL THEN '' ELSE ' kept' END || CASE handed WHEN 1 THEN ' handed' ELSE '' END
		FROM _sync_mut WHERE n < 5 ORDER BY n`); got != "1discard,2resend,3 kept,4 kept handed" {
		t.Error(got)
	}
}

// Whoever tends everybody's work tends her own, and a number used up is nothing
// that waits.
func TestTendOwn(t *testing.T) {
	w := newWorld(t)
	w.tendsAll = true
	red := w.board("red", "cat")
	w.want(w.push("cat", body("a", mutation(1, "card.add", card("c1", red, "not yours")), mutation(2, "card.add", `{}`))), "escrowed card.owner, rejected value.invalid")
	if items := w.keptFor("cat"); len(items) != 1 {
		t.Errorf("kept: %v", items)
	}
	w.want(w.push("cat", body("a", settle(3, 1, "release", ""))), "applied")
	if got := w.texts(`SELECT text FROM cards`); got != "not yours" {
		t.Errorf("written: %s", got)
	}
}

// What builds on something that was not done is not done either.
func TestDeps(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	edit := `{"id":"` + id("c1") + `","set":{"text":"edited"}}`
	w.want(w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "forbidden")), deps(2, "1", "card.edit", edit), mutation(3, "card.add", card("c3", red, "free")),
		deps(4, "1,3", "card.edit", edit), deps(5, "3", "card.edit", `{"id":"`+id("c3")+`","set":{"text":"edited"}}`), mutation(6, "card.add", card("c6", red, "not yours")),
		deps(7, "6", "card.edit", edit))),
		"rejected card.text, rejected sync.depends, applied, rejected sync.depends, applied, escrowed card.owner, escrowed sync.depends")
	w.want(w.push("ann", body("b", mutation(1, "no.such", `{}`), deps(2, "1", "card.edit", edit), mutation(3, "card.add", card("c7", red, "x")))),
		"unknown, deferred depends, deferred gap")
}

func TestMergeInMutations(t *testing.T) {
	w := newWorld(t)
	c1 := w.card(w.board("red", "ann"), "c1", "first")
	edit := func(was, set string) string { return `{"id":"` + c1.Id + `","was":` + was + `,"set":` + set + `}` }
	got := w.push("ann", body("a", mutation(1, "card.edit", edit(`{"text":"first","tags":["a"]}`, `{"text":"hers","tags":["a","b"]}`)),
		mutation(2, "card.edit", edit(`{"text":"first","tags":["a"]}`, `{"text":"his","tags":["a","c"]}`)),
		mutation(3, "card.edit", edit(`{"weight":0}`, `{"weight":5}`)), mutation(4, "card.edit", edit(`{"weight":0}`, `{"weight":6}`)),
		mutation(5, "card.edit", edit(`{"weight":5}`, `{"weight":5}`))))
	w.want(got, "applied, merged, applied, rejected record.changed, applied")
	if len(got[1].Merged) != 1 || got[1].Merged[0].Field != "text" || got[1].Merged[0].Theirs != "hers" || got[1].Seq == 0 {
		t.Errorf("%+v", got[1])
	}
	if got[3].Code != sync.CodeStale || got[3].Params["theirs"] != 5.0 {
		t.Errorf("%+v", got[3])
	}
	if got[1].In != "board:"+id("red") || got[3].In != got[1].In {
		t.Errorf("in %q and %q", got[1].In, got[3].In)
	}
	if now := w.texts(`SELECT text || tags || weight FROM cards`); now != `his["a","b","c"]5` {
		t.Error(now)
	}
	// Whoever has left reads no further, not even by asking again.
	_, err := w.NonconcurrentDB().NewQuery(`DELETE FROM seats`).Execute()
	must(t, err)
	again := w.push("ann", body("a", mutation(2, "card.edit", edit(`{"text":"first","tags":["a"]}`, `{"text":"his","tags":["a","c"]}`)),
		mutation(4, "card.edit", edit(`{"weight":0}`, `{"weight":6}`)), mutation(6, "card.edit", edit(`{"text":"first"}`, `{"text":"from outside"}`)),
		mutation(7, "card.edit", edit(`{"weight":0}`, `{"weight":7}`))))
	w.want(again, "duplicate of merged, duplicate of rejected, merged, rejected record.changed")
	for _, o := range again {
		if text := fmt.Sprintf("%+v %+v", o, o.First); strings.Contains(text, "hers") || strings.Contains(text, "theirs") || len(o.Merged) > 0 && o.Merged[0].Theirs != nil {
			t.Errorf("told to somebody who left: %s", text)
		}
	}
	w.want(w.push("ann", body("a", mutation(8, "sync.settle", `{"device":"`+id("a")+`","n":2,"how":"seen"}`))), "applied")
	if left := w.texts(`SELECT outcome FROM _sync_mut WHERE n = 2`); strings.Contains(left, "hers") {
		t.Errorf("two people's values still lie there: %s", left)
	}
}

func (w *world) report(user, header, in string) []sync.Outcome {
	w.t.Helper()
	w.header = header
	defer func() { w.header = "" }()
	return w.push(user, in)
}

// A phone says itself when something was done; it cannot say that something
// was done before it last called with a lower number.
func TestBackdating(t *testing.T) {
	var did []time.Time
	w := newWorld(t, sync.Handle("card.when", func(c *sync.Context, _ struct{}) error {
		did = append(did, c.At)
		return nil
	}))
	w.board("red", "ann")
	device := "id=" + id("a") + "&v=2&app=1.0&last="
	w.report("ann", device+"1", body("a", at(1, "card.when", `{}`, "2026-11-20T10:00:00Z")))
	w.ahead.Store(int64(time.Hour))
	w.report("ann", device+"3", body("a", at(2, "card.when", `{}`, "2026-11-20T10:00:00Z")))
	w.ahead.Store(int64(2 * time.Hour))
	w.report("ann", device+"4", body("a", at(3, "card.when", `{}`, "2026-11-20T10:00:00Z"), at(4, "card.when", `{}`, "2027-01-01T10:00:00Z")))
	for n := 1; n < 3; n++ { // an old phone never says how far it had counted
		w.push("ann", body("old", at(n, "card.when", `{}`, "2026-11-20T10:00:00Z")))
		w.ahead.Add(int64(time.Hour))
	}
	want := []string{"2026-11-20T10:00:00", "2026-11-22T10:05:00", "2026-11-20T10:00:00", "2026-11-22T12:05:00", "2026-11-20T10:00:00", "2026-11-20T10:00:00"}
	for i, d := range did {
		if got := d.UTC().Format("2006-01-02T15:04:05"); got != want[i] {
			t.Errorf("number %d was done %s, want %s", i+1, got, want[i])
		}
	}
	if len(did) != 6 {
		t.Errorf("%d done", len(did))
	}
}

func TestDevices(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.report("ann", "id="+id("a")+"&last=3&unsent=3&oldest=2026-11-22T09:00:00Z&v=2&app=0.3&schema=old",
		body("a", mutation(1, "card.add", card("c1", red, "forbidden"))))
	w.report("ann", "id="+id("b")+"&last=1&unsent=1&v=2&lost="+id("a")+".5", body("b", mutation(1, "card.add", card("c2", red, "x"))))
	for _, nonsense := range []string{"id=short", "%zz", "id=" + id("c") + "&last=-1&v=x&oldest=noon&app=" + strings.Repeat("x", 500)} {
		w.report("ann", nonsense, body("c", mutation(1, "card.add", card("c3", red, "x"))))
	}
	w.header = "id=" + id("a") + "&v=2&schema=old"
	_, answer := w.ask("ann", "", "")
	if !strings.HasPrefix(answer, `{"t":"schema","v":2,"hash":"`) {
		t.Errorf("no word of the schema: %.80s", answer)
	}
	w.header = "id=" + id("a") + "&v=1"
	if status, answer := w.ask("ann", "", ""); status != http.StatusUpgradeRequired || !strings.Contains(answer, `"sync.version"`) {
		t.Errorf("too old: %d %s", status, answer)
	}
	w.header = ""
	if status, _ := w.send(http.MethodGet, "/api/sync/devices", w.token("ann"), "", ""); status != http.StatusForbidden {
		t.Errorf("for users: %d", status)
	}
	root := saveIn(t, w.TestApp, "_superusers", map[string]any{"email": "root@demo.example", "password": "board-demo-1"})
	token, err := root.NewAuthToken()
	must(t, err)
	status, answer := w.send(http.MethodGet, "/api/sync/devices", token, "", "")
	var reply struct {
		Devices []struct {
			Device                                                string
			Last, Decided, Unsent, Rejected, Open, Lost, Diverged int64
		}
	}
	must(t, json.Unmarshal([]byte(answer), &reply))
	for _, d := range reply.Devices {
		if d.Device == id("a") && (d.Last != 5 || d.Decided != 1 || d.Rejected != 1 || d.Open != 1 || d.Lost != 4) {
			t.Errorf("%d %+v", status, d)
		}
	}
	if len(reply.Devices) != 3 || strings.Contains(answer, "forbidden") {
		t.Error(answer)
	}
}
