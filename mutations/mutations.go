// Package mutations is what a phone may ask for: one file per mutation. Each
// decides who may (domain.CheckMay), writes records, and leaves what may be
// to the hooks, which refuse on every other path too.
package mutations

import (
	"encoding/json"
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/domain"
	"bindeled/internal/broken"
	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/sync"
)

// All is every mutation, in the order of the documentation.
func All() []sync.Mutation {
	return []sync.Mutation{
		sync.Handle("notice.accept", acceptNotice),
		sync.Handle("notice.decline", declineNotice),
		sync.Handle("course.assign", assignCourse),
		sync.Handle("course.take", takeCourse),
		sync.Handle("course.cover", coverCourse),
		sync.Handle("contact.log", logContact),
		sync.Handle("contact.amend", amendContact),
		sync.Handle("appointment.move", moveAppointment),
		sync.Handle("citizen.correct", correctCitizen),
		sync.Handle("course.close", closeCourse),
		sync.Handle("course.resume", resumeCourse),
		sync.Handle("consent.withdraw", withdrawConsent),
		sync.Handle("flag.raise", raiseFlag),
		sync.Handle("flag.close", closeFlag),
	}
}

// Config is Bindeled's declaration for the sync engine.
func Config() sync.Config {
	return sync.Config{
		Buckets:     buckets,
		Collections: collections,
		Mutations:   All(),
		MayUse: func(u *core.Record) bool {
			role := u.GetString("role")
			return u.GetBool("active") && (role == domain.RoleMentor || role == domain.RoleCoordinator)
		},
		Refuse:  refuse,
		Grace:   domain.Grace,
		MayTend: mayTend,
		Team:    team,
		Now:     clock.Now,
		Today:   func() string { return string(clock.Today()) },
	}
}

// mayTend: what was kept is for the coordinators of the municipality that it
// is about, and where that cannot be told, of its author's. [A2 A4]
func mayTend(app core.App, u *core.Record, k sync.Kept) (bool, error) {
	if !u.GetBool("active") || u.GetString("role") != domain.RoleCoordinator {
		return false, nil
	}
	municipality, err := TendedIn(app, k)
	return municipality != "" && u.GetString("municipality") == municipality, err
}

// TendedIn is the municipality whose coordinators see to something kept; "" is
// nobody. [A2]
func TendedIn(app core.App, k sync.Kept) (string, error) {
	municipality, err := about(app, k.Args)
	if municipality == "" && k.Author != nil {
		municipality = k.Author.GetString("municipality")
	}
	return municipality, err
}

// team is everybody in the municipality, for its coordinators: also who has
// left, for her phone may still hold unsent work. [A2 A9]
func team(app core.App, u *core.Record) ([]string, error) {
	municipality := u.GetString("municipality")
	if !u.GetBool("active") || u.GetString("role") != domain.RoleCoordinator || municipality == "" {
		return nil, nil
	}
	found, err := app.FindAllRecords(records.Users, dbx.HashExp{"municipality": municipality})
	ids := make([]string, len(found))
	for i, r := range found {
		ids[i] = r.Id
	}
	return ids, err
}

// about is the municipality of the course, citizen or notice that arguments
// name; "" when they name none that there is.
func about(app core.App, args []byte) (string, error) {
	var named struct {
		Course  string `json:"course"`
		Citizen string `json:"citizen"`
		Notice  string `json:"notice"`
	}
	if json.Unmarshal(args, &named) != nil {
		return "", nil // they may be anything: that is why they were refused
	}
	collection, id := records.Courses, named.Course
	switch {
	case named.Notice != "":
		collection, id = records.Notices, named.Notice
	case named.Citizen != "":
		citizen, err := records.Find(app, records.Citizens, named.Citizen)
		if err != nil {
			return "", unlessGone(err)
		}
		id = citizen.GetString("course")
	}
	if id == "" {
		return "", nil
	}
	found, err := records.Find(app, collection, id)
	if err != nil {
		return "", unlessGone(err)
	}
	return found.GetString("municipality"), nil
}

func unlessGone(err error) error {
	if records.IsGone(err) {
		return nil
	}
	return err
}

// codes sorts rules into the kinds of refusal a phone acts on; the rest are
// rules like any other.
var codes = map[string]sync.Code{
	"access.denied":        sync.CodeForbidden,
	"municipality.other":   sync.CodeForbidden,
	"course.not_member":    sync.CodeForbidden,
	"record.gone":          sync.CodeGone,
	"record.changed":       sync.CodeStale,
	"course.assigned":      sync.CodeStale,
	"notice.decided":       sync.CodeStale,
	"appointment.not_open": sync.CodeStale,
	"contact.amended":      sync.CodeStale,
	"flag.closed":          sync.CodeStale,
	"value.invalid":        sync.CodeArgs,
}

func refuse(err error) *sync.Refusal {
	rule := broken.Find(err)
	if rule == nil {
		return nil
	}
	code, ok := codes[rule.Code]
	if !ok {
		code = sync.CodeRule
	}
	return &sync.Refusal{Code: code, Reason: rule.Code, Rule: rule.Rule, Params: rule.Params}
}

// load finds a record, or says that it is gone.
func load(c *sync.Context, collection, id string) (*core.Record, error) {
	return records.Find(c.App, collection, id)
}

// course finds a course that the user may act on. Whoever may not learns no
// more than that. [A1–A5 A7]
func course(c *sync.Context, action, id string) (*core.Record, error) {
	r, err := load(c, records.Courses, id)
	if err != nil {
		return nil, err
	}
	return r, may(c, action, r)
}

// may tells whether the user may do something in a course. Where another does
// it in her name, that one answers for it.
func may(c *sync.Context, action string, course *core.Record) error {
	who := answers(c)
	relation, err := relationTo(c, who, course)
	if err != nil {
		return err
	}
	municipality, err := load(c, records.Municipalities, course.GetString("municipality"))
	if err != nil {
		return err
	}
	mentor := course.GetString("mentor")
	err = domain.CheckMay(action, domain.Access{
		Role:             who.GetString("role"),
		Active:           who.GetBool("active"),
		SameMunicipality: who.GetString("municipality") == municipality.Id,
		Relation:         relation,
		Unassigned:       mentor == "",
		MentorsTake:      municipality.GetBool("mentors_take"),
	})
	if assigned := domain.Broken("course.assigned", domain.Params{"mentor": mentor}); errors.Is(err, assigned) {
		return assigned
	}
	return err
}

// answers is who may or may not: who did it, or who does it in her name.
func answers(c *sync.Context) *core.Record {
	if c.By != nil {
		return c.By
	}
	return c.User
}

// relationTo judges on the day of the deed, not of its arrival: who stood in
// then, or was the mentor then, may still hand it in. [A3 A7]
func relationTo(c *sync.Context, user, course *core.Record) (string, error) {
	if course.GetString("mentor") == user.Id {
		return domain.RelationMentor, nil
	}
	if !domain.InGrace(c.At, c.Received) {
		return domain.RelationNone, nil
	}
	day := domain.DateOf(c.At)
	var covering int
	err := c.App.RecordQuery(records.Covers).Select("count(*)").
		AndWhere(dbx.HashExp{"course": course.Id, "user": user.Id}).
		AndWhere(dbx.NewExp("[[from]] <= {:day} AND [[to]] >= {:day}", dbx.Params{"day": string(day)})).
		Row(&covering)
	if err != nil {
		return "", err
	}
	if covering > 0 {
		return domain.RelationCover, nil
	}
	assignments, err := c.App.FindAllRecords(records.Assignments, dbx.HashExp{"course": course.Id, "user": user.Id})
	if err != nil {
		return "", err
	}
	for _, a := range assignments {
		if domain.HeldAt(records.Moment(a, "from"), records.Moment(a, "to"), c.At) {
			return domain.RelationFormer, nil
		}
	}
	return domain.RelationNone, nil
}

// notice finds a notice that the user may decide.
func notice(c *sync.Context, action, id string) (*core.Record, error) {
	r, err := load(c, records.Notices, id)
	if err != nil {
		return nil, err
	}
	who := answers(c)
	return r, domain.CheckMay(action, domain.Access{
		Role:             who.GetString("role"),
		Active:           who.GetBool("active"),
		SameMunicipality: who.GetString("municipality") == r.GetString("municipality"),
	})
}

// create makes a record with an id of the phone's choosing.
func create(c *sync.Context, collection, id string, values map[string]any) error {
	r, err := records.New(c.App, collection)
	if err != nil {
		return err
	}
	if id != "" {
		r.Set("id", id)
	}
	r.Load(values)
	return c.App.Save(r)
}

// missing says that a required argument is not there.
func missing(field string) error {
	return domain.Broken("value.invalid", domain.Params{"field": field})
}
