package sync

import "testing"

// SetKeptBytes makes the room for refused arguments small, for one test.
func SetKeptBytes(t testing.TB, n int64) {
	before := keptBytes
	keptBytes = n
	t.Cleanup(func() { keptBytes = before })
}

// Near sets how much may have happened to be gone through.
func Near(t testing.TB, n int64) {
	before := near
	near = n
	t.Cleanup(func() { near = before })
}
