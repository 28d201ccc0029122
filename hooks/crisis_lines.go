package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// prepareLine writes the number as it is dialled. [K3]
func prepareLine(_ core.App, r *core.Record) error {
	if !changed(r, "number") {
		return nil
	}
	number, err := domain.NormaliseLine(r.GetString("number"))
	if err != nil {
		return broken.At("number", err)
	}
	r.Set("number", number)
	return nil
}

// checkLine: nobody has checked a number on a day to come. [K1]
func checkLine(_ core.App, r *core.Record) error {
	if changed(r, "verified_on") && records.Date(r, "verified_on") > today() {
		return broken.At("verified_on", domain.Broken("value.invalid", domain.Params{"field": "verified_on"}))
	}
	return first(checkDates(r, "verified_on"), checkLength(r, domain.MaxName, "name"))
}
