package mutations

import (
	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type assignArgs struct {
	Course string `json:"course"`
	Mentor string `json:"mentor"`
	From   string `json:"from"` // the mentor the sender saw
}

// assignCourse gives a course to a mentor, unless another has it than the
// sender thought. [A4 S9 S15]
func assignCourse(c *sync.Context, a assignArgs) error {
	course, err := course(c, "course.assign", a.Course)
	if err != nil {
		return err
	}
	if now := course.GetString("mentor"); now != a.From {
		return domain.Broken("course.assigned", domain.Params{"mentor": now})
	}
	course.Set("mentor", a.Mentor)
	return c.App.Save(course)
}

type takeArgs struct {
	Course string `json:"course"`
}

// takeCourse lets a mentor take a course that nobody has, where the
// municipality allows it. [A5 S2 S9]
func takeCourse(c *sync.Context, a takeArgs) error {
	course, err := course(c, "course.take", a.Course)
	if err != nil {
		return err
	}
	if now := course.GetString("mentor"); now != "" {
		return domain.Broken("course.assigned", domain.Params{"mentor": now})
	}
	if err := records.NotClosed(course); err != nil {
		return err
	}
	course.Set("mentor", c.User.Id)
	return c.App.Save(course)
}
