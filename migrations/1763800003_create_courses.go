package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// Notices from wards, the courses they become, and the stand-ins.
func init() {
	m.Register(func(app core.App) error {
		found := map[string]*core.Collection{}
		for _, name := range []string{"municipalities", "schemes", "wards", "users"} {
			c, err := find(app, name)
			if err != nil {
				return err
			}
			found[name] = c
		}

		notices := core.NewBaseCollection("notices")
		notices.Fields.Add(
			belongsTo("municipality", "Kommunen, der får beskeden", found["municipalities"], false),
			belongsTo("scheme", "Ordningen, beskeden gælder", found["schemes"], false),
			pointsTo("ward", "Afdelingen, beskeden kommer fra", found["wards"]),
			oneOf("source", "Hvem henvendelsen kommer fra", "ward", "citizen", "other"),
			title(text("name", "Borgerens navn")),
			list("phones", "Telefonnumre, fx [\"+4512345678\"]"),
			required(civil("discharge_date", "Udskrivningsdagen")),
			oneOf("date_kind", "Er udskrivningen planlagt, sket eller aflyst?", "planned", "actual", "cancelled"),
			list("answers", "Svar på spørgsmålene om målgruppen: yes, no eller unknown"),
			list("consents", "De samtykker, der fulgte med"),
			oneOf("verdict", "Er borgeren i målgruppen? Regnes ud af svarene", "yes", "unknown"),
			list("reasons", "Regler, der ikke er afklaret (TG1–TG5)"),
			list("warnings", "Værd at vide, udelukker ikke (TG6, TG7)"),
			oneOf("status", "new: venter · accepted: blevet til et forløb · declined: afvist af koordinatoren", "new", "accepted", "declined"),
			long("decline_reason", "Hvorfor beskeden ikke blev til et forløb"),
			long("override_reason", "Hvorfor et uafklaret svar alligevel blev til et forløb"),
			text("course", "Forløbet, beskeden blev til"),
			moment("received_at", "Modtaget hos kommunen", true),
		)
		stamps(notices)
		notices.AddIndex("idx_notices_inbox", false, "municipality, status, received_at", "")
		readable(notices, coordinator+` && municipality = @request.auth.municipality`)
		if err := app.Save(notices); err != nil {
			return err
		}

		// A course has no name; in the dashboard it goes by its day.
		discharge := required(civil("discharge_date", "Udskrivningsdagen"))
		discharge.Presentable = true
		courses := core.NewBaseCollection("courses")
		courses.Fields.Add(
			belongsTo("municipality", "Kommunen", found["municipalities"], false),
			belongsTo("scheme", "Ordningen", found["schemes"], false),
			pointsTo("notice", "Beskeden, forløbet begyndte med", notices),
			pointsTo("mentor", "Den sociale mentor; tom = ikke fordelt", found["users"]),
			required(civil("started_on", "Dagen, forløbet blev oprettet")),
			discharge,
			oneOf("state", "awaiting: venter på første samtale · active: i gang · on_hold: i bero · closed: afsluttet",
				"awaiting", "active", "on_hold", "closed"),
			civil("held_from", "I bero fra"),
			count("hold_days", "Hele dage i bero, afsluttede perioder"),
			civil("last_day", "Sidste dag i vinduet. Regnes ud af serveren"),
			civil("closed_on", "Afsluttet den"),
			pointsTo("closed_by", "Afsluttet af", found["users"]),
			maybeOneOf("reason", "Årsag til afslutning", "not_interested", "moved", "no_contact", "not_in_target_group",
				"enough_support", "completed", "ended_after_first", "readmitted_new_course", "service_act_support", "died", "other"),
			maybeOneOf("told_resume", "Er borgeren fortalt om retten til at genoptage? not_reached: nåede det ikke", "yes", "no", "not_reached"),
		)
		stamps(courses)
		courses.AddIndex("idx_courses_municipality", false, "municipality, state", "")
		courses.AddIndex("idx_courses_mentor", false, "mentor", "")
		if err := app.Save(courses); err != nil {
			return err
		}

		covers := core.NewBaseCollection("covers")
		covers.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			belongsTo("user", "Vikaren", found["users"], false),
			required(civil("from", "Første dag som vikar")),
			required(civil("to", "Sidste dag som vikar")),
		)
		stamps(covers)
		covers.AddIndex("idx_covers_course", false, "course", "")
		covers.AddIndex("idx_covers_user", false, "user", "")
		if err := app.Save(covers); err != nil {
			return err
		}

		// The rules look through covers, so they come after it.
		readable(courses, courseRule(""))
		if err := app.Save(courses); err != nil {
			return err
		}
		readable(covers, courseRule("course."))
		return app.Save(covers)
	}, func(app core.App) error {
		courses, err := find(app, "courses")
		if err != nil {
			return err
		}
		courses.ListRule, courses.ViewRule = nil, nil
		if err := app.Save(courses); err != nil {
			return err
		}
		return drop("covers", "courses", "notices")(app)
	})
}
