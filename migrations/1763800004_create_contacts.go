package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// What hangs on a course: the person, the consents, the talks and the
// appointments. All of it goes when the course goes.
func init() {
	m.Register(func(app core.App) error {
		courses, err := find(app, "courses")
		if err != nil {
			return err
		}
		users, err := find(app, "users")
		if err != nil {
			return err
		}

		citizens := core.NewBaseCollection("citizens")
		citizens.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			title(text("name", "Borgerens navn")),
			list("phones", "Telefonnumre, fx [\"+4512345678\"]. Tomt, når samtykket er trukket tilbage"),
			text("prefers", "Hvornår og hvordan borgeren helst vil ringes op"),
			long("hopes", "Håb og ønsker, med borgerens egne ord"),
		)
		citizens.AddIndex("idx_citizens_course", true, "course", "")

		consents := core.NewBaseCollection("consents")
		consents.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			oneOf("scope", "contact: vil gerne ringes op · disclosure: afdelingen må give oplysninger videre", "contact", "disclosure"),
			oneOf("form", "Hvordan samtykket er givet", "written", "oral", "digital"),
			text("text_version", "Udgaven af samtykketeksten"),
			text("taken_by", "Hvem der tog imod samtykket, fx afdelingen"),
			required(civil("given_on", "Givet den")),
			required(civil("expires_on", "Gælder til og med, højst et år")),
			civil("withdrawn_on", "Trukket tilbage den"),
		)
		consents.AddIndex("idx_consents_course", false, "course", "")

		contacts := core.NewBaseCollection("contacts")
		contacts.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			belongsTo("by", "Hvem der talte", users, false),
			moment("occurred_at", "Hvornår det skete", true),
			moment("received_at", "Hvornår det blev modtaget hos kommunen", true),
			oneOf("direction", "out: mentoren ringede · in: borgeren ringede", "out", "in"),
			oneOf("outcome", "Hvad der skete", "reached", "no_answer", "wrong_number", "wants_later", "declined", "other"),
			count("minutes", "Minutter"),
			list("topics", "Hvad de talte om; krydset af bagefter"),
			yesNo("needs_now", "Har borgeren brug for støtte her og nu?"),
			list("offers", "Tilbud, der blev fortalt om"),
			long("note", "Note"),
			yesNo("late", "Skrevet ned mere end syv dage efter"),
			text("amends", "Samtalen, denne retter"),
		)
		contacts.AddIndex("idx_contacts_course", false, "course, occurred_at", "")

		appointments := core.NewBaseCollection("appointments")
		appointments.Fields.Add(
			belongsTo("course", "Forløbet", courses, true),
			required(civil("on", "Dagen")),
			maybeOneOf("part_of_day", "Tid på dagen", "morning", "afternoon", "evening"),
			clock("time", "Klokkeslæt"),
			text("topic", "Hvad samtalen kan handle om"),
			oneOf("state", "open: aftalt · done: holdt · moved: flyttet · cancelled: aflyst", "open", "done", "moved", "cancelled"),
			text("done_by", "Samtalen, der holdt aftalen"),
		)
		appointments.AddIndex("idx_appointments_course", false, "course, state, on", "")

		for _, c := range []*core.Collection{citizens, consents, contacts, appointments} {
			stamps(c)
			readable(c, courseRule("course."))
			if err := app.Save(c); err != nil {
				return err
			}
		}
		return nil
	}, drop("appointments", "contacts", "consents", "citizens"))
}
