package mutations

import (
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

// toldArgs is a talk as it is told; a correction tells it anew.
type toldArgs struct {
	Contact    string    `json:"contact"`
	Course     string    `json:"course"`
	OccurredAt time.Time `json:"occurred_at"`
	Direction  string    `json:"direction"`
	Outcome    string    `json:"outcome"`
	Minutes    int       `json:"minutes"`
	Topics     []string  `json:"topics"`
	NeedsNow   bool      `json:"needs_now"`
	Offers     mentions  `json:"offers"`
	Note       string    `json:"note"`
}

type contactArgs struct {
	toldArgs
	Appointment string    `json:"appointment"` // the one this talk kept, if any
	Next        *nextArgs `json:"next"`
	End         *endArgs  `json:"end"`
}

// mentions is what came up of offers; phones of before name them in words. [O1]
type mentions []domain.Mention

func (m mentions) list() []domain.Mention { return append([]domain.Mention{}, m...) }

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
	a.OccurredAt = a.OccurredAt.Add(c.Skew)
	action := *c
	action.At = a.OccurredAt // who may is judged by the moment of the talk
	course, err := course(&action, "contact.log", a.Course)
	if err != nil {
		return err
	}
	if err := domain.CheckFinish(a.Outcome, a.Next != nil, a.End != nil); err != nil {
		return err
	}
	if known, err := load(c, records.Contacts, a.Contact); err == nil {
		return sameTalk(c, known, a.toldArgs, "")
	} else if !records.IsGone(err) {
		return err
	}
	if err := writeContact(c, a.toldArgs, ""); err != nil {
		return err
	}
	if a.Outcome == domain.Reached {
		if err := markReached(c, course, a); err != nil {
			return err
		}
	}
	switch {
	case a.Next != nil:
		return c.RefusePart("next", func() error { return goOn(c, course, a) })
	case a.End != nil:
		return c.RefusePart("end", func() error {
			if err := may(&action, "course.close", course); err != nil { // another may have it meanwhile
				return err
			}
			return end(c, course, *a.End, domain.DateOf(a.OccurredAt))
		})
	}
	return nil
}

// sameTalk: a talk that is known was sent again under another number, after
// the server was replaced. Another text under its id is not written, and not
// said to be.
func sameTalk(c *sync.Context, known *core.Record, a toldArgs, amends string) error {
	if known.GetString("course") == a.Course && known.GetString("by") == c.User.Id && known.GetString("amends") == amends &&
		known.GetString("outcome") == a.Outcome && known.GetString("note") == a.Note {
		return nil
	}
	return missing("contact")
}

// goOn books the next talk. When nobody answered, it takes the place of the
// one that was to be.
func goOn(c *sync.Context, course *core.Record, a contactArgs) error {
	if err := book(c, course.Id, *a.Next, a.OccurredAt); err != nil || a.Outcome == domain.Reached {
		return err
	}
	return settle(c, course, a.Appointment, map[string]any{"state": records.AppointmentMoved})
}

func writeContact(c *sync.Context, a toldArgs, amends string) error {
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
		"offers":      a.Offers.list(),
		"note":        a.Note,
		"amends":      amends,
	})
}

// markReached: the appointment was kept, and the first talk has been.
func markReached(c *sync.Context, course *core.Record, a contactArgs) error {
	kept := map[string]any{"state": records.AppointmentDone, "done_by": a.Contact}
	if err := settle(c, course, a.Appointment, kept); err != nil {
		return err
	}
	return begin(c, course)
}

// begin: the first talk makes a course active.
func begin(c *sync.Context, course *core.Record) error {
	if now, err := records.Course(c.App, course); err != nil || domain.StateOn(now, domain.DateOf(c.Received)) != domain.Awaiting {
		return err
	}
	course.Set("state", domain.Active)
	return c.App.Save(course)
}

// settle changes an appointment that is still open. One that another moved or
// cancelled meanwhile is left as it is: the talk stands all the same.
func settle(c *sync.Context, course *core.Record, appointment string, to map[string]any) error {
	if appointment == "" {
		return nil
	}
	found, err := load(c, records.Appointments, appointment)
	if err != nil && !records.IsGone(err) {
		return err
	}
	if err != nil || found.GetString("course") != course.Id || found.GetString("state") != records.AppointmentOpen {
		return nil
	}
	found.Load(to)
	return c.App.Save(found)
}

// book makes an open appointment, agreed at a moment. [W7]
func book(c *sync.Context, course string, n nextArgs, agreed time.Time) error {
	if n.Appointment == "" {
		return missing("appointment")
	}
	on, err := domain.ParseDate(n.On)
	if err != nil {
		return err
	}
	if err := domain.CheckNext(agreed, on); err != nil {
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
