package notify

import (
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
)

// Keys are what a push service knows this server by (VAPID, RFC 8292). Whoever
// loses them loses every subscription.
type Keys struct {
	Subject string `json:"subject"` // mailto: or https:, for the push services' own people
	Public  string `json:"public"`  // a point of P-256, base64url
	Private string `json:"private"`
}

// NewKeys makes a pair.
func NewKeys(subject string) (Keys, error) {
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return Keys{}, err
	}
	return Keys{Subject: subject, Public: encode(key.PublicKey().Bytes()), Private: encode(key.Bytes())}, nil
}

// Check refuses what a push service would refuse, at the start instead of at
// the first push.
func (k Keys) Check() error {
	raw, err := base64.RawURLEncoding.DecodeString(k.Private)
	if err != nil {
		return errors.New("notify: the private VAPID key is not base64url")
	}
	private, err := ecdh.P256().NewPrivateKey(raw)
	if err != nil {
		return errors.New("notify: the private VAPID key is not one of P-256")
	}
	if encode(private.PublicKey().Bytes()) != k.Public {
		return errors.New("notify: the VAPID keys do not belong together")
	}
	return checkSubject(k.Subject)
}

// nobodys are hosts that no push service can write to; Apple refuses some.
var nobodys = []string{"localhost", "local", "invalid", "test", "example", "internal", "example.com", "example.org", "example.net"}

func checkSubject(subject string) error {
	host := ""
	if address, ok := strings.CutPrefix(subject, "mailto:"); ok {
		parsed, err := mail.ParseAddress(address)
		if err != nil || parsed.Address != address {
			return fmt.Errorf("notify: the VAPID subject %q is no mail address", subject)
		}
		host = address[strings.LastIndex(address, "@")+1:]
	} else {
		u, err := url.Parse(subject)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Host == "" {
			return fmt.Errorf("notify: the VAPID subject %q is neither mailto: nor https:", subject)
		}
		host = u.Hostname()
	}
	host = strings.ToLower(host)
	labels := strings.Split(host, ".")
	if len(labels) < 2 || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" || slices.Contains(labels, "") || strings.Trim(labels[len(labels)-1], "0123456789") == "" ||
		slices.Contains(nobodys, host) || slices.Contains(nobodys, labels[len(labels)-1]) ||
		slices.ContainsFunc(nobodys, func(n string) bool { return strings.Contains(n, ".") && strings.HasSuffix(host, "."+n) }) {
		return fmt.Errorf("notify: nobody can be reached at the VAPID subject %q", subject)
	}
	return nil
}

// topic names a push to one subscription, the same at every try: letters and
// digits, which all services take. It says nothing to whoever has no key, and
// two phones of one person have nothing in common.
func (k Keys) topic(subscription, kind, slot string) string {
	key := sha256.Sum256([]byte("bindeled topic " + k.Private))
	mac := hmac.New(sha256.New, key[:])
	fmt.Fprintf(mac, "%s\n%s\n%s", subscription, kind, slot)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, topicLength)
	for i, b := range mac.Sum(nil)[:topicLength] {
		out[i] = letters[int(b)%len(letters)]
	}
	return string(out)
}

const topicLength = 16

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
