package config

import (
	"path/filepath"
	"testing"
)

// TestPragmas: an acknowledged write survives power loss, and what is deleted
// is overwritten; the log's database does not pay for that.
func TestPragmas(t *testing.T) {
	for file, want := range map[string]map[string]int{
		"data.db":      {"synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "busy_timeout": 10000},
		"auxiliary.db": {"synchronous": 1, "foreign_keys": 1},
	} {
		db, err := DBConnect(filepath.Join(t.TempDir(), file))
		if err != nil {
			t.Fatal(err)
		}
		for pragma, value := range want {
			var got int
			if err := db.NewQuery("PRAGMA " + pragma).Row(&got); err != nil || got != value {
				t.Errorf("%s: %s is %d, want %d (%v)", file, pragma, got, value, err)
			}
		}
		if file == "data.db" {
			// _defensive: not even the schema table can be written.
			if _, err := db.NewQuery("PRAGMA writable_schema = ON").Execute(); err != nil {
				t.Error(err)
			}
			if _, err := db.NewQuery("INSERT INTO sqlite_master (type, name, tbl_name) VALUES ('table', 'x', 'x')").Execute(); err == nil {
				t.Errorf("%s: the schema table was written", file)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
