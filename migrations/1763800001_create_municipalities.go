package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Municipalities, their schemes and the wards that hand over to them.
func init() {
	m.Register(func(app core.App) error {
		municipalities := core.NewBaseCollection("municipalities")
		municipalities.Fields.Add(
			title(text("name", "Kommunens navn, som det vises for mentorer og afdelinger")),
			required(text("code", "Kommunekode, fire cifre")),
			civil("participates_from", "Første dag, kommunen deltager i ordningen"),
			civil("participates_to", "Sidste dag, kommunen deltager; tom = indtil videre"),
			yesNo("mentors_take", "Må mentorer selv tage forløb, der ikke har en mentor?"),
		)
		stamps(municipalities)
		municipalities.AddIndex("idx_municipalities_code", true, "code", "")
		if err := app.Save(municipalities); err != nil {
			return err
		}

		schemes := core.NewBaseCollection("schemes")
		schemes.Fields.Add(
			belongsTo("municipality", "Kommunen, der har ordningen", municipalities, false),
			oneOf("kind", "social_mentor: seks måneder fra udskrivningen. discharge_mentor: 26 uger fra start. clarification_place: afklaringsplads",
				"social_mentor", "discharge_mentor", "clarification_place"),
			title(text("title", "Ordningens navn, som det vises")),
			yesNo("hold_extends_window", "Forlænger hele dage i bero vinduet? Gælder kun discharge_mentor"),
			count("first_contact_days", "Første samtale inden udgangen af denne dag efter udskrivningen"),
			count("first_contact_limit_days", "Senest her skal en anden træde til"),
			list("taper", "Forslag til samtaler, i dage efter start, fx [3, 7, 14]. Kun forslag"),
			yesNo("active", "Tager ordningen imod nye forløb?"),
		)
		stamps(schemes)
		schemes.AddIndex("idx_schemes_municipality", false, "municipality", "")
		if err := app.Save(schemes); err != nil {
			return err
		}

		wards := core.NewBaseCollection("wards")
		wards.Fields.Add(
			belongsTo("municipality", "Kommunen, afdelingen giver besked til", municipalities, false),
			title(text("name", "Afdelingens navn")),
		)
		stamps(wards)
		wards.AddIndex("idx_wards_municipality", false, "municipality", "")
		return app.Save(wards)
	}, drop("wards", "schemes", "municipalities"))
}
