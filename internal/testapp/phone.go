package testapp

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"bindeled/internal/clock"
	"bindeled/sync"
)

// Phone is a user's phone: it numbers its mutations, and keeps what it pulled.
type Phone struct {
	App    *App
	User   string
	Device string
	Token  string
	Cursor string
	Seq    int64
	// Boxes is what the phone holds: bucket, collection, id, columns.
	Boxes map[string]map[string]map[string]map[string]any
	// Skew is how far the phone's clock runs ahead.
	Skew time.Duration
	n    int64
	// seqs are the numbers of the rows in each box, by collection and id.
	seqs map[string]map[[2]string]int64
}

// Phone logs somebody in on a phone of her own.
func (a *App) Phone(user string) *Phone {
	return &Phone{App: a, User: user, Device: ID(), Token: a.Token(user), Boxes: map[string]map[string]map[string]map[string]any{},
		seqs: map[string]map[[2]string]int64{}}
}

// Do pushes one mutation and returns its outcome.
func (p *Phone) Do(name string, args any) sync.Outcome {
	p.App.t.Helper()
	return p.DoAt(clock.Now().Add(p.Skew), name, args)
}

// DoAt pushes one mutation that was made at a time by the phone's clock.
func (p *Phone) DoAt(at time.Time, name string, args any) sync.Outcome {
	p.App.t.Helper()
	p.n++
	return p.Push(map[string]any{"n": p.n, "name": name, "args": args, "at": at.UTC().Format(time.RFC3339)})[0]
}

// Push pushes mutations as they are.
func (p *Phone) Push(mutations ...any) []sync.Outcome {
	p.App.t.Helper()
	status, body := p.App.Do(http.MethodPost, "/api/sync/push", p.Token, map[string]any{
		"device": p.Device, "epoch": "", "mutations": mutations, "clock": clock.Now().Add(p.Skew).UTC().Format(time.RFC3339),
	})
	if status != http.StatusOK {
		p.App.t.Fatalf("push: %d %s", status, body)
	}
	var reply struct{ Outcomes []sync.Outcome }
	must(p.App.t, json.Unmarshal([]byte(body), &reply))
	if len(reply.Outcomes) != len(mutations) {
		p.App.t.Fatalf("push: %d outcomes for %d mutations: %s", len(reply.Outcomes), len(mutations), body)
	}
	return reply.Outcomes
}

type pullLine struct {
	T, B, C, Cursor string
	More            bool
	Seq             int64
	K               []string
	R               [][]any
	Sum             []int64
}

// Pull brings the phone up to date and returns the number of pages.
func (p *Phone) Pull() (pages int) {
	p.App.t.Helper()
	for more := true; more; pages++ {
		more = p.PullPage()
	}
	return pages
}

// PullPage takes one page, and tells whether there are more.
func (p *Phone) PullPage() bool {
	p.App.t.Helper()
	status, body := p.App.Do(http.MethodGet, "/api/sync/pull?cursor="+p.Cursor, p.Token, nil)
	if status != http.StatusOK {
		p.App.t.Fatalf("pull: %d %s", status, body)
	}
	bucket, touched, columns := "", []string{}, map[string][]string{}
	lines := strings.Split(strings.TrimSpace(body), "\n")
	for i, text := range lines {
		var l pullLine
		must(p.App.t, json.Unmarshal([]byte(text), &l))
		if l.B != "" && l.T != "leave" {
			bucket, touched = l.B, append(touched, l.B)
		}
		switch l.T {
		case "bucket":
			p.Boxes[bucket], p.seqs[bucket] = map[string]map[string]map[string]any{}, map[[2]string]int64{}
		case "cols":
			columns[l.C] = l.K
		case "rows":
			if p.Boxes[bucket][l.C] == nil {
				p.Boxes[bucket][l.C] = map[string]map[string]any{}
			}
			for _, r := range l.R {
				id, row := r[0].(string), map[string]any{}
				for i, name := range columns[l.C] {
					row[name] = r[i+2]
				}
				p.Boxes[bucket][l.C][id], p.seqs[bucket][[2]string{l.C, id}] = row, int64(r[1].(float64))
			}
		case "gone":
			for _, r := range l.R {
				delete(p.Boxes[bucket][l.C], r[0].(string))
				delete(p.seqs[bucket], [2]string{l.C, r[0].(string)})
			}
		case "leave":
			delete(p.Boxes, l.B)
		case "end":
			if i != len(lines)-1 {
				p.App.t.Fatalf("pull: end before the last line: %s", body)
			}
			if l.Sum != nil {
				p.holds(touched, l.Sum)
			}
			p.Cursor, p.Seq = l.Cursor, l.Seq
			return l.More
		default:
			p.App.t.Fatalf("pull: line of kind %q", l.T)
		}
	}
	p.App.t.Fatal("pull: no end line")
	return false
}

// holds compares boxes with what the server says is in them.
func (p *Phone) holds(buckets []string, want []int64) {
	p.App.t.Helper()
	got := []int64{0, 0}
	for _, b := range buckets {
		for _, seq := range p.seqs[b] {
			got[0], got[1] = got[0]+1, got[1]+seq
		}
	}
	if !slices.Equal(got, want) {
		p.App.t.Fatalf("pull: %v hold %v rows and numbers; the server says %v", buckets, got, want)
	}
}

// Row is a row the phone holds, or nil.
func (p *Phone) Row(bucket, collection, id string) map[string]any {
	return p.Boxes[bucket][collection][id]
}
