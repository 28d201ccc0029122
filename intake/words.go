package intake

import (
	"fmt"
	"strconv"
	"time"

	"bindeled/domain"
)

// because completes "Borgeren er ikke i målgruppen for ordningen, fordi …".
var because = map[string]string{
	"TG1": "borgeren ikke er fyldt 18 år på udskrivningsdagen",
	"TG2": "borgeren ikke har en psykisk lidelse",
	"TG3": "borgeren ikke udskrives fra den regionale psykiatri",
	"TG4": "borgeren modtager støtte efter serviceloven ved udskrivningen",
	"TG5": "kommunen ikke er med i ordningen på udskrivningsdagen",
}

const noConsent = "C3"

// explain says what stood in the way at a field, in words of its own kind.
func (f *field) explain(err *domain.Error) string {
	if err.Code == "value.invalid" {
		return f.Missing
	}
	return errorText(err)
}

func errorText(err *domain.Error) string {
	switch err.Code {
	case "date.invalid":
		return "Den dato findes ikke. Skriv den som åååå-mm-dd, for eksempel 2026-11-22."
	case "phone.invalid":
		return "Det er ikke et telefonnummer. Skriv otte cifre, eller + og landekode."
	case "value.too_long":
		return fmt.Sprintf("Teksten er for lang. Der er plads til %v tegn.", err.Params["max"])
	case "consent.in_future":
		return "Dagen ligger ude i fremtiden. Skriv dagen, borgeren sagde ja."
	case "consent.not_valid", "consent.too_long":
		return "Samtykket er mere end et år gammelt. Spørg borgeren igen."
	}
	return "Beskeden kan ikke tages imod, som den er. Ring til kommunen."
}

var (
	weekdays = [...]string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"}
	months   = [...]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}
)

// spell writes a day as "fredag 27. november 2026".
func spell(d domain.Date) string {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return string(d)
	}
	return weekdays[t.Weekday()] + " " + strconv.Itoa(t.Day()) + ". " + months[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

// spellMoment writes "fredag 27. november 2026 kl. 9.02".
func spellMoment(t time.Time) string {
	t = t.In(domain.Copenhagen)
	return fmt.Sprintf("%s kl. %d.%02d", spell(domain.DateOf(t)), t.Hour(), t.Minute())
}

// showPhone writes "12 34 56 78", or a foreign number as it is.
func showPhone(p string) string {
	if len(p) == 11 && p[:3] == "+45" {
		return p[3:5] + " " + p[5:7] + " " + p[7:9] + " " + p[9:]
	}
	return p
}
