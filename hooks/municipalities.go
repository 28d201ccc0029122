package hooks

import (
	"regexp"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
)

var municipalityCode = regexp.MustCompile(`^[0-9]{4}$`)

func checkMunicipality(_ core.App, r *core.Record) error {
	if changed(r, "code") && !municipalityCode.MatchString(r.GetString("code")) {
		return broken.At("code", domain.Broken("value.invalid", domain.Params{"field": "code"}))
	}
	return first(
		checkDates(r, "participates_from", "participates_to"),
		checkOrder(r, "participates_from", "participates_to"),
	)
}

func checkScheme(_ core.App, r *core.Record) error {
	if !changed(r, "taper") {
		return keep(r, "municipality", "kind")
	}
	var taper []int
	if err := records.JSON(r, "taper", &taper); err != nil {
		return broken.At("taper", err)
	}
	previous := 0
	for _, days := range taper {
		if days <= previous || days > 366 {
			return broken.At("taper", domain.Broken("value.invalid", domain.Params{"field": "taper"}))
		}
		previous = days
	}
	return keep(r, "municipality", "kind")
}

// checkUser: mentors and coordinators belong to a municipality, ward staff to
// a ward of it. [A2 A6]
func checkUser(app core.App, r *core.Record) error {
	if !changed(r, "role", "municipality", "ward") {
		return nil
	}
	role, municipality := r.GetString("role"), r.GetString("municipality")
	if municipality == "" && role != domain.RoleEvaluator {
		return broken.At("municipality", domain.Broken("value.invalid", domain.Params{"field": "municipality"}))
	}
	if (role == domain.RoleWard) != (r.GetString("ward") != "") {
		return broken.At("ward", domain.Broken("value.invalid", domain.Params{"field": "ward"}))
	}
	return sameMunicipality(app, "ward", records.Wards, r.GetString("ward"), municipality)
}
