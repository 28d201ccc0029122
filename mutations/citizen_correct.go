package mutations

import (
	"bindeled/internal/records"
	"bindeled/sync"
)

type correctArgs struct {
	Citizen string     `json:"citizen"`
	Set     correction `json:"set"`
}

// correction names only what is to change.
type correction struct {
	Name    *string   `json:"name"`
	Phones  *[]string `json:"phones"`
	Prefers *string   `json:"prefers"`
	Hopes   *string   `json:"hopes"`
}

// correctCitizen changes what we know about how to reach somebody, field by
// field, so that two who correct different things both prevail. [C5 P1 P5]
func correctCitizen(c *sync.Context, a correctArgs) error {
	citizen, err := load(c, records.Citizens, a.Citizen)
	if err != nil {
		return err
	}
	if _, err := course(c, "citizen.correct", citizen.GetString("course")); err != nil {
		return err
	}
	for field, value := range map[string]*string{"name": a.Set.Name, "prefers": a.Set.Prefers, "hopes": a.Set.Hopes} {
		if value != nil {
			citizen.Set(field, *value)
		}
	}
	if a.Set.Phones != nil {
		citizen.Set("phones", list(*a.Set.Phones))
	}
	return c.App.Save(citizen)
}
