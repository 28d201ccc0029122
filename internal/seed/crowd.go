package seed

import (
	"fmt"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
)

// notesEach is how many talks lie behind each course of a crowd, notesLong how
// many behind its first.
const (
	notesEach = 25
	notesLong = 300
)

// Crowd gives Maja so many more courses, each with its talks and its next
// call: to measure with, and to see that many are still calm to look at.
func Crowd(app core.App, today domain.Date, courses int) error {
	return app.RunInTransaction(func(tx core.App) error {
		w := &world{app: tx, today: today}
		maja := ID("maja")
		for i := range courses {
			name := fmt.Sprintf("c%05d", i)
			r := w.course(citizen{name, fmt.Sprintf("%s %s", given[i%len(given)], family[i/len(given)%len(family)]), fmt.Sprintf("12%06d", i), maja,
				-20 - i%120, "Vil gerne ud blandt andre, et lille skridt ad gangen."})
			notes := notesEach
			if i == 0 {
				notes = notesLong
			}
			for n := range notes {
				w.reached(r, maja, -1-(notes-n)%18, fmt.Sprintf("%02d:%02d", 9+n%7, i%60), 10+n, fmt.Sprintf(
					"Samtale %d. Har sovet lidt bedre, og har været en tur ved åen med naboens hund. Vi talte om fællesspisningen på torsdag, og om hvem der kan gå med. "+
						"Vil gerne høre mere om værestedet, men er i tvivl om, hvornår der er roligst. Jeg undersøger det til næste gang, og vi tales ved som aftalt.", n+1), "wellbeing")
			}
			w.appointment(r, i%9-2, "", "afternoon", "Hvordan det gik ved fællesspisningen")
		}
		return w.err
	})
}

var (
	given  = []string{"Agnes", "Bente", "Cilje", "Dorte", "Ejnar", "Frode", "Gerda", "Helge", "Inger", "Jeppe", "Karla", "Laust", "Mikka", "Niels", "Oline", "Poula", "Rikke", "Sigga", "Troels", "Ulla"}
	family = []string{"Opfundet", "Prøvesen", "Påhit", "Tænkt", "Skrevet", "Eksempel", "Testesen", "Kladde", "Udkast", "Mønster", "Skabelon", "Indfald", "Opdigt", "Forsøg", "Attrap", "Model", "Skitse", "Øvelse", "Ærinde", "Åbent"}
)
