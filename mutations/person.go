package mutations

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/records"
	"bindeled/sync"
)

// person copies who it is about, and what she agreed to, from a notice to the
// course it became.
func person(c *sync.Context, course string, n *core.Record) error {
	consents, err := records.NoticeConsents(n)
	if err != nil {
		return err
	}
	takenBy := ""
	if ward := n.GetString("ward"); ward != "" {
		w, err := load(c, records.Wards, ward)
		if err != nil {
			return err
		}
		takenBy = w.GetString("name")
	}
	for _, consent := range consents {
		err := create(c, records.Consents, "", map[string]any{
			"course":       course,
			"scope":        consent.Scope,
			"form":         consent.Form,
			"text_version": consent.TextVersion,
			"taken_by":     takenBy,
			"given_on":     consent.GivenOn,
			"expires_on":   consent.ExpiresOn,
		})
		if err != nil {
			return err
		}
	}
	phones, err := records.Strings(n, "phones")
	if err != nil {
		return err
	}
	return create(c, records.Citizens, "", map[string]any{
		"course": course,
		"name":   n.GetString("name"),
		"phones": phones,
	})
}
