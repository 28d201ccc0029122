package sync

import (
	"crypto/rand"
	"strconv"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Marks divide the sequence into epochs: a new one at every start and every
// day, each with a tag that chance made. The epoch of a number is that of the
// newest mark at or below it. A server put back from a backup starts a new
// epoch at a number it has given before, so a phone that was told that number
// in another epoch is found out, and told.

// keepDays is how long the log remembers what is gone.
const keepDays = 400

// mark begins an epoch.
func (e *Engine) mark(tx core.App) error {
	if err := run(tx, bump); err != nil {
		return err
	}
	_, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO _sync_mark (seq, tag, at) VALUES (` + now + `, {:tag}, {:at})`).
		Bind(dbx.Params{"tag": strings.ToLower(rand.Text()[:10]), "at": stamp(e.Now())}).Execute()
	return err
}

// epochOf is the epoch of a number, "" when no mark is that old.
func epochOf(db dbx.Builder, seq int64) (string, error) {
	var tags []string
	err := db.NewQuery(`SELECT tag FROM _sync_mark WHERE seq <= {:seq} ORDER BY seq DESC LIMIT 1`).Bind(dbx.Params{"seq": seq}).Column(&tags)
	if err != nil || len(tags) == 0 {
		return "", err
	}
	return tags[0], nil
}

// reached is the newest number, and its epoch.
func reached(db dbx.Builder) (seq int64, epoch string, err error) {
	if err = db.NewQuery(`SELECT v FROM _sync_seq`).Row(&seq); err == nil {
		epoch, err = epochOf(db, seq)
	}
	return seq, epoch, err
}

// gave tells whether this server gave a number in an epoch, or errRestored.
func gave(db dbx.Builder, seq int64, epoch string) error {
	now, _, err := reached(db)
	if err != nil {
		return err
	}
	tag, err := epochOf(db, seq)
	if err == nil && (seq > now || tag != epoch) {
		err = errRestored
	}
	return err
}

// saw checks what a phone says it was told last: "57.k3f9…", or nothing. What
// is no such pair was never given.
func saw(db dbx.Builder, seen string) error {
	if seen == "" {
		return nil
	}
	number, epoch, _ := strings.Cut(seen, ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return errRestored
	}
	return gave(db, seq, epoch)
}

// forget drops the traces of what has been gone for keepDays. Whoever has not
// asked since begins from nothing. The marks stay: a phone from before is old,
// not of another epoch.
func (e *Engine) forget(tx core.App) error {
	var floor []int64
	before := stamp(e.Now().AddDate(0, 0, -keepDays))
	err := tx.DB().NewQuery(`SELECT seq FROM _sync_mark WHERE at < {:before} ORDER BY seq DESC LIMIT 1`).
		Bind(dbx.Params{"before": before}).Column(&floor)
	if err != nil || len(floor) == 0 {
		return err
	}
	if deeper, err := remembers(tx.DB(), floor[0]); err != nil || !deeper {
		return err // a clock that was ahead for a while has forgotten more
	}
	for _, statement := range []string{
		`DELETE FROM _sync_row WHERE deleted = 1 AND seq <= {:floor}`,
		`DELETE FROM _sync_member WHERE active = 0 AND seq <= {:floor}`,
	} {
		if _, err := tx.NonconcurrentDB().NewQuery(statement).Bind(dbx.Params{"floor": floor[0]}).Execute(); err != nil {
			return err
		}
	}
	return setMeta(tx, "floor", strconv.FormatInt(floor[0], 10))
}

// remembers tells whether the log reaches back to a number.
func remembers(db dbx.Builder, since int64) (bool, error) {
	var floor string
	if err := meta(db, "floor", &floor); err != nil || floor == "" || since == 0 {
		return err == nil, err
	}
	oldest, err := strconv.ParseInt(floor, 10, 64)
	return since >= oldest, err
}
