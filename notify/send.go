package notify

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"
)

// verdict is what is to be done after a try.
type verdict string

const (
	accepted verdict = "accepted"
	gone     verdict = "gone"    // there is no such phone any more
	dropped  verdict = "dropped" // this push will never be taken; the fault is ours
	refused  verdict = "refused" // the service does not want us
	wait     verdict = "wait"    // it asks us to come later
	failed   verdict = "failed"  // try again
)

// outcome is what a push service answered.
type outcome struct {
	verdict verdict
	status  int           // 0: no answer
	after   time.Duration // it said when; 0: it did not
	reason  string        // the service's own words, cut short
}

// target is where a push goes.
type target struct{ endpoint, p256dh, auth string }

// message is one push, ready but for the encryption.
type message struct {
	to    target
	text  []byte
	topic string
	ttl   time.Duration
}

// recordSize is that of every push, so that all are of one length.
const recordSize = 1024

const (
	longestTTL   = 24 * time.Hour
	longestWait  = time.Hour
	longestReply = 4 << 10
)

// sender is the only caller of webpush-go (1.4.0), and keeps clear of what is
// wrong with it: it follows redirects and never gives up without a client of
// ours; writes behind the message it is given; puts mailto: before mailto:;
// takes any length for auth (subscribe checks); leaves the body to us; has every token run for
// twelve hours, whatever is asked, which is allowed.
type sender struct {
	keys   Keys
	policy Policy
	client *http.Client
	now    func() time.Time
}

// send tries once. It never fails: what went wrong is an outcome.
func (s *sender) send(ctx context.Context, m message) outcome {
	u, err := s.policy.Check(m.to.endpoint)
	if err != nil {
		return outcome{verdict: gone}
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	res, err := webpush.SendNotificationWithContext(ctx, slices.Clone(m.text),
		&webpush.Subscription{Endpoint: m.to.endpoint, Keys: webpush.Keys{P256dh: m.to.p256dh, Auth: m.to.auth}},
		&webpush.Options{
			HTTPClient: s.client, RecordSize: recordSize, Subscriber: strings.TrimPrefix(s.keys.Subject, "mailto:"),
			Topic: m.topic, TTL: int(min(max(m.ttl, time.Second), longestTTL).Seconds()), Urgency: webpush.UrgencyHigh, // or an iPhone may sleep over it
			VAPIDPublicKey: s.keys.Public, VAPIDPrivateKey: s.keys.Private,
		})
	if err != nil {
		if asked, ok := errors.AsType[*url.Error](err); ok {
			err = asked.Err // without the endpoint
		}
		return outcome{verdict: failed, reason: err.Error()}
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(res.Body, longestReply)) // the status says enough
	out := outcome{verdict: judge(res.StatusCode), status: res.StatusCode, reason: without(u, body)}
	if out.verdict == wait || out.verdict == failed {
		out.after = retryAfter(res.Header.Get("Retry-After"), s.now())
	}
	return out
}

// without is the beginning of what a service said, without the endpoint, which
// it may say again.
func without(u *url.URL, body []byte) string {
	said := strings.ToValidUTF8(string(body), "")
	for _, secret := range append(strings.Split(u.Path, "/"), u.RawQuery) {
		if len(secret) >= 8 {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	return strings.ToValidUTF8(said[:min(len(said), 200)], "")
}

func judge(status int) verdict {
	switch {
	case status >= 200 && status < 300:
		return accepted
	case status == http.StatusNotFound, status == http.StatusGone:
		return gone
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return refused
	case status == http.StatusTooManyRequests:
		return wait
	case status >= 500, status == http.StatusRequestTimeout:
		return failed
	}
	return dropped // 400, 413; and redirects, which are never followed
}

// retryAfter reads seconds or a date; an hour at most.
func retryAfter(said string, now time.Time) time.Duration {
	after := time.Duration(0)
	if seconds, err := strconv.ParseInt(said, 10, 32); err == nil {
		after = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(said); err == nil {
		after = at.Sub(now)
	}
	return min(max(after, 0), longestWait)
}
