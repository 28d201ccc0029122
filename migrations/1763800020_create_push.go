package migrations

import (
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Notifications on closed phones: what a municipality and a person have set,
// and where a phone is reached.
func init() {
	kinds := []string{"morning", "time", "first", "flag", "notice", "tray"}
	without := func(name, help string) *core.SelectField {
		return &core.SelectField{Name: name, Help: help, Values: kinds, MaxSelect: len(kinds)}
	}
	m.Register(func(app core.App) error {
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		users, err := find(app, "users")
		if err != nil {
			return err
		}
		devices, err := find(app, "devices")
		if err != nil {
			return err
		}
		municipalities.Fields.Add(
			clock("push_from", "Beskeder på telefonen tidligst, 06:00 eller senere; tom = 08:00"),
			clock("push_to", "Beskeder på telefonen senest, 22:00 eller tidligere; tom = 16:00"),
			without("push_without", "Beskeder, som ingen skal have. morning: opgaver i dag · time: aftalt tid om lidt · first: første samtale er ved at være for sen · flag: bekymring · notice: ny besked fra afdelingen · tray: noget kræver handling"),
		)
		municipalities.Fields.GetByName("weekends_off").(*core.BoolField).Help =
			"Er der ingen på arbejde i weekenden og på helligdage? Så er næste kontakt efter en bekymring senest næste arbejdsdag, og det står der. Ellers senest dagen efter"
		if err := app.Save(municipalities); err != nil {
			return err
		}
		if _, err := app.NonconcurrentDB().NewQuery(`UPDATE municipalities SET push_from = '08:00', push_to = '16:00'`).Execute(); err != nil {
			return err
		}

		settings := core.NewBaseCollection("push_settings")
		settings.Fields.Add(
			belongsTo("user", "Hvis ønsker det er", users, true),
			yesNo("off", "Ingen beskeder på telefonen"),
			without("without", "Beskeder, hun ikke vil have"),
			clock("from", "Tidligst; tom = som kommunen"),
			clock("to", "Senest; tom = som kommunen"),
			list("days", "Ugedage, 1 er mandag, fx [1, 2, 4]; tom = som kommunen"),
			yesNo("holidays", "Også på helligdage; gælder kun, når ugedage er sat"),
		)
		stamps(settings)
		settings.AddIndex("idx_push_settings_user", true, "user", "")
		if err := app.Save(settings); err != nil {
			return err
		}

		subscriptions := core.NewBaseCollection("push_subscriptions")
		endpoint := text("endpoint", "Telefonens adresse hos dens tjeneste; en hemmelighed")
		endpoint.Max = 1024
		subscriptions.Fields.Add(
			belongsTo("user", "Hvem der får beskederne", users, true),
			belongsTo("device", "Telefonen", devices, true),
			required(hidden(endpoint)),
			required(hidden(text("p256dh", "Telefonens nøgle"))),
			required(hidden(text("auth", "Telefonens hemmelighed"))),
			oneOf("lang", "Sproget på den låste skærm", "da", "en"),
			moment("expires", "Hvornår tjenesten holder op; tom = ikke oplyst", false),
			moment("seen", "Sidst bekræftet af telefonen", true),
		)
		stamps(subscriptions)
		subscriptions.AddIndex("idx_push_subscriptions_endpoint", true, "endpoint", "")
		subscriptions.AddIndex("idx_push_subscriptions_device", true, "device", "")
		subscriptions.AddIndex("idx_push_subscriptions_user", false, "user", "")
		if err := app.Save(subscriptions); err != nil {
			return err
		}

		// The line of what is to be told is no collection: rows come and go by the
		// thousand, and nobody edits them.
		for _, statement := range []string{
			`CREATE TABLE _push_outbox (
				id INTEGER PRIMARY KEY, user TEXT NOT NULL, kind TEXT NOT NULL, slot TEXT NOT NULL, sub TEXT NOT NULL DEFAULT '',
				due INTEGER NOT NULL, until INTEGER NOT NULL, spread INTEGER NOT NULL DEFAULT 0,
				UNIQUE (user, kind, slot))`,
			`CREATE INDEX _push_outbox_due ON _push_outbox (due) WHERE spread = 0`,
			`CREATE INDEX _push_outbox_until ON _push_outbox (until)`,
			`CREATE TABLE _push_send (
				outbox INTEGER NOT NULL, sub TEXT NOT NULL, origin TEXT NOT NULL, next INTEGER NOT NULL,
				lease INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '', done INTEGER NOT NULL DEFAULT 0,
				PRIMARY KEY (outbox, sub)) WITHOUT ROWID`,
			`CREATE INDEX _push_send_open ON _push_send (origin, next) WHERE result = ''`,
			`CREATE INDEX _push_send_sub ON _push_send (sub)`,
			`CREATE TABLE _push_phone (
				sub TEXT PRIMARY KEY, sent INTEGER NOT NULL DEFAULT 0, accepted INTEGER NOT NULL DEFAULT 0, verdict TEXT NOT NULL DEFAULT '') WITHOUT ROWID`,
		} {
			if _, err := app.NonconcurrentDB().NewQuery(statement).Execute(); err != nil {
				return err
			}
		}

		s := app.Settings()
		// A phone subscribes each time it is opened; a town hall has one address.
		s.RateLimits.Rules = append(s.RateLimits.Rules,
			core.RateLimitRule{Label: "POST /api/notify/subscribe", MaxRequests: 300, Duration: 60},
			core.RateLimitRule{Label: "POST /api/notify/test", MaxRequests: 60, Duration: 60},
			core.RateLimitRule{Label: "/api/notify/", MaxRequests: 600, Duration: 60},
		)
		return app.Save(s)
	}, func(app core.App) error {
		if err := drop("push_subscriptions", "push_settings")(app); err != nil {
			return err
		}
		for _, table := range []string{"_push_phone", "_push_send", "_push_outbox"} {
			if _, err := app.NonconcurrentDB().DropTable(table).Execute(); err != nil {
				return err
			}
		}
		s := app.Settings()
		s.RateLimits.Rules = slices.DeleteFunc(s.RateLimits.Rules, func(r core.RateLimitRule) bool { return strings.Contains(r.Label, "/api/notify/") })
		if err := app.Save(s); err != nil {
			return err
		}
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		for _, name := range []string{"push_from", "push_to", "push_without"} {
			municipalities.Fields.RemoveByName(name)
		}
		return app.Save(municipalities)
	})
}
