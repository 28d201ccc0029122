package sync

import (
	"embed"
	"strings"

	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

//go:embed dashboard
var pages embed.FS

// dashboard puts the page "Sync" into PocketBase's own dashboard. It lists the
// devices of GET /api/sync/devices; the page itself is public, as extensions are.
func (e *Engine) dashboard(se *core.ServeEvent) {
	se.UIExtensions = append(se.UIExtensions, core.UIExtension{Name: "sync", FS: apis.MustSubFS(pages, "dashboard")})
	se.Router.BindFunc(func(re *core.RequestEvent) error {
		// PocketBase lets browsers keep it for 14 days, an old page beside a new server.
		if path := re.Request.URL.Path; path == "/_/extensions.js" || strings.HasPrefix(path, "/_/extensions/sync/") {
			re.Response.Header().Set("Cache-Control", "no-cache")
		}
		return re.Next()
	})
}
