package sync

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
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
func (e *Engine) sign(user, payload string) string {
	mac := hmac.New(sha256.New, []byte(e.secret))
	mac.Write([]byte(user + "\n" + payload))
	return encoding.EncodeToString(mac.Sum(nil)[:12])
}

var encoding = base64.RawURLEncoding

// seal writes a cursor as short as it can be, for it travels with every pull:
// since.high.told.epoch.rest.seal, with nothing for high where no round is
// under way, for told where it is since, and for rest where there is none.
func (e *Engine) seal(c cursor, user string) string {
	number := func(n, unsaid int64) string {
		if n == unsaid {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	rest := ""
	if c.After != "" || len(c.Afresh) > 0 {
		rest = encoding.EncodeToString([]byte(strings.Join(append([]string{c.After}, c.Afresh...), "\n")))
	}
	payload := strings.Join([]string{number(c.Since, 0), number(c.High, 0), number(c.Told, c.Since), c.Epoch, rest}, ".")
	return payload + "." + e.sign(user, payload)
}

// open reads a cursor; an empty one is the beginning. One that is edited or
// another user's is refused.
func (e *Engine) open(s, user string) (c cursor, err error) {
	if s == "" {
		return c, nil
	}
	payload, mac, _ := cutLast(s, ".")
	parts := strings.Split(payload, ".")
	if !hmac.Equal([]byte(mac), []byte(e.sign(user, payload))) || len(parts) != 5 {
		return c, errCursor
	}
	number := func(s string, unsaid int64) int64 {
		if s == "" {
			return unsaid
		}
		n, bad := strconv.ParseInt(s, 10, 64)
		if bad != nil {
			err = errCursor
		}
		return n
	}
	c.Since = number(parts[0], 0)
	c.High, c.Told, c.Epoch = number(parts[1], 0), number(parts[2], c.Since), parts[3]
	rest, bad := encoding.DecodeString(parts[4])
	if bad != nil {
		err = errCursor
	}
	names := strings.Split(string(rest), "\n")
	c.After = names[0]
	if len(names) > 1 {
		c.Afresh = names[1:]
	}
	return c, err
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
