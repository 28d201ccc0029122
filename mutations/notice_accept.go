package mutations

import (
	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type acceptArgs struct {
	Notice         string `json:"notice"`
	Course         string `json:"course"`
	Mentor         string `json:"mentor"`
	OverrideReason string `json:"override_reason"`
}

// acceptNotice makes a course of a notice: the person, the consents and the
// window go with it. [TG8 TG9 S7 S8]
func acceptNotice(c *sync.Context, a acceptArgs) error {
	n, err := notice(c, "notice.accept", a.Notice)
	if err != nil {
		return err
	}
	if a.Course == "" {
		return missing("course")
	}
	n.Set("status", records.StatusAccepted)
	n.Set("override_reason", a.OverrideReason)
	n.Set("course", a.Course)
	if err := c.App.Save(n); err != nil {
		return err
	}
	err = create(c, records.Courses, a.Course, map[string]any{
		"municipality":   n.GetString("municipality"),
		"scheme":         n.GetString("scheme"),
		"notice":         n.Id,
		"mentor":         a.Mentor,
		"started_on":     domain.DateOf(c.Received),
		"discharge_date": n.GetString("discharge_date"),
		"state":          domain.Awaiting,
	})
	if err != nil {
		return err
	}
	return person(c, a.Course, n)
}
