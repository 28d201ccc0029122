package config

import (
	"os"
	"path/filepath"
	"strings"
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

// TestVAPID: from a file, or the environment itself; neither is no keys.
func TestVAPID(t *testing.T) {
	const good = `{"subject":"mailto:a@b.dk","public":"P","private":"S"}`
	file := filepath.Join(t.TempDir(), "vapid.json")
	if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text, file string
		want       string
		fails      bool
	}{
		"none":             {"", "", "", false},
		"the text":         {good, "", "S", false},
		"a file":           {"", file, "S", false},
		"no such file":     {"", file + "x", "", true},
		"something else":   {`{"secret":"S"}`, "", "", true},
		"nothing readable": {"S", "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("BINDELED_VAPID", c.text)
			t.Setenv("BINDELED_VAPID_FILE", c.file)
			var keys struct {
				Subject string `json:"subject"`
				Public  string `json:"public"`
				Private string `json:"private"`
			}
			err := VAPID(&keys)
			if keys.Private != c.want || (err != nil) != c.fails {
				t.Errorf("%+v, %v", keys, err)
			}
			if err != nil && strings.Contains(err.Error(), `"S"`) {
				t.Errorf("the error quotes a key: %v", err)
			}
		})
	}
}
