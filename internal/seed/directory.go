package seed

import "bindeled/internal/records"

// directory: what anybody may know. The municipality's own numbers are
// invented; the others are for a municipality to check before it relies on
// them, and say so.
func (w *world) directory() {
	w.line("akutproeve", "proevekoebing", 1, values{
		"name": "Prøvekøbing sociale akuttilbud", "kind": "social", "number": "12345600", "hours": "Hele døgnet, alle dage",
		"source": "prøvekøbing.example/akut", "verified_on": w.day(-20),
	})
	w.line("regionproeve", "proevekoebing", 2, values{
		"name": "Regionens psykiatriske akuttelefon", "kind": "regional", "number": "12345601", "hours": "Hele døgnet",
		"source": "Regionens hjemmeside", "verified_on": w.day(-200),
	})
	w.line("akuteksempel", "eksempelby", 1, values{
		"name": "Eksempelby akuttelefon", "kind": "social", "number": "12345602", "hours": "Hele døgnet",
		"source": "eksempelby.example/akut", "verified_on": w.day(-3),
	})
	w.line("livslinien", "", 9, values{
		"name": "Livslinien", "kind": "helpline", "number": "70201201", "hours": "Åbningstiden skal kommunen kontrollere",
		"source": "livslinien.dk", "verified_on": "",
	})
}

func (w *world) line(id, municipality string, order int, v values) {
	if municipality != "" {
		v["municipality"] = ID(municipality)
	}
	v["order"], v["active"] = order, true
	w.save(records.CrisisLines, id, v)
}
