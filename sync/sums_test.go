package sync_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// mirror is a phone that does nothing but hold what it is told, and compare.
type mirror struct {
	cursor, seen string
	boxes        map[string]map[string]int64
}

func (m *mirror) pull(w *world, user string) (diverged []string) {
	w.t.Helper()
	for more := true; more; {
		status, answer := w.ask(user, m.cursor, m.seen)
		if status != http.StatusOK {
			w.t.Fatalf("pull: %d %s", status, answer)
		}
		if m.cursor == "" {
			m.boxes = map[string]map[string]int64{}
		}
		var open string
		page := map[string]bool{}
		for text := range strings.Lines(answer) {
			var l pulled
			must(w.t, json.Unmarshal([]byte(text), &l))
			if l.B != "" && l.T != "leave" {
				open, page[l.B] = l.B, true
			}
			switch l.T {
			case "bucket":
				m.boxes[open] = map[string]int64{}
			case "leave":
				delete(m.boxes, l.B)
			case "rows":
				for _, r := range l.each() {
					m.boxes[open][r.C+r.ID] = r.Seq
				}
			case "gone":
				for _, r := range l.each() {
					delete(m.boxes[open], r.C+r.ID)
				}
			case "end":
				var rows, sum int64
				for b := range page {
					for _, seq := range m.boxes[b] {
						rows, sum = rows+1, sum+seq
					}
				}
				if len(l.Sum) > 0 && (rows != l.Sum[0] || sum != l.Sum[1]) {
					diverged = append(diverged, slices.Sorted(maps.Keys(page))...)
				}
				m.cursor, more = l.Cursor, l.More
				m.seen = seen(l)
			}
		}
	}
	return diverged
}

func (m *mirror) sum(bucket string) string {
	var sum int64
	for _, seq := range m.boxes[bucket] {
		sum += seq
	}
	return fmt.Sprintf("[%d,%d]", len(m.boxes[bucket]), sum)
}

func (m *mirror) check(w *world, user string) (diverged []string) {
	w.t.Helper()
	held := make([]string, 0, len(m.boxes))
	for b := range m.boxes {
		held = append(held, fmt.Sprintf(`"%s":%s`, b, m.sum(b)))
	}
	status, answer := w.send(http.MethodPost, "/api/sync/check", w.token(user), jsonType,
		fmt.Sprintf(`{"cursor":"%s","held":{%s}}`, m.cursor, strings.Join(held, ",")))
	var reply struct {
		Cursor   string
		Diverged []string
	}
	if must(w.t, json.Unmarshal([]byte(answer), &reply)); status != http.StatusOK {
		w.t.Fatalf("check: %d %s", status, answer)
	}
	m.cursor = reply.Cursor
	return reply.Diverged
}

// Whatever is written, moved, removed, joined and left, in pages of any size:
// a phone that does as it is told holds what the sums say, and exactly what is.
func TestSumsHold(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			w := newWorld(t)
			w.engine.PageRows = 1 + r.IntN(20)
			boards := []string{w.board("red", "ann"), w.board("blue", "ann"), w.board("green")}
			phones := map[string]*mirror{"ann": {}, "bob": {}}
			for step := range 150 {
				board := boards[r.IntN(len(boards))]
				switch r.IntN(7) {
				case 0, 1:
					w.card(board, fmt.Sprintf("k%04d", step), "x")
				case 2:
					w.change(r, func(id string) string { return `UPDATE cards SET text = 'other' WHERE id = '` + id + `'` })
				case 3:
					w.change(r, func(id string) string { return `UPDATE cards SET board = '` + board + `' WHERE id = '` + id + `'` })
				case 4:
					w.change(r, func(id string) string { return `DELETE FROM cards WHERE id = '` + id + `'` })
				case 5:
					_, err := w.NonconcurrentDB().NewQuery(`DELETE FROM seats WHERE board = '` + board + `'`).Execute()
					must(t, err)
				case 6:
					w.save("seats", map[string]any{"board": board, "user": id([]string{"ann", "bob"}[r.IntN(2)])})
				}
				for user, phone := range phones {
					if r.IntN(4) > 0 {
						continue
					}
					if diverged := phone.pull(w, user); diverged != nil {
						t.Fatalf("step %d: %s differs in %v", step, user, diverged)
					}
				}
			}
			for user, phone := range phones {
				phone.pull(w, user)
				if diverged := phone.check(w, user); len(diverged) > 0 {
					t.Errorf("%s differs in %v", user, diverged)
				}
				var want int
				must(t, w.DB().NewQuery(`SELECT (SELECT count(*) FROM cards WHERE board IN (SELECT board FROM seats WHERE user = '`+id(user)+`'))
					+ (SELECT count(DISTINCT board) FROM seats WHERE user = '`+id(user)+`')`).Row(&want))
				var got int
				for _, box := range phone.boxes {
					got += len(box)
				}
				if got != want {
					t.Errorf("%s holds %d rows of %d", user, got, want)
				}
			}
		})
	}
}

func (w *world) change(r *rand.Rand, sql func(id string) string) {
	w.t.Helper()
	var ids []string
	must(w.t, w.DB().NewQuery(`SELECT id FROM cards ORDER BY id`).Column(&ids))
	if len(ids) > 0 {
		_, err := w.NonconcurrentDB().NewQuery(sql(ids[r.IntN(len(ids))])).Execute()
		must(w.t, err)
	}
}

// A box that came to differ is found and put right; one that has only not
// heard yet is left alone.
func TestCheckRepairs(t *testing.T) {
	w := newWorld(t)
	red, blue := w.board("red", "ann"), w.board("blue", "ann")
	w.card(red, "r1", "x")
	w.card(blue, "b1", "x")
	for name, c := range map[string]struct {
		spoil func(boxes map[string]map[string]int64)
		found string
	}{
		"nothing":              {func(map[string]map[string]int64) {}, "[]"},
		"a row is missing":     {func(b map[string]map[string]int64) { delete(b["board:"+red], "cards"+id("r1")) }, "[board:" + red + "]"},
		"a row is old":         {func(b map[string]map[string]int64) { b["board:"+red]["cards"+id("r1")]-- }, "[board:" + red + "]"},
		"a row too many":       {func(b map[string]map[string]int64) { b["board:"+red]["cards"+id("zz")] = 3 }, "[board:" + red + "]"},
		"a bucket is missing":  {func(b map[string]map[string]int64) { delete(b, "board:"+red) }, "[board:" + red + "]"},
		"a bucket too many":    {func(b map[string]map[string]int64) { b["board:other"] = map[string]int64{"cardsx": 1} }, "[board:other]"},
		"all of it is missing": {func(b map[string]map[string]int64) { clear(b) }, "[board:" + blue + " board:" + red + "]"},
	} {
		t.Run(name, func(t *testing.T) {
			phone := &mirror{}
			phone.pull(w, "ann")
			c.spoil(phone.boxes)
			if found := fmt.Sprint(phone.check(w, "ann")); found != c.found {
				t.Errorf("found %s, want %s", found, c.found)
			}
			phone.pull(w, "ann")
			if again := phone.check(w, "ann"); len(again) > 0 || len(phone.boxes) != 2 {
				t.Errorf("after the repair %v differ, %d held", again, len(phone.boxes))
			}
		})
	}
	phone := &mirror{}
	phone.pull(w, "ann")
	w.card(red, "r2", "x")
	if found := phone.check(w, "ann"); len(found) > 0 {
		t.Errorf("what has changed since counts as different: %v", found)
	}
	for name, cursor := range map[string]string{"none": "", "edited": "x" + phone.cursor} {
		status, answer := w.send(http.MethodPost, "/api/sync/check", w.token("ann"), jsonType, `{"cursor":"`+cursor+`","held":{}}`)
		if status != http.StatusGone {
			t.Errorf("cursor %s: %d %s", name, status, answer)
		}
	}
}

// What is asked all day long costs next to nothing.
func TestNothingNew(t *testing.T) {
	w := newWorld(t)
	w.card(w.board("red", "ann"), "c1", "one")
	_, end := w.pull("ann", "")
	status, answer := w.ask("ann", end.Cursor, seen(end))
	if status != http.StatusOK || strings.Count(answer, "\n") != 1 || len(answer) > 160 {
		t.Errorf("%d, %d bytes: %s", status, len(answer), answer)
	}
}
