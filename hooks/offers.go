package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

// prepareOffer writes the number as it is dialled. [K3]
func prepareOffer(_ core.App, r *core.Record) error {
	if r.GetString("phone") == "" {
		return nil
	}
	return dialled(r, "phone")
}

// checkOffer: nobody has checked it on a day to come.
func checkOffer(_ core.App, r *core.Record) error {
	if changed(r, "checked_on") && records.Date(r, "checked_on") > today() {
		return broken.At("checked_on", domain.Broken("value.invalid", domain.Params{"field": "checked_on"}))
	}
	return first(checkDates(r, "checked_on"), checkLength(r, domain.MaxName, "name"), keep(r, "municipality"))
}
