package mutations

import (
	"github.com/pocketbase/dbx"

	"bindeled/domain"
	"bindeled/internal/records"
	"bindeled/sync"
)

type withdrawArgs struct {
	Course string `json:"course"`
}

// withdrawConsent takes back every consent of a course that still stands. The
// hooks then remove the numbers and the calls. [C5 C6]
func withdrawConsent(c *sync.Context, a withdrawArgs) error {
	course, err := course(c, "consent.withdraw", a.Course)
	if err != nil {
		return err
	}
	consents, err := c.App.FindAllRecords(records.Consents, dbx.HashExp{"course": course.Id, "withdrawn_on": ""})
	if err != nil {
		return err
	}
	if len(consents) == 0 {
		return domain.Broken("consent.withdrawn")
	}
	on := min(domain.DateOf(c.At), domain.DateOf(c.Received)) // the phone's clock may run ahead
	for _, consent := range consents {
		consent.Set("withdrawn_on", max(on, records.Date(consent, "given_on")))
		if err := c.App.Save(consent); err != nil {
			return err
		}
	}
	return nil
}
