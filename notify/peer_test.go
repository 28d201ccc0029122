//go:build peer

// Pushes to code that is not ours; scripts/push.mjs runs this.
package notify_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"bindeled/internal/clock"
)

var atService = flag.String("peer", "", "the push service of web-push-testing")

// peerLine is what scripts/push.mjs reads: a push that http_ece is to open.
type peerLine struct {
	Body    []byte `json:"body"`
	Private []byte `json:"private"`
	Auth    []byte `json:"auth"`
	Text    string `json:"text"`
}

// TestPeerOpens hands pushes over, with the text that is in them.
func TestPeerOpens(t *testing.T) {
	w := newWorld(t, monday.Add(-time.Hour))
	maja := w.phone("maja")
	all := w.at(23, 8, 0)
	w.aTest("maja", maja)
	for _, g := range append(all, w.service.take()...) {
		raw, err := json.Marshal(peerLine{g.Body, maja.key.Bytes(), maja.auth, maja.opened(t, g.Body)})
		fatal(t, err)
		fmt.Printf("\nopen %s\n", raw)
	}
}

func (w *world) peer(path string, in any, out any) {
	w.t.Helper()
	raw, err := json.Marshal(in)
	fatal(w.t, err)
	var body io.Reader
	if in != nil {
		body = bytes.NewReader(raw)
	}
	res, err := http.Post(*atService+path, "application/json", body)
	fatal(w.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	fatal(w.t, err)
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s %s", path, res.Status, text)
	}
	if out != nil {
		fatal(w.t, json.Unmarshal(text, out))
	}
}

// TestPeerService: the push service of web-push-testing takes our pushes in,
// opens them, and when a subscription has run out, that phone is let go.
func TestPeerService(t *testing.T) {
	w := newWorld(t, monday.Add(-time.Hour))
	var made struct {
		Data struct {
			Endpoint, ClientHash string
			Keys                 struct{ P256dh, Auth string }
		}
	}
	w.peer("/subscribe", map[string]string{"userVisibleOnly": "true", "applicationServerKey": w.keys.Public}, &made)
	id := w.device("maja")
	status, body := w.ask("POST", "subscribe", "maja", map[string]any{
		"phone": id, "lang": "da", "endpoint": made.Data.Endpoint, "p256dh": made.Data.Keys.P256dh, "auth": made.Data.Keys.Auth, "expires": "",
	})
	if status != http.StatusOK {
		t.Fatal(body)
	}
	w.at(23, 8, 0)
	var got struct{ Data struct{ Messages []string } }
	w.peer("/get-notifications", map[string]string{"clientHash": made.Data.ClientHash}, &got)
	if len(got.Data.Messages) != 1 || !strings.Contains(got.Data.Messages[0], `"title":"Du har opgaver i dag"`) {
		t.Fatalf("it opened %q", got.Data.Messages)
	}
	w.peer("/expire-subscription/"+made.Data.ClientHash, nil, nil)
	clock.Set(clock.Now().Add(24 * time.Hour))
	w.round()
	if w.subscribed(&handset{id: id}) {
		t.Error("410, and it is still told")
	}
}
