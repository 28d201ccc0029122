package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The numbers on the action card, which are no secret: directory/ hands them to
// anybody, and phones show them while locked. And what the town offers.
func init() {
	m.Register(func(app core.App) error {
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		// Without its municipality a line would be the whole country's.
		of := pointsTo("municipality", "Kommunen, linjen gælder for; tom = hele landet", municipalities)
		of.CascadeDelete = true
		lines := core.NewBaseCollection("crisis_lines")
		lines.Fields.Add(
			of,
			title(text("name", "Hvem der tager telefonen, som det står på kortet")),
			oneOf("kind", "social: kommunens akuttilbud · regional: psykiatrisk akuttelefon · doctor: lægevagt · helpline: rådgivning · other: andet",
				"social", "regional", "doctor", "helpline", "other"),
			required(text("number", "Nummeret, som man ringer til det: 12 34 56 78 eller 1813")),
			text("hours", "Åbningstid med ord, fx: hver dag kl. 8–22"),
			text("source", "Hvor nummer og åbningstid er kontrolleret, fx en hjemmeside eller et opkald"),
			civil("verified_on", "Sidst kontrolleret. Efter seks måneder, og når feltet er tomt, står linjen som ikke bekræftet, og den vises kun ved siden af en bekræftet"),
			count("order", "Rækkefølgen på kortet; mindst først"),
			yesNo("active", "Står den på kortet?"),
		)
		stamps(lines)
		lines.AddIndex("idx_crisis_lines_municipality", false, "municipality", "")
		if err := app.Save(lines); err != nil {
			return err
		}

		offers := core.NewBaseCollection("offers")
		offers.Fields.Add(
			belongsTo("municipality", "Kommunen, tilbuddet er til for", municipalities, true),
			title(text("name", "Tilbuddets navn")),
			oneOf("kind", "Det, man leder efter; i rækkefølge: samvær, rådgivning, akut hjælp, selvhjælp og mestring, motion, kultur, sundhed, økonomi, bolig, job, rusmidler, pårørende, følgeskab, på nettet",
				"community", "talk", "urgent", "groups", "nature", "culture", "health", "money", "home", "work", "substances", "relatives", "peer", "digital"),
			long("about", "Hvad det er, og hvem det er for, med almindelige ord"),
			text("place", "Hvor det er, og hvor langt der er, fx: Havnegade 1, ti minutter fra stationen"),
			&core.SelectField{Name: "weekdays", Help: "Dagene, der er åbent, 1 = mandag, 7 = søndag; ingen valgt = spørg tilbuddet", MaxSelect: 7,
				Values: []string{"1", "2", "3", "4", "5", "6", "7"}},
			text("hours", "Åbningstid med ord, fx: kl. 10–14"),
			text("phone", "Tilbuddets telefon"),
			&core.URLField{Name: "web", Help: "Tilbuddets hjemmeside"},
			text("contact", "Hvem man kan spørge efter på stedet. Aldrig en borger"),
			yesNo("drop_in", "Kan man komme uden at melde sig til?"),
			civil("checked_on", "Sidst kontrolleret"),
			yesNo("active", "Vises tilbuddet?"),
		)
		stamps(offers)
		offers.AddIndex("idx_offers_municipality", false, "municipality", "")
		readable(offers, staff+` && municipality = @request.auth.municipality`)
		return app.Save(offers)
	}, drop("offers", "crisis_lines"))
}
