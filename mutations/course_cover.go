package mutations

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type coverArgs struct {
	Cover  string `json:"cover"` // a new id, or that of the one to change
	Course string `json:"course"`
	User   string `json:"user"`
	From   string `json:"from"`
	To     string `json:"to"`  // "" = it is over
	Was    string `json:"was"` // the last day the sender saw, "" = none
}

// coverCourse says who stands in, from a day to a day, and changes or ends it.
// What was changed meanwhile is stale. [A3 A4 S13 S15]
func coverCourse(c *sync.Context, a coverArgs) error {
	course, err := course(c, "course.cover", a.Course)
	if err != nil {
		return err
	}
	if a.Cover == "" {
		return missing("cover")
	}
	cover, err := load(c, records.Covers, a.Cover)
	switch {
	case records.IsGone(err) && a.To == "":
		return nil // it is not there, as she wants it
	case records.IsGone(err) && a.Was != "":
		return err
	case records.IsGone(err):
		return create(c, records.Covers, a.Cover, map[string]any{"course": course.Id, "user": a.User, "from": a.From, "to": a.To})
	case err != nil:
		return err
	case cover.GetString("course") != course.Id:
		return domain.Broken("record.gone")
	case cover.GetString("user") != a.User:
		return missing("user") // somebody else is another cover
	case cover.GetString("from") == a.From && cover.GetString("to") == a.To:
		return nil // sent again
	case cover.GetString("to") != a.Was:
		return domain.Broken("record.changed")
	case a.To == "":
		return endCover(c, cover)
	}
	cover.Load(map[string]any{"from": a.From, "to": a.To})
	return c.App.Save(cover)
}

// endCover: the days that are gone stay written down, for what was done in
// them is judged by them; today's stand-in is none any more. [A7]
func endCover(c *sync.Context, cover *core.Record) error {
	yesterday := domain.DateOf(c.Received).AddDays(-1)
	if records.Date(cover, "from") > yesterday {
		return c.App.Delete(cover)
	}
	cover.Set("to", min(yesterday, records.Date(cover, "to")))
	return c.App.Save(cover)
}
