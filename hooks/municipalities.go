package hooks

import (
	"regexp"

	"github.com/pocketbase/dbx"
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
		checkPushHours(r, "push_from", "push_to"),
	)
}

// What a municipality has where nobody has said otherwise: how long a phone may
// be opened without network, hours, and when pushes are sent.
const (
	leaseHours = 12
	pushFrom   = "08:00"
	pushTo     = "16:00"
)

// prepareMunicipality: a new one has the settings that fit most. A lease of 0
// hours is a choice, and made later.
func prepareMunicipality(_ core.App, r *core.Record) error {
	if r.IsNew() && r.GetInt("lease_hours") == 0 {
		r.Set("lease_hours", leaseHours)
	}
	if r.GetInt("lock_hidden") == 0 {
		r.Set("lock_hidden", records.LockHidden)
	}
	if r.GetInt("lock_idle") == 0 {
		r.Set("lock_idle", records.LockIdle)
	}
	if r.GetString("push_from") == "" {
		r.Set("push_from", pushFrom)
	}
	if r.GetString("push_to") == "" {
		r.Set("push_to", pushTo)
	}
	return nil
}

// prepareScheme: phones want a list, be it an empty one.
func prepareScheme(_ core.App, r *core.Record) error {
	emptyList(r, "taper")
	return nil
}

// afterScheme: the last day of its courses follows the setting, and when they
// leave mentors' phones. [W4 W11 A8]
func afterScheme(app core.App, r *core.Record) error {
	courses, err := app.FindAllRecords(records.Courses, dbx.HashExp{"scheme": r.Id}, dbx.NewExp("[[hold_days]] > 0 OR [[held_from]] <> ''"))
	if err != nil {
		return err
	}
	for _, course := range courses {
		if err := app.Save(course); err != nil { // prepareCourse reckons it
			return err
		}
	}
	return nil
}

// checkWard: what a ward sends goes where its people are. [A2]
func checkWard(_ core.App, r *core.Record) error { return keep(r, "municipality") }

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
