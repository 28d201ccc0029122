package prepared

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// open is a table t of the numbers 1 to 3, on one connection.
func open(t *testing.T) (*sql.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := Open(path + "?_pragma=journal_mode(WAL)")
	must(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { must(t, db.Close()) })
	exec(t, db, `CREATE TABLE t (n INTEGER UNIQUE)`)
	exec(t, db, `INSERT INTO t VALUES (1), (2), (3)`)
	return db, path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type doer interface {
	Exec(query string, args ...any) (sql.Result, error)
	Query(query string, args ...any) (*sql.Rows, error)
}

func exec(t *testing.T, on doer, text string, args ...any) {
	t.Helper()
	_, err := on.Exec(text, args...)
	must(t, err)
}

// numbers are what a query finds in its first column.
func numbers(t *testing.T, on doer, text string, args ...any) (found []int) {
	t.Helper()
	rows, err := on.Query(text, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int
		must(t, rows.Scan(&n))
		found = append(found, n)
	}
	must(t, rows.Err())
	return found
}

func finds(t *testing.T, on doer, text string, want ...int) {
	t.Helper()
	if got := numbers(t, on, text); !slices.Equal(got, want) {
		t.Fatalf("%s: %v, want %v", text, got, want)
	}
}

// kept are the texts that the connection holds, the one used last at the end.
func kept(t *testing.T, db *sql.DB) (texts []string) {
	t.Helper()
	c, err := db.Conn(t.Context())
	must(t, err)
	defer c.Close()
	must(t, c.Raw(func(c any) error {
		for _, s := range c.(*conn).idle {
			texts = append(texts, s.text)
		}
		return nil
	}))
	return texts
}

const all = `SELECT n FROM t ORDER BY n`

func TestAStatementIsPreparedOnce(t *testing.T) {
	db, _ := open(t)
	c, err := db.Conn(t.Context())
	must(t, err)
	defer c.Close()
	var first *stmt
	for i := range 3 {
		rows, err := c.QueryContext(t.Context(), all)
		must(t, err)
		must(t, rows.Close())
		must(t, c.Raw(func(c any) error {
			idle := c.(*conn).idle
			last := idle[len(idle)-1]
			if i > 0 && last != first {
				t.Error("it was prepared again")
			}
			first = last
			return nil
		}))
	}
}

func TestArgumentsAreOfOneRun(t *testing.T) {
	db, _ := open(t)
	const one = `SELECT n FROM t WHERE n = ?`
	for _, n := range []int{1, 2, 3} {
		if got := numbers(t, db, one, n); !slices.Equal(got, []int{n}) {
			t.Fatal(n, got)
		}
	}
	if _, err := db.Query(one); err == nil { // the 3 is not bound any more
		t.Fatal("an argument of the last run was used")
	}
	if got := numbers(t, db, one, 2); !slices.Equal(got, []int{2}) {
		t.Fatal(got)
	}
}

func TestTheSameTextWithinItself(t *testing.T) {
	db, _ := open(t)
	tx, err := db.Begin()
	must(t, err)
	finds(t, tx, all, 1, 2, 3)
	rows, err := tx.Query(all)
	must(t, err)
	for i := 1; rows.Next(); i++ {
		var n int
		must(t, rows.Scan(&n))
		if n != i {
			t.Fatalf("%d, want %d", n, i)
		}
		finds(t, tx, all, 1, 2, 3)
	}
	must(t, rows.Err())
	must(t, tx.Commit())
	finds(t, db, all, 1, 2, 3)
}

func TestRowsLeftOpen(t *testing.T) {
	db, path := open(t)
	tx, err := db.Begin()
	must(t, err)
	rows, err := tx.Query(all)
	must(t, err)
	rows.Next()
	exec(t, tx, `INSERT INTO t VALUES (?)`, 4)
	must(t, tx.Commit()) // closes them, and nothing holds the database any more
	if rows.Next() {
		t.Fatal("the rows outlived their transaction")
	}
	other, err := sql.Open("sqlite", path)
	must(t, err)
	defer other.Close()
	exec(t, other, `INSERT INTO t VALUES (5)`)
	finds(t, db, all, 1, 2, 3, 4, 5)
	exec(t, db, `VACUUM`) // refused while any statement runs
}

func TestRollback(t *testing.T) {
	db, _ := open(t)
	for range 2 {
		tx, err := db.Begin()
		must(t, err)
		exec(t, tx, `INSERT INTO t VALUES (?)`, 4)
		rows, err := tx.Query(all)
		must(t, err)
		rows.Next()
		must(t, tx.Rollback())
		finds(t, db, all, 1, 2, 3)
	}
}

func TestTheSchemaChanges(t *testing.T) {
	db, path := open(t)
	const star = `SELECT * FROM t WHERE n = 1`
	insert := func(n int) { t.Helper(); exec(t, db, `INSERT INTO t (n) VALUES (?)`, n) }
	columns := func(want ...string) {
		t.Helper()
		rows, err := db.Query(star)
		must(t, err)
		defer rows.Close()
		if got, err := rows.Columns(); err != nil || !slices.Equal(got, want) {
			t.Fatal(got, want, err)
		}
	}
	columns("n")
	insert(4)
	other, err := sql.Open("sqlite", path) // another connection, as it mostly is
	must(t, err)
	defer other.Close()
	exec(t, other, `ALTER TABLE t ADD COLUMN x`)
	columns("n", "x")
	exec(t, other, `CREATE TRIGGER tens AFTER INSERT ON t BEGIN INSERT INTO t (n) VALUES (NEW.n * 10); END`)
	insert(5)
	finds(t, db, all, 1, 2, 3, 4, 5, 50)
	exec(t, db, `DROP TRIGGER tens`)
	insert(6)
	finds(t, db, all, 1, 2, 3, 4, 5, 6, 50)
	exec(t, db, `DROP TABLE t`)
	if _, err := db.Query(all); err == nil {
		t.Fatal("there is no table")
	}
	exec(t, db, `CREATE TABLE t (y, n)`)
	insert(7)
	finds(t, db, all, 7)
	exec(t, db, `INSERT INTO t (n) VALUES (1)`)
	columns("y", "n")
}

func TestAfterAnError(t *testing.T) {
	db, _ := open(t)
	const insert = `INSERT INTO t VALUES (?)`
	prepared, err := db.Prepare(insert)
	must(t, err)
	for range 2 {
		if _, err := db.Exec(insert, 1); code(err) != sqlite3.SQLITE_CONSTRAINT_UNIQUE {
			t.Fatal(err)
		}
		if _, err := prepared.Exec(1); code(err) != sqlite3.SQLITE_CONSTRAINT_UNIQUE {
			t.Fatal(err)
		}
	}
	must(t, prepared.Close())
	exec(t, db, insert, 4)
	finds(t, db, all, 1, 2, 3, 4)
	if _, err := db.Query(`SELECT nothing FROM t`); err == nil {
		t.Fatal("there is no such column")
	}
}

func code(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return 0
}

func TestBusy(t *testing.T) {
	db, path := open(t)
	other, err := sql.Open("sqlite", path+"?_txlock=immediate")
	must(t, err)
	defer other.Close()
	exec(t, db, `UPDATE t SET n = n WHERE n = ?`, 1)
	for range 2 {
		lock, err := other.Begin()
		must(t, err)
		if _, err := db.Exec(`UPDATE t SET n = n WHERE n = ?`, 1); code(err) != sqlite3.SQLITE_BUSY {
			t.Fatal(err)
		}
		finds(t, db, all, 1, 2, 3)
		must(t, lock.Rollback())
		exec(t, db, `UPDATE t SET n = n WHERE n = ?`, 1)
	}
}

func TestCancelled(t *testing.T) {
	db, _ := open(t)
	const endless = `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + ? FROM c) SELECT n FROM c`
	for range 3 {
		in, cancel := context.WithCancel(t.Context())
		rows, err := db.QueryContext(in, endless, 1)
		must(t, err)
		for i := range 10 {
			if !rows.Next() {
				t.Fatal(i, rows.Err())
			}
		}
		cancel()
		for rows.Next() {
		}
		if err := rows.Err(); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		must(t, rows.Close())

		in, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond) // while it runs
		_, err = db.ExecContext(in, endless, 1)
		cancel()
		if err == nil {
			t.Fatal("it came to an end")
		}
		finds(t, db, all, 1, 2, 3)
	}
}

func TestWhatIsKept(t *testing.T) {
	db, _ := open(t)
	exec(t, db, `PRAGMA user_version = 3`)
	finds(t, db, `PRAGMA user_version`, 3)
	exec(t, db, `PRAGMA user_version = 4`)
	finds(t, db, `PRAGMA user_version`, 4)
	exec(t, db, `CREATE TABLE more (n); INSERT INTO more VALUES (1)`)
	exec(t, db, `INSERT INTO more VALUES (2); INSERT INTO more VALUES (3)`)
	exec(t, db, `INSERT INTO more VALUES (2); INSERT INTO more VALUES (3)`)
	finds(t, db, `select count(*) from more`, 5)
	exec(t, db, fmt.Sprintf(`INSERT INTO more VALUES ('%*d')`, longest, 1))
	want := []string{`INSERT INTO t VALUES (1), (2), (3)`, `INSERT INTO more VALUES (2); INSERT INTO more VALUES (3)`, `select count(*) from more`}
	if got := kept(t, db); !slices.Equal(got, want) {
		t.Fatalf("%q", got)
	}
	for i := range 2 * atMost {
		finds(t, db, fmt.Sprintf(`SELECT %d`, i), i)
		finds(t, db, all, 1, 2, 3)
	}
	got := kept(t, db)
	if len(got) != atMost || got[atMost-1] != all || got[atMost-2] != fmt.Sprintf(`SELECT %d`, 2*atMost-1) || got[0] != fmt.Sprintf(`SELECT %d`, atMost+1) {
		t.Fatalf("%d: %q", len(got), got)
	}
}

func TestPrepared(t *testing.T) {
	db, _ := open(t)
	tx, err := db.Begin()
	must(t, err)
	one, err := tx.Prepare(`SELECT n FROM t WHERE n = ?`)
	must(t, err)
	for range 2 {
		var n int
		must(t, one.QueryRow(2).Scan(&n))
		if n != 2 {
			t.Fatal(n)
		}
	}
	must(t, tx.Commit())
	if got := kept(t, db); !slices.Contains(got, `SELECT n FROM t WHERE n = ?`) {
		t.Fatalf("%q", got)
	}
}

// TestClosed: nothing of a connection stays behind, or its file would.
func TestClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.db")
	db, err := Open(path + "?_pragma=journal_mode(WAL)")
	must(t, err)
	exec(t, db, `CREATE TABLE t (n UNIQUE)`)
	for range 3 {
		finds(t, db, all)
		exec(t, db, `INSERT INTO t VALUES (?)`, 1)
		if _, err := db.Exec(`INSERT INTO t SELECT n FROM t`); err == nil {
			t.Fatal("no error")
		}
		count, err := db.Prepare(`SELECT count(*) FROM t`)
		must(t, err)
		must(t, count.Close())
		exec(t, db, `DELETE FROM t`)
	}
	must(t, db.Close())
	if left, err := filepath.Glob(path + "?*"); err != nil || len(left) > 0 {
		t.Fatal("the connection is not closed:", left, err)
	}
	if _, err := db.Exec(`DELETE FROM t`); err == nil {
		t.Fatal("it is closed")
	}
}

func TestManyAtOnce(t *testing.T) {
	db, _ := open(t)
	db.SetMaxOpenConns(4)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 100 {
				for _, n := range []int{3, 1, 2} {
					var got int
					if err := db.QueryRow(`SELECT n FROM t WHERE n = ?`, n).Scan(&got); err != nil || got != n {
						t.Error(n, got, err)
						return
					}
				}
			}
		})
	}
	running.Wait()
}

func TestOpenRefusesABadDSN(t *testing.T) {
	if _, err := Open("x.db?_pragma=%zz"); err == nil {
		t.Fatal("no error")
	}
	db, err := Open(filepath.Join(t.TempDir(), "no", "such", "folder.db"))
	must(t, err)
	defer db.Close()
	if err := db.Ping(); err == nil {
		t.Fatal("no error")
	}
}
