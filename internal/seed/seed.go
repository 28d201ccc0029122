// Package seed is an invented municipality: the demo, the fixture of the
// tests and the world of the screenshots in one. Every date is relative to a
// given today, and everything is written through the same hooks as real life.
package seed

import (
	"fmt"
	"strings"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/records"
)

// Password is everyone's.
const Password = "bindeled-demo"

// ID is the id of something in the seed, from its name.
func ID(name string) string { return (name + strings.Repeat("0", 15))[:15] }

// Empty tells whether nobody has used the folder yet.
func Empty(app core.App) (bool, error) {
	n, err := app.CountRecords(records.Municipalities)
	return n == 0, err
}

// Demo writes the whole world in one transaction.
func Demo(app core.App, today domain.Date) error {
	return app.RunInTransaction(func(tx core.App) error {
		w := &world{app: tx, today: today}
		w.places()
		w.people()
		w.courses()
		w.notices()
		w.directory()
		w.offers()
		return w.err
	})
}

// world writes until something fails, and remembers what did.
type world struct {
	app   core.App
	today domain.Date
	err   error
}

type values = map[string]any

func (w *world) save(collection, id string, v values) *core.Record {
	if w.err != nil {
		return nil
	}
	r, err := records.New(w.app, collection)
	if err == nil {
		if id != "" {
			r.Set("id", ID(id))
		}
		r.Load(v)
		err = w.app.Save(r)
	}
	if err != nil {
		w.err = fmt.Errorf("seed: %s %s: %w", collection, id, err)
	}
	return r
}

func (w *world) update(r *core.Record, v values) {
	if w.err != nil {
		return
	}
	r.Load(v)
	if err := w.app.Save(r); err != nil {
		w.err = fmt.Errorf("seed: %s: %w", r.Id, err)
	}
}

// day is so many days from today.
func (w *world) day(n int) domain.Date { return w.today.AddDays(n) }

// at is a moment in Denmark, so many days from today.
func (w *world) at(n int, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", string(w.day(n))+" "+clock, domain.Copenhagen)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("seed: %w", err)
	}
	return t.UTC()
}

func (w *world) places() {
	w.municipality("proevekoebing", "Prøvekøbing Kommune", "0998", true)
	w.municipality("eksempelby", "Eksempelby Kommune", "0999", false)
}

func (w *world) municipality(id, name, code string, mentorsTake bool) {
	w.save(records.Municipalities, id, values{
		"name": name, "code": code, "participates_from": w.day(-700), "mentors_take": mentorsTake, "weekends_off": true,
	})
	w.save(records.Schemes, "ordning"+id, values{
		"municipality": ID(id), "kind": domain.SocialMentor, "title": "Social mentor", "active": true,
		"first_contact_days": 3, "first_contact_limit_days": 7, "taper": []int{3, 7, 14, 28, 60, 90, 135},
	})
	w.save(records.Wards, "afsnit"+id, values{"municipality": ID(id), "name": "Afsnit P1, Psykiatrisk Center Påfund"})
}

func (w *world) people() {
	w.user("maja", "Maja Mønster", domain.RoleMentor, "proevekoebing")
	w.user("omar", "Omar Opfundet", domain.RoleMentor, "proevekoebing")
	w.user("karen", "Karen Koordinator", domain.RoleCoordinator, "proevekoebing")
	w.user("ward", "Afsnit P1", domain.RoleWard, "proevekoebing")
	w.user("nina", "Nina Nabo", domain.RoleMentor, "eksempelby")
	w.user("ole", "Ole Ordner", domain.RoleCoordinator, "eksempelby")
	w.admin()
}

func (w *world) user(id, name, role, municipality string) {
	v := values{
		"email": id + "@demo.example", "password": Password, "verified": true, "emailVisibility": false,
		"name": name, "role": role, "municipality": ID(municipality), "active": true,
	}
	if role == domain.RoleWard {
		v["ward"] = ID("afsnit" + municipality)
	}
	w.save(records.Users, id, v)
}

func (w *world) admin() {
	w.save(core.CollectionNameSuperusers, "admin", values{"email": "admin@demo.example", "password": Password})
}
