package notify

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
	"bindeled/sync"
)

// mostPhones is how many of one person are told.
const mostPhones = 5

const (
	stampLayout = "2006-01-02 15:04:05.000Z" // as records keep it
	testFor     = 5 * time.Minute
)

func (n *Notifier) health(e *core.RequestEvent) error {
	push := "on"
	switch {
	case !n.on():
		push = "off"
	case n.stopped(""):
		push = "stopped"
	}
	return e.JSON(http.StatusOK, map[string]string{"push": push})
}

func (n *Notifier) key(e *core.RequestEvent) error {
	key := ""
	if n.on() {
		key = n.sender.keys.Public
	}
	return e.JSON(http.StatusOK, struct {
		On  bool   `json:"on"`
		Key string `json:"key"`
	}{n.on(), key})
}

// wish is what somebody sets for herself.
type wish struct {
	Off      bool     `json:"off"`
	Without  []string `json:"without"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	Days     []int    `json:"days"`
	Holidays bool     `json:"holidays"`
}

func (n *Notifier) settings(e *core.RequestEvent) error {
	l := loader{app: e.App, people: map[string]*domain.PushPerson{}, home: map[string][]string{}}
	l.persons([]string{e.Auth.Id})
	p := l.people[e.Auth.Id]
	if l.err != nil || p == nil {
		return n.failed(e, l.err)
	}
	kinds := []string{}
	for _, kind := range []string{domain.PushMorning, domain.PushTime, domain.PushFirst, domain.PushFlag, domain.PushNotice, domain.PushTray} {
		if slices.Contains(domain.PushKinds[kind], p.Role) && !slices.Contains(p.Team.Without, kind) {
			kinds = append(kinds, kind)
		}
	}
	team := domain.PushHoursOf(p.Team, domain.PushWish{})
	own := wish(p.Wish)
	own.Without, own.Days = append([]string{}, own.Without...), append([]int{}, own.Days...)
	return e.JSON(http.StatusOK, struct {
		On       bool     `json:"on"`
		Kinds    []string `json:"kinds"`
		From     string   `json:"from"`
		To       string   `json:"to"`
		Days     []int    `json:"days"`
		Holidays bool     `json:"holidays"`
		Own      wish     `json:"own"`
	}{n.on(), kinds, team.From, team.To, team.Days, team.Holidays, own})
}

func (n *Notifier) set(e *core.RequestEvent) error {
	var in wish
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		own, err := one(tx, records.PushSettings, dbx.HashExp{"user": e.Auth.Id})
		if err != nil {
			return err
		}
		days := append([]int{}, in.Days...)
		slices.Sort(days)
		own.Load(map[string]any{"user": e.Auth.Id, "off": in.Off, "without": in.Without, "from": in.From, "to": in.To, "days": days, "holidays": in.Holidays})
		return tx.Save(own)
	})
	if broken.Find(err) != nil {
		return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
	}
	if err != nil {
		return n.failed(e, err)
	}
	return n.settings(e)
}

// one is the record there is, or a new one.
func one(app core.App, collection string, which dbx.HashExp) (*core.Record, error) {
	found, err := app.FindAllRecords(collection, which)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found[0], nil
	}
	return records.New(app, collection)
}

type subscribeArgs struct {
	Phone    string `json:"phone"`
	Lang     string `json:"lang"`
	Endpoint string `json:"endpoint"`
	P256dh   string `json:"p256dh"`
	Auth     string `json:"auth"`
	Expires  string `json:"expires"`
}

// subscribe makes a phone one that is told, or confirms that it is. An endpoint
// goes with whoever is signed in on the phone; before that, it was another's.
func (n *Notifier) subscribe(e *core.RequestEvent) error {
	var in subscribeArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	if !n.on() {
		return sync.Problem(e, http.StatusServiceUnavailable, "notify.off", nil)
	}
	if _, err := n.config.Policy.Check(in.Endpoint); err != nil {
		return sync.Problem(e, http.StatusBadRequest, "notify.endpoint", nil)
	}
	p256dh, auth, ok := keysOf(in.P256dh, in.Auth)
	if !ok {
		return sync.Problem(e, http.StatusBadRequest, "notify.keys", nil)
	}
	var expires any = ""
	if in.Expires != "" {
		at, err := time.Parse(time.RFC3339, in.Expires)
		if err != nil {
			return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
		}
		expires = at
	}
	if in.Lang != "da" && in.Lang != "en" {
		return sync.Problem(e, http.StatusBadRequest, "request.invalid", nil)
	}
	return n.ofPhone(e, in.Phone, in.Endpoint, func(tx core.App) error {
		sub, err := n.rebind(tx, e.Auth.Id, in)
		if err != nil {
			return err
		}
		sub.Load(map[string]any{
			"user": e.Auth.Id, "device": in.Phone, "endpoint": in.Endpoint, "p256dh": p256dh, "auth": auth, "lang": in.Lang, "expires": expires, "seen": n.now(),
		})
		if err := tx.Save(sub); err != nil {
			return err
		}
		return n.fewer(tx, e.Auth.Id)
	})
}

// rebind finds the row to write to, with what is on its way to this phone, and
// removes the endpoint's others: what was on its way to somebody else is not
// hers to see.
func (n *Notifier) rebind(tx core.App, user string, in subscribeArgs) (*core.Record, error) {
	found, err := tx.FindAllRecords(records.PushSubscriptions, dbx.Or(dbx.HashExp{"endpoint": in.Endpoint}, dbx.HashExp{"device": in.Phone}))
	if err != nil {
		return nil, err
	}
	var same *core.Record
	for _, r := range found {
		if r.GetString("device") == in.Phone && r.GetString("user") == user {
			same = r
			continue
		}
		if err := tx.Delete(r); err != nil {
			return nil, err
		}
	}
	if same != nil {
		return same, nil
	}
	return records.New(tx, records.PushSubscriptions)
}

// fewer keeps those that were seen last.
func (n *Notifier) fewer(tx core.App, user string) error {
	all, err := tx.FindRecordsByFilter(records.PushSubscriptions, "user = {:user}", "-seen,-created", 0, mostPhones, dbx.Params{"user": user})
	if err != nil {
		return err
	}
	for _, r := range all {
		if err := tx.Delete(r); err != nil {
			return err
		}
	}
	return nil
}

// keysOf checks a phone's keys, and writes them one way.
func keysOf(p256dh, auth string) (string, string, bool) {
	point, err := decode(p256dh)
	if err != nil {
		return "", "", false
	}
	if _, err := ecdh.P256().NewPublicKey(point); err != nil || len(point) != 65 || point[0] != 4 {
		return "", "", false
	}
	secret, err := decode(auth)
	return encode(point), encode(secret), err == nil && len(secret) == 16
}

// decode takes either alphabet, padded or not: browsers differ.
func decode(s string) ([]byte, error) {
	s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

type phoneArgs struct {
	Phone string `json:"phone"`
}

func (n *Notifier) unsubscribe(e *core.RequestEvent) error {
	var in phoneArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	err := e.App.RunInTransaction(func(tx core.App) error {
		return n.drop(tx, dbx.HashExp{"device": in.Phone, "user": e.Auth.Id})
	})
	if err != nil {
		return n.failed(e, err)
	}
	return e.JSON(http.StatusOK, struct{}{})
}

type statusArgs struct {
	Phone    string `json:"phone"`
	Endpoint string `json:"endpoint"`
}

func (n *Notifier) status(e *core.RequestEvent) error {
	var in statusArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	return n.ofPhone(e, in.Phone, in.Endpoint, func(core.App) error { return nil })
}

// ofPhone does something for a phone of the one who asks, and answers how it
// stands.
func (n *Notifier) ofPhone(e *core.RequestEvent, phone, endpoint string, do func(core.App) error) error {
	var code string
	err := e.App.RunInTransaction(func(tx core.App) error {
		device, err := records.Find(tx, records.Devices, phone)
		switch {
		case records.IsGone(err), err == nil && device.GetString("user") != e.Auth.Id:
			code = "vault.unknown"
			return nil
		case err != nil:
			return err
		case device.GetBool("revoked"):
			code = "vault.revoked"
			return nil
		}
		return do(tx)
	})
	switch {
	case err != nil:
		return n.failed(e, err)
	case code == "vault.unknown":
		return sync.Problem(e, http.StatusNotFound, code, nil)
	case code != "":
		return sync.Problem(e, http.StatusGone, code, nil)
	}
	s, err := n.statusOf(e.App, e.Auth.Id, phone, endpoint)
	if err != nil {
		return n.failed(e, err)
	}
	return e.JSON(http.StatusOK, s)
}

// status is how a phone stands.
type status struct {
	On         bool   `json:"on"`
	Subscribed bool   `json:"subscribed"`
	Expires    string `json:"expires"`
	Sent       string `json:"sent"`
	Accepted   string `json:"accepted"`
	Waiting    int    `json:"waiting"`
	Fault      string `json:"fault"`
}

func (n *Notifier) statusOf(app core.App, user, phone, endpoint string) (status, error) {
	out := status{On: n.on()}
	found, err := app.FindAllRecords(records.PushSubscriptions, dbx.HashExp{"device": phone, "user": user})
	if err != nil || len(found) == 0 || found[0].GetString("endpoint") != endpoint {
		return out, err
	}
	out.Subscribed = true
	out.Expires = stamp(records.Moment(found[0], "expires"))
	var rows []struct {
		Sent     int64  `db:"sent"`
		Accepted int64  `db:"accepted"`
		Verdict  string `db:"verdict"`
		Waiting  int    `db:"waiting"`
	}
	err = app.DB().NewQuery(`SELECT coalesce(p.sent, 0) AS sent, coalesce(p.accepted, 0) AS accepted, coalesce(p.verdict, '') AS verdict, w.n AS waiting
		FROM (SELECT count(*) AS n FROM _push_send WHERE sub = {:sub} AND result = '') w LEFT JOIN _push_phone p ON p.sub = {:sub}`).
		Bind(dbx.Params{"sub": found[0].Id}).All(&rows)
	if err != nil || len(rows) == 0 {
		return out, err
	}
	r := rows[0]
	out.Waiting = r.Waiting
	if r.Sent > 0 {
		out.Sent = stamp(time.UnixMilli(r.Sent))
	}
	if r.Accepted > 0 {
		out.Accepted = stamp(time.UnixMilli(r.Accepted))
	}
	switch {
	case n.on() && n.stopped(n.origin(endpoint)):
		out.Fault = "stopped"
	case r.Verdict == string(wait), r.Verdict == string(failed):
		out.Fault = "slow"
	}
	return out, nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// test sends one to this phone, now: whether it works can be seen no other way.
func (n *Notifier) test(e *core.RequestEvent) error {
	var in phoneArgs
	if ok, err := sync.Decode(e, &in); !ok {
		return err
	}
	if !n.on() {
		return sync.Problem(e, http.StatusServiceUnavailable, "notify.off", nil)
	}
	fresh, there := false, false
	err := e.App.RunInTransaction(func(tx core.App) error {
		found, err := tx.FindAllRecords(records.PushSubscriptions, dbx.HashExp{"device": in.Phone, "user": e.Auth.Id})
		if err != nil || len(found) == 0 {
			return err
		}
		there = true
		now := n.now()
		slot := in.Phone + " " + now.UTC().Format("2006-01-02T15:04Z")
		fresh, err = put(tx, e.Auth.Id, domain.Push{Kind: domain.PushTest, Slot: slot, From: now, Until: now.Add(testFor)}, found[0].Id)
		return err
	})
	switch {
	case err != nil:
		return n.failed(e, err)
	case !there:
		return sync.Problem(e, http.StatusNotFound, "notify.unsubscribed", nil)
	case !fresh:
		return sync.Problem(e, http.StatusTooManyRequests, "notify.wait", nil)
	}
	n.wake()
	return e.JSON(http.StatusAccepted, struct{}{})
}

// home is where the app is found: as the administrator has set it, or where the
// phone has it from.
func (n *Notifier) home() string {
	app := strings.TrimRight(n.app.Settings().Meta.AppURL, "/")
	if u, err := url.Parse(app); err != nil || u.Scheme != "https" {
		return ""
	}
	return app
}
