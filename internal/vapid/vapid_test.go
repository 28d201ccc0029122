package vapid

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"bindeled/notify"
)

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.json")
	if err := os.WriteFile(taken, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		args    []string
		handled bool
		code    int
	}{
		{"another command", []string{"serve"}, false, 0},
		{"no subject", []string{"vapid"}, true, 1},
		{"nobody's", []string{"vapid", "--subject=mailto:me@localhost"}, true, 1},
		{"more", []string{"vapid", "--subject=mailto:drift@bindeled.dk", "more"}, true, 1},
		{"a file that is there", []string{"vapid", "--subject=mailto:drift@bindeled.dk", "--out=" + taken}, true, 1},
		{"a new file", []string{"vapid", "--subject=mailto:drift@bindeled.dk", "--out=" + filepath.Join(dir, "new.json")}, true, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if handled, code := Command(c.args); handled != c.handled || code != c.code {
				t.Errorf("got %v %d", handled, code)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(dir, "new.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v: others can read it", info, err)
	}
	var out bytes.Buffer
	if err := run([]string{"--subject=https://bindeled.dk/push"}, &out); err != nil {
		t.Fatal(err)
	}
	var keys notify.Keys
	if err := json.Unmarshal(out.Bytes(), &keys); err != nil || keys.Check() != nil {
		t.Errorf("%s: %v", out.String(), keys.Check())
	}
}

func TestInFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "vapid.json")
	first, err := InFolder(file)
	if err != nil {
		t.Fatal(err)
	}
	second, err := InFolder(file)
	if err != nil || first != second || first.Private == "" {
		t.Errorf("made anew: %v", err)
	}
	if first.Check() == nil {
		t.Error("a real server would start with the demo's keys")
	}
}
