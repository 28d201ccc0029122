package sync

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// pull answers GET /api/sync/pull: what changed for this user since the
// cursor, one bucket after the other, and the next cursor as the last line.
func (e *Engine) pull(re *core.RequestEvent) error {
	from, err := e.open(re.Request.URL.Query().Get("cursor"), re.Auth.Id)
	if err != nil {
		return problem(re, http.StatusGone, "sync.cursor", nil)
	}
	var page bytes.Buffer
	if err := e.read(re.App, from, &page); err != nil {
		if errors.Is(err, errCursor) {
			return problem(re, http.StatusGone, "sync.cursor", nil)
		}
		return e.failed(re, err)
	}
	re.Response.Header().Set("Content-Type", "application/x-ndjson")
	re.Response.WriteHeader(http.StatusOK)
	_, err = page.WriteTo(re.Response)
	return err
}

// read writes one page. It sees one snapshot of the database, so rows,
// memberships and the number they reach belong together.
func (e *Engine) read(app core.App, from cursor, page *bytes.Buffer) error {
	db, ok := app.ConcurrentDB().(*dbx.DB)
	if !ok {
		return errors.New("sync: pull inside a transaction")
	}
	return db.Transactional(func(tx *dbx.Tx) error {
		var high int64
		if err := tx.NewQuery(`SELECT v FROM _sync_seq`).Row(&high); err != nil {
			return err
		}
		if from.Since > high { // a number this server never gave
			return errCursor
		}
		if from.High == 0 {
			from.High = high
		}
		next, err := e.walk(tx, from, page)
		if err != nil {
			return err
		}
		return e.end(next, page)
	})
}

type affected struct {
	Bucket string `db:"bucket"`
	Active bool   `db:"active"`
	Joined bool   `db:"joined"`
}

// walk writes whole buckets until the page is full, and says where it got to.
// A round takes the buckets in a fixed order; what changes behind its back has
// a number above High and comes with the next round.
func (e *Engine) walk(tx *dbx.Tx, from cursor, page *bytes.Buffer) (cursor, error) {
	done := cursor{Epoch: from.Epoch, User: from.User, Since: from.High}
	var buckets []affected
	err := tx.NewQuery(`SELECT m.bucket, m.active, m.seq > {:since} AS joined FROM _sync_member m
		WHERE m.user = {:user} AND (m.seq > {:since} AND (m.active = 1 OR {:since} > 0) OR m.active = 1 AND EXISTS (
			SELECT 1 FROM _sync_row r WHERE r.bucket = m.bucket AND r.seq > {:since}))`).
		Bind(dbx.Params{"user": from.User, "since": from.Since}).All(&buckets)
	if err != nil {
		return done, err
	}
	slices.SortFunc(buckets, func(a, b affected) int { return e.order(a.Bucket, b.Bucket) })
	rows := 0
	for _, b := range buckets {
		if from.After != "" && e.order(b.Bucket, from.After) <= 0 {
			continue
		}
		if rows >= e.PageRows || page.Len() >= pageBytes {
			return from, nil
		}
		n, err := e.bucket(tx, b, from.Since, page)
		if err != nil {
			return done, err
		}
		rows += n
		from.After = b.Bucket
	}
	return done, nil
}

func (e *Engine) order(a, b string) int {
	return cmp.Or(cmp.Compare(e.rank(a), e.rank(b)), cmp.Compare(a, b))
}

type change struct {
	Coll    string `db:"coll"`
	ID      string `db:"id"`
	Seq     int64  `db:"seq"`
	Deleted bool   `db:"deleted"`
	Data    string `db:"data"`
}

// bucket writes what changed in one bucket; all of it when the user has just
// become a member.
func (e *Engine) bucket(tx *dbx.Tx, b affected, since int64, page *bytes.Buffer) (rows int, err error) {
	if !b.Active {
		return 1, line(page, map[string]any{"t": "leave", "b": b.Bucket})
	}
	if err := line(page, struct {
		T    string `json:"t"`
		B    string `json:"b"`
		Full bool   `json:"full"`
	}{"bucket", b.Bucket, b.Joined}); err != nil {
		return 0, err
	}
	if b.Joined {
		since = 0
	}
	kind, _, _ := strings.Cut(b.Bucket, ":")
	query := (*e.selects.Load())[kind]
	if query == "" {
		return 1, nil
	}
	var changes []change
	if err := tx.NewQuery(query).Bind(dbx.Params{"bucket": b.Bucket, "since": since}).All(&changes); err != nil {
		return 0, fmt.Errorf("sync: bucket of kind %s: %w", kind, err)
	}
	for _, c := range changes {
		if c.Deleted {
			if b.Joined {
				continue
			}
			err = line(page, struct {
				T   string `json:"t"`
				C   string `json:"c"`
				ID  string `json:"id"`
				Seq int64  `json:"seq"`
			}{"gone", c.Coll, c.ID, c.Seq})
		} else {
			err = line(page, struct {
				T   string          `json:"t"`
				C   string          `json:"c"`
				ID  string          `json:"id"`
				Seq int64           `json:"seq"`
				D   json.RawMessage `json:"d"`
			}{"row", c.Coll, c.ID, c.Seq, json.RawMessage(c.Data)})
		}
		if err != nil {
			return 0, err
		}
	}
	return len(changes) + 1, nil
}

func (e *Engine) end(next cursor, page *bytes.Buffer) error {
	sealed, err := e.seal(next)
	if err != nil {
		return err
	}
	return line(page, struct {
		T      string `json:"t"`
		Cursor string `json:"cursor"`
		Seq    int64  `json:"seq"`
		More   bool   `json:"more"`
		Epoch  string `json:"epoch"`
		At     string `json:"at"`
	}{"end", sealed, next.Since, next.High != 0, e.epoch, stamp(e.Now())})
}

func line(page *bytes.Buffer, v any) error {
	b, err := json.Marshal(v)
	page.Write(b)
	page.WriteByte('\n')
	return err
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// compile writes, per kind of bucket, the query that reads its changes; rows
// come out of SQLite as JSON, so no value is looked at on the way. Of a
// collection that is gone only the tombstones are left.
func (e *Engine) compile(app core.App, declared []Collection) error {
	selects := map[string]string{}
	for _, c := range e.Collections {
		part := fmt.Sprintf(`SELECT coll, id, seq, deleted, '' AS data FROM _sync_row
			WHERE bucket = {:bucket} AND coll = '%s' AND seq > {:since} AND deleted`, c.Name)
		if slices.ContainsFunc(declared, func(d Collection) bool { return d.Name == c.Name }) {
			var err error
			if part, err = changesOf(app, c); err != nil {
				return err
			}
		}
		if selects[c.Bucket] != "" {
			part = selects[c.Bucket] + " UNION ALL " + part
		}
		selects[c.Bucket] = part
	}
	before := e.selects.Swap(&selects)
	app.TxInfo().OnComplete(func(err error) error {
		if err != nil {
			e.selects.Store(before) // the collections are what they were
		}
		return nil
	})
	return nil
}

func changesOf(app core.App, c Collection) (string, error) {
	found, err := app.FindCollectionByNameOrId(c.Name)
	if err != nil {
		return "", err
	}
	members := make([]string, len(c.Columns))
	for i, name := range c.Columns {
		members[i] = fmt.Sprintf(`'%s', %s`, name, jsonValue(found.Fields.GetByName(name)))
	}
	return fmt.Sprintf(`SELECT r.coll, r.id, r.seq, r.deleted, CASE WHEN r.deleted THEN '' ELSE json_object(%s) END AS data
		FROM _sync_row r LEFT JOIN "%s" t ON t.id = r.id
		WHERE r.bucket = {:bucket} AND r.coll = '%s' AND r.seq > {:since} AND (r.deleted OR t.id IS NOT NULL)`,
		strings.Join(members, ", "), c.Name, c.Name), nil
}

// jsonValue is the SQL that writes a column as JSON of its own type.
func jsonValue(field core.Field) string {
	column := `t."` + field.GetName() + `"`
	multiple, isMulti := field.(core.MultiValuer)
	switch {
	case field.Type() == core.FieldTypeBool:
		return `json(CASE WHEN ` + column + ` THEN 'true' ELSE 'false' END)`
	case field.Type() == core.FieldTypeJSON, isMulti && multiple.IsMultiple():
		return `CASE WHEN json_valid(` + column + `) THEN json(` + column + `) END`
	}
	return column
}
