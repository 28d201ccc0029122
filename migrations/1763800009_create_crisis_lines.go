package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
)

// The numbers on the action card. They are no secret: directory/ hands them to
// anybody, and phones show them while locked.
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
		return app.Save(lines)
	}, drop("crisis_lines"))
}
