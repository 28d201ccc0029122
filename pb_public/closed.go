package pwa

import (
	"net/http"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/hook"
)

// closed shuts the dashboard's SQL console, for superusers too: raw SQL skips the hooks
// that hold the rules. It stands before anyone is asked who they are.
func closed() *hook.Handler[*core.RequestEvent] {
	return &hook.Handler[*core.RequestEvent]{
		Id:       "closedSQL",
		Priority: apis.DefaultPanicRecoverMiddlewarePriority + 1,
		Func: func(e *core.RequestEvent) error {
			if p := e.Request.URL.Path; p == "/api/sql" || strings.HasPrefix(p, "/api/sql/") {
				return refuse(e, http.StatusForbidden, "sql.closed", "The SQL console is closed: it would skip the rules.")
			}
			return e.Next()
		},
	}
}
