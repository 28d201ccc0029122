package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Concerns, and whether a municipality is at work at weekends.
func init() {
	m.Register(func(app core.App) error {
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		courses, err := find(app, "courses")
		if err != nil {
			return err
		}
		users, err := find(app, "users")
		if err != nil {
			return err
		}
		municipalities.Fields.Add(yesNo("weekends_off",
			"Er der ingen på arbejde i weekenden? Så er næste kontakt efter en bekymring senest mandag, og det står der. Ellers senest dagen efter"))
		if err := app.Save(municipalities); err != nil {
			return err
		}

		flags := core.NewBaseCollection("flags")
		flags.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			belongsTo("by", "Hvem der blev bekymret", users, false),
			moment("at", "Hvornår", true),
			moment("received_at", "Hvornår det blev modtaget hos kommunen", true),
			long("note", "Hvad der blev set eller hørt, og hvad der blev gjort"),
			text("handed_to", "Hvem der tog over, med ord, fx egen læge"),
			yesNo("warm", "Talte mentoren selv med den, der tog over?"),
			required(civil("follow_up", "Dagen for næste kontakt. Er den tom eller for sen, sættes den sidste, der er")),
			oneOf("state", "open: står øverst på listen · closed: afsluttet", "open", "closed"),
			text("done", "Hvad der er gjort; skrives, når den afsluttes"),
			pointsTo("closed_by", "Afsluttet af", users),
			moment("closed_at", "Afsluttet", false),
		)
		stamps(flags)
		flags.AddIndex("idx_flags_course", false, "course, state", "")
		readable(flags, phoneRule("course."))
		return app.Save(flags)
	}, func(app core.App) error {
		if err := drop("flags")(app); err != nil {
			return err
		}
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		municipalities.Fields.RemoveByName("weekends_off")
		return app.Save(municipalities)
	})
}
