package mutations

import (
	"time"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type raiseArgs struct {
	Flag     string    `json:"flag"`
	Course   string    `json:"course"`
	At       time.Time `json:"at"`
	Note     string    `json:"note"`
	HandedTo string    `json:"handed_to"`
	Warm     bool      `json:"warm"` // she spoke with them herself
	FollowUp string    `json:"follow_up"`
}

// raiseFlag writes a concern down, whatever state the course is in. A clock
// that runs ahead keeps nobody's word out. [F1]
func raiseFlag(c *sync.Context, a raiseArgs) error {
	at := a.At.Add(c.Skew)
	if at.After(c.Received) {
		at = c.Received
	}
	action := *c
	action.At = at // who may is judged by the moment it was raised
	if _, err := course(&action, "flag.raise", a.Course); err != nil {
		return err
	}
	if a.Flag == "" {
		return missing("flag")
	}
	if known, err := load(c, records.Flags, a.Flag); err == nil {
		if known.GetString("course") == a.Course && known.GetString("by") == c.User.Id && known.GetString("note") == a.Note {
			return nil // sent again, after the server was replaced
		}
		return missing("flag")
	} else if !records.IsGone(err) {
		return err
	}
	return create(c, records.Flags, a.Flag, map[string]any{
		"course":      a.Course,
		"by":          c.User.Id,
		"at":          at.UTC(),
		"received_at": c.Received.UTC(),
		"note":        a.Note,
		"handed_to":   a.HandedTo,
		"warm":        a.Warm,
		"follow_up":   a.FollowUp,
		"state":       records.FlagOpen,
	})
}

type closeFlagArgs struct {
	Flag   string `json:"flag"`
	Course string `json:"course"`
	Done   string `json:"done"`
}

// closeFlag says what was done about a concern. [F3]
func closeFlag(c *sync.Context, a closeFlagArgs) error {
	course, err := course(c, "flag.close", a.Course)
	if err != nil {
		return err
	}
	flag, err := load(c, records.Flags, a.Flag)
	if err != nil {
		return err
	}
	if flag.GetString("course") != course.Id {
		return domain.Broken("record.gone")
	}
	at := c.At
	if at.After(c.Received) {
		at = c.Received
	}
	flag.Load(map[string]any{"state": records.FlagClosed, "done": a.Done, "closed_by": c.User.Id, "closed_at": at.UTC()})
	return c.App.Save(flag)
}
