package intake

import (
	"slices"

	"bindeled/domain"
	"bindeled/internal/clock"
)

// field is one question of the form. Its name is also its id on the page.
type field struct {
	Name, Label, Hint string
	Kind              string // text, tel, date or choice
	Optional          bool
	Missing           string // what to say when it is left open
	Options           []option
	Autocomplete      string

	Value, Error, Code string // as it comes back
}

type option struct{ Value, Text string }

type section struct {
	Title, Hint string
	Fields      []*field
}

var (
	triState = []option{{domain.Yes, "Ja"}, {domain.No, "Nej"}, {domain.Unknown, "Ved ikke"}}
	yesNo    = []option{{domain.Yes, "Ja"}, {domain.No, "Nej"}}
	kinds    = []option{{"planned", "Planlagt"}, {"actual", "Sket"}}
	forms    = []option{{"written", "Skriftligt"}, {"oral", "Mundtligt"}, {"digital", "Digitalt"}}
)

const pickOne = "Vælg et svar."

func question(name, label, hint string) *field {
	return &field{Name: name, Label: label, Hint: hint, Kind: "choice", Options: triState, Missing: pickOne}
}

// questionNames are the fields that decide the target group, as domain.Answers names them.
var questionNames = []string{"adult", "mental_disorder", "regional_psychiatry", "service_act_support", "own_home", "other_support"}

// layout is the whole form; what is not here is not accepted.
func layout() []section {
	return []section{
		{"Borgeren", "", []*field{
			{Name: "name", Label: "Navn", Kind: "text", Missing: "Skriv borgerens navn."},
			{Name: "phone", Label: "Telefonnummer", Hint: "Otte cifre, eller + og landekode.", Kind: "tel", Missing: "Skriv et telefonnummer, kommunen kan ringe til."},
			{Name: "phone_other", Label: "Et andet nummer (kan udelades)", Kind: "tel", Optional: true},
		}},
		{"Udskrivningen", "", []*field{
			{Name: "discharge_date", Label: "Udskrivningsdag", Kind: "date", Missing: "Skriv dagen, borgeren udskrives."},
			{Name: "date_kind", Label: "Er udskrivningen planlagt, eller er den sket?", Kind: "choice", Options: kinds, Missing: pickOne},
		}},
		{"Målgruppen", "Svar, som det er på udskrivningsdagen.", []*field{
			question("adult", "Er borgeren 18 år eller ældre på udskrivningsdagen?", ""),
			question("mental_disorder", "Har borgeren en psykisk lidelse?", "Kun ja eller nej, aldrig hvilken."),
			question("regional_psychiatry", "Udskrives borgeren fra den regionale psykiatri?", ""),
			question("service_act_support", "Modtager borgeren støtte efter serviceloven ved udskrivningen?", ""),
			question("own_home", "Udskrives borgeren til egen bolig?", "Indgår, udelukker ikke."),
			question("other_support", "Får borgeren støtte efter anden lovgivning?", "Indgår, udelukker ikke."),
		}},
		{"Samtykke", "Uden begge samtykker giver afdelingen ikke oplysninger videre.", []*field{
			{Name: "consent_contact", Label: "Ønsker borgeren at blive kontaktet af kommunen?", Kind: "choice", Options: yesNo, Missing: pickOne},
			{Name: "contact_given_on", Label: "Ja til at blive kontaktet, givet den", Kind: "date", Missing: "Skriv dagen, borgeren sagde ja."},
			{Name: "contact_form", Label: "Hvordan sagde borgeren ja til at blive kontaktet?", Kind: "choice", Options: forms, Missing: pickOne},
			{Name: "consent_disclosure", Label: "Må afdelingen give oplysningerne videre til kommunen?", Kind: "choice", Options: yesNo, Missing: pickOne},
			{Name: "disclosure_given_on", Label: "Ja til videregivelse, givet den", Kind: "date", Missing: "Skriv dagen, borgeren sagde ja."},
			{Name: "disclosure_form", Label: "Hvordan sagde borgeren ja til videregivelse?", Kind: "choice", Options: forms, Missing: pickOne},
		}},
	}
}

func formNames() []string {
	names := []string{"id"}
	for _, s := range layout() {
		for _, f := range s.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

// blank is a form nobody has written in yet.
func blank() map[string]string {
	today := string(clock.Today())
	return map[string]string{"id": newID(), "contact_given_on": today, "disclosure_given_on": today}
}

// kept is what belongs to the form among what was sent.
func kept(in map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range in {
		if slices.Contains(formNames(), name) {
			out[name] = value
		}
	}
	return out
}
