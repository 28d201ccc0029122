package sync

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Version is that of the protocol, and oldestVersion the oldest that may still
// pull. Any version may push: what lies on an old phone is somebody's work.
const (
	Version       = 2
	oldestVersion = 2
)

// report is what a phone says of itself in the header Sync-Device. Nothing is
// decided by it but how old a deed can be, so what cannot be read is passed over.
type report struct {
	Device string
	Last   int64 // the highest number it has given a mutation
	Unsent int64
	Oldest string // when the oldest unsent one was done
	App    string
	V      int
	Shape  string

	// Lost is a device whose store the browser threw away, LostLast the last
	// number it had given.
	Lost     string
	LostLast int64

	shut bool // it is locked: it can tell how far it counted and what it brings, not what it is
}

func readReport(re *core.RequestEvent) (r report, known bool) {
	in, err := url.ParseQuery(re.Request.Header.Get("Sync-Device"))
	if err != nil || !deviceID.MatchString(in.Get("id")) {
		return r, false
	}
	number := func(s string) int64 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > 1<<53 {
			return 0
		}
		return n
	}
	r = report{
		Device: in.Get("id"),
		Last:   number(in.Get("last")),
		Unsent: number(in.Get("unsent")),
		App:    short(in.Get("app")),
		V:      int(number(in.Get("v"))),
		Shape:  short(in.Get("schema")),
	}
	if isTime(in.Get("oldest")) {
		r.Oldest = short(in.Get("oldest"))
	}
	if device, last, _ := strings.Cut(in.Get("lost"), "."); deviceID.MatchString(device) {
		r.Lost, r.LostLast = device, number(last)
	}
	return r, true
}

func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 40)], "") }

// visit is what a phone came for.
type visit struct {
	pulled, pushed, restored bool
	seq                      int64 // how far a pull brought it
	diverged                 int   // buckets that were found to differ
}

// before is how a device stood at its last contact: a mutation with a number
// above last was made after seen, whatever the phone's clock says.
type before struct {
	Last int64  `db:"last"`
	Seen string `db:"seen"`
	V    int    `db:"v"` // phones of version 1 said nothing of the kind
}

// seenEvery is how often a device that has nothing new to say is written down.
const seenEvery = time.Minute

// call is one contact of a device.
type call struct {
	user string
	report
	visit
	at    string
	was   before
	first bool
	due   bool // there is something to write down
}

// calling looks up how a device stood before this contact.
func (e *Engine) calling(app core.App, user string, r report, v visit) (*call, error) {
	c := &call{user: user, report: r, visit: v, at: stamp(e.Now()), due: true}
	var known []struct {
		before
		Unsent int64  `db:"unsent"`
		Oldest string `db:"oldest"`
		App    string `db:"app"`
		Shape  string `db:"shape"`
	}
	err := app.DB().NewQuery(`SELECT last, seen, unsent, oldest, app, v, shape FROM _sync_device WHERE user = {:user} AND device = {:device}`).
		Bind(dbx.Params{"user": user, "device": r.Device}).All(&known)
	if c.first = len(known) == 0; err != nil || c.first {
		return c, err
	}
	k := known[0]
	c.was = k.before
	if r.shut {
		r.App, r.V, r.Shape, r.Unsent = k.App, k.V, k.Shape, max(r.Unsent, k.Unsent)
		c.report = r
	}
	said := report{Device: r.Device, Last: max(r.Last, k.Last), Unsent: k.Unsent, Oldest: k.Oldest, App: k.App, V: k.V, Shape: k.Shape}
	news := v.pushed || v.restored || v.diverged > 0 || r != said || r.Last > k.Last
	c.due = news || e.Now().Sub(moment(c.was.Seen)) >= seenEvery
	return c, nil
}

// contact writes down that a device was here, if it has something to say.
func (e *Engine) contact(app core.App, user string, r report, v visit) error {
	c, err := e.calling(app, user, r, v)
	if err != nil || !c.due {
		return err
	}
	return c.write(app)
}

func (c *call) write(app core.App) error {
	params := dbx.Params{
		"user": c.user, "device": c.Device, "at": c.at, "last": c.Last, "unsent": c.Unsent, "oldest": c.Oldest, "app": c.App, "v": cmp.Or(c.V, 1),
		"shape": c.Shape, "seq": c.seq, "pushed": when(c.pushed, c.at), "pulled": when(c.pulled, c.at), "restored": c.restored, "diverged": c.diverged,
		"lost": c.Lost, "lostLast": c.LostLast,
	}
	_, err := app.NonconcurrentDB().NewQuery(`INSERT INTO _sync_device (user, device, first, seen, pushed, pulled, seq, last, unsent, oldest, app, v, shape, restored, diverged)
		VALUES ({:user}, {:device}, {:at}, {:at}, {:pushed}, {:pulled}, {:seq}, {:last}, {:unsent}, {:oldest}, {:app}, {:v}, {:shape}, {:restored}, {:diverged})
		ON CONFLICT (user, device) DO UPDATE SET seen = excluded.seen, seq = max(seq, excluded.seq), last = max(last, excluded.last),
			unsent = excluded.unsent, oldest = excluded.oldest, app = excluded.app, v = max(v, excluded.v), shape = excluded.shape,
			pushed = max(pushed, excluded.pushed), pulled = max(pulled, excluded.pulled),
			restored = restored + excluded.restored, diverged = diverged + excluded.diverged`).Bind(params).Execute()
	if err == nil && c.first {
		err = oldDevices(app, c.user)
	}
	if err != nil || c.Lost == "" {
		return err
	}
	_, err = app.NonconcurrentDB().NewQuery(`UPDATE _sync_device SET last = max(last, {:lostLast}),
		lost = max(last, {:lostLast}) - (SELECT coalesce(max(n), 0) FROM _sync_mut WHERE user = {:user} AND device = {:lost})
		WHERE user = {:user} AND device = {:lost}`).Bind(params).Execute()
	return err
}

// oldDevices drops those of an account that were not here for longest: nobody
// has so many, but a fault or ill will may make them up.
func oldDevices(app core.App, user string) error {
	_, err := app.NonconcurrentDB().NewQuery(`DELETE FROM _sync_device WHERE user = {:user} AND device NOT IN (
		SELECT device FROM _sync_device WHERE user = {:user} ORDER BY seen DESC LIMIT {:most})`).
		Bind(dbx.Params{"user": user, "most": devicesAtMost}).Execute()
	return err
}

const devicesAtMost = 50

func when(is bool, at string) string {
	if is {
		return at
	}
	return ""
}

func moment(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s) // ours, or the year 1
	return t
}

// devices answers GET /api/sync/devices for superusers: who is silent with
// unsent work, what was refused, what differed. No names and no text.
func (e *Engine) devices(re *core.RequestEvent) error {
	type device struct {
		User     string `db:"user" json:"user"`
		Device   string `db:"device" json:"device"`
		First    string `db:"first" json:"first"`
		Seen     string `db:"seen" json:"seen"`
		Pushed   string `db:"pushed" json:"pushed"`
		Pulled   string `db:"pulled" json:"pulled"`
		Seq      int64  `db:"seq" json:"seq"`
		Last     int64  `db:"last" json:"last"`
		Decided  int64  `db:"decided" json:"decided"`
		Unsent   int64  `db:"unsent" json:"unsent"`
		Oldest   string `db:"oldest" json:"oldest"`
		App      string `db:"app" json:"app"`
		V        int    `db:"v" json:"v"`
		Schema   string `db:"shape" json:"schema"`
		Rejected int64  `db:"rejected" json:"rejected"`
		Escrowed int64  `db:"escrowed" json:"escrowed"`
		Open     int64  `db:"open" json:"open"`
		Diverged int64  `db:"diverged" json:"diverged"`
		Lost     int64  `db:"lost" json:"lost"`
		Restored int64  `db:"restored" json:"restored"`
	}
	devices := []device{}
	err := re.App.DB().NewQuery(`SELECT d.*, coalesce(max(m.n), 0) AS decided, coalesce(sum(m.result = 'rejected'), 0) AS rejected,
		coalesce(sum(m.result = 'escrowed'), 0) AS escrowed, coalesce(sum(m.args IS NOT NULL AND m.settled IS NULL), 0) AS open
		FROM _sync_device d LEFT JOIN _sync_mut m ON m.user = d.user AND m.device = d.device
		GROUP BY d.user, d.device ORDER BY d.seen DESC LIMIT 1000`).All(&devices)
	if err != nil {
		return e.failed(re, err, nil)
	}
	seq, epoch, err := reached(re.App.DB())
	if err != nil {
		return e.failed(re, err, nil)
	}
	for i := range devices {
		d := &devices[i]
		// As of its last contact, less what has been decided since.
		if d.Unsent = max(0, min(d.Unsent, d.Last-d.Decided)); d.Unsent == 0 {
			d.Oldest = ""
		}
	}
	return re.JSON(http.StatusOK, struct {
		Devices []device `json:"devices"`
		Epoch   string   `json:"epoch"`
		Seq     int64    `json:"seq"`
		Schema  string   `json:"schema"`
		V       int      `json:"v"`
		Users   string   `json:"users"` // the collection that user is an id of
	}{devices, epoch, seq, e.hash, Version, e.Users})
}
