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
	if status := n.GetString("status"); status != records.StatusNew {
		return domain.Broken("notice.decided", domain.Params{"status": status})
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
	if err := person(c, a.Course, n); err != nil {
		return err
	}
	n.Set("status", records.StatusAccepted)
	n.Set("override_reason", a.OverrideReason)
	n.Set("course", a.Course)
	return c.App.Save(n) // refused: all of it is rolled back
}
