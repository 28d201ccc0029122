package sync

import (
	"fmt"
	"strings"

	"github.com/pocketbase/pocketbase/core"
)

const (
	bump   = `UPDATE _sync_seq SET v = v + 1`
	prefix = "_sync_on_"
)

// bucketOf is the SQL of a row's bucket; NULL when the row is not synced.
func (c Collection) bucketOf(row string) string {
	key := strings.ReplaceAll(c.Key, "{row}", row)
	return fmt.Sprintf(`CASE WHEN coalesce(%s, '') <> '' THEN '%s:' || (%s) END`, key, c.Bucket, key)
}

// triggers are what numbers every change, in the transaction that makes it.
// They read no clock, so a change is the same whenever it is replayed.
func (e *Engine) triggers(declared []Collection) []string {
	var out []string
	for _, c := range declared {
		out = append(out,
			trigger(c.Name, "rows_insert", "INSERT", "", bump, c.alive("NEW")),
			trigger(c.Name, "rows_update", "UPDATE", "", bump, c.left(), c.alive("NEW")),
			trigger(c.Name, "rows_delete", "DELETE", "", bump, c.dead("OLD", "1")),
		)
	}
	for _, b := range e.Buckets {
		for i, w := range b.Watches {
			name := fmt.Sprintf("%s_%d", b.Kind, i)
			fresh, old := recompute(b, w.keys("NEW")), recompute(b, w.keys("OLD"))
			out = append(out,
				trigger(w.Table, name+"_insert", "INSERT", "", fresh...),
				trigger(w.Table, name+"_update", "UPDATE", w.changed(), append(old, fresh...)...),
				trigger(w.Table, name+"_delete", "DELETE", "", old...),
			)
		}
	}
	return out
}

func trigger(table, name, event, when string, body ...string) string {
	return fmt.Sprintf("CREATE TRIGGER \"%s%s_%s\" AFTER %s ON \"%s\" %s BEGIN %s; END",
		prefix, table, name, event, table, when, strings.Join(body, "; "))
}

// alive numbers a row in its bucket.
func (c Collection) alive(row string) string {
	return fmt.Sprintf(`INSERT INTO _sync_row (bucket, coll, id, seq, deleted)
		SELECT b, '%s', %s.id, %s, 0 FROM (SELECT %s AS b) WHERE b IS NOT NULL
		ON CONFLICT (bucket, coll, id) DO UPDATE SET seq = excluded.seq, deleted = 0`,
		c.Name, row, now, c.bucketOf(row))
}

// dead leaves a tombstone in the bucket the row was in.
func (c Collection) dead(row, when string) string {
	return fmt.Sprintf(`UPDATE _sync_row SET deleted = 1, seq = %s WHERE bucket = %s AND coll = '%s' AND id = %s.id AND %s`,
		now, c.bucketOf(row), c.Name, row, when)
}

// left is the tombstone of a row that moved to another bucket or id.
func (c Collection) left() string {
	return c.dead("OLD", fmt.Sprintf(`(%s IS NOT %s OR OLD.id <> NEW.id)`, c.bucketOf("OLD"), c.bucketOf("NEW")))
}

func (w Watch) keys(row string) string { return strings.ReplaceAll(w.Keys, "{row}", row) }

func (w Watch) changed() string {
	if len(w.Columns) == 0 {
		return ""
	}
	tests := make([]string, len(w.Columns))
	for i, c := range w.Columns {
		tests[i] = fmt.Sprintf(`OLD."%s" IS NOT NEW."%s"`, c, c)
	}
	return "WHEN " + strings.Join(tests, " OR ")
}

// recompute makes the members of some buckets what Members says they are.
func recompute(b Bucket, keys string) []string {
	members := strings.ReplaceAll(b.Members, "{today}", "(SELECT day FROM _sync_day)")
	at := len(b.Kind) + 2 // substr counts from one
	return []string{
		bump,
		fmt.Sprintf(`UPDATE _sync_member SET active = 0, seq = %s
			WHERE active = 1 AND bucket IN (SELECT '%s:' || k.key FROM (SELECT key FROM (SELECT NULL AS key WHERE 0 UNION %s)) k)
			AND NOT EXISTS (SELECT 1 FROM (%s) m WHERE m.key = substr(_sync_member.bucket, %d) AND m.user = _sync_member.user)`,
			now, b.Kind, keys, members, at),
		fmt.Sprintf(`INSERT INTO _sync_member (user, bucket, seq, active)
			SELECT m.user, '%s:' || m.key, %s, 1 FROM (%s) m WHERE m.key IN (%s) AND m.user <> '' AND m.key <> ''
			ON CONFLICT (user, bucket) DO UPDATE SET active = 1, seq = excluded.seq WHERE active = 0`,
			b.Kind, now, members, keys),
	}
}

// allKeys are the keys of every bucket of a kind that has, had or should have
// a member.
func allKeys(b Bucket) string {
	members := strings.ReplaceAll(b.Members, "{today}", "(SELECT day FROM _sync_day)")
	return fmt.Sprintf(`SELECT substr(bucket, %d) FROM _sync_member WHERE bucket LIKE '%s:%%' UNION SELECT key FROM (%s)`,
		len(b.Kind)+2, b.Kind, members)
}

func (e *Engine) dropTriggers(tx core.App) error {
	var names []string
	err := tx.DB().NewQuery(`SELECT name FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 9) = '` + prefix + `'`).Column(&names)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := run(tx, fmt.Sprintf(`DROP TRIGGER IF EXISTS "%s"`, n)); err != nil {
			return err
		}
	}
	return nil
}
