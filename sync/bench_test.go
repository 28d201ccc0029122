package sync_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// crowd fills a world: boards of 25 cards of about 320 bytes, ann at each.
func crowd(b *testing.B, cards int) *world {
	b.Helper()
	w := newWorld(b)
	w.engine.PageRows = 1000
	text := strings.Repeat("talked about sleep and the weekend; ", 6)
	run := func(query string) {
		b.Helper()
		_, err := w.NonconcurrentDB().NewQuery(query).Execute()
		must(b, err)
	}
	for i := range cards / 25 {
		run(fmt.Sprintf(`INSERT INTO boards (id, title) VALUES ('board%010d', 'b')`, i))
		run(fmt.Sprintf(`INSERT INTO seats (id, board, user, until) VALUES ('seat%011d', 'board%010d', '%s', '')`, i, i, id("ann")))
		run(fmt.Sprintf(`INSERT INTO cards (id, board, text, weight, done, tags) WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 24)
			SELECT printf('card%%011d', %d + i), 'board%010d', '%s' || i, i, 0, '["a"]' FROM n`, i*25, i, text))
	}
	return w
}

func (w *world) pullAll(token string) (bytes, pages int) {
	cursor := ""
	for more := true; more; pages++ {
		status, page := w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor, token, "", "")
		if status != http.StatusOK {
			w.t.Fatalf("%d %s", status, page)
		}
		bytes += len(page)
		end := page[strings.LastIndex(page[:len(page)-1], "\n")+1:]
		_, rest, _ := strings.Cut(end, `"cursor":"`)
		cursor, _, _ = strings.Cut(rest, `"`)
		more = strings.Contains(end, `"more":true`)
	}
	return bytes, pages
}

func BenchmarkFirstPull(b *testing.B) {
	w := crowd(b, 10_000)
	token := w.token("ann")
	for b.Loop() {
		bytes, pages := w.pullAll(token)
		b.ReportMetric(float64(bytes), "bytes")
		b.ReportMetric(float64(pages), "pages")
	}
}

func BenchmarkNothingNew(b *testing.B) {
	w := crowd(b, 10_000)
	token := w.token("ann")
	_, end := w.lines(last(w, token))
	b.ResetTimer()
	for b.Loop() {
		w.send(http.MethodGet, "/api/sync/pull?cursor="+end.Cursor, token, "", "")
	}
}

// A hundred cards of 10,000 have changed, on some ninety boards.
func BenchmarkHundredChanged(b *testing.B) {
	w := crowd(b, 10_000)
	token := w.token("ann")
	_, end := w.lines(last(w, token))
	for i := range 100 {
		_, err := w.NonconcurrentDB().NewQuery(fmt.Sprintf(`UPDATE cards SET weight = weight + 1 WHERE id = 'card%011d'`, i*7919%10_000)).Execute()
		must(b, err)
	}
	for b.Loop() {
		status, page := w.send(http.MethodGet, "/api/sync/pull?cursor="+end.Cursor, token, "", "")
		if n := strings.Count(page, "[\"card"); status != http.StatusOK || n != 100 {
			b.Fatalf("%d: %d rows", status, n)
		}
	}
}

// last is the last page of a whole round.
func last(w *world, token string) string {
	cursor, page := "", ""
	for more := true; more; {
		_, page = w.send(http.MethodGet, "/api/sync/pull?cursor="+cursor, token, "", "")
		_, end := w.lines(page)
		cursor, more = end.Cursor, end.More
	}
	return page
}

func BenchmarkPush(b *testing.B) {
	w := crowd(b, 25)
	_, err := w.NonconcurrentDB().NewQuery(`PRAGMA synchronous = FULL`).Execute() // each outcome is durable
	must(b, err)
	n := 0
	for b.Loop() {
		batch := make([]string, 100)
		for i := range batch {
			n++
			batch[i] = mutation(n, "card.add", card(fmt.Sprintf("p%08d", n), "board0000000000", "talked about sleep"))
		}
		if got := w.push("ann", body("a", batch...)); got[99].Result != "applied" {
			b.Fatal(got[99])
		}
	}
}
