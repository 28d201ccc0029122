package sync

import (
	"errors"
	"net/http"
	"slices"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// afreshAtMost is how many buckets a cursor can ask to be sent whole; with
// more that differ, the phone had better begin from nothing.
const afreshAtMost = 100

// check answers POST /api/sync/check: a phone tells the sums of what it holds,
// and gets a cursor that repairs what differs.
func (e *Engine) check(re *core.RequestEvent) error {
	var in struct {
		Cursor string             `json:"cursor"`
		Held   map[string][]int64 `json:"held"`
	}
	if ok, err := Decode(re, &in); !ok {
		return err
	}
	if !e.MayUse(re.Auth) {
		return Problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	from, err := e.open(in.Cursor, re.Auth.Id)
	if err != nil || in.Cursor == "" || from.High != 0 {
		return Problem(re, http.StatusGone, "sync.cursor", nil)
	}
	from.Afresh, err = e.compare(re.App, re.Auth.Id, from, in.Held)
	r, known := readReport(re)
	switch {
	case errors.Is(err, errRestored):
		return e.restored(re, r)
	case err != nil:
		return e.failed(re, err, nil)
	}
	if known && len(from.Afresh) > 0 {
		if err := e.contact(re.App, re.Auth.Id, r, visit{diverged: len(from.Afresh)}); err != nil {
			return e.failed(re, err, nil)
		}
	}
	diverged := append([]string{}, from.Afresh...)
	next := ""
	if len(from.Afresh) <= afreshAtMost {
		next = e.seal(from, re.Auth.Id)
	}
	return re.JSON(http.StatusOK, map[string]any{"cursor": next, "diverged": diverged})
}

// compare finds the buckets that should be the same on both sides and are
// not. What changed after the cursor comes with the next pull, and is passed over.
func (e *Engine) compare(app core.App, user string, from cursor, held map[string][]int64) (diverged []string, err error) {
	db, ok := app.ConcurrentDB().(*dbx.DB)
	if !ok {
		return nil, errors.New("sync: check inside a transaction")
	}
	err = db.Transactional(func(tx *dbx.Tx) error {
		if err := gave(tx, from.Told, from.Epoch); err != nil {
			return err
		}
		var mine []struct {
			joined
			Later bool `db:"later"`
		}
		err := tx.NewQuery(`SELECT m.bucket, m.active, 0 AS full, coalesce(b.rows, 0) AS rows, coalesce(b.sum, 0) AS sum,
			m.seq > {:since} OR coalesce(b.seq, 0) > {:since} AS later
			FROM _sync_member m LEFT JOIN _sync_bucket b ON b.bucket = m.bucket WHERE m.user = {:user}`).
			Bind(dbx.Params{"user": user, "since": from.Since}).All(&mine)
		if err != nil {
			return err
		}
		unknown := held
		for _, m := range mine {
			sum, has := held[m.Bucket]
			delete(unknown, m.Bucket)
			if !m.Later && (has != m.Active || has && !slices.Equal(sum, []int64{m.Rows, m.Sum})) {
				diverged = append(diverged, m.Bucket)
			}
		}
		for bucket := range unknown { // never a member, as far as is known
			diverged = append(diverged, bucket)
		}
		slices.Sort(diverged)
		return nil
	})
	return diverged, err
}
