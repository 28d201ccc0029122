package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// checkPushSettings: hours that there are, and days of the week. [N4]
func checkPushSettings(_ core.App, r *core.Record) error {
	if err := checkPushHours(r, "from", "to"); err != nil {
		return err
	}
	wish, err := records.PushWish(r)
	if err != nil {
		return broken.At("days", err)
	}
	for i, day := range wish.Days {
		if day < 1 || day > 7 || i > 0 && day <= wish.Days[i-1] {
			return broken.At("days", domain.Broken("value.invalid", domain.Params{"field": "days"}))
		}
	}
	return keep(r, "user")
}

func checkPushHours(r *core.Record, from, to string) error {
	if !changed(r, from, to) {
		return nil
	}
	return broken.At(from, domain.CheckPushHours(r.GetString(from), r.GetString(to)))
}
