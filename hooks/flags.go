package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
)

// prepareFlag settles the day of the next contact. [F1 F2]
func prepareFlag(app core.App, r *core.Record) error {
	if !r.IsNew() {
		return nil
	}
	if r.GetDateTime("received_at").IsZero() {
		r.Set("received_at", clock.Now())
	}
	course, err := records.Find(app, records.Courses, r.GetString("course"))
	if err != nil {
		return broken.At("course", err)
	}
	municipality, err := records.Find(app, records.Municipalities, course.GetString("municipality"))
	if err != nil {
		return err
	}
	raised := domain.DateOf(records.Moment(r, "at"))
	r.Set("follow_up", domain.FollowUp(raised, records.Date(r, "follow_up"), municipality.GetBool("weekends_off")))
	return nil
}

// checkFlag: written once, closed once, with a word of what was done. [F3]
func checkFlag(app core.App, r *core.Record) error {
	if r.IsNew() {
		return newFlag(app, r)
	}
	for _, f := range r.Collection().Fields {
		switch name := f.GetName(); name {
		case "updated", "state", "done", "closed_by", "closed_at":
		default:
			if changed(r, name) {
				return broken.At(name, domain.Broken("flag.append_only"))
			}
		}
	}
	if !changed(r, "state", "done", "closed_by", "closed_at") {
		return nil
	}
	if r.Original().GetString("state") == records.FlagClosed {
		return broken.At("state", domain.Broken("flag.closed"))
	}
	if r.GetString("state") != records.FlagClosed || r.GetString("done") == "" {
		return broken.At("done", domain.Broken("flag.done_required"))
	}
	return checkLength(r, domain.MaxShort, "done")
}

func newFlag(app core.App, r *core.Record) error {
	course, _, err := courseOf(app, r)
	switch {
	case err != nil:
		return err
	case r.GetString("state") != records.FlagOpen:
		return broken.At("state", domain.Broken("flag.done_required"))
	case records.Moment(r, "at").After(clock.Now().Add(domain.Tolerance)):
		return broken.At("at", domain.Broken("contact.in_future", domain.Params{"at": r.GetString("at")}))
	}
	return first(
		checkLength(r, domain.MaxNote, "note"),
		checkLength(r, domain.MaxShort, "handed_to"),
		sameMunicipality(app, "by", records.Users, r.GetString("by"), course.GetString("municipality")),
	)
}

// afterFlag: while one is open its course leaves no phone. [F4 A8]
func afterFlag(app core.App, r *core.Record) error {
	return reckonLeaving(app, r.GetString("course"))
}
