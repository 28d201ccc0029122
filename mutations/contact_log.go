package mutations

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type contactArgs struct {
	Contact     string    `json:"contact"`
	Course      string    `json:"course"`
	OccurredAt  time.Time `json:"occurred_at"`
	Direction   string    `json:"direction"`
	Outcome     string    `json:"outcome"`
	Minutes     int       `json:"minutes"`
	Topics      []string  `json:"topics"`
	NeedsNow    bool      `json:"needs_now"`
	Offers      []string  `json:"offers"`
	Note        string    `json:"note"`
	Appointment string    `json:"appointment"` // the one this talk kept, if any
	Next        *nextArgs `json:"next"`
	End         *endArgs  `json:"end"`
}

type nextArgs struct {
	Appointment string `json:"appointment"`
	On          string `json:"on"`
	PartOfDay   string `json:"part_of_day"`
	Time        string `json:"time"`
	Topic       string `json:"topic"`
}

type endArgs struct {
	Reason     string `json:"reason"`
	ToldResume string `json:"told_resume"`
}

// logContact writes what happened, and then what the two agreed. The contact
// stands if it was lawful when it happened, also on a course closed since;
// what breaks a rule in the agreement is refused by itself. [W5 W8 S2 S11]
func logContact(c *sync.Context, a contactArgs) error {
	action := *c
	action.At = a.OccurredAt // a stand-in is judged on the day of the talk
	course, err := course(&action, "contact.log", a.Course)
	if err != nil {
		return err
	}
	if err := domain.CheckFinish(a.Outcome, a.Next != nil, a.End != nil); err != nil {
		return err
	}
	if err := writeContact(c, a); err != nil {
		return err
	}
	if a.Outcome == domain.Reached {
		if err := markReached(c, course, a); err != nil {
			return err
		}
	}
	switch {
	case a.Next != nil:
		err := domain.CheckNext(a.OccurredAt, domain.Date(a.Next.On))
		if err == nil {
			err = book(c, course.Id, *a.Next)
		}
		return c.RefusePart("next", err)
	case a.End != nil:
		return c.RefusePart("end", end(c, course, *a.End, domain.DateOf(a.OccurredAt)))
	}
	return nil
}

func writeContact(c *sync.Context, a contactArgs) error {
	if a.Contact == "" {
		return missing("contact")
	}
	return create(c, records.Contacts, a.Contact, map[string]any{
		"course":      a.Course,
		"by":          c.User.Id,
		"occurred_at": a.OccurredAt.UTC(),
		"received_at": c.Received.UTC(),
		"direction":   a.Direction,
		"outcome":     a.Outcome,
		"minutes":     a.Minutes,
		"topics":      list(a.Topics),
		"needs_now":   a.NeedsNow,
		"offers":      list(a.Offers),
		"note":        a.Note,
	})
}

// markReached: the appointment was kept, and the first talk has been.
func markReached(c *sync.Context, course *core.Record, a contactArgs) error {
	if a.Appointment != "" {
		kept, err := load(c, records.Appointments, a.Appointment)
		// Moved or cancelled by another meanwhile, or another's: the talk stands all the same.
		if err == nil && kept.GetString("course") == course.Id && kept.GetString("state") == records.AppointmentOpen {
			kept.Set("state", records.AppointmentDone)
			kept.Set("done_by", a.Contact)
			if err := c.App.Save(kept); err != nil {
				return err
			}
		}
	}
	if course.GetString("state") != domain.Awaiting || domain.StateOn(domain.Awaiting, records.Date(course, "last_day"), domain.DateOf(c.Received)) != domain.Awaiting {
		return nil
	}
	course.Set("state", domain.Active)
	return c.App.Save(course)
}

// book makes an open appointment.
func book(c *sync.Context, course string, n nextArgs) error {
	if n.Appointment == "" {
		return missing("appointment")
	}
	if _, err := domain.ParseDate(n.On); err != nil {
		return err
	}
	return create(c, records.Appointments, n.Appointment, map[string]any{
		"course":      course,
		"on":          n.On,
		"part_of_day": n.PartOfDay,
		"time":        n.Time,
		"topic":       n.Topic,
		"state":       records.AppointmentOpen,
	})
}

func list(words []string) []string {
	if words == nil {
		return []string{}
	}
	return words
}
