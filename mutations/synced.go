package mutations

import (
	"bindeled/internal/records"
	"bindeled/sync"
)

// Kinds of bucket.
const (
	bucketMunicipality = "municipality"
	bucketInbox        = "inbox"
	bucketCourse       = "course"
)

// onPhone are the roles that have the app at all.
const onPhone = `u.active AND u.role IN ('mentor', 'coordinator')`

var userWatch = []string{"active", "role", "municipality"}

var buckets = []sync.Bucket{
	{
		Kind:    bucketMunicipality,
		Members: `SELECT u.municipality AS key, u.id AS user FROM users u WHERE ` + onPhone,
		Watches: []sync.Watch{{Table: records.Users, Columns: userWatch, Keys: `SELECT {row}.municipality`}},
	},
	{
		Kind:    bucketInbox,
		Members: `SELECT u.municipality AS key, u.id AS user FROM users u WHERE u.active AND u.role = 'coordinator'`,
		Watches: []sync.Watch{{Table: records.Users, Columns: userWatch, Keys: `SELECT {row}.municipality`}},
	},
	{
		// The same people as the list rule of courses names: the mentor, a
		// stand-in while the cover lasts, the coordinators, and whoever may take
		// a course that has no mentor; for as long as it is on phones. [A3–A5 A8]
		Kind: bucketCourse,
		Members: `SELECT c.id AS key, u.id AS user FROM courses c JOIN users u ON u.municipality = c.municipality
			JOIN municipalities m ON m.id = c.municipality
			WHERE ` + onPhone + ` AND (c.leaves_on = '' OR c.leaves_on >= {today} OR (u.role = 'coordinator' AND c.state <> 'closed'))
				AND (u.role = 'coordinator' OR u.id = c.mentor OR (c.mentor = '' AND m.mentors_take)
				OR EXISTS (SELECT 1 FROM covers v WHERE v.course = c.id AND v.user = u.id AND v."from" <= {today} AND v."to" >= {today}))`,
		Watches: []sync.Watch{
			{Table: records.Courses, Columns: []string{"mentor", "municipality", "state", "leaves_on"}, Keys: `SELECT {row}.id`},
			{Table: records.Covers, Keys: `SELECT {row}.course`},
			{Table: records.Users, Columns: userWatch, Keys: `SELECT id FROM courses WHERE municipality = {row}.municipality`},
			{Table: records.Municipalities, Columns: []string{"mentors_take"}, Keys: `SELECT id FROM courses WHERE municipality = {row}.id AND mentor = ''`},
		},
	},
}

// What changes without a kind of merge is guarded: see each mutation for what
// its sender must have seen.
var collections = []sync.Collection{
	{Name: records.Municipalities, Bucket: bucketMunicipality, Key: `{row}.id`,
		Columns: []string{"name", "code", "participates_from", "participates_to", "mentors_take", "weekends_off"}},
	{Name: records.Schemes, Bucket: bucketMunicipality, Key: `{row}.municipality`,
		Columns: []string{"municipality", "kind", "title", "hold_extends_window", "first_contact_days", "first_contact_limit_days", "taper", "active"}},
	{Name: records.Wards, Bucket: bucketMunicipality, Key: `{row}.municipality`,
		Columns: []string{"municipality", "name"}},
	{Name: records.Offers, Bucket: bucketMunicipality, Key: `{row}.municipality`,
		Columns: []string{"municipality", "name", "kind", "about", "place", "weekdays", "hours", "phone", "web", "contact", "drop_in", "checked_on", "active"}},
	{Name: records.Users, Bucket: bucketMunicipality, Key: `CASE WHEN {row}.role IN ('mentor', 'coordinator') THEN {row}.municipality END`,
		Columns: []string{"name", "role", "municipality", "active"}},
	{Name: records.Notices, Bucket: bucketInbox, Key: `{row}.municipality`,
		Columns: []string{"municipality", "scheme", "ward", "source", "name", "phones", "discharge_date", "date_kind", "answers", "consents",
			"verdict", "reasons", "warnings", "status", "decline_reason", "override_reason", "course", "received_at"}},
	{Name: records.Courses, Bucket: bucketCourse, Key: `{row}.id`,
		Columns: []string{"municipality", "scheme", "notice", "mentor", "started_on", "discharge_date", "state", "held_from", "hold_days",
			"last_day", "closed_on", "closed_by", "reason", "told_resume"}},
	{Name: records.Citizens, Bucket: bucketCourse, Key: `{row}.course`,
		Columns: []string{"course", "name", "phones", "prefers", "hopes"},
		Merge:   map[string]sync.Kind{"name": sync.Scalar, "phones": sync.Set, "prefers": sync.Scalar, "hopes": sync.Scalar}},
	{Name: records.Consents, Bucket: bucketCourse, Key: `{row}.course`,
		Columns: []string{"course", "scope", "form", "text_version", "taken_by", "given_on", "expires_on", "withdrawn_on"}},
	{Name: records.Contacts, Bucket: bucketCourse, Key: `{row}.course`,
		Columns: []string{"course", "by", "occurred_at", "received_at", "direction", "outcome", "minutes", "topics", "needs_now", "offers", "note", "late", "amends"}},
	{Name: records.Appointments, Bucket: bucketCourse, Key: `{row}.course`,
		Columns: []string{"course", "on", "part_of_day", "time", "topic", "state", "done_by"}},
	{Name: records.Covers, Bucket: bucketCourse, Key: `{row}.course`,
		Columns: []string{"course", "user", "from", "to"}},
	{Name: records.Flags, Bucket: bucketCourse, Key: `{row}.course`,
		Columns: []string{"course", "by", "at", "received_at", "note", "handed_to", "warm", "follow_up", "state", "done", "closed_by", "closed_at"}},
}
