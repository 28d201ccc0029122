package notify_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/notify"
)

// hostile are endpoints by which a phone would have the server ask elsewhere.
var hostile = []string{
	"", "x", "http://fcm.googleapis.com/fcm/send/x", "https://169.254.169.254/x.google.com/", "https://evil.example/a.google.com/",
	"https://fcm.googleapis.com.evil.example/x", "https://evil.example/https://fcm.googleapis.com/x", "https://fcm.googleapis.com@evil.example/x",
	"https://user:pass@fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://fcm.googleapis.com:443/x", "https://FCM.googleapis.com/x",
	"https://fcm.googleapis.com./x", "https://xfcm.googleapis.com/x", "https://googleapis.com/x", "https://storage.googleapis.com/x", "https://push.apple.com/x",
	"https://evilpush.apple.com/x", "https://web.push.apple.com.evil.example/x", "https://notify.windows.com/x", "https://x.notify.windows.com#@evil.example/",
	"https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x", "https://[::ffff:7f00:1]/x", "https://0x7f000001/x", "https://2130706433/x",
	"https:fcm.googleapis.com/x", "https:///x", "//fcm.googleapis.com/x", "file:///etc/passwd", "https://fcm.googleapis.com\\@evil.example/x",
	"https://fcm.googleapis.com\t/x", "https://fcm.googleapis.com%2eevil.example/x", "https://fcm.googleapis.com/" + strings.Repeat("x", 1024), "ftp://web.push.apple.com/x",
}

func TestHostileEndpoints(t *testing.T) {
	for _, endpoint := range hostile {
		if _, err := notify.Public.Check(endpoint); err == nil {
			t.Errorf("%q is taken for a push service", endpoint)
		}
	}
	for _, endpoint := range []string{
		"https://fcm.googleapis.com/fcm/send/cX:APA91b", "https://fcm.googleapis.com/wp/x", "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
		"https://web.push.apple.com/QGuQ", "https://wns2-par02p.notify.windows.com/w/?token=BQYA",
	} {
		if _, err := notify.Public.Check(endpoint); err != nil {
			t.Errorf("%q is refused", endpoint)
		}
	}
}

func TestDialler(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1:443", "10.1.2.3:443", "172.16.0.1:443", "172.31.255.255:443", "192.168.1.1:443", "169.254.169.254:443", "100.64.0.1:443", "0.0.0.0:443",
		"192.0.2.1:443", "198.18.0.1:443", "198.51.100.1:443", "203.0.113.1:443", "224.0.0.1:443", "255.255.255.255:443", "[::1]:443", "[::]:443",
		"[::ffff:127.0.0.1]:443", "[::ffff:10.0.0.1]:443", "[64:ff9b::7f00:1]:443", "[64:ff9b:1::1]:443", "[2002:7f00:1::]:443", "[2001:db8::1]:443", "[2001::1]:443",
		"[fc00::1]:443", "[fe80::1%eth0]:443", "[ff02::1]:443", "142.250.74.10:80", "142.250.74.10:8443", "fcm.googleapis.com:443", "",
	} {
		if err := notify.Public.Dial(address); err == nil {
			t.Errorf("%s is dialled", address)
		}
	}
	for _, address := range []string{"142.250.74.10:443", "[2a00:1450:400f:80d::200a]:443", "172.32.0.1:443"} {
		if err := notify.Public.Dial(address); err != nil {
			t.Errorf("%s is not dialled", address)
		}
	}
}

// TestRetryAfter: both forms, an hour at most, never backwards.
func TestRetryAfter(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"": 0, "0": 0, "30": 30 * time.Second, "-5": 0, "7200": time.Hour, "99999999999999999999": 0, "soon": 0,
		monday.Add(time.Minute).Format(http.TimeFormat): time.Minute, monday.Add(-time.Minute).Format(http.TimeFormat): 0, monday.AddDate(1, 0, 0).Format(http.TimeFormat): time.Hour,
	} {
		if got := notify.RetryAfter(said, monday); got != want {
			t.Errorf("%q: %v, want %v", said, got, want)
		}
	}
	for tries := range 80 {
		if d := notify.Backoff(tries); d < 15*time.Second || d > time.Hour {
			t.Errorf("after %d tries: %v", tries, d)
		}
	}
}

// TestKeys: a start is refused with what a push service would refuse.
func TestKeys(t *testing.T) {
	good, err := notify.NewKeys("mailto:drift@bindeled.dk")
	fatal(t, err)
	other, err := notify.NewKeys("mailto:drift@bindeled.dk")
	fatal(t, err)
	with := func(change func(*notify.Keys)) notify.Keys {
		k := good
		change(&k)
		return k
	}
	bad := map[string]notify.Keys{
		"two pairs mixed": with(func(k *notify.Keys) { k.Public = other.Public }),
		"no public key":   with(func(k *notify.Keys) { k.Public = "" }),
		"no private key":  with(func(k *notify.Keys) { k.Private = "" }),
		"too short":       with(func(k *notify.Keys) { k.Private = k.Private[:20] }),
		"zero":            with(func(k *notify.Keys) { k.Private = b64(make([]byte, 32)) }),
	}
	for _, subject := range []string{
		"", "drift@bindeled.dk", "mailto:", "mailto:drift", "mailto:drift@localhost", "mailto:drift@server.local", "mailto:mailto:drift@bindeled.dk", "mailto:<drift@bindeled.dk>",
		"mailto:drift@example.com", "mailto:x@mail.example.org", "mailto:x@a.test", "mailto:x@a.invalid", "mailto:x@a.example", "http://bindeled.dk", "https://", "https://localhost", "https://127.0.0.1",
		"https://user@bindeled.dk", "https://bindeled..dk", "mailto:x@bindeled.dk?subject=y", "bindeled.dk",
	} {
		bad[subject] = with(func(k *notify.Keys) { k.Subject = subject })
	}
	for name, k := range bad {
		app := core.NewBaseApp(core.BaseAppConfig{DataDir: t.TempDir()})
		if notify.Register(app, &notify.Config{Keys: func() (notify.Keys, error) { return k, nil }}).Start() == nil {
			t.Errorf("%s: a server would start", name)
		}
	}
	for _, subject := range []string{"mailto:drift@bindeled.dk", "https://bindeled.dk/kontakt", "mailto:it.drift+push@kommune.dk"} {
		if err := with(func(k *notify.Keys) { k.Subject = subject }).Check(); err != nil {
			t.Error(err)
		}
	}
	for _, err := range []error{bad["two pairs mixed"].Check(), bad["too short"].Check()} {
		if strings.Contains(fmt.Sprint(err), good.Private[:20]) {
			t.Error("the private key is in the error")
		}
	}
}
