// Package golden holds an outside face of the product to a file: a change of
// it is then a change somebody reads. UPDATE_GOLDENS=1 writes the files anew.
package golden

import (
	"os"
	"path/filepath"
	"testing"
)

// Check compares what a test made with a file.
func Check(t *testing.T, path, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDENS") != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; if that is meant, run `make golden` and read the diff. Now:\n%s", path, got)
	}
}
