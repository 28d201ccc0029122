package sync_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	stdsync "sync"
	"testing"

	"bindeled/sync"
)

const jsonType = "application/json"

func body(device string, mutations ...string) string {
	return fmt.Sprintf(`{"device":"%s","epoch":"","mutations":[%s]}`, id(device), strings.Join(mutations, ","))
}

func mutation(n int, name, args string) string {
	return fmt.Sprintf(`{"n":%d,"name":"%s","args":%s,"at":"2026-11-22T10:00:00.000Z"}`, n, name, args)
}

func card(name, board, text string) string {
	return fmt.Sprintf(`{"id":"%s","board":"%s","text":"%s"}`, id(name), board, text)
}

func (w *world) push(user, in string) []sync.Outcome {
	w.t.Helper()
	status, answer := w.send(http.MethodPost, "/api/sync/push", w.token(user), jsonType, in)
	if status != http.StatusOK {
		w.t.Fatalf("push: %d %s", status, answer)
	}
	var reply struct{ Outcomes []sync.Outcome }
	must(w.t, json.Unmarshal([]byte(answer), &reply))
	return reply.Outcomes
}

func results(outcomes []sync.Outcome) string {
	out := make([]string, len(outcomes))
	for i, o := range outcomes {
		out[i] = o.Result
		if o.Reason != "" {
			out[i] += " " + o.Reason
		}
		if o.First != nil {
			out[i] += " of " + o.First.Result
		}
	}
	return strings.Join(out, ", ")
}

func (w *world) cards() int64 {
	w.t.Helper()
	n, err := w.CountRecords("cards")
	must(w.t, err)
	return n
}

func TestPush(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	want := func(t *testing.T, got []sync.Outcome, wanted string) {
		t.Helper()
		if results(got) != wanted {
			t.Fatalf("got %s, want %s", results(got), wanted)
		}
	}
	first := body("a", mutation(1, "card.add", card("c1", red, "one")))

	t.Run("applied, with a number that a pull reaches", func(t *testing.T) {
		got := w.push("ann", first)
		want(t, got, "applied")
		if _, end := w.pull("ann", ""); end.Seq < got[0].Seq || got[0].Seq == 0 {
			t.Errorf("applied at %d, pulled to %d", got[0].Seq, end.Seq)
		}
	})
	t.Run("sent again: a duplicate with the first outcome, and nothing twice", func(t *testing.T) {
		want(t, w.push("ann", first), "duplicate of applied")
		want(t, w.push("ann", body("a", mutation(1, "card.add", card("c1", red, "one"))+"\n")), "duplicate of applied")
		if n := w.cards(); n != 1 {
			t.Errorf("%d cards", n)
		}
	})
	t.Run("the number with something else in it", func(t *testing.T) {
		got := w.push("ann", body("a", mutation(1, "card.add", card("c9", red, "other"))))
		want(t, got, "rejected sync.reuse")
		if got[0].Code != sync.CodeReuse {
			t.Errorf("code %s", got[0].Code)
		}
		want(t, w.push("ann", first), "duplicate of applied")
	})
	t.Run("a gap waits", func(t *testing.T) {
		want(t, w.push("ann", body("a", mutation(3, "card.add", card("c3", red, "three")))), "deferred gap")
		want(t, w.push("ann", body("a", mutation(2, "card.add", card("c2", red, "two")), mutation(3, "card.add", card("c3", red, "three")))),
			"applied, applied")
	})
	t.Run("a refusal is kept, rolled back, and in nobody's way", func(t *testing.T) {
		before := w.cards()
		in := body("b", mutation(1, "card.add", card("d1", red, "forbidden")), mutation(2, "card.add", card("d2", red, "late")),
			mutation(3, "card.add", card("d3", red, "fine")))
		want(t, w.push("ann", in), "rejected card.text, rejected card.late, applied")
		want(t, w.push("ann", in), "duplicate of rejected, duplicate of rejected, duplicate of applied")
		if n := w.cards(); n != before+1 {
			t.Errorf("%d cards more", n-before)
		}
		var kept []string
		must(t, w.DB().NewQuery(`SELECT args FROM _sync_mut WHERE result = 'rejected' ORDER BY n`).Column(&kept))
		if len(kept) != 2 || !strings.Contains(kept[0], "forbidden") || !strings.Contains(kept[1], "late") {
			t.Errorf("kept %v", kept)
		}
	})
	t.Run("a part is refused by itself", func(t *testing.T) {
		got := w.push("ann", body("c", mutation(1, "card.add", card("e1", red, "half"))))
		want(t, got, "applied")
		if len(got[0].Refused) != 1 || got[0].Refused[0].Part != "tags" || got[0].Refused[0].Reason != "card.tags" {
			t.Errorf("%+v", got[0].Refused)
		}
	})
	t.Run("arguments are strict, mutation by mutation", func(t *testing.T) {
		deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
		got := w.push("ann", body("d", mutation(1, "card.add", `{"id":"x","extra":1}`), mutation(2, "card.add", `{"id":7}`),
			mutation(3, "card.add", `null`), mutation(4, "card.add", deep), mutation(5, "card.add", `{"__proto__":{}}`),
			mutation(6, "card.add", card("f1", red, "fine"))))
		want(t, got, "rejected args.invalid, rejected args.invalid, rejected value.invalid, rejected args.invalid, rejected args.invalid, applied")
	})
	t.Run("two people with the same device number are two", func(t *testing.T) {
		want(t, w.push("bob", first), "rejected value.invalid") // decided on its own: Ann has that card
	})
}

func TestUnknownNameIsLearnt(t *testing.T) {
	w := newWorld(t)
	in := body("a", mutation(1, "card.fold", `{"id":"x"}`))
	if got := results(w.push("ann", in)); got != "unknown" {
		t.Fatal(got)
	}
	if got := results(w.push("ann", in)); got != "duplicate of unknown" {
		t.Fatal(got)
	}
	var args []string
	must(t, w.DB().NewQuery(`SELECT args FROM _sync_mut WHERE result = 'unknown'`).Column(&args))
	if len(args) != 1 || args[0] != `{"id":"x"}` {
		t.Errorf("kept %v", args)
	}
	newer := newWorld(t, sync.Handle("card.fold", func(*sync.Context, struct {
		ID string `json:"id"`
	}) error {
		return nil
	}))
	_, err := newer.NonconcurrentDB().NewQuery(`INSERT INTO _sync_mut (user, device, n, name, hash, received, at, result, outcome, args) SELECT * FROM (SELECT '` + id("ann") + `', '` + id("a") + `', 1, 'card.fold', '` +
		hashOf(t, w) + `', '', '', 'unknown', '{"n":1,"result":"unknown"}', '{"id":"x"}')`).Execute()
	must(t, err)
	if got := results(newer.push("ann", in)); got != "applied" {
		t.Errorf("after the update: %s", got)
	}
}

func hashOf(t *testing.T, w *world) string {
	t.Helper()
	var hash string
	must(t, w.DB().NewQuery(`SELECT hash FROM _sync_mut`).Row(&hash))
	return hash
}

// A failure is not an answer: the mutation is decided when it is sent again.
func TestFailure(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	w.fail.Store(true)
	broken := body("a", mutation(1, "card.add", card("c1", red, "broken")))
	if status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), jsonType, broken); status != 503 || !strings.Contains(answer, "server.failed") {
		t.Fatalf("%d %s", status, answer)
	}
	both := body("b", mutation(1, "card.add", card("d1", red, "fine")), mutation(2, "card.add", card("d2", red, "broken")),
		mutation(3, "card.add", card("d3", red, "fine")))
	if got := results(w.push("ann", both)); got != "applied, deferred retry, deferred retry" {
		t.Fatal(got)
	}
	w.fail.Store(false)
	if got := results(w.push("ann", broken)); got != "applied" {
		t.Fatal(got)
	}
	if got := results(w.push("ann", both)); got != "duplicate of applied, applied, applied" {
		t.Fatal(got)
	}
}

// The same push from two requests at once is done once.
func TestRace(t *testing.T) {
	w := newWorld(t)
	red := w.board("red", "ann")
	token := w.token("ann")
	in := body("a", mutation(1, "card.add", card("c1", red, "one")), mutation(2, "card.add", card("c2", red, "forbidden")))
	var all stdsync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		all.Go(func() {
			req, err := http.NewRequest(http.MethodPost, w.url+"/api/sync/push", strings.NewReader(in))
			if err != nil {
				return
			}
			req.Header.Set("Authorization", token)
			req.Header.Set("Content-Type", jsonType)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return
			}
			defer res.Body.Close()
			var reply struct{ Outcomes []sync.Outcome }
			if json.NewDecoder(res.Body).Decode(&reply) == nil {
				answers[i] = results(reply.Outcomes)
			}
		})
	}
	all.Wait()
	applied := 0
	for _, a := range answers {
		if strings.HasPrefix(a, "applied") {
			applied++
		} else if !strings.HasPrefix(a, "duplicate of applied") {
			t.Errorf("got %q", a)
		}
	}
	if applied != 1 || w.cards() != 1 {
		t.Errorf("applied %d times, %d cards", applied, w.cards())
	}
}

func TestBadEnvelopes(t *testing.T) {
	w := newWorld(t)
	fine := mutation(1, "card.add", card("c1", w.board("red", "ann"), "one"))
	many := strings.Repeat(fine+",", 100) + fine
	for _, c := range []struct {
		name, contentType, body string
		status                  int
		code                    string
	}{
		{"no JSON", jsonType, `mutations`, 400, "request.invalid"},
		{"empty", jsonType, ``, 400, "request.invalid"},
		{"an unknown member", jsonType, `{"device":"` + id("a") + `","mutations":[` + fine + `],"extra":1}`, 400, "request.invalid"},
		{"a member twice", jsonType, `{"device":"` + id("a") + `","device":"` + id("a") + `","mutations":[` + fine + `]}`, 400, "request.invalid"},
		{"a member in capitals", jsonType, `{"Device":"` + id("a") + `","mutations":[` + fine + `]}`, 400, "request.invalid"},
		{"a wrong type", jsonType, `{"device":7,"mutations":[` + fine + `]}`, 400, "request.invalid"},
		{"trailing bytes", jsonType, body("a", fine) + `{}`, 400, "request.invalid"},
		{"another content type", "text/plain", body("a", fine), 415, "request.content_type"},
		{"no content type", "", body("a", fine), 415, "request.content_type"},
		{"too large", jsonType, body("a", mutation(1, "card.add", `"`+strings.Repeat("x", 300<<10)+`"`)), 413, "request.too_large"},
		{"too many", jsonType, body("a", many), 400, "request.too_many"},
		{"none", jsonType, body("a"), 400, "request.empty"},
		{"a device that is none", jsonType, strings.Replace(body("a", fine), id("a"), "../../etc", 1), 400, "request.device"},
		{"number zero", jsonType, body("a", strings.Replace(fine, `"n":1`, `"n":0`, 1)), 400, "request.mutation"},
		{"a number with a fraction", jsonType, body("a", strings.Replace(fine, `"n":1`, `"n":1.5`, 1)), 400, "request.invalid"},
		{"a time that is none", jsonType, body("a", strings.Replace(fine, "2026-11-22T10", "yesterday", 1)), 400, "request.mutation"},
		{"no arguments", jsonType, body("a", `{"n":1,"name":"card.add","at":"2026-11-22T10:00:00Z"}`), 400, "request.mutation"},
		{"a clock that is none", jsonType, strings.Replace(body("a", fine), `"epoch":""`, `"epoch":"","clock":"noon"`, 1), 400, "request.clock"},
		{"a number that was never given", jsonType, strings.Replace(body("a", fine), `"epoch":""`, `"seen":"99999.other"`, 1), 409, "sync.restored"},
		{"a number that is none", jsonType, strings.Replace(body("a", fine), `"epoch":""`, `"seen":"x.y"`, 1), 409, "sync.restored"},
		{"it depends on itself", jsonType, strings.Replace(body("a", fine), `"at":`, `"deps":[1],"at":`, 1), 400, "request.mutation"},
		{"it depends on nothing there is", jsonType, strings.Replace(body("a", fine), `"at":`, `"deps":[0],"at":`, 1), 400, "request.mutation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, answer := w.send(http.MethodPost, "/api/sync/push", w.token("ann"), c.contentType, c.body)
			var got struct {
				Status int
				Code   string
			}
			if err := json.Unmarshal([]byte(answer), &got); err != nil || status != c.status || got.Status != c.status || got.Code != c.code {
				t.Errorf("%d %s, want %d %s", status, answer, c.status, c.code)
			}
			if n := w.cards(); n != 0 {
				t.Errorf("%d cards were written", n)
			}
		})
	}
}
