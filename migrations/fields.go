// Package migrations is the frozen history of the schema. It imports
// PocketBase only: what it wrote once must not change when the code does.
package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"
)

const (
	civilPattern = `^\d{4}-\d{2}-\d{2}$`
	timePattern  = `^([01][0-9]|2[0-3]):[0-5][0-9]$`
)

func text(name, help string) *core.TextField {
	return &core.TextField{Name: name, Help: help, Max: 500}
}

func required(f *core.TextField) *core.TextField {
	f.Required = true
	return f
}

func title(f *core.TextField) *core.TextField {
	f.Required, f.Presentable = true, true
	return f
}

func long(name, help string) *core.TextField {
	return &core.TextField{Name: name, Help: help, Max: 20000}
}

// civil is a date without a time: windows are counted in days, and a day has
// no time zone.
func civil(name, help string) *core.TextField {
	return &core.TextField{Name: name, Help: help + " (ÅÅÅÅ-MM-DD)", Max: 10, Pattern: civilPattern}
}

func clock(name, help string) *core.TextField {
	return &core.TextField{Name: name, Help: help + " (TT:MM)", Max: 5, Pattern: timePattern}
}

func oneOf(name, help string, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Help: help, Values: values, MaxSelect: 1, Required: true}
}

func maybeOneOf(name, help string, values ...string) *core.SelectField {
	return &core.SelectField{Name: name, Help: help, Values: values, MaxSelect: 1}
}

func yesNo(name, help string) *core.BoolField { return &core.BoolField{Name: name, Help: help} }

func moment(name, help string, required bool) *core.DateField {
	return &core.DateField{Name: name, Help: help, Required: required}
}

func count(name, help string) *core.NumberField {
	zero := 0.0
	return &core.NumberField{Name: name, Help: help, OnlyInt: true, Min: &zero}
}

func list(name, help string) *core.JSONField {
	return &core.JSONField{Name: name, Help: help, MaxSize: 16 << 10}
}

// belongsTo is a required relation: what it points to cannot be removed
// while this stands, unless the two go together (cascade).
func belongsTo(name, help string, to *core.Collection, cascade bool) *core.RelationField {
	return &core.RelationField{Name: name, Help: help, CollectionId: to.Id, MaxSelect: 1, Required: true, CascadeDelete: cascade}
}

func pointsTo(name, help string, to *core.Collection) *core.RelationField {
	return &core.RelationField{Name: name, Help: help, CollectionId: to.Id, MaxSelect: 1}
}

func stamps(c *core.Collection) {
	c.Fields.Add(
		&core.AutodateField{Name: "created", OnCreate: true},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
}

// readable sets who may list and view; nobody writes over the record API:
// that goes through mutations, intake or the dashboard, under the same hooks.
func readable(c *core.Collection, rule string) {
	c.ListRule, c.ViewRule = types.Pointer(rule), types.Pointer(rule)
	c.CreateRule, c.UpdateRule, c.DeleteRule = nil, nil, nil
}

func find(app core.App, name string) (*core.Collection, error) {
	return app.FindCollectionByNameOrId(name)
}

// drop removes collections in the given order, for the way down.
func drop(names ...string) func(core.App) error {
	return func(app core.App) error {
		for _, name := range names {
			c, err := find(app, name)
			if err != nil {
				return err
			}
			if err := app.Delete(c); err != nil {
				return err
			}
		}
		return nil
	}
}

const (
	staff       = `@request.auth.active = true && (@request.auth.role = "mentor" || @request.auth.role = "coordinator")`
	coordinator = `@request.auth.active = true && @request.auth.role = "coordinator"`
)

// courseRule says who may read a course, and what hangs on one (prefix
// "course."): its mentor, a stand-in while the cover lasts, the coordinators
// of the municipality, and whoever may take it while it has no mentor.
func courseRule(prefix string) string {
	return staff + ` && ` + prefix + `municipality = @request.auth.municipality && (` +
		`@request.auth.role = "coordinator"` +
		` || ` + prefix + `mentor = @request.auth.id` +
		` || (` + prefix + `mentor = "" && ` + prefix + `municipality.mentors_take = true)` +
		` || (` + prefix + `covers_via_course.user ?= @request.auth.id && ` + prefix + `covers_via_course.from ?<= @todayEnd && ` + prefix + `covers_via_course.to ?>= @yesterday))`
}
