package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Settings an empty PocketBase leaves open.
func init() {
	m.Register(func(app core.App) error {
		s := app.Settings()
		s.Meta.AppName = "Bindeled"
		s.Meta.HideControls = false
		s.Logs.MaxDays = 5
		s.Logs.LogIP = false
		s.Batch.Enabled = false
		s.RateLimits.Enabled = true
		// Per address, and a town hall has one: enough for a morning of log-ins,
		// too little for guessing.
		s.RateLimits.Rules = []core.RateLimitRule{
			{Label: "*:auth", MaxRequests: 60, Duration: 60, Audience: core.RateLimitRuleAudienceGuest},
		}
		return app.Save(s)
	}, nil)
}
