package pwa

import (
	"errors"
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
	"github.com/pocketbase/pocketbase/tools/router"
)

// shut are PocketBase's routes that nobody gets through, superusers neither.
var shut = []struct{ path, code, message string }{
	{"/api/sql", "sql.closed", "The SQL console is closed: it would skip the rules."},
	{"/api/realtime", "realtime.closed", "There is no realtime here: phones are nudged by /api/sync/events."},
}

// closed stands before anyone is asked who they are. Raw SQL skips the hooks that hold the
// rules; realtime lets anybody hold a stream open, and makes every write wait for all of them.
func closed() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "closed",
		Priority: apis.DefaultPanicRecoverMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			for _, s := range shut {
				if p := e.Request.URL.Path; p == s.path || strings.HasPrefix(p, s.path+"/") {
					return refuse(e, http.StatusForbidden, s.code, s.message)
				}
			}
			return e.Next()
		},
	}
}

// unlogged takes the query off an address before it is logged, and the details of a query
// that was not understood, which repeat it: who searches the dashboard writes names there.
func unlogged() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "unlogged",
		Priority: apis.DefaultActivityLoggerMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			asked := e.Request.URL.RawQuery != ""
			defer func() { e.Request.URL.RawQuery = "" }()
			err := e.Next()
			if err != nil && e.Status() == http.StatusNoContent { // answered already; the error names the address
				return errors.New("no mail sent: no such account, or asked for a moment ago")
			}
			if fault, ok := errors.AsType[*router.ApiError](err); ok && asked && fault.Status < http.StatusInternalServerError && len(fault.Data) == 0 {
				return router.NewApiError(fault.Status, fault.Message, nil)
			}
			return err
		},
	}
}
