package notify

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"bindeled/domain"
)

// load reads all that decides what some people are told, in as many queries for
// a hundred people as for one.
func (n *Notifier) load(app core.App, users []string, now time.Time) (map[string]domain.PushPerson, error) {
	l := loader{app: app, today: domain.DateOf(now), people: map[string]*domain.PushPerson{}, home: map[string][]string{}}
	l.persons(users)
	l.courses()
	l.inbox()
	if l.err == nil && len(l.people) > 0 {
		l.err = n.tray(&l)
	}
	out := make(map[string]domain.PushPerson, len(l.people))
	for id, p := range l.people {
		out[id] = *p
	}
	return out, l.err
}

type loader struct {
	app    core.App
	today  domain.Date
	people map[string]*domain.PushPerson
	home   map[string][]string // municipality → its coordinators among them
	err    error
}

// query is skipped once one has failed.
func (l *loader) query(rows any, q *dbx.Query, params dbx.Params) {
	if l.err == nil {
		l.err = q.Bind(params).All(rows)
	}
}

func (l *loader) persons(users []string) {
	var rows []struct {
		ID           string                  `db:"id"`
		Role         string                  `db:"role"`
		Active       bool                    `db:"active"`
		Municipality string                  `db:"municipality"`
		From         string                  `db:"push_from"`
		To           string                  `db:"push_to"`
		WeekendsOff  bool                    `db:"weekends_off"`
		Without      types.JSONArray[string] `db:"push_without"`
		Off          bool                    `db:"off"`
		OwnWithout   types.JSONArray[string] `db:"without"`
		OwnFrom      string                  `db:"own_from"`
		OwnTo        string                  `db:"own_to"`
		Days         types.JSONArray[int]    `db:"days"`
		Holidays     bool                    `db:"holidays"`
		Morning      bool                    `db:"morning"`
	}
	l.query(&rows, l.app.DB().NewQuery(`SELECT u.id, u.role, u.active, u.municipality, m.push_from, m.push_to, m.weekends_off, m.push_without,
			coalesce(w.off, 0) AS off, coalesce(w.without, '[]') AS without, coalesce(w."from", '') AS own_from, coalesce(w."to", '') AS own_to,
			coalesce(w.days, '[]') AS days, coalesce(w.holidays, 0) AS holidays,
			EXISTS (SELECT 1 FROM _push_outbox o WHERE o.user = u.id AND o.kind = 'morning' AND o.slot = {:today}) AS morning
		FROM users u JOIN municipalities m ON m.id = u.municipality LEFT JOIN push_settings w ON w.user = u.id
		WHERE u.id IN (SELECT value FROM json_each({:users}))`), dbx.Params{"users": list(users), "today": string(l.today)})
	for _, r := range rows {
		l.people[r.ID] = &domain.PushPerson{
			User: r.ID, Role: r.Role, Active: r.Active, Morning: r.Morning,
			Team: domain.PushTeam{From: r.From, To: r.To, WeekendsOff: r.WeekendsOff, Without: r.Without},
			Wish: domain.PushWish{Off: r.Off, Without: r.OwnWithout, From: r.OwnFrom, To: r.OwnTo, Days: r.Days, Holidays: r.Holidays},
		}
		if r.Active && r.Role == domain.RoleCoordinator {
			l.home[r.Municipality] = append(l.home[r.Municipality], r.ID)
		}
	}
}

// away are those who are told nothing, and nobody.
const away = `(SELECT '' UNION ALL SELECT id FROM users WHERE NOT active OR role NOT IN ('mentor', 'coordinator'))`

// courses gives each the courses that may be hers: as mentor, as stand-in today,
// as coordinator where nobody has it. domain says whose they are.
func (l *loader) courses() {
	var rows []struct {
		domain.DueCourse
		Municipality string `db:"municipality"`
		Mentor       string `db:"mentor"`
	}
	l.query(&rows, l.app.DB().NewQuery(`SELECT c.id, c.state, s.kind, s.hold_extends_window, c.held_from, c.discharge_date, c.last_day,
			s.first_contact_days, s.first_contact_limit_days, c.municipality, CASE WHEN c.mentor IN `+away+` THEN '' ELSE c.mentor END AS mentor,
			c.state <> 'awaiting' AND EXISTS (SELECT 1 FROM contacts k WHERE k.course = c.id AND k.outcome = 'reached'
				AND NOT EXISTS (SELECT 1 FROM contacts a WHERE a.course = c.id AND a.amends = k.id)) AS reached
		FROM courses c JOIN schemes s ON s.id = c.scheme
		WHERE c.id IN (
			SELECT id FROM courses WHERE mentor IN (SELECT value FROM json_each({:users}))
			UNION SELECT course FROM covers WHERE user IN (SELECT value FROM json_each({:users})) AND "from" <= {:today} AND "to" >= {:today}
			UNION SELECT id FROM courses WHERE mentor IN `+away+` AND municipality IN (SELECT value FROM json_each({:home})) AND state <> 'closed')
		AND (c.state <> 'closed' OR EXISTS (SELECT 1 FROM flags f WHERE f.course = c.id AND f.state = 'open'))`),
		dbx.Params{"users": list(keys(l.people)), "home": list(keys(l.home)), "today": string(l.today)})
	if l.err != nil || len(rows) == 0 {
		return
	}
	found := make(map[string]*domain.PushCourse, len(rows))
	for _, r := range rows {
		found[r.ID] = &domain.PushCourse{DueCourse: r.DueCourse, Mentor: r.Mentor}
	}
	l.parts(found)
	for _, r := range rows {
		c := *found[r.ID]
		told := domain.ToldOf(c.Mentor, c.Covers, l.today)
		if len(told) == 0 {
			told = l.home[r.Municipality]
		}
		for _, user := range told {
			if p := l.people[user]; p != nil {
				p.Courses = append(p.Courses, c)
			}
		}
	}
}

// parts is what lies in the courses.
func (l *loader) parts(found map[string]*domain.PushCourse) {
	courses := dbx.Params{"courses": list(keys(found)), "today": string(l.today)}
	var appointments []struct {
		Course string `db:"course"`
		domain.DueAppointment
	}
	l.query(&appointments, l.app.DB().NewQuery(`SELECT course, id, "on", time, part_of_day FROM appointments
		WHERE state = 'open' AND course IN (SELECT value FROM json_each({:courses}))`), courses)
	for _, a := range appointments {
		found[a.Course].Appointments = append(found[a.Course].Appointments, a.DueAppointment)
	}
	var flags []struct {
		Course string `db:"course"`
		domain.Flag
	}
	l.query(&flags, l.app.DB().NewQuery(`SELECT course, id, follow_up FROM flags
		WHERE state = 'open' AND course IN (SELECT value FROM json_each({:courses}))`), courses)
	for _, f := range flags {
		found[f.Course].Flags = append(found[f.Course].Flags, f.Flag)
	}
	var covers []struct {
		Course string      `db:"course"`
		User   string      `db:"user"`
		From   domain.Date `db:"from"`
		To     domain.Date `db:"to"`
	}
	l.query(&covers, l.app.DB().NewQuery(`SELECT v.course, v.user, v."from", v."to" FROM covers v JOIN users u ON u.id = v.user
		WHERE u.active AND u.role IN ('mentor', 'coordinator') AND v."from" <= {:today} AND v."to" >= {:today} AND v.course IN (SELECT value FROM json_each({:courses}))`), courses)
	for _, v := range covers {
		found[v.Course].Covers = append(found[v.Course].Covers, domain.PushCover{User: v.User, From: v.From, To: v.To})
	}
	var consents []struct {
		Course      string      `db:"course"`
		GivenOn     domain.Date `db:"given_on"`
		ExpiresOn   domain.Date `db:"expires_on"`
		WithdrawnOn domain.Date `db:"withdrawn_on"`
	}
	l.query(&consents, l.app.DB().NewQuery(`SELECT course, given_on, expires_on, withdrawn_on FROM consents
		WHERE scope = 'contact' AND course IN (SELECT value FROM json_each({:courses}))`), courses)
	given := map[string][]domain.Consent{}
	for _, c := range consents {
		given[c.Course] = append(given[c.Course], domain.Consent{Scope: domain.ScopeContact, GivenOn: c.GivenOn, ExpiresOn: c.ExpiresOn, WithdrawnOn: c.WithdrawnOn})
	}
	for id, c := range found {
		c.ConsentUntil = domain.ConsentUntil(given[id], domain.ScopeContact)
	}
}

// inbox is what waits for coordinators.
func (l *loader) inbox() {
	type arrived struct {
		Municipality string         `db:"municipality"`
		By           string         `db:"by"`
		At           types.DateTime `db:"at"`
	}
	var flags, notices []arrived
	home := dbx.Params{"home": list(keys(l.home))}
	l.query(&flags, l.app.DB().NewQuery(`SELECT c.municipality, f.by, f.received_at AS at FROM courses c JOIN flags f ON f.course = c.id
		WHERE f.state = 'open' AND c.municipality IN (SELECT value FROM json_each({:home}))`), home)
	l.query(&notices, l.app.DB().NewQuery(`SELECT municipality, '' AS by, received_at AS at FROM notices
		WHERE status = 'new' AND municipality IN (SELECT value FROM json_each({:home}))`), home)
	for _, f := range flags {
		for _, user := range l.home[f.Municipality] {
			if f.By != user {
				l.people[user].Flags = append(l.people[user].Flags, f.At.Time())
			}
		}
	}
	for _, v := range notices {
		for _, user := range l.home[v.Municipality] {
			l.people[user].Notices = append(l.people[user].Notices, v.At.Time())
		}
	}
}

// tray is what waits in Kræver handling and Fra holdet: for its author, or for
// whoever tends it.
func (n *Notifier) tray(l *loader) error {
	waiting, err := n.config.Waiting(l.app)
	if err != nil || len(waiting) == 0 {
		return err
	}
	for _, w := range waiting {
		hers := !w.Tended && w.Author != nil && mayHave(w.Author) // who has left deals with nothing
		if !hers && len(l.home) > 0 {
			municipality, err := n.config.TendedIn(l.app, w.Kept)
			if err != nil {
				return err
			}
			for _, user := range l.home[municipality] {
				l.people[user].Tray = append(l.people[user].Tray, w.Since)
			}
		}
		if hers && l.people[w.Author.Id] != nil {
			p := l.people[w.Author.Id]
			p.Tray = append(p.Tray, w.Since)
		}
	}
	return nil
}

func list(of []string) string {
	raw, _ := json.Marshal(of) // texts
	return string(raw)
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
