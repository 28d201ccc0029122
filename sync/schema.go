package sync

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// The side tables. A row of _sync_row is the newest number of one record in
// one bucket, live or gone, so it is a log that is always compacted; _sync_bucket
// is its sum, kept by triggers of its own.
const tables = `
CREATE TABLE IF NOT EXISTS _sync_meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _sync_seq (one INTEGER PRIMARY KEY CHECK (one = 1), v INTEGER NOT NULL);
INSERT OR IGNORE INTO _sync_seq (one, v) VALUES (1, 0);
CREATE TABLE IF NOT EXISTS _sync_day (one INTEGER PRIMARY KEY CHECK (one = 1), day TEXT NOT NULL);
INSERT OR IGNORE INTO _sync_day (one, day) VALUES (1, '');
CREATE TABLE IF NOT EXISTS _sync_mark (seq INTEGER PRIMARY KEY, tag TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS _sync_row (
	bucket TEXT NOT NULL, coll TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL, deleted INTEGER NOT NULL,
	PRIMARY KEY (bucket, coll, id)) WITHOUT ROWID;
DROP INDEX IF EXISTS _sync_row_bucket;
DROP INDEX IF EXISTS _sync_row_seq;
CREATE INDEX IF NOT EXISTS _sync_row_log ON _sync_row (bucket, seq, deleted);
CREATE TABLE IF NOT EXISTS _sync_bucket (
	bucket TEXT PRIMARY KEY, seq INTEGER NOT NULL, rows INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _sync_bucket_seq ON _sync_bucket (seq);
CREATE TABLE IF NOT EXISTS _sync_member (
	user TEXT NOT NULL, bucket TEXT NOT NULL, seq INTEGER NOT NULL, active INTEGER NOT NULL,
	PRIMARY KEY (user, bucket)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _sync_member_bucket ON _sync_member (bucket);
CREATE INDEX IF NOT EXISTS _sync_member_seq ON _sync_member (seq);
CREATE TABLE IF NOT EXISTS _sync_mut (
	user TEXT NOT NULL, device TEXT NOT NULL, n INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL,
	received TEXT NOT NULL, at TEXT NOT NULL, result TEXT NOT NULL, outcome TEXT NOT NULL, args TEXT,
	PRIMARY KEY (user, device, n)) WITHOUT ROWID;
DROP INDEX IF EXISTS _sync_mut_kept;
CREATE INDEX IF NOT EXISTS _sync_mut_room ON _sync_mut (user, octet_length(args)) WHERE args IS NOT NULL;
CREATE TABLE IF NOT EXISTS _sync_device (
	user TEXT NOT NULL, device TEXT NOT NULL, first TEXT NOT NULL, seen TEXT NOT NULL,
	pushed TEXT NOT NULL DEFAULT '', pulled TEXT NOT NULL DEFAULT '', seq INTEGER NOT NULL DEFAULT 0,
	last INTEGER NOT NULL DEFAULT 0, unsent INTEGER NOT NULL DEFAULT 0, oldest TEXT NOT NULL DEFAULT '',
	app TEXT NOT NULL DEFAULT '', v INTEGER NOT NULL DEFAULT 1, shape TEXT NOT NULL DEFAULT '',
	diverged INTEGER NOT NULL DEFAULT 0, restored INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (user, device)) WITHOUT ROWID;
`

// later are columns that tables of an older build lack.
var later = []struct{ table, column, spec string }{
	{"_sync_mut", "skew", "INTEGER NOT NULL DEFAULT 0"}, // ms, what was added to the phone's times
	{"_sync_mut", "handed", "INTEGER NOT NULL DEFAULT 0"},
	{"_sync_mut", "handed_at", "INTEGER NOT NULL DEFAULT 0"},
	{"_sync_mut", "settled", "TEXT"}, // how a person dealt with it
}

// sums keeps _sync_bucket: a phone compares what it holds with it, and a pull
// sees at a glance whether a bucket has anything new.
var sums = []string{
	`CREATE TRIGGER IF NOT EXISTS _sync_sum_insert AFTER INSERT ON _sync_row BEGIN
		INSERT INTO _sync_bucket (bucket, seq, rows, sum) VALUES (NEW.bucket, NEW.seq, 1 - NEW.deleted, (1 - NEW.deleted) * NEW.seq)
		ON CONFLICT (bucket) DO UPDATE SET seq = excluded.seq, rows = rows + excluded.rows, sum = sum + excluded.sum; END`,
	`CREATE TRIGGER IF NOT EXISTS _sync_sum_update AFTER UPDATE ON _sync_row BEGIN
		UPDATE _sync_bucket SET seq = NEW.seq, rows = rows + OLD.deleted - NEW.deleted,
			sum = sum + (1 - NEW.deleted) * NEW.seq - (1 - OLD.deleted) * OLD.seq WHERE bucket = NEW.bucket; END`,
}

const now = `(SELECT v FROM _sync_seq)`

// install makes the tables and triggers true to the declaration, and numbers
// whatever has none yet. It may run at any time; it changes nothing that is
// right already.
func (e *Engine) install(app core.App) error {
	return app.RunInTransaction(func(tx core.App) error {
		if err := makeTables(tx); err != nil {
			return fmt.Errorf("sync: tables: %w", err)
		}
		if err := e.readSecret(tx); err != nil {
			return err
		}
		if err := e.mark(tx); err != nil {
			return err
		}
		declared, err := e.declared(tx)
		if err != nil {
			return err
		}
		intact, err := e.intact(tx, declared)
		switch {
		case err != nil:
			return err
		case intact:
			return e.compile(tx, declared)
		}
		return e.rebuild(tx)
	})
}

// intact tells whether the triggers of this very declaration have been there
// all along. Then nothing has passed them by, and a start need not go through
// every row.
func (e *Engine) intact(tx core.App, declared []Collection) (bool, error) {
	var known string
	if err := meta(tx.DB(), "shape", &known); err != nil || known != e.hash {
		return false, err
	}
	var there []string
	err := tx.DB().NewQuery(`SELECT sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 9) = '` + prefix + `'`).Column(&there)
	if err != nil {
		return false, err
	}
	wanted := e.triggers(declared)
	slices.Sort(there)
	slices.Sort(wanted)
	return slices.Equal(there, wanted), nil
}

// makeTables makes what is missing of the side tables.
func makeTables(tx core.App) error {
	if err := run(tx, tables); err != nil {
		return err
	}
	for _, l := range later {
		var found int
		err := tx.DB().NewQuery(`SELECT count(*) FROM pragma_table_info({:table}) WHERE name = {:column}`).
			Bind(dbx.Params{"table": l.table, "column": l.column}).Row(&found)
		if err == nil && found == 0 {
			err = run(tx, fmt.Sprintf(`ALTER TABLE %s ADD COLUMN %s %s`, l.table, l.column, l.spec))
		}
		if err != nil {
			return err
		}
	}
	var summed int // an older build had none, and its rows are not summed up yet
	if err := tx.DB().NewQuery(`SELECT count(*) FROM sqlite_master WHERE name = '_sync_sum_insert'`).Row(&summed); err != nil || summed > 0 {
		return err
	}
	return run(tx, append(sums, `INSERT INTO _sync_bucket (bucket, seq, rows, sum)
		SELECT bucket, max(seq), sum(1 - deleted), sum((1 - deleted) * seq) FROM _sync_row GROUP BY bucket`)...)
}

// rebuild drops and makes the triggers, then brings rows and members in line.
func (e *Engine) rebuild(tx core.App) error {
	if err := e.dropTriggers(tx); err != nil {
		return err
	}
	declared, err := e.declared(tx)
	if err != nil {
		return err
	}
	for _, statement := range e.triggers(declared) {
		if err := run(tx, statement); err != nil {
			return fmt.Errorf("sync: trigger: %w", err)
		}
	}
	if err := e.compile(tx, declared); err != nil {
		return err
	}
	if err := e.renumber(tx, declared); err != nil {
		return err
	}
	for _, b := range e.Buckets {
		if err := run(tx, recompute(b, allKeys(b))...); err != nil {
			return fmt.Errorf("sync: members of %s: %w", b.Kind, err)
		}
	}
	return nil
}

// declared are the collections that exist with all their columns: one that is
// being removed or rebuilt has nothing to sync.
func (e *Engine) declared(tx core.App) ([]Collection, error) {
	var out []Collection
	for _, c := range e.Collections {
		found, err := tx.FindCollectionByNameOrId(c.Name)
		if err != nil {
			continue
		}
		for _, column := range c.Columns {
			if found.Fields.GetByName(column) == nil {
				return nil, fmt.Errorf("sync: %s has no field %q, which is declared to travel", c.Name, column)
			}
		}
		out = append(out, c)
	}
	return out, nil
}

// renumber gives a number to rows that have none, and to every row when the
// declaration changed, so that phones fetch them in their new shape.
func (e *Engine) renumber(tx core.App, declared []Collection) error {
	var known string
	if err := meta(tx.DB(), "shape", &known); err != nil {
		return err
	}
	missing := ` AND NOT EXISTS (SELECT 1 FROM _sync_row k WHERE k.bucket = b AND k.coll = '%s' AND k.id = r.id AND k.deleted = 0)`
	if known != e.hash {
		missing = " AND '%s' <> ''"
		if err := setMeta(tx, "shape", e.hash); err != nil {
			return err
		}
	}
	if err := run(tx, bump); err != nil {
		return err
	}
	names := make([]string, len(declared))
	for i, c := range declared {
		names[i] = "'" + c.Name + "'"
	}
	gone := `UPDATE _sync_row SET deleted = 1, seq = ` + now + ` WHERE deleted = 0 AND coll NOT IN (` + strings.Join(names, ",") + `)`
	if err := run(tx, gone); err != nil {
		return err
	}
	for _, c := range declared {
		bucket := c.bucketOf("r")
		err := run(tx,
			fmt.Sprintf(`UPDATE _sync_row SET deleted = 1, seq = %s WHERE deleted = 0 AND coll = '%s' AND NOT EXISTS (
				SELECT 1 FROM "%s" r WHERE r.id = _sync_row.id AND %s = _sync_row.bucket)`, now, c.Name, c.Name, bucket),
			fmt.Sprintf(`INSERT INTO _sync_row (bucket, coll, id, seq, deleted)
				SELECT b, '%s', id, %s, 0 FROM (SELECT %s AS b, r.id AS id FROM "%s" r) r WHERE b IS NOT NULL`+missing+`
				ON CONFLICT (bucket, coll, id) DO UPDATE SET seq = excluded.seq, deleted = 0`, c.Name, now, bucket, c.Name, c.Name),
		)
		if err != nil {
			return fmt.Errorf("sync: rows of %s: %w", c.Name, err)
		}
	}
	return nil
}

func (e *Engine) readSecret(tx core.App) error {
	if err := meta(tx.DB(), "secret", &e.secret); err != nil || e.secret != "" {
		return err
	}
	e.secret = rand.Text()
	return setMeta(tx, "secret", e.secret)
}

func meta(db dbx.Builder, key string, target *string) error {
	var found []string
	err := db.NewQuery(`SELECT v FROM _sync_meta WHERE k = {:k}`).Bind(dbx.Params{"k": key}).Column(&found)
	if len(found) > 0 {
		*target = found[0]
	}
	return err
}

func setMeta(tx core.App, key, value string) error {
	_, err := tx.NonconcurrentDB().NewQuery(`INSERT INTO _sync_meta (k, v) VALUES ({:k}, {:v})
		ON CONFLICT (k) DO UPDATE SET v = excluded.v`).Bind(dbx.Params{"k": key, "v": value}).Execute()
	return err
}

// run executes statements that hold no outside values.
func run(tx core.App, statements ...string) error {
	for _, s := range statements {
		if _, err := tx.NonconcurrentDB().NewQuery(s).Execute(); err != nil {
			return fmt.Errorf("%w in %s", err, strings.Join(strings.Fields(s), " "))
		}
	}
	return nil
}
