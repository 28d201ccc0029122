package migrations

import (
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Phones that may open their store, and how long without network.
func init() {
	m.Register(func(app core.App) error {
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		users, err := find(app, "users")
		if err != nil {
			return err
		}
		municipalities.Fields.Add(
			upTo(count("lease_hours", "Timer en telefon kan åbnes uden net, 0–72"), 72),
			upTo(count("lock_hidden", "Minutter til en telefon låser, når app'en ikke er fremme; 0 = 5"), 60),
			upTo(count("lock_idle", "Minutter til en telefon låser, når ingen rører den; 0 = 15"), 60),
		)
		if err := app.Save(municipalities); err != nil {
			return err
		}
		if _, err := app.NonconcurrentDB().NewQuery(`UPDATE municipalities SET lease_hours = 12, lock_hidden = 5, lock_idle = 15`).Execute(); err != nil {
			return err
		}

		devices := core.NewBaseCollection("devices")
		devices.Fields.Add(
			belongsTo("user", "Hvis telefon det er", users, true),
			text("name", "Hvad ejeren kalder den"),
			yesNo("revoked", "Spærret: telefonen lukkes og tømmes, næste gang den er på nettet"),
			hidden(text("share", "Telefonens del af nøglen")),
			hidden(text("pin_proof", "Bevis for koden")),
			hidden(text("passkey_proof", "Bevis for adgangsnøglen")),
			hidden(text("send_hash", "Bevis for at måtte sende, mens den er låst")),
			count("tries", "Forkerte koder i træk; efter 5 slettes telefonens del af nøglen"),
			moment("seen", "Sidst åbnet på nettet", false),
			moment("wiped", "Hvornår dens del af nøglen blev slettet", false),
		)
		stamps(devices)
		devices.AddIndex("idx_devices_user", false, "user", "")
		readable(devices, `@request.auth.active = true && user = @request.auth.id`)
		if err := app.Save(devices); err != nil {
			return err
		}

		s := app.Settings()
		// A phone asks once each time it is opened; a town hall has one address.
		s.RateLimits.Rules = append(s.RateLimits.Rules,
			core.RateLimitRule{Label: "POST /api/vault/open", MaxRequests: 120, Duration: 60},
			core.RateLimitRule{Label: "POST /api/vault/send", MaxRequests: 300, Duration: 60},
		)
		return app.Save(s)
	}, func(app core.App) error {
		if err := drop("devices")(app); err != nil {
			return err
		}
		s := app.Settings()
		s.RateLimits.Rules = slices.DeleteFunc(s.RateLimits.Rules, func(r core.RateLimitRule) bool { return strings.Contains(r.Label, "/api/vault/") })
		if err := app.Save(s); err != nil {
			return err
		}
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		for _, name := range []string{"lease_hours", "lock_hidden", "lock_idle"} {
			municipalities.Fields.RemoveByName(name)
		}
		return app.Save(municipalities)
	})
}

func upTo(f *core.NumberField, most float64) *core.NumberField {
	f.Max = &most
	return f
}

func hidden(f *core.TextField) *core.TextField {
	f.Hidden = true
	return f
}
