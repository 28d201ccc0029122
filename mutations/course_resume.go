package mutations

import (
	"bindeled/domain"
	"bindeled/sync"
)

type resumeArgs struct {
	Course string    `json:"course"`
	Next   *nextArgs `json:"next"`
}

// resumeCourse opens a closed course again, until its last day, with a day to
// talk. [S5]
func resumeCourse(c *sync.Context, a resumeArgs) error {
	course, err := course(c, "course.resume", a.Course)
	if err != nil {
		return err
	}
	if a.Next == nil {
		return missing("next")
	}
	if course.GetString("state") != domain.Closed {
		return domain.Broken("course.transition", domain.Params{"from": course.GetString("state"), "to": domain.Active})
	}
	course.Set("state", domain.Active)
	if err := c.App.Save(course); err != nil {
		return err
	}
	return c.RefusePart("next", func() error { return book(c, course.Id, *a.Next, c.At) })
}
