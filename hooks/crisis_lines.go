package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// prepareLine writes the number as it is dialled. [K3]
func prepareLine(_ core.App, r *core.Record) error { return dialled(r, "number") }

func dialled(r *core.Record, field string) error {
	if !changed(r, field) {
		return nil
	}
	number, err := domain.NormaliseLine(r.GetString(field))
	if err != nil {
		return broken.At(field, err)
	}
	r.Set(field, number)
	return nil
}

// checkLine: nobody has checked a number on a day to come. [K1]
func checkLine(_ core.App, r *core.Record) error {
	if changed(r, "verified_on") && records.Date(r, "verified_on") > today() {
		return broken.At("verified_on", domain.Broken("value.invalid", domain.Params{"field": "verified_on"}))
	}
	return first(checkDates(r, "verified_on"), checkLength(r, domain.MaxName, "name"))
}
