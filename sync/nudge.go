package sync

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Nudges tell a phone that there is something to pull, never what. A missed
// one costs time, never data.
const (
	pingEvery      = 25 * time.Second
	writeWithin    = 5 * time.Second
	streamLives    = 10 * time.Minute
	gatherFor      = 30 * time.Millisecond
	streamsPerUser = 8
	streamsInAll   = 10_000
)

type broker struct {
	mu      sync.Mutex
	streams map[string]map[chan string]struct{} // by user
	count   int
	signal  chan struct{}
	done    chan struct{}
	once    sync.Once
	running sync.WaitGroup

	// doubt counts the writes to accounts: after one, each stream asks again
	// whether its own may still listen.
	doubt atomic.Int64
}

func newBroker() *broker {
	return &broker{
		streams: map[string]map[chan string]struct{}{},
		signal:  make(chan struct{}, 1),
		done:    make(chan struct{}),
	}
}

// wake says that something may have been written. It never waits.
func (b *broker) wake() {
	select {
	case b.signal <- struct{}{}:
	default:
	}
}

// stop ends the streams, and returns when nothing reads the database any more.
func (b *broker) stop() {
	b.once.Do(func() { close(b.done) })
	b.running.Wait()
}

func (b *broker) join(user string) (chan string, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count >= streamsInAll || len(b.streams[user]) >= streamsPerUser {
		return nil, false
	}
	if b.streams[user] == nil {
		b.streams[user] = map[chan string]struct{}{}
	}
	c := make(chan string, 1)
	b.streams[user][c] = struct{}{}
	b.count++
	return c, true
}

func (b *broker) leave(user string, c chan string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.streams[user], c)
	b.count--
	if len(b.streams[user]) == 0 {
		delete(b.streams, user)
	}
}

func (b *broker) tell(user, nudge string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.streams[user] {
		select {
		case c <- nudge:
		default: // it has an unread nudge, which will do
		}
	}
}

// start watches for changes until the app ends.
func (b *broker) start(e *Engine) {
	b.running.Go(func() {
		var last int64
		for {
			select {
			case <-b.done:
				return
			case <-b.signal:
			}
			seq, users, err := e.touched(last)
			if err != nil {
				e.app.Logger().Error("sync: nudge", "error", err)
				continue
			}
			last = seq
			nudge := fmt.Sprintf("event: nudge\ndata: {\"seq\":%d}\n\n", seq)
			for _, u := range users {
				b.tell(u, nudge)
			}
			select { // writes come in bursts: the first is told at once, the rest together
			case <-b.done:
				return
			case <-time.After(gatherFor):
			}
		}
	})
}

// touched are the users for whom something changed after a number.
func (e *Engine) touched(after int64) (seq int64, users []string, err error) {
	db := e.app.ConcurrentDB()
	if err = db.NewQuery(`SELECT v FROM _sync_seq`).Row(&seq); err != nil || seq <= after {
		return seq, nil, err
	}
	err = db.NewQuery(`SELECT m.user FROM _sync_bucket b JOIN _sync_member m ON m.bucket = b.bucket AND m.active = 1
		WHERE b.seq > {:after} UNION SELECT user FROM _sync_member WHERE seq > {:after}`).
		Bind(dbx.Params{"after": after}).Column(&users)
	return seq, users, err
}

// events answers GET /api/sync/events with a stream of nudges.
func (e *Engine) events(re *core.RequestEvent) error {
	if !e.MayUse(re.Auth) {
		return Problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	nudges, ok := e.broker.join(re.Auth.Id)
	if !ok {
		return Problem(re, http.StatusTooManyRequests, "sync.streams", nil)
	}
	defer e.broker.leave(re.Auth.Id, nudges)

	h := re.Response.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(re.Response)
	send := func(text string) error {
		if err := control.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
			return err
		}
		if _, err := re.Response.Write([]byte(text)); err != nil {
			return err
		}
		return control.Flush()
	}
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	end := time.NewTimer(streamLives + rand.N(time.Minute) - 30*time.Second)
	defer end.Stop()

	text := ": hello\n\n"
	believed := e.broker.doubt.Load()
	for {
		if send(text) != nil {
			return nil // the phone is gone; nothing to tell anyone
		}
		select {
		case <-re.Request.Context().Done():
			return nil
		case <-e.broker.done:
			return nil
		case <-end.C:
			return nil
		case <-ping.C:
			text = ": ping\n\n"
			believed = -1
		case text = <-nudges:
		}
		doubt := e.broker.doubt.Load()
		if doubt != believed && !e.stillMay(re) {
			_ = send("event: revoked\ndata: {}\n\n") // ends either way
			return nil
		}
		believed = doubt
	}
}

// stillMay asks again whether the account may sync: a stream outlives the
// check at its beginning.
func (e *Engine) stillMay(re *core.RequestEvent) bool {
	user, err := re.App.FindRecordById(e.Users, re.Auth.Id)
	return err == nil && user.TokenKey() == re.Auth.TokenKey() && e.MayUse(user)
}
