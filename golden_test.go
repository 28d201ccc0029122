package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/golden"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
)

func TestMain(m *testing.M) { testapp.Main(m) }

// TestRoutesGolden: what each of our routes answers to each kind of caller.
func TestRoutesGolden(t *testing.T) {
	a := testapp.New(t)
	callers := []string{"", "ward", "maja", "karen", "admin"}
	routes := []struct{ method, path, body string }{
		{"GET", "/", ""},
		{"GET", "/forloeb", ""},
		{"GET", "/assets/none.js", ""},
		{"GET", "/sw.js", ""},
		{"GET", "/api/none", ""},
		{"POST", "/api/sql", `{"query":"SELECT 1"}`},
		{"POST", "/api/batch", `{"requests":[]}`},
		{"GET", "/api/sync/pull", ""},
		{"POST", "/api/sync/pull", `{}`},
		{"POST", "/api/sync/push", `{}`},
		{"GET", "/api/sync/team", ""},
		{"GET", "/api/directory/crisis-lines", ""},
		{"POST", "/api/vault/phones", `{}`},
		{"POST", "/api/vault/renew", `{}`},
		{"POST", "/api/vault/open", `{}`},
		{"POST", "/api/vault/send", `{}`},
		{"GET", "/api/notify/health", ""},
		{"GET", "/api/notify/key", ""},
		{"GET", "/api/notify/settings", ""},
		{"PUT", "/api/notify/settings", `{}`},
		{"POST", "/api/notify/subscribe", `{}`},
		{"POST", "/api/notify/unsubscribe", `{}`},
		{"POST", "/api/notify/status", `{}`},
		{"POST", "/api/notify/test", `{}`},
		{"GET", "/afdeling/", ""},
		{"POST", "/afdeling/besked", `{}`},
		{"GET", "/afdeling/kvittering/" + seed.ID("kim"), ""},
	}
	for _, c := range []string{records.Municipalities, records.Users, records.Notices, records.Refusals, records.Courses, records.Citizens, records.Contacts, records.Flags, records.CrisisLines, records.Offers, records.PushSettings, records.PushSubscriptions} {
		routes = append(routes, struct{ method, path, body string }{"GET", "/api/collections/" + c + "/records", ""},
			struct{ method, path, body string }{"POST", "/api/collections/" + c + "/records", `{}`})
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%-6s %-50s %s\n", "", "", strings.Join([]string{"guest", "ward", "mentor", "coordinator", "admin"}, " "))
	for _, r := range routes {
		answers := make([]string, len(callers))
		for i, who := range callers {
			token := ""
			if who != "" {
				token = a.Token(who)
			}
			var body any
			if r.body != "" {
				body = r.body
			}
			status, answer := a.Do(r.method, r.path, token, body)
			answers[i] = fmt.Sprint(status)
			var list struct{ TotalItems *int }
			if status == http.StatusOK && json.Unmarshal([]byte(answer), &list) == nil && list.TotalItems != nil {
				answers[i] += fmt.Sprintf(":%d", *list.TotalItems) // rows this caller may read
			}
		}
		fmt.Fprintf(&out, "%-6s %-50s %s\n", r.method, r.path, strings.Join(answers, " "))
	}
	built := regexp.MustCompile(`(?m)^(GET    /(?:forloeb|sw\.js)? .*)$`)
	golden.Check(t, "testdata/routes.golden.txt", built.ReplaceAllStringFunc(out.String(), func(line string) string {
		return strings.NewReplacer("503", "200", "404", "200").Replace(line) // the same with and without a built front end
	}))
}

// TestSchemaGolden: collections, fields and who may read them.
func TestSchemaGolden(t *testing.T) {
	a := testapp.New(t)
	collections, err := a.FindAllCollections(core.CollectionTypeBase, core.CollectionTypeAuth)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(collections, func(a, b *core.Collection) int { return strings.Compare(a.Name, b.Name) })
	var out strings.Builder
	rule := func(name string, r *string) {
		if r != nil {
			fmt.Fprintf(&out, "  %s: %s\n", name, *r)
		}
	}
	for _, c := range collections {
		if c.System {
			continue
		}
		fmt.Fprintf(&out, "%s (%s)\n", c.Name, c.Type)
		rule("list", c.ListRule)
		rule("view", c.ViewRule)
		rule("create", c.CreateRule)
		rule("update", c.UpdateRule)
		rule("delete", c.DeleteRule)
		if c.IsAuth() {
			rule("auth", c.AuthRule)
		}
		for _, f := range c.Fields {
			raw, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			var settings struct {
				Help     string
				Required bool
				Hidden   bool
				Values   []string
			}
			if err := json.Unmarshal(raw, &settings); err != nil {
				t.Fatal(err)
			}
			if settings.Help == "" && !f.GetSystem() && f.Type() != core.FieldTypeAutodate {
				t.Errorf("%s.%s has no help text for the administrator", c.Name, f.GetName())
			}
			fmt.Fprintf(&out, "  - %s %s", f.GetName(), f.Type())
			if settings.Required {
				out.WriteString(" required")
			}
			if settings.Hidden {
				out.WriteString(" hidden")
			}
			if len(settings.Values) > 0 {
				fmt.Fprintf(&out, " %s", strings.Join(settings.Values, "|"))
			}
			out.WriteString("\n")
		}
		for _, i := range c.Indexes {
			fmt.Fprintf(&out, "  %s\n", i)
		}
	}
	golden.Check(t, "testdata/schema.golden.txt", out.String())
}

// outboxV1 is what a phone of protocol 1 sends. It never changes: what lies on
// an old phone is somebody's work.
//
//go:embed testdata/protocol/push-request.v1.json
var outboxV1 string

// TestProtocolGolden: the messages of the wire, which the phone's tests read.
func TestProtocolGolden(t *testing.T) {
	a := testapp.New(t)
	maja := a.Token("maja")
	_, pulled := a.Do("GET", "/api/sync/pull", maja, nil)
	_, bare := a.Do("GET", "/api/sync/pull?bare=1", maja, nil)
	told := regexp.MustCompile(`"t":"end".*"seq":(\d+),.*"epoch":"(\w+)"`).FindStringSubmatch(pulled)
	if told == nil {
		t.Fatalf("pulled %s", pulled)
	}
	post := func(path, in string) string {
		t.Helper()
		status, reply := a.Do("POST", path, maja, in)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, reply)
		}
		return reply
	}
	request := `{
  "device": "phone0000000002",
  "seen": "` + told[1] + "." + told[2] + `",
  "clock": "2026-11-22T11:20:00.000Z",
  "mutations": [
    {"n": 1, "name": "contact.log", "at": "2026-11-22T11:20:00.000Z", "args": {
      "contact": "golden000000003", "course": "` + seed.ID("saga") + `", "occurred_at": "2026-11-22T11:00:00.000Z", "direction": "out",
      "outcome": "reached", "minutes": 12, "topics": ["wellbeing"], "needs_now": false, "offers": [], "note": "Sover bedre.",
      "appointment": "", "next": {"appointment": "golden000000004", "on": "2027-03-01", "part_of_day": "morning", "time": "", "topic": ""}}},
    {"n": 2, "name": "citizen.correct", "at": "2026-11-22T11:20:00.000Z", "args": {"citizen": "` + seed.ID("borgersaga") + `",
      "was": {"hopes": "Vil cykle.", "prefers": ""}, "set": {"hopes": "Vil cykle til arbejde.", "prefers": "Om aftenen"}}},
    {"n": 3, "name": "course.close", "at": "2026-11-22T11:20:00.000Z", "args": {"course": "` + seed.ID("liv") + `", "reason": "moved", "told_resume": "yes"}},
    {"n": 4, "name": "course.resume", "at": "2026-11-22T11:20:00.000Z", "deps": [3], "args": {"course": "` + seed.ID("liv") + `",
      "next": {"appointment": "golden000000005", "on": "2026-11-25", "part_of_day": "", "time": "", "topic": ""}}},
    {"n": 5, "name": "course.close", "at": "2026-11-22T11:20:00.000Z", "args": {"course": "golden000000009", "reason": "moved", "told_resume": "yes"}},
    {"n": 6, "name": "sync.settle", "at": "2026-11-22T11:20:00.000Z", "args": {"device": "phone0000000002", "n": 5, "how": "discard", "note": "Forkert borger"}},
    {"n": 8, "name": "course.take", "at": "2026-11-22T11:20:00.000Z", "args": {"course": "` + seed.ID("ture") + `"}},
    {"n": 7, "name": "course.fold", "at": "2026-11-22T11:20:00.000Z", "args": {}},
    {"n": 1, "name": "course.take", "at": "2026-11-22T11:20:00.000Z", "args": {"course": "` + seed.ID("ture") + `"}}
  ]
}
`
	_, refused := a.Do("GET", "/api/sync/pull?cursor=x", maja, nil)
	_, guest := a.Do("GET", "/api/sync/pull", "", nil)
	_, restored := a.Do("GET", "/api/sync/pull?seen=999999.other", maja, nil)
	oldReply, reply := post("/api/sync/push", outboxV1), post("/api/sync/push", request)
	_, kept := a.Do("GET", "/api/sync/kept", a.Token("karen"), nil)
	for name, text := range map[string]string{
		"pull.ndjson": pulled, "pull-bare.ndjson": bare, "push-reply.v1.json": oldReply, "push-request.json": request, "push-reply.json": reply, "error-cursor.json": refused, "error-guest.json": guest, "error-restored.json": restored, "kept.json": kept,
	} {
		golden.Check(t, "testdata/protocol/"+name, steady(text))
	}
}

var unsteady = []struct {
	found *regexp.Regexp
	with  string
}{
	{regexp.MustCompile(`"epoch":"[a-z0-9]{10}"`), `"epoch":"EPOCH"`},
	{regexp.MustCompile(`"seen": "(\d+)\.[a-z0-9]{10}"`), `"seen": "$1.EPOCH"`},
	{regexp.MustCompile(`"cursor":"[^"]+"`), `"cursor":"CURSOR"`},
}

var (
	contacts = regexp.MustCompile(`^\{"t":"rows","c":"contacts"`)
	rowBegin = regexp.MustCompile(`\["[a-z0-9]{15}",(\d+),`)
)

// steady takes out what is drawn by chance: epochs, cursors, and the ids that
// the seed left to the server.
func steady(text string) string {
	for _, u := range unsteady {
		text = u.found.ReplaceAllString(text, u.with)
	}
	lines := strings.SplitAfter(text, "\n")
	for i, l := range lines {
		if contacts.MatchString(l) {
			lines[i] = rowBegin.ReplaceAllStringFunc(l, func(begin string) string {
				seq := rowBegin.FindStringSubmatch(begin)[1]
				return `["contact` + strings.Repeat("0", 8-len(seq)) + seq + `",` + seq + `,`
			})
		}
	}
	return strings.Join(lines, "")
}
