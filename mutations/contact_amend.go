package mutations

import (
	"errors"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type amendArgs struct {
	toldArgs        // without a time: when it was stands
	Amends   string `json:"amends"` // the talk as it stands
}

// amendContact tells a talk anew beside the old one, which stays to be read.
// Nothing is agreed or ended by it, but that the two have talked begins a
// course, also when it is found out later. [S12 S17]
func amendContact(c *sync.Context, a amendArgs) error {
	course, err := load(c, records.Courses, a.Course)
	if err != nil {
		return err
	}
	stood, gone := load(c, records.Contacts, a.Amends)
	if gone != nil && !records.IsGone(gone) {
		return gone
	}
	if gone == nil && stood.GetString("course") != a.Course {
		gone = domain.Broken("record.gone")
	}
	if err := mayAmend(c, course, stood, gone != nil); err != nil {
		return err
	}
	if gone != nil {
		return gone
	}
	if known, err := load(c, records.Contacts, a.Contact); err == nil {
		return sameTalk(c, known, a.toldArgs, a.Amends)
	} else if !records.IsGone(err) {
		return err
	}
	// A time that a person has put right is right, whatever the phone's clock says.
	if a.OccurredAt.IsZero() {
		a.OccurredAt = records.Moment(stood, "occurred_at")
	}
	if err := writeContact(c, a.toldArgs, a.Amends); err != nil || a.Outcome != domain.Reached {
		return err
	}
	return begin(c, course)
}

// mayAmend: whoever may act on the course now, or could when the talk was. [A3 A4 A7]
func mayAmend(c *sync.Context, course, stood *core.Record, gone bool) error {
	err := may(c, "contact.amend", course)
	if gone || !errors.Is(err, domain.Broken("course.not_member")) {
		return err
	}
	then := *c
	then.At = records.Moment(stood, "occurred_at")
	return may(&then, "contact.amend", course)
}
