package sync

import (
	"bytes"
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// pull answers GET /api/sync/pull: what changed for this user since the
// cursor, one bucket after the other, and the next cursor as the last line.
func (e *Engine) pull(re *core.RequestEvent) error {
	r, known := readReport(re)
	query := re.Request.URL.Query()
	if !e.MayUse(re.Auth) {
		// Also somebody who has left is told that her work is to be sent again.
		if err := saw(re.App.DB(), query.Get("seen")); errors.Is(err, errRestored) {
			return e.restored(re, r)
		}
		return Problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	if known && (r.V < oldestVersion || r.V > Version) {
		return Problem(re, http.StatusUpgradeRequired, "sync.version", map[string]any{"min": oldestVersion, "max": Version})
	}
	p := &puller{Engine: e, user: re.Auth.Id, bare: query.Get("bare") != "", readings: *e.selects.Load()}
	if known && (r.V != Version || r.Shape != e.hash) {
		p.tellSchema()
	}
	next, err := p.read(re.App, query.Get("cursor"), query.Get("seen"))
	switch {
	case errors.Is(err, errCursor):
		return Problem(re, http.StatusGone, "sync.cursor", nil)
	case errors.Is(err, errRestored):
		return e.restored(re, r)
	case err != nil:
		return e.failed(re, err, nil)
	}
	if known {
		// A disk that takes no more still lets itself be read.
		if err := e.contact(re.App, re.Auth.Id, r, visit{pulled: true, seq: next.Since}); err != nil {
			re.App.Logger().Error("sync: a contact was not written down", "error", err)
		}
	}
	return send(re, "application/x-ndjson", p.page.Bytes())
}

// puller writes one page.
type puller struct {
	*Engine
	user  string
	bare  bool // the phone knows a bucket's key when it sees it
	page  bytes.Buffer
	tx    *dbx.Tx
	reads map[string]*dbx.Query

	readings map[form]reading // the same for the whole page
	named    map[string]bool  // collections whose columns the page has named

	lines   int    // written so far, a row counted as one
	unnamed string // the bucket that the next line is the first of
	head    head   // of the open line
	items   int    // of the open bucket

	// What the buckets of the page hold when it is in.
	held, sum int64
}

// read writes the page. It sees one snapshot of the database, so rows,
// memberships and the number they reach belong together.
func (p *puller) read(app core.App, at, seen string) (next cursor, err error) {
	from, err := p.open(at, p.user)
	if err != nil {
		return from, err
	}
	db, ok := app.ConcurrentDB().(*dbx.DB)
	if !ok {
		return from, errors.New("sync: pull inside a transaction")
	}
	err = db.Transactional(func(tx *dbx.Tx) error {
		if err := saw(tx, seen); err != nil {
			return err
		}
		if at != "" {
			if err := gave(tx, from.Told, from.Epoch); err != nil {
				return err
			}
			if kept, err := remembers(tx, from.Since); err != nil || !kept {
				return cmp.Or(err, errCursor)
			}
		}
		if from.Told, from.Epoch, err = reached(tx); err != nil {
			return err
		}
		if from.High == 0 {
			from.High = from.Told
		}
		p.tx = tx
		if next, err = p.walk(from); err != nil {
			return err
		}
		epoch := next.Epoch
		if next.Since != next.Told {
			if epoch, err = epochOf(tx, next.Since); err != nil {
				return err
			}
		}
		p.end(next, epoch)
		return nil
	})
	return next, err
}

// joined is a bucket that the page may say something about.
type joined struct {
	Bucket string `db:"bucket"`
	Active bool   `db:"active"`
	Full   bool   `db:"full"`
	Rows   int64  `db:"rows"`
	Sum    int64  `db:"sum"`
}

// walk writes whole buckets until the page is full, and says where it got to.
// A round takes the buckets in a fixed order; what changes behind its back has
// a number above High and comes with the next round.
func (p *puller) walk(from cursor) (cursor, error) {
	done := cursor{Since: from.High, Told: from.Told, Epoch: from.Epoch}
	buckets, err := p.changed(from)
	if err != nil {
		return done, err
	}
	slices.SortFunc(buckets, func(a, b joined) int { return p.order(a.Bucket, b.Bucket) })
	if from.After != "" { // those of other kinds
		buckets = slices.DeleteFunc(buckets, func(b joined) bool { return p.order(b.Bucket, from.After) <= 0 })
	}
	if len(buckets) > 0 && buckets[0].Full {
		p.page.Grow(pageBytes)
	}
	for len(buckets) > 0 {
		if p.full() {
			return from, nil
		}
		n, err := p.some(buckets, from.Since)
		if err != nil {
			return done, fmt.Errorf("sync: bucket of kind %s: %w", kindOf(buckets[0].Bucket), err)
		}
		from.After = buckets[n-1].Bucket
		buckets = buckets[n:]
	}
	return done, nil
}

func (p *puller) full() bool { return p.lines >= p.PageRows || p.page.Len() >= pageBytes }

// near is how much may have happened so that going through all of it is less
// work than looking at each bucket of the user's.
var near int64 = 1000

// changed are the buckets with something new, those joined or left, and those
// that are to be sent whole; of one kind, only what comes after the last page.
func (p *puller) changed(from cursor) ([]joined, error) {
	const query = `SELECT m.bucket, m.active, %s AS full, coalesce(b.rows, 0) AS rows, coalesce(b.sum, 0) AS sum
		FROM _sync_member m LEFT JOIN _sync_bucket b ON b.bucket = m.bucket WHERE m.user = {:user} AND `
	news := `b.seq > {:since}`
	if from.Told-from.Since < near {
		news = `m.bucket IN (SELECT n.bucket FROM _sync_bucket n WHERE n.seq > {:since})`
	}
	var buckets []joined
	err := p.tx.NewQuery(fmt.Sprintf(query, "m.seq > {:since}") +
		`(m.seq > {:since} AND (m.active = 1 OR {:since} > 0) OR m.active = 1 AND ` + news + `)
			AND m.bucket NOT BETWEEN {:kind} AND {:after}`).
		Bind(dbx.Params{"user": p.user, "since": from.Since, "kind": kindOf(from.After), "after": from.After}).All(&buckets)
	for _, name := range from.Afresh {
		if err != nil {
			return nil, err
		}
		var again []joined
		err = p.tx.NewQuery(fmt.Sprintf(query, "1") + `m.bucket = {:bucket}`).Bind(dbx.Params{"user": p.user, "bucket": name}).All(&again)
		buckets = slices.DeleteFunc(buckets, func(b joined) bool { return b.Bucket == name })
		buckets = append(buckets, append(again, joined{Bucket: name})[0]) // nobody's: it is to go
	}
	return buckets, err
}

func (e *Engine) order(a, b string) int {
	return cmp.Or(cmp.Compare(e.rank(a), e.rank(b)), cmp.Compare(a, b))
}

func kindOf(bucket string) string {
	kind, _, _ := strings.Cut(bucket, ":")
	return kind
}

// some writes the first of the buckets, and those after it that one query can
// read along with it, as many as the page takes.
func (p *puller) some(buckets []joined, since int64) (written int, err error) {
	b := buckets[0]
	if !b.Active {
		p.line(`{"t":"leave","b":`, quoted(b.Bucket), `}`)
		p.lines++
		return 1, nil
	}
	kind := kindOf(b.Bucket)
	if alike := slices.IndexFunc(buckets, func(b joined) bool { return !b.Active || kindOf(b.Bucket) != kind }); alike > 0 {
		buckets = buckets[:alike]
	}
	query, err := p.prepared(kind)
	if err != nil {
		return 0, err
	}
	if query != nil {
		if written, err = p.rows(query, buckets, since); err != nil {
			return 0, err
		}
	}
	for ; written < len(buckets) && !p.full(); written++ { // the last ones have no row
		p.begin(buckets[written])
		p.finish(buckets[written])
	}
	return written, nil
}

// rows writes the buckets up to the last that has any.
func (p *puller) rows(query *dbx.Query, buckets []joined, since int64) (written int, err error) {
	found, err := query.Bind(dbx.Params{"buckets": sinceEach(buckets, since)}).Rows()
	if err != nil {
		return 0, err
	}
	defer func() { err = cmp.Or(err, found.Err(), found.Close()) }()
	var bucket, coll string
	var deleted bool
	var item sql.NullString
	open := false
	for found.Next() {
		if err := found.Scan(&bucket, &coll, &deleted, &item); err != nil {
			return written, err
		}
		for !open || buckets[written].Bucket != bucket {
			if open {
				p.finish(buckets[written])
				written++
			}
			if open = !p.full(); !open {
				return written, nil
			}
			if written == len(buckets) {
				return written, errors.New("a row of another bucket")
			}
			p.begin(buckets[written])
		}
		switch {
		case !item.Valid || deleted && buckets[written].Full:
		case deleted:
			p.item("gone", coll, item.String)
		default:
			p.item("rows", coll, item.String)
		}
	}
	if open {
		p.finish(buckets[written])
		written++
	}
	return written, nil
}

// sinceEach says from where on each bucket is read: {"course:x":41,"course:y":0}.
func sinceEach(buckets []joined, since int64) string {
	parts := make([]string, len(buckets))
	for i, b := range buckets {
		from := since
		if b.Full {
			from = 0
		}
		parts[i] = quoted(b.Bucket) + ":" + strconv.FormatInt(from, 10)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// begin opens a bucket. One of which only something changed is named by the
// first of its lines.
func (p *puller) begin(b joined) {
	p.head, p.items, p.unnamed = head{}, 0, `"b":`+quoted(b.Bucket)+`,`
	if b.Full {
		p.line(`{"t":"bucket",`, strings.TrimSuffix(p.unnamed, ","), `}`)
		p.unnamed = ""
	}
}

func (p *puller) finish(b joined) {
	if p.head.kind != "" {
		p.line("]}")
	}
	if b.Full || p.items > 0 {
		p.held, p.sum = p.held+b.Rows, p.sum+b.Sum
	}
	p.lines += p.items + 1
}

// head is what the items of a line have in common.
type head struct{ kind, coll string }

// item writes a row, or what is gone, behind those of the same head.
func (p *puller) item(kind, coll, text string) {
	p.items++
	next := head{kind, coll}
	if next == p.head {
		p.write(",", text)
		return
	}
	if p.head.kind != "" {
		p.line("]}")
	}
	p.head = next
	if kind == "rows" {
		p.name(coll)
	}
	p.write(`{"t":"`, kind, `",`, p.unnamed, `"c":`, quoted(coll), `,"r":[`, text)
	p.unnamed = ""
}

// name says once a page which columns the rows of a collection have, so that
// the rows need not.
func (p *puller) name(coll string) {
	if p.named[coll] {
		return
	}
	if p.named == nil {
		p.named = map[string]bool{}
	}
	p.named[coll] = true
	i := slices.IndexFunc(p.Collections, func(c Collection) bool { return c.Name == coll })
	p.line(p.readings[form{p.Collections[i].Bucket, p.bare}].names[coll])
}

// prepared is the query of a kind of bucket, parsed once for a page.
func (p *puller) prepared(kind string) (*dbx.Query, error) {
	text := p.readings[form{kind, p.bare}].query
	if q, known := p.reads[kind]; known || text == "" {
		return q, nil
	}
	q := p.tx.NewQuery(text).Prepare()
	if p.reads == nil {
		p.reads = map[string]*dbx.Query{}
	}
	p.reads[kind] = q
	return q, q.LastError
}

func (p *puller) end(next cursor, epoch string) {
	more := ""
	if next.High != 0 {
		more = `,"more":true`
	}
	sum := ""
	if p.held > 0 || p.page.Len() > 0 {
		sum = `,"sum":[` + strconv.FormatInt(p.held, 10) + `,` + strconv.FormatInt(p.sum, 10) + `]`
	}
	p.line(`{"t":"end","cursor":"`, p.seal(next, p.user), `","seq":`, strconv.FormatInt(next.Since, 10), more, sum, `,"epoch":"`, epoch, `","at":"`, p.Now().UTC().Format(time.RFC3339), `"}`)
}

func (p *puller) tellSchema() {
	p.line(`{"t":"schema","v":`, strconv.Itoa(Version), `,"hash":"`, p.hash, `"}`)
}

func (p *puller) line(parts ...string) {
	p.write(parts...)
	p.page.WriteByte('\n')
}

func (p *puller) write(parts ...string) {
	for _, part := range parts {
		p.page.WriteString(part)
	}
}

// quoted is a text as JSON; names and ids hardly ever need more than quotes.
func quoted(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			out, _ := json.Marshal(s) // a string has a JSON form
			return string(out)
		}
	}
	return `"` + s + `"`
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
