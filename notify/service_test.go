package notify_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/notify"
)

// Monday morning, as her hours begin.
var monday = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)

// got is one push as the service took it in.
type got struct {
	Path   string
	Header http.Header
	Body   []byte
}

func (g got) topic() string { return g.Header.Get("Topic") }

// service is a push service of our own. It answers 201 unless told otherwise.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	all    []got
	answer func(w http.ResponseWriter, g got)
	most   int // at once
	now    int
}

func newService(t testing.TB) *service {
	s := &service{answer: func(w http.ResponseWriter, _ got) { w.WriteHeader(http.StatusCreated) }}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Method != http.MethodPost {
			t.Errorf("%s %v", r.Method, err)
		}
		g := got{r.URL.Path, r.Header.Clone(), body}
		s.mu.Lock()
		s.now++
		s.most = max(s.most, s.now)
		s.all = append(s.all, g)
		answer := s.answer
		s.mu.Unlock()
		answer(w, g)
		s.mu.Lock()
		s.now--
		s.mu.Unlock()
	}))
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *service) answers(how func(w http.ResponseWriter, g got)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = how
}

func (s *service) says(status int, header ...string) {
	s.answers(func(w http.ResponseWriter, _ got) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	})
}

// take is what came in since it was asked last.
func (s *service) take() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

// handset is a phone's half of a subscription.
type handset struct {
	id, endpoint string
	key          *ecdh.PrivateKey
	auth         []byte
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// opened decrypts a push (RFC 8291, RFC 8188), written from their text.
func (h *handset) opened(t testing.TB, body []byte) string {
	t.Helper()
	if len(body) != notify.RecordSize || binary.BigEndian.Uint32(body[16:20]) != notify.RecordSize || body[20] != 65 {
		t.Fatalf("no single record of %d bytes: %d", notify.RecordSize, len(body))
	}
	salt, theirs, sealed := body[:16], body[21:86], body[86:]
	point, err := ecdh.P256().NewPublicKey(theirs)
	fatal(t, err)
	shared, err := h.key.ECDH(point)
	fatal(t, err)
	info := "WebPush: info\x00" + string(h.key.PublicKey().Bytes()) + string(theirs)
	ikm, err := hkdf.Key(sha256.New, shared, h.auth, info, 32)
	fatal(t, err)
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	fatal(t, err)
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	fatal(t, err)
	block, err := aes.NewCipher(key)
	fatal(t, err)
	gcm, err := cipher.NewGCM(block)
	fatal(t, err)
	text, err := gcm.Open(nil, nonce, sealed, nil)
	fatal(t, err)
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 || text[len(text)-1] != 2 {
		t.Fatal("the record does not end as the last one")
	}
	return string(text[:len(text)-1])
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a server that pushes to a service of our own.
type world struct {
	*testapp.App
	t       testing.TB
	service *service
	keys    notify.Keys
	config  *notify.Config
}

func newWorld(t testing.TB, now time.Time) *world {
	t.Helper()
	t.Cleanup(clock.Set(now))
	keys, err := notify.NewKeys("mailto:drift@bindeled.dk")
	fatal(t, err)
	s := newService(t)
	config := notify.Still(&notify.Config{
		Keys: func() (notify.Keys, error) { return keys, nil }, Policy: &notify.Policy{Loopback: true},
	})
	return &world{App: testapp.NewPushing(t, config), t: t, service: s, keys: keys, config: config}
}

// at moves the clock to a moment in Denmark's winter, lets the ticker and the
// worker run, and tells what came in.
func (w *world) at(day, hour, minute int) []got {
	w.t.Helper()
	clock.Set(time.Date(2026, 11, day, hour-1, minute, 0, 0, time.UTC))
	return w.round()
}

func (w *world) round() []got {
	w.t.Helper()
	fatal(w.t, w.Notifier.Tick())
	fatal(w.t, w.Notifier.Round())
	return w.service.take()
}

func (w *world) device(user string) string {
	w.t.Helper()
	r, err := records.New(w, records.Devices)
	fatal(w.t, err)
	r.Load(map[string]any{"user": seed.ID(user), "share": "x", "seen": clock.Now()})
	fatal(w.t, w.Save(r))
	return r.Id
}

func newHandset(t testing.TB, id, endpoint string) *handset {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	fatal(t, err)
	h := &handset{id: id, endpoint: endpoint, key: key, auth: make([]byte, 16)}
	_, _ = rand.Read(h.auth)
	return h
}

func (h *handset) args() map[string]any {
	return map[string]any{"phone": h.id, "lang": "da", "endpoint": h.endpoint, "p256dh": b64(h.key.PublicKey().Bytes()), "auth": b64(h.auth), "expires": ""}
}

// phone subscribes somebody.
func (w *world) phone(user string) *handset {
	w.t.Helper()
	id := w.device(user)
	h := newHandset(w.t, id, w.service.URL+"/"+id)
	if status, body := w.ask("POST", "subscribe", user, h.args()); status != http.StatusOK {
		w.t.Fatalf("subscribe: %d %s", status, body)
	}
	return h
}

func (w *world) ask(method, route, user string, body any) (int, string) {
	w.t.Helper()
	token := ""
	if user != "" {
		token = w.Token(user)
	}
	return w.Do(method, "/api/notify/"+route, token, body)
}

type shown struct {
	WebPush      int `json:"web_push"`
	Notification struct {
		Title, Navigate, Lang, Tag string
		AppBadge                   string `json:"app_badge"`
	}
	AppBadge int `json:"app_badge"`
}

func (h *handset) shows(t testing.TB, g got) shown {
	t.Helper()
	if !strings.HasSuffix(h.endpoint, g.Path) {
		t.Fatalf("a push to %s, want one to %s", g.Path, h.endpoint)
	}
	text := h.opened(t, g.Body)
	if len(text) != notify.PayloadSize {
		t.Errorf("a payload of %d bytes", len(text))
	}
	var s shown
	fatal(t, json.Unmarshal([]byte(text), &s))
	if s.Notification.Tag != g.topic() {
		t.Errorf("tag %s, topic %s", s.Notification.Tag, g.topic())
	}
	return s
}

// statusOf is how her phone stands.
func (w *world) statusOf(user string, h *handset) (s struct {
	On, Subscribed          bool
	Expires, Sent, Accepted string
	Waiting                 int
	Fault                   string
}) {
	w.t.Helper()
	status, body := w.ask("POST", "status", user, map[string]any{"phone": h.id, "endpoint": h.endpoint})
	if status != http.StatusOK {
		w.t.Fatalf("status: %d %s", status, body)
	}
	fatal(w.t, json.Unmarshal([]byte(body), &s))
	return s
}

func (w *world) set(collection, id string, values map[string]any) {
	w.t.Helper()
	r, err := w.FindRecordById(collection, id)
	fatal(w.t, err)
	r.Load(values)
	fatal(w.t, w.Save(r))
}

// noPassword is a hash that no password has: to make one takes long.
var noPassword = &core.PasswordFieldValue{Hash: "$2a$10$7EqJtq98hPqEX7fNZaFWoOhi5bA8m7bYzvE2vUe2dFvC0uXh6Qh2e"}

// person makes somebody with a phone that is told, at an endpoint.
func person(app core.App, id, role, endpoint string) error {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		collection string
		values     map[string]any
	}{
		{records.Users, map[string]any{"id": id, "email": id + "@demo.example", "name": "x", "role": role, "municipality": seed.ID("proevekoebing"), "active": true, "tokenKey": strings.Repeat(id, 3)}},
		{records.Devices, map[string]any{"id": id, "user": id}},
		{records.PushSubscriptions, map[string]any{"id": id, "user": id, "device": id, "endpoint": endpoint, "p256dh": b64(key.PublicKey().Bytes()),
			"auth": b64(make([]byte, 16)), "lang": "da", "seen": time.Now().AddDate(50, 0, 0)}},
	} {
		r, err := records.New(app, m.collection)
		if err != nil {
			return err
		}
		r.Load(m.values)
		if m.collection == records.Users {
			r.SetRaw("password", noPassword)
		}
		if err := app.Save(r); err != nil {
			return err
		}
	}
	return nil
}

var errNone = errors.New("none")
