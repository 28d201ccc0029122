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
// round will reach and After the last bucket it has.
type cursor struct {
	Epoch string `json:"e"`
	User  string `json:"u"`
	Since int64  `json:"s"`
	High  int64  `json:"h,omitempty"`
	After string `json:"a,omitempty"`
}

var errCursor = errors.New("sync: cursor")

func (e *Engine) sign(payload []byte) []byte {
	mac := hmac.New(sha256.New, []byte(e.secret))
	mac.Write(payload)
	return mac.Sum(nil)[:16]
}

func (e *Engine) seal(c cursor) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	enc := base64.RawURLEncoding
	return enc.EncodeToString(payload) + "." + enc.EncodeToString(e.sign(payload)), nil
}

// open reads a cursor; an empty one is the beginning. One that is edited,
// another user's or of another epoch is refused.
func (e *Engine) open(s, user string) (cursor, error) {
	c := cursor{Epoch: e.epoch, User: user}
	if s == "" {
		return c, nil
	}
	body, mac, found := strings.Cut(s, ".")
	payload, err1 := base64.RawURLEncoding.DecodeString(body)
	sum, err2 := base64.RawURLEncoding.DecodeString(mac)
	if !found || err1 != nil || err2 != nil || !hmac.Equal(sum, e.sign(payload)) {
		return c, errCursor
	}
	if err := json.Unmarshal(payload, &c); err != nil || c.Epoch != e.epoch || c.User != user {
		return c, errCursor
	}
	return c, nil
}
