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

// offer is what the town has: invented, every one.
type offer struct {
	id, name, kind, about, place string
	weekdays                     []string
	hours, phone, web, contact   string
	dropIn                       bool
}

func (w *world) offers() {
	workdays := []string{"1", "2", "3", "4", "5"}
	for _, o := range []offer{
		{"kilden", "Værestedet Kilden", "community", "Kaffe, brætspil og nogen at være sammen med. For alle over 18.", "Havnegade 1, fem minutter fra stationen",
			workdays, "kl. 10–15", "12345610", "https://kilden.example", "Spørg efter Bente", true},
		{"faelles", "Fællesspisning i beboerhuset", "community", "Mad til 30 kr. og plads til én til.", "Egevej 12, bus 3", []string{"4"}, "kl. 17.30–20", "12345611", "", "", false},
		{"cykel", "Cykelholdet", "nature", "Rolige ture på 10–15 km. Cykler kan lånes.", "Fra rådhuspladsen", []string{"2", "6"}, "kl. 10", "12345612", "", "Spørg efter Jens", true},
		{"kor", "Koret Østenvinden", "culture", "Sang uden noder. Ingen optagelsesprøve.", "Musikskolen, Skolegade 4", []string{"3"}, "kl. 19–21", "", "https://kor.example", "", false},
		{"gaeld", "Gældsrådgivningen", "money", "Gratis hjælp til regninger, gæld og budget. Tag papirerne med.", "Biblioteket, 1. sal", []string{"1", "4"}, "kl. 15–18", "12345613", "", "", false},
		{"angst", "Gruppe om at leve med angst", "groups", "Otte gange i en lille gruppe, med en, der selv har prøvet det.", "Sundhedscentret", []string{"2"}, "kl. 16–18", "12345614", "", "Spørg efter Aya", false},
		{"abent", "Åben rådgivning", "talk", "En snak om det, der fylder. Ingen bestilling, intet journalnotat.", "Torvet 3, stuen", workdays, "kl. 12–16", "12345615", "", "", true},
		{"peer", "Følgeven", "peer", "En frivillig går med første gang, når et nyt sted er svært at komme ind ad døren til.", "Hvor du vil", []string{}, "Efter aftale", "12345616", "", "Spørg efter Frivilligcentret", false},
		{"job", "Jobcafeen", "work", "Hjælp til ansøgninger og en praktikplads i det små.", "Biblioteket, stuen", []string{"3", "5"}, "kl. 9–12", "12345617", "", "", true},
	} {
		w.save(records.Offers, o.id, values{
			"municipality": ID("proevekoebing"), "name": o.name, "kind": o.kind, "about": o.about, "place": o.place, "weekdays": o.weekdays, "hours": o.hours,
			"phone": o.phone, "web": o.web, "contact": o.contact, "drop_in": o.dropIn, "checked_on": w.day(-30), "active": true,
		})
	}
	w.save(records.Offers, "nabo", values{"municipality": ID("eksempelby"), "name": "Naboens værested", "kind": "community", "active": true})
}
