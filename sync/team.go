package sync

import (
	"net/http"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// teamPhones is what whoever looks after somebody's phones is told of them:
// when the one that holds unsent work was last here (of several, the one that
// was not here for longest; where nothing is unsent, the last contact of any),
// how much that work is, and since when it waits. Nothing of a bucket.
type teamPhones struct {
	User   string `db:"user" json:"user"`
	Seen   string `db:"seen" json:"seen"`
	Unsent int64  `db:"unsent" json:"unsent"`
	Oldest string `db:"oldest" json:"oldest"`
}

// team answers GET /api/sync/team. What a phone said was unsent and has been
// decided since, as when it was sent while locked, is not counted, nor what a
// browser threw away: it will not come.
func (e *Engine) team(re *core.RequestEvent) error {
	if !e.MayUse(re.Auth) {
		return Problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	users, err := e.Team(re.App, re.Auth)
	switch {
	case err != nil:
		return e.failed(re, err, nil)
	case users == nil:
		return Problem(re, http.StatusForbidden, "access.denied", nil)
	}
	phones := []teamPhones{}
	err = re.App.DB().NewQuery(`SELECT user, coalesce(min(CASE WHEN unsent > 0 THEN seen END), max(seen)) AS seen, sum(unsent) AS unsent,
			coalesce(min(CASE WHEN unsent > 0 THEN nullif(oldest, '') END), '') AS oldest
		FROM (SELECT d.user, d.seen, d.oldest, iif(d.lost > 0, 0, max(0, min(d.unsent, d.last - coalesce((SELECT max(n) FROM _sync_mut m WHERE m.user = d.user AND m.device = d.device), 0)))) AS unsent
			FROM _sync_device d WHERE d.user IN (SELECT value FROM json_each({:users})))
		GROUP BY user ORDER BY user`).Bind(dbx.Params{"users": asJSON(users)}).All(&phones)
	if err != nil {
		return e.failed(re, err, nil)
	}
	return re.JSON(http.StatusOK, struct {
		Users []teamPhones `json:"users"`
	}{phones})
}
