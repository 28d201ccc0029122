package sync

import "testing"

// SetKeptBytes makes the room for refused arguments small, for one test.
func SetKeptBytes(t testing.TB, n int64) {
	before := keptBytes
	keptBytes = n
	t.Cleanup(func() { keptBytes = before })
}
