package mutations

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type closeArgs struct {
	Course     string `json:"course"`
	Reason     string `json:"reason"`
	ToldResume string `json:"told_resume"`
}

// closeCourse ends a course without a talk: moved, dead, not to be reached. [S1 S2 S4]
func closeCourse(c *sync.Context, a closeArgs) error {
	course, err := course(c, "course.close", a.Course)
	if err != nil {
		return err
	}
	return end(c, course, endArgs{Reason: a.Reason, ToldResume: a.ToldResume}, domain.DateOf(c.At))
}

// end closes a course; the hooks then cancel what was agreed.
func end(c *sync.Context, course *core.Record, a endArgs, on domain.Date) error {
	if err := records.NotClosed(course); err != nil {
		return err
	}
	course.Load(map[string]any{
		"state":       domain.Closed,
		"closed_on":   min(max(on, records.FirstDay(course)), domain.DateOf(c.Received)), // the phone's clock may be wrong
		"closed_by":   c.User.Id,
		"reason":      a.Reason,
		"told_resume": a.ToldResume,
	})
	return c.App.Save(course)
}
