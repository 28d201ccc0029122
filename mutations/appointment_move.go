package mutations

import (
	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type moveArgs struct {
	Course      string    `json:"course"`
	Appointment string    `json:"appointment"` // empty when nothing was planned
	Next        *nextArgs `json:"next"`
}

// moveAppointment puts a talk on another day, or books one where there is
// none. The new one is made first: if it is refused, the old one stands. [W5 S10]
func moveAppointment(c *sync.Context, a moveArgs) error {
	course, err := course(c, "appointment.move", a.Course)
	if err != nil {
		return err
	}
	if a.Next == nil {
		return missing("next")
	}
	if a.Appointment != "" {
		old, err := load(c, records.Appointments, a.Appointment)
		if err != nil {
			return err
		}
		if old.GetString("course") != course.Id {
			return domain.Broken("record.gone")
		}
		if state := old.GetString("state"); state != records.AppointmentOpen {
			return domain.Broken("appointment.not_open", domain.Params{"state": state})
		}
		old.Set("state", records.AppointmentMoved)
		if err := c.App.Save(old); err != nil {
			return err
		}
	}
	return book(c, course.Id, *a.Next, c.At) // refused: all of it is rolled back
}
