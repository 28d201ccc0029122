package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// People who did not become a course: counted, never named.
func init() {
	m.Register(func(app core.App) error {
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		wards, err := find(app, "wards")
		if err != nil {
			return err
		}
		refusals := core.NewBaseCollection("refusals")
		month := required(text("month", "Måneden (ÅÅÅÅ-MM); dagen gemmes ikke"))
		month.Pattern = `^\d{4}-(0[1-9]|1[0-2])$`
		month.Presentable = true
		refusals.Fields.Add(
			belongsTo("municipality", "Kommunen", municipalities, false),
			pointsTo("ward", "Afdelingen", wards),
			month,
			list("reasons", "Reglerne, der sagde nej (TG1–TG5, C3)"),
			yesNo("leaflet", "Blev afdelingen bedt om at give pjecen med?"),
		)
		refusals.AddIndex("idx_refusals_month", false, "municipality, month", "")
		return app.Save(refusals)
	}, drop("refusals"))
}
