package sync

import "github.com/pocketbase/pocketbase/core"

// Problem answers as the engine does: for routes beside its own.
func Problem(e *core.RequestEvent, status int, code string, params map[string]any) error {
	return problem(e, status, code, params)
}

// Decode reads a body as strictly as the engine does. On a fault it has
// answered already.
func Decode(e *core.RequestEvent, target any) (ok bool, err error) { return decode(e, target) }
