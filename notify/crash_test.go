package notify_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/clock"
	"bindeled/internal/config"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/internal/wire"
	"bindeled/notify"
)

var (
	kills    = flag.Int("kills", 12, "how often TestKilled kills the server")
	asServer = flag.String("as-server", "", "be the server that TestKilled kills: its orders, as JSON")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *asServer != "" {
		serve(*asServer)
	}
	testapp.Main(m)
}

// orders are what a server is told that will be killed.
type orders struct {
	Dir  string
	Keys notify.Keys
	From time.Time // its clock
	Open bool      // raise flags; else only send what is left
}

// lastFlag is when a server stops to raise flags: what is in line has an hour.
const lastFlag = 14

// serve is a server that raises a flag at every tick of its clock, and says
// when one is safely there.
func serve(text string) {
	var o orders
	must(json.Unmarshal([]byte(text), &o))
	time.AfterFunc(time.Minute, func() { os.Exit(3) }) // whoever started it may be gone
	clock.Set(o.From)
	app, house := open(o.Dir, o.Keys)
	if o.From.In(domain.Copenhagen).Format("15:04") == "09:00" { // a new day: what was raised before was seen to
		_, err := app.NonconcurrentDB().NewQuery(`UPDATE flags SET state = 'closed', done = 'x' WHERE id LIKE 'crash%'`).Execute()
		must(err)
	}
	must(house.Notifier.Start())
	fmt.Println("ready")
	for at := o.From; o.Open && at.In(domain.Copenhagen).Hour() < lastFlag; at = at.Add(5 * time.Minute) {
		clock.Set(at)
		r, err := records.New(app, records.Flags)
		must(err)
		r.Load(map[string]any{
			"id": fmt.Sprintf("crash%010d", at.Unix()/300), "course": seed.ID("alma"), "by": seed.ID("maja"), "at": at, "received_at": at, "note": "x", "state": "open",
		})
		must(app.Save(r))
		fmt.Println("made", at.UTC().Format("2006-01-02T15:04Z"))
	}
	for {
		var left, lost int
		must(app.DB().NewQuery(`SELECT (SELECT count(*) FROM _push_outbox WHERE spread = 0) + (SELECT count(*) FROM _push_send WHERE result = '')`).Row(&left))
		if left == 0 {
			must(app.DB().NewQuery(`SELECT count(*) FROM _push_send WHERE result <> 'accepted'`).Row(&lost))
			fmt.Println("sent", lost)
			select {} // until it is killed
		}
		<-time.After(2 * time.Millisecond)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func open(dir string, keys notify.Keys) (core.App, *wire.House) {
	app := core.NewBaseApp(core.BaseAppConfig{DataDir: dir, DBConnect: config.DBConnect})
	must(app.Bootstrap())
	house, err := wire.Register(app, &notify.Config{
		Keys: func() (notify.Keys, error) { return keys, nil }, Policy: &notify.Policy{Loopback: true},
	})
	must(err)
	must(app.RunAllMigrations())
	must(house.Engine.Install())
	return app, house
}

const told = 4 // phones, each a coordinator's

// crashWorld is a folder with a municipality in it that is told of flags only.
func crashWorld(t *testing.T, keys notify.Keys, service string) (dir string, subs []string) {
	t.Helper()
	dir = t.TempDir()
	app, _ := open(dir, keys)
	defer func() { fatal(t, app.ResetBootstrapState()) }()
	fatal(t, seed.Demo(app, testapp.Today))
	home, err := app.FindRecordById(records.Municipalities, seed.ID("proevekoebing"))
	fatal(t, err)
	home.Load(map[string]any{"weekends_off": false, "push_without": []string{"morning", "time", "first", "notice", "tray"}})
	fatal(t, app.Save(home))
	for i := range told {
		id := fmt.Sprintf("crashuser%06d", i)
		fatal(t, person(app, id, "coordinator", fmt.Sprintf("%s/%d", service, i)))
		subs = append(subs, id)
	}
	return dir, subs
}

// life is one server, from its start to its kill.
type life struct {
	cmd *exec.Cmd
	out *bufio.Scanner
}

func start(t *testing.T, o orders) *life {
	t.Helper()
	raw, err := json.Marshal(o)
	fatal(t, err)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-as-server="+string(raw))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	fatal(t, err)
	fatal(t, cmd.Start())
	return &life{cmd, bufio.NewScanner(out)}
}

// until reads what a server says to a word, or to its end.
func (l *life) until(word string, said func(kind, what string)) bool {
	for l.out.Scan() {
		kind, what, _ := strings.Cut(l.out.Text(), " ")
		if said(kind, what); kind == word {
			return true
		}
	}
	return false
}

func (l *life) kill() { _ = l.cmd.Process.Kill() }

// TestKilled: a server is killed at any moment, again and again, while flags
// are raised and told. No flag that is there is not told; what is told twice is
// told under one topic, and only because of a kill.
func TestKilled(t *testing.T) {
	keys, err := notify.NewKeys("mailto:drift@bindeled.dk")
	fatal(t, err)
	s := newService(t)
	s.answers(func(w http.ResponseWriter, _ got) {
		<-time.After(time.Duration(rand.IntN(3000)) * time.Microsecond)
		w.WriteHeader(http.StatusCreated)
	})
	dir, subs := crashWorld(t, keys, s.URL)
	from := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	o := orders{Dir: dir, Keys: keys, From: from, Open: true}
	made, flags, came, twice, late := map[string]bool{}, 0, map[string]int{}, 0, 0
	for killed, over := 0, false; !over; {
		server := start(t, o)
		note := func(kind, what string) {
			switch kind {
			case "made":
				made[what] = true
				at, err := time.Parse("2006-01-02T15:04Z", what)
				fatal(t, err)
				o.From = at.Add(5 * time.Minute)
			case "sent":
				if what != "0" {
					t.Fatalf("%s were not taken in", what)
				}
			}
		}
		if !server.until("ready", note) {
			t.Fatal("the server did not start")
		}
		if o.Open {
			moment := time.AfterFunc(time.Duration(rand.IntN(120_000))*time.Microsecond, server.kill)
			server.until("sent", note)
			moment.Stop()
			server.kill()
			_ = server.cmd.Wait() // killed
			killed++
			// A flag may have been written and not said; the next tick is another's.
			o.From = o.From.Add(5 * time.Minute)
			o.Open = o.From.In(domain.Copenhagen).Hour() < lastFlag && killed < *kills
			continue
		}
		// The day is over: what is left is sent, and all is counted.
		if !server.until("sent", note) {
			t.Fatal("not all was sent")
		}
		server.kill()
		_ = server.cmd.Wait()
		for _, g := range s.take() {
			came[g.topic()]++
		}
		flags += len(made)
		for slot := range made {
			for _, sub := range subs {
				if n := came[keys.Topic(sub, domain.PushFlag, slot)]; n == 0 {
					t.Fatalf("after %d kills: the flag of %s was never told", killed, slot)
				} else if n > 1 {
					twice += n - 1
				}
			}
		}
		late += len(came)/told - len(made)
		clear(made)
		clear(came)
		day := o.From.In(domain.Copenhagen).AddDate(0, 0, 1)
		o.From = time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, domain.Copenhagen).UTC()
		o.Open, over = killed < *kills, killed >= *kills
	}
	if flags == 0 {
		t.Fatal("nothing was raised")
	}
	t.Logf("%d kills: %d flags to %d phones each, none lost, %d sent twice under their one topic, %d written and not yet said when the kill came", *kills, flags, told, twice, late)
	if twice > *kills*24 { // those on the way, and those being noted
		t.Errorf("%d sent twice for %d kills", twice, *kills)
	}
}
