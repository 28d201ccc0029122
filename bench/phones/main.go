// Command phones is many phones at once, for what a browser is too heavy for.
// It asks servers on this machine only, a bounded number of times, and prints
// one line of JSON.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	server  = flag.String("url", "", "the server, on loopback")
	large   = flag.String("large", "", "with delta: the server with the long log")
	records = flag.String("records", "", "the records, one a line")
	phones  = flag.Int("n", 1000, "how many phones")
	times   = flag.Int("times", 20, "how often")
)

func main() {
	part := os.Args[1]
	os.Args = slices.Delete(os.Args, 1, 2)
	flag.Parse()
	figures, err := run(part)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(figures)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "phones:", err)
		os.Exit(1)
	}
}

func run(part string) (any, error) {
	all, err := read(*records)
	if err != nil {
		return nil, err
	}
	users, err := everyone(*server)
	if err != nil {
		return nil, err
	}
	switch part {
	case "delta":
		others, err := everyone(*large)
		if err != nil {
			return nil, err
		}
		return delta(newPhone(users[0]), newPhone(others[0]), all)
	case "listen":
		return listen(users, all)
	case "reconnect":
		return reconnect(users[2:], all)
	}
	return nil, fmt.Errorf("no part %q", part)
}

// ---- a phone ----

type user struct{ ID, Token, server string }

type phone struct {
	user
	client *http.Client
	device string
	n      int
	cursor string
}

func newPhone(u user) *phone {
	return &phone{user: u, device: id(), client: &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}}
}

func id() string {
	b := make([]byte, 15)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[rand.IntN(36)]
	}
	return string(b)
}

func (p *phone) ask(method, path string, body any) (*http.Response, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, p.server+path, reader)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", p.Token)
	request.Header.Set("Content-Type", "application/json")
	reply, err := p.client.Do(request)
	if err != nil {
		return nil, err
	}
	if reply.StatusCode != http.StatusOK {
		defer reply.Body.Close()
		text, _ := io.ReadAll(reply.Body)
		return nil, fmt.Errorf("%s: %d %s", path, reply.StatusCode, text)
	}
	return reply, nil
}

// pull takes page after page from a cursor, and says where it got to.
func (p *phone) pull(cursor string) (next string, rows int, err error) {
	for more := true; more; {
		reply, err := p.ask(http.MethodGet, "/api/sync/pull?cursor="+url.QueryEscape(cursor), nil)
		if err != nil {
			return "", 0, err
		}
		text, err := io.ReadAll(reply.Body)
		reply.Body.Close()
		if err != nil {
			return "", 0, err
		}
		lines := bytes.Split(bytes.TrimSpace(text), []byte("\n"))
		var end struct {
			T, Cursor string
			More      bool
		}
		if err := json.Unmarshal(lines[len(lines)-1], &end); err != nil || end.T != "end" {
			return "", 0, fmt.Errorf("pull without its end line: %w", err)
		}
		for _, l := range lines {
			var page struct {
				T string
				R []json.RawMessage
			}
			if json.Unmarshal(l, &page) == nil && page.T == "rows" {
				rows += len(page.R)
			}
		}
		cursor, more = end.Cursor, end.More
	}
	return cursor, rows, nil
}

// put pushes one mutation, which has to be applied.
func (p *phone) put(entry map[string]any) error {
	p.n++
	at := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	reply, err := p.ask(http.MethodPost, "/api/sync/push", map[string]any{
		"device": p.device, "clock": at,
		"mutations": []any{map[string]any{"n": p.n, "name": "entry.put", "at": at, "args": entry}},
	})
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	var said struct{ Outcomes []struct{ Result string } }
	if err := json.NewDecoder(reply.Body).Decode(&said); err != nil {
		return err
	}
	if len(said.Outcomes) != 1 || said.Outcomes[0].Result != "applied" {
		return fmt.Errorf("push: %v", said.Outcomes)
	}
	return nil
}

// listen reads nudges until the stream ends. The first call is the hello.
func (p *phone) listen(heard func(nudge bool)) error {
	stream := &http.Client{Transport: p.client.Transport}
	p.client = stream
	reply, err := p.ask(http.MethodGet, "/api/sync/events", nil)
	if err != nil {
		return err
	}
	go func() {
		defer reply.Body.Close()
		scan := bufio.NewScanner(reply.Body)
		for scan.Scan() {
			switch line := scan.Text(); {
			case line == ": hello":
				heard(false)
			case strings.HasPrefix(line, "data:"):
				heard(true)
			}
		}
	}()
	return nil
}

// ---- the parts ----

// delta asks two servers for 100 of the records, in turn: how long it takes is
// to depend on what changed, not on how much there is.
func delta(small, large *phone, all []map[string]any) (any, error) {
	type figures struct {
		Changed []float64 `json:"changed"`
		Nothing []float64 `json:"nothing"`
	}
	chosen := rand.Perm(len(all))[:100]
	both := []*phone{small, large}
	for _, p := range both {
		var err error
		if p.cursor, _, err = p.pull(""); err != nil {
			return nil, err
		}
		for _, i := range chosen {
			if err := p.put(with(all[i], "minutes", rand.IntN(45))); err != nil {
				return nil, err
			}
		}
	}
	var out [2]figures
	for range *times {
		for i, p := range both {
			start := time.Now()
			next, rows, err := p.pull(p.cursor)
			out[i].Changed = append(out[i].Changed, ms(start))
			if err != nil || rows != len(chosen) {
				return nil, fmt.Errorf("%d rows: %w", rows, err)
			}
			start = time.Now()
			_, rows, err = p.pull(next)
			out[i].Nothing = append(out[i].Nothing, ms(start))
			if err != nil || rows != 0 {
				return nil, fmt.Errorf("%d rows: %w", rows, err)
			}
		}
	}
	return map[string]figures{"small": out[0], "large": out[1]}, nil
}

// apart keeps one write from being told together with the one before.
const apart = 100 * time.Millisecond

// listen counts from the moment a write is sent until each phone has heard.
func listen(users []user, all []map[string]any) (any, error) {
	heard := make(chan time.Time, *phones)
	hello := make(chan struct{}, *phones)
	for i := range *phones {
		err := newPhone(users[i]).listen(func(nudge bool) {
			if nudge {
				heard <- time.Now()
			} else {
				hello <- struct{}{}
			}
		})
		if err != nil {
			return nil, err
		}
	}
	for range *phones {
		<-hello
	}
	writer := newPhone(users[0])
	var took, written []float64
	for i := range *times {
		time.Sleep(apart)
		start := time.Now()
		if err := writer.put(with(all[0], "minutes", i)); err != nil {
			return nil, err
		}
		written = append(written, ms(start))
		late := time.After(10 * time.Second)
		for n := range *phones {
			select {
			case at := <-heard:
				took = append(took, float64(at.Sub(start).Microseconds())/1000)
			case <-late:
				return nil, fmt.Errorf("write %d: %d phones have heard", i, n)
			}
		}
	}
	return map[string]any{"took": took, "written": written}, nil
}

// reconnect lets all phones come at once, each on a connection of its own:
// push what was done, pull what is new, and listen.
func reconnect(users []user, all []map[string]any) (any, error) {
	list := make([]*phone, *phones)
	for i := range list {
		list[i] = newPhone(users[i])
		var err error
		if list[i].cursor, _, err = list[i].pull(""); err != nil {
			return nil, err
		}
		list[i].client.CloseIdleConnections()
	}
	var (
		ready, over sync.WaitGroup
		mu          sync.Mutex
		took        []float64
		failures    []error
	)
	begin := make(chan struct{})
	ready.Add(len(list))
	for i, p := range list {
		over.Go(func() {
			entry := with(all[1+i%399], "id", id())
			ready.Done()
			<-begin
			start := time.Now()
			err := p.put(entry)
			if err == nil {
				_, _, err = p.pull(p.cursor)
			}
			done := ms(start)
			if err == nil {
				err = p.listen(func(bool) {})
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, done)
			if err != nil {
				failures = append(failures, err)
			}
		})
	}
	ready.Wait()
	start := time.Now()
	close(begin)
	over.Wait()
	in := ms(start)
	return map[string]any{"took": took, "all": in, "failed": len(failures)}, errors.Join(failures[:min(3, len(failures))]...)
}

// ---- helpers ----

func ms(since time.Time) float64 { return float64(time.Since(since).Microseconds()) / 1000 }

func with(entry map[string]any, key string, value any) map[string]any {
	out := map[string]any{}
	for k, v := range entry {
		out[k] = v
	}
	out[key] = value
	return out
}

func read(path string) (all []map[string]any, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for decoder := json.NewDecoder(file); decoder.More(); {
		var entry map[string]any
		if err := decoder.Decode(&entry); err != nil {
			return nil, err
		}
		all = append(all, entry)
	}
	return all, nil
}

// everyone is who has an account on a server of this machine.
func everyone(server string) (users []user, err error) {
	address, err := url.Parse(server)
	if err != nil || !net.ParseIP(address.Hostname()).IsLoopback() {
		return nil, fmt.Errorf("%q is not of this machine", server)
	}
	reply, err := http.Get(server + "/bench/users")
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	err = json.NewDecoder(reply.Body).Decode(&users)
	for i := range users {
		users[i].server = server
	}
	return users, err
}
