package seed

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
)

// citizen is one invented course.
type citizen struct {
	id, name, phone string
	mentor          string
	discharged      int // days from today
	hopes           string
}

// courses: somebody in every state a mentor meets.
func (w *world) courses() {
	maja, omar := ID("maja"), ID("omar")

	alma := w.course(citizen{"alma", "Alma Prøvedal", "12345671", maja, -40, "Vil gerne være blandt mennesker igen, men i små bidder."})
	w.reached(alma, maja, -38, "10:15", 22, "Glad for at være hjemme. Sover for lidt.", "wellbeing", "where_to_get_help")
	w.reached(alma, maja, -15, "10:05", 18, "Har været i værestedet én gang. Vi aftalte at følge op.", "interests")
	w.appointment(alma, -1, "10:00", "", "Følge op på aftale med værestedet")
	w.save(records.Covers, "vikaralma", values{"course": ID("alma"), "user": omar, "from": w.day(-1), "to": w.day(14)})

	birk := w.course(citizen{"birk", "Birk Testesen", "12345678", maja, -3, "Vil gerne i gang med at cykle igen. Savner nogen at spise med."})
	w.contact(birk, maja, -2, "10:15", domain.NoAnswer, 0, "")
	w.contact(birk, maja, -1, "16:40", domain.NoAnswer, 0, "")

	noor := w.course(citizen{"noor", "Noor Eksempel", "12345673", maja, -60, "Drømmer om at synge i kor."})
	w.reached(noor, maja, -57, "11:00", 25, "Talte om at komme ud ad døren.", "wellbeing", "interests")
	w.reached(noor, maja, -14, "11:00", 15, "Vil prøve fællesspisning på torsdag.", "interests", "next_call")
	w.appointment(noor, 0, "11:00", "", "Om fællesspisning på torsdag")

	viggo := w.course(citizen{"viggo", "Viggo Påfund", "12345674", maja, -25, "Vil have ro på økonomien."})
	w.reached(viggo, maja, -22, "13:30", 30, "Bekymret for regningerne. Fortalte om gældsrådgivning.", "where_to_get_help")
	w.appointment(viggo, 0, "", "afternoon", "Hvordan går det med søvnen og aftalerne")

	saga := w.course(citizen{"saga", "Saga Opdigtet", "12345675", maja, w.dischargedSoThat(5), "Vil tilbage på arbejde til sommer."})
	w.reached(saga, maja, -150, "09:00", 20, "Første samtale. Ville gerne ringes op igen.", "wellbeing")
	w.reached(saga, maja, -45, "09:00", 12, "Det går fremad. Er begyndt på håndbold.", "interests")
	w.appointment(saga, 0, "14:30", "", "Afsluttende samtale")

	elias := w.course(citizen{"elias", "Elias Tænkt", "12345676", maja, -80, ""})
	w.reached(elias, maja, -77, "09:30", 16, "Vil finde papirerne frem.", "other_support")
	w.appointment(elias, 2, "09:30", "", "Gældsrådgivning, papirer fundet?")

	liv := w.course(citizen{"liv", "Liv Skrevet", "12345677", omar, -15, "Vil gerne lære sin nye by at kende."})
	w.reached(liv, omar, -13, "12:00", 20, "Ny i byen. Vil gerne høre om frivilligcenteret.", "interests", "peer")
	w.appointment(liv, 1, "", "morning", "Frivilligcenteret")

	w.onHold(w.course(citizen{"bo", "Bo Bestemt", "12345672", omar, -30, ""}), omar)
	w.closed(w.course(citizen{"ida", "Ida Indfald", "12345679", maja, -90, ""}), maja)

	w.course(citizen{"ture", "Ture Tilfælde", "12345670", "", -1, ""})

	w.foreign()
}

// dischargedSoThat finds a day of discharge whose window ends so many days
// from today.
func (w *world) dischargedSoThat(last int) int {
	day := w.day(last).AddMonths(-6)
	for day.AddMonths(6) < w.day(last) {
		day = day.AddDays(1)
	}
	return w.today.DaysUntil(day)
}

func (w *world) course(c citizen) *core.Record { return w.courseIn("proevekoebing", c) }

func (w *world) courseIn(municipality string, c citizen) *core.Record {
	started := min(c.discharged, 0)
	r := w.save(records.Courses, c.id, values{
		"municipality": ID(municipality), "scheme": ID("ordning" + municipality), "mentor": c.mentor,
		"started_on": w.day(started), "discharge_date": w.day(c.discharged), "state": domain.Awaiting,
	})
	for _, scope := range []string{domain.ScopeContact, domain.ScopeDisclosure} {
		w.save(records.Consents, scope[:4]+c.id, values{
			"course": ID(c.id), "scope": scope, "form": "written", "text_version": "1",
			"taken_by": "Afsnit P1, Psykiatrisk Center Påfund",
			"given_on": w.day(started), "expires_on": w.day(started).AddMonths(12),
		})
	}
	w.save(records.Citizens, "borger"+c.id, values{
		"course": ID(c.id), "name": c.name, "phones": []string{c.phone}, "hopes": c.hopes,
	})
	return r
}

func (w *world) contact(course *core.Record, by string, day int, clock, outcome string, minutes int, note string, topics ...string) {
	if w.err != nil {
		return
	}
	at := w.at(day, clock)
	w.save(records.Contacts, "", values{
		"course": course.Id, "by": by, "occurred_at": at, "received_at": at.Add(60e9), "direction": "out",
		"outcome": outcome, "minutes": minutes, "note": note, "topics": append([]string{}, topics...), "offers": []string{},
	})
}

// reached is a talk; the first of them makes the course active.
func (w *world) reached(course *core.Record, by string, day int, clock string, minutes int, note string, topics ...string) {
	w.contact(course, by, day, clock, domain.Reached, minutes, note, topics...)
	if w.err == nil && course.GetString("state") == domain.Awaiting {
		w.update(course, values{"state": domain.Active})
	}
}

func (w *world) appointment(course *core.Record, day int, clock, part, topic string) {
	if w.err != nil {
		return
	}
	w.save(records.Appointments, "aftale"+course.Id, values{
		"course": course.Id, "on": w.day(day), "time": clock, "part_of_day": part, "topic": topic, "state": records.AppointmentOpen,
	})
}

func (w *world) onHold(course *core.Record, by string) {
	w.reached(course, by, -28, "10:00", 14, "Er indlagt igen og vil gerne ringes op bagefter.")
	if w.err == nil {
		w.update(course, values{"state": domain.OnHold})
	}
}

func (w *world) closed(course *core.Record, by string) {
	w.reached(course, by, -88, "10:00", 19, "Har god hjælp omkring sig.", "support_from_others")
	if w.err == nil {
		w.update(course, values{
			"state": domain.Closed, "closed_on": w.day(-6), "closed_by": by, "reason": "enough_support", "told_resume": "yes",
		})
	}
}

// foreign is next door: nobody in Prøvekøbing may ever see it.
func (w *world) foreign() {
	c := w.courseIn("eksempelby", citizen{"fremmed", "Frede Fremmed", "12345669", ID("nina"), -10, ""})
	w.reached(c, ID("nina"), -8, "10:00", 10, "Naboens note.")
	w.appointment(c, 1, "10:00", "", "Naboens aftale")
}
