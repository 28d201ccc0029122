package sync

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// cursor is where a phone stands. Since is the number up to which it has
// everything. While a round of pages is under way, High is the number the
// round will reach and After the last bucket it has. Told is the newest number
// that it may have a row of, for a page shows what is, not what was at High;
// Epoch is that of Told. Afresh are buckets to send whole, because the
// phone's were found to differ.
type cursor struct {
	Since  int64
	High   int64
	Told   int64
	Epoch  string
	After  string
	Afresh []string
}

var (
	errCursor   = errors.New("sync: cursor")
	errRestored = errors.New("sync: restored")
)

// sign binds a cursor to its user without writing the user into it.
func (e *Engine) sign(user string, payload []byte) []byte {
	mac := hmac.New(sha256.New, []byte(e.secret))
	mac.Write([]byte(user + "\n"))
	mac.Write(payload)
	return mac.Sum(nil)[:16]
}

// seal writes a cursor as short as it can be: it travels with every pull.
func (e *Engine) seal(c cursor, user string) (string, error) {
	parts := []any{c.Since, c.High, c.Told, c.Epoch, c.After, c.Afresh}
	switch {
	case len(c.Afresh) > 0:
	case c.After != "":
		parts = parts[:5]
	default:
		parts = parts[:4]
	}
	payload, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	return enc.EncodeToString(payload) + "." + enc.EncodeToString(e.sign(user, payload)), nil
}

// open reads a cursor; an empty one is the beginning. One that is edited or
// another user's is refused.
func (e *Engine) open(s, user string) (cursor, error) {
	var c cursor
	if s == "" {
		return c, nil
	}
	body, mac, found := strings.Cut(s, ".")
	payload, err1 := base64.RawURLEncoding.DecodeString(body)
	sum, err2 := base64.RawURLEncoding.DecodeString(mac)
	if !found || err1 != nil || err2 != nil || !hmac.Equal(sum, e.sign(user, payload)) {
		return c, errCursor
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(payload, &parts); err != nil {
		return c, errCursor
	}
	for i, target := range []any{&c.Since, &c.High, &c.Told, &c.Epoch, &c.After, &c.Afresh} {
		if i < len(parts) && json.Unmarshal(parts[i], target) != nil {
			return c, errCursor
		}
	}
	return c, nil
}
