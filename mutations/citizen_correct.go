package mutations

import (
	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/records"
	"bindeled/sync"
)

type correctArgs struct {
	Citizen string      `json:"citizen"`
	Set     correction  `json:"set"`
	Was     *correction `json:"was"` // what the sender saw of it; phones of version 1 do not say
}

// correction names only what is to change.
type correction struct {
	Name    *string   `json:"name"`
	Phones  *[]string `json:"phones"`
	Prefers *string   `json:"prefers"`
	Hopes   *string   `json:"hopes"`
}

// correctCitizen changes what we know about how to reach somebody, field by
// field, so that two who correct different things both prevail, and of two who
// correct the same, the one who was written over is told. [C5 P1 P5]
func correctCitizen(c *sync.Context, a correctArgs) error {
	citizen, err := load(c, records.Citizens, a.Citizen)
	if err != nil {
		return err
	}
	if _, err := course(c, "citizen.correct", citizen.GetString("course")); err != nil {
		return err
	}
	set, err := a.Set.fields()
	if err != nil {
		return err
	}
	var was map[string]any
	if a.Was != nil {
		if was, err = a.Was.fields(); err != nil {
			return err
		}
	}
	if err := c.Merge(citizen, was, set); err != nil {
		return err
	}
	return c.App.Save(citizen)
}

// fields are those that are named, with numbers as they are kept: so that one
// written in two ways is one. [P1]
func (x correction) fields() (map[string]any, error) {
	out := map[string]any{}
	for field, value := range map[string]*string{"name": x.Name, "prefers": x.Prefers, "hopes": x.Hopes} {
		if value != nil {
			out[field] = *value
		}
	}
	if x.Phones == nil {
		return out, nil
	}
	phones := make([]string, len(*x.Phones))
	for i, p := range *x.Phones {
		var err error
		if phones[i], err = domain.NormalisePhone(p); err != nil {
			return nil, broken.At("phones", err)
		}
	}
	out["phones"] = phones
	return out, nil
}
