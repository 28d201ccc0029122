package hooks

import (
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
)

// checkDates wants dates that exist, where there is one. [P2]
func checkDates(r *core.Record, fields ...string) error {
	for _, f := range fields {
		if value := r.GetString(f); value != "" && changed(r, f) {
			if _, err := domain.ParseDate(value); err != nil {
				return broken.At(f, err)
			}
		}
	}
	return nil
}

// checkOrder wants the first day no later than the last.
func checkOrder(r *core.Record, from, to string) error {
	if a, b := r.GetString(from), r.GetString(to); b != "" && a > b {
		return broken.At(to, domain.Broken("value.invalid", domain.Params{"field": to}))
	}
	return nil
}

func checkLength(r *core.Record, most int, fields ...string) error {
	for _, f := range fields {
		if err := domain.CheckLength(f, r.GetString(f), most); err != nil {
			return broken.At(f, err)
		}
	}
	return nil
}

// normalisePhones writes every number as E.164. [P1]
func normalisePhones(r *core.Record) error {
	phones, err := records.Strings(r, "phones")
	if err != nil {
		return broken.At("phones", err)
	}
	normal := make([]string, len(phones))
	for i, p := range phones {
		if normal[i], err = domain.NormalisePhone(p); err != nil {
			return broken.At("phones", err)
		}
	}
	r.Set("phones", normal)
	return nil
}

// checkList wants a list of words, each from what is allowed (nil = any).
func checkList(r *core.Record, field string, allowed []string) error {
	words, err := records.Strings(r, field)
	if err != nil {
		return broken.At(field, err)
	}
	for _, w := range words {
		if allowed != nil {
			if err := domain.CheckOneOf(field, w, allowed); err != nil {
				return broken.At(field, err)
			}
		}
		if err := domain.CheckLength(field, w, domain.MaxShort); err != nil {
			return broken.At(field, err)
		}
	}
	return nil
}

func emptyList(r *core.Record, fields ...string) {
	for _, f := range fields {
		if raw := r.GetString(f); raw == "" || raw == "null" || raw == `""` {
			r.Set(f, []string{})
		}
	}
}

// keep refuses a change of what a record was made with.
func keep(r *core.Record, fields ...string) error {
	if r.IsNew() {
		return nil
	}
	for _, f := range fields {
		if changed(r, f) {
			return broken.At(f, domain.Broken("value.invalid", domain.Params{"field": f}))
		}
	}
	return nil
}

// sameMunicipality wants a related record to be of the same municipality. [A2]
func sameMunicipality(app core.App, field, collection, id, municipality string) error {
	if id == "" {
		return nil
	}
	related, err := records.Find(app, collection, id)
	if err != nil {
		return broken.At(field, err)
	}
	if related.GetString("municipality") != municipality {
		return broken.At(field, domain.Broken("municipality.other"))
	}
	return nil
}

// eligible wants an active mentor or coordinator of the municipality. [S15]
func eligible(app core.App, field, user, municipality string) error {
	if user == "" {
		return nil
	}
	u, err := records.Find(app, records.Users, user)
	if err != nil {
		return broken.At(field, err)
	}
	role := u.GetString("role")
	if !u.GetBool("active") || u.GetString("municipality") != municipality ||
		role != domain.RoleMentor && role != domain.RoleCoordinator {
		return broken.At(field, domain.Broken("mentor.not_eligible"))
	}
	return nil
}

// courseOf finds the course a record hangs on.
func courseOf(app core.App, r *core.Record) (*core.Record, domain.Course, error) {
	found, err := records.Find(app, records.Courses, r.GetString("course"))
	if err != nil {
		return nil, domain.Course{}, broken.At("course", err)
	}
	course, err := records.Course(app, found)
	return found, course, err
}

func today() domain.Date { return clock.Today() }

// first returns the first error there is.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
