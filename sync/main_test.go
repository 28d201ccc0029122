package sync_test

import (
	"os"
	"testing"
)

// TestMain gives the template a folder, and removes it.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sync-test-")
	if err != nil {
		panic(err)
	}
	templateRoot = dir
	code := m.Run()
	_ = os.RemoveAll(dir) // a temporary folder; the system removes it too
	os.Exit(code)
}
