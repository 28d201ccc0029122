package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows is who may import whom. The standard library is open to all, except
// where a room of its own is named below; "pocketbase" is what its authors
// publish. A new room needs a line here, with its reason.
var arrows = map[string]struct {
	may []string
	why string
}{
	"domain":     {nil, "the rules stand alone: no IO, no clock, no framework"},
	"sync":       {[]string{"pocketbase"}, "works for any PocketBase app; knows no mentors"},
	"migrations": {[]string{"pocketbase"}, "frozen history: nothing that changes may change it"},
	"pb_public":  {[]string{"pocketbase"}, "serves files"},
	"hooks":      {[]string{"domain", "internal/broken", "internal/records", "internal/clock", "pocketbase"}, "enforce what domain says, on every write"},
	"mutations": {[]string{"domain", "sync", "internal/broken", "internal/records", "internal/clock", "pocketbase"},
		"register with sync, never the other way; save, and read back what a hook refused"},
	"intake": {[]string{"domain", "internal/broken", "internal/records", "internal/clock", "pocketbase"}, "saves, and reads back what a hook refused"},
	"vault":  {[]string{"domain", "sync", "internal/records", "internal/clock", "pocketbase"}, "what opens a phone, and what a locked one sends"},
	"notify": {[]string{"domain", "sync", "internal/broken", "internal/records", "internal/clock", "pocketbase", "github.com/SherClockHolmes/webpush-go"},
		"asks domain what is due, and tells it; answers as sync does"},
	"report":    {[]string{"domain", "internal/records", "internal/clock", "pocketbase"}, "reads, never writes"},
	"directory": {[]string{"internal/records", "pocketbase"}, "hands out what anybody may know; reads, never writes"},

	"sim/server":       {[]string{"sync", "internal/config", "pocketbase"}, "an app that is not ours, for the simulation to break"},
	"bench/server":     {[]string{"sync", "internal/config", "pocketbase"}, "an app that is not ours, to measure"},
	"bench/phones":     {nil, "a thousand phones at once"},
	"e2e/rows":         {[]string{"modernc.org/sqlite"}, "reads rows for the stories, never writes"},
	"internal/broken":  {[]string{"domain", "pocketbase"}, "a broken rule on its way through PocketBase and back"},
	"internal/golden":  {nil, "compares with files, for tests"},
	"internal/records": {[]string{"domain", "pocketbase"}, "names of fields, and records as domain sees them"},
	"internal/clock":   {[]string{"domain"}, "today, in domain's words"},
	"internal/config":  {[]string{"internal/prepared", "pocketbase"}, "the environment, read once"},
	"internal/health":  {nil, "asks the server from outside"},
	"internal/seed":    {[]string{"domain", "sync", "hooks", "mutations", "internal/records", "internal/clock", "pocketbase"}, "builds a world through the doors others use"},
	"internal/wire": {[]string{"hooks", "intake", "migrations", "mutations", "notify", "report", "directory", "pb_public", "sync", "vault", "internal/clock", "pocketbase"},
		"puts the rooms together, for the server, the demo and the tests"},
	"internal/prepared": {[]string{"modernc.org/sqlite"}, "opens a database, and knows no table of it"},
	"internal/vapid":    {[]string{"notify"}, "makes keys for push"},
	"internal/demo":     {[]string{"notify", "sync", "internal/clock", "internal/config", "internal/seed", "internal/vapid", "internal/wire", "pocketbase", "github.com/spf13/cobra"}, "a command that fills and serves a world"},
	"internal/testapp":  {[]string{"domain", "hooks", "intake", "migrations", "mutations", "notify", "pb_public", "sync", "vault", "internal/", "pocketbase"}, "the real app, for tests"},
	".":                 {[]string{"notify", "internal/", "pocketbase"}, "wiring only"},
}

// closed is what a room may not take from the standard library.
var closed = map[string]*regexp.Regexp{
	"domain": regexp.MustCompile(`^(os|io|net|log|syscall|database|embed|runtime|unsafe|math/rand|crypto/rand)(/|$)`),
}

// doors is what only some rooms may call: package.function → rooms.
var doors = map[string][]string{
	"os.Getenv":    {"internal/config", "internal/golden"}, // golden asks whether to rewrite
	"os.LookupEnv": {"internal/config"},
	"os.Environ":   {"internal/config"},
	"time.Now":     {"internal/clock", "sync", "bench/server", "bench/phones", "sim/server"}, // sync is given a clock in its Config; a bench measures
	"time.Since":   {"internal/clock", "sync", "bench/server", "bench/phones", "sim/server"},
	"time.Until":   {"internal/clock", "sync"},
}

// mayWriteRaw lists who may write SQL: everybody else would pass the hooks by.
var mayWriteRaw = []string{"sync", "migrations", "bench/server", "sim/server"}

// ownTables are those that a room may write to besides, for they are no
// collections and no hook knows them.
var ownTables = map[string]*regexp.Regexp{
	"notify": regexp.MustCompile(`^\s*(INSERT INTO|UPDATE|DELETE FROM) _push_\w+ `),
}

// alone is what one file of a room calls, and no other.
var alone = map[string]string{"github.com/SherClockHolmes/webpush-go": "notify/send.go"}

func TestImportsFollowTheArrows(t *testing.T) {
	eachFile(t, func(room, file string, f *ast.File) {
		arrow, known := arrows[room]
		if !known {
			t.Errorf("%s: give %s a line in arrows, with its reason", file, room)
			return
		}
		for _, imported := range imports(f) {
			switch only := alone[imported]; {
			case only != "" && only != file:
				t.Errorf("%s imports %s; only %s does", file, imported, only)
			case !mayImport(arrow.may, imported):
				t.Errorf("%s imports %s; %s: %s", file, imported, room, arrow.why)
			case closed[room] != nil && closed[room].MatchString(imported):
				t.Errorf("%s imports %s; %s: %s", file, imported, room, arrow.why)
			}
		}
	})
}

func TestDoors(t *testing.T) {
	eachFile(t, func(room, file string, f *ast.File) {
		names := map[string]string{} // what the file calls a package → its path
		for _, spec := range f.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			name := path.Base(imported)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			names[name] = imported
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := selector.X.(*ast.Ident); ok {
					call := names[x.Name] + "." + selector.Sel.Name
					if rooms, guarded := doors[call]; guarded && !slices.Contains(rooms, room) {
						t.Errorf("%s uses %s, a door of %s", file, call, strings.Join(rooms, ", "))
					}
				}
				checkSelector(t, room, file, selector.Sel.Name)
			}
			checkText(t, room, file, n)
			if call, ok := n.(*ast.CallExpr); ok && !slices.Contains(mayWriteRaw, room) {
				checkQuery(t, room, file, call)
			}
			return true
		})
	})
}

var requestHook = regexp.MustCompile(`^OnRecord\w*Request$`)

func checkSelector(t *testing.T, room, file, name string) {
	t.Helper()
	if strings.HasPrefix(name, "SaveNoValidate") {
		t.Errorf("%s uses %s: it skips the rules", file, name)
	}
	if room == "hooks" && requestHook.MatchString(name) {
		t.Errorf("%s uses %s: it fires for REST only, not for mutations, intake or jobs", file, name)
	}
}

var (
	writes   = regexp.MustCompile(`(?i)^\s*(WITH\b.*\b)?(INSERT|UPDATE|DELETE|REPLACE|CREATE|DROP|ALTER|PRAGMA)\b`)
	builders = []string{"Insert", "Update", "Delete", "Upsert", "NewQuery"}
	handles  = []string{"DB", "NonconcurrentDB", "ConcurrentDB", "AuxDB", "AuxNonconcurrentDB", "AuxConcurrentDB"}
)

// checkQuery refuses SQL that writes: as text, or built on a database handle.
// A query that is no literal could hold anything.
func checkQuery(t *testing.T, room, file string, call *ast.CallExpr) {
	t.Helper()
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains(builders, f.Sel.Name) {
		return
	}
	if f.Sel.Name != "NewQuery" {
		if on, ok := f.X.(*ast.CallExpr); ok {
			if handle, ok := on.Fun.(*ast.SelectorExpr); ok && slices.Contains(handles, handle.Sel.Name) {
				t.Errorf("%s: %s().%s passes the hooks by", file, handle.Sel.Name, f.Sel.Name)
			}
		}
		return
	}
	if len(call.Args) == 1 {
		literal, ok := call.Args[0].(*ast.BasicLit)
		if ownTables[room] != nil {
			return // every text in the room is looked at, see checkText
		}
		if !ok || literal.Kind != token.STRING {
			t.Errorf("%s: NewQuery of something that is not a literal", file)
			return
		}
		if query, _ := strconv.Unquote(literal.Value); writes.MatchString(query) {
			t.Errorf("%s: raw write %q passes the hooks by", file, query)
		}
	}
}

// checkText refuses, in a room with tables of its own, any text that writes to
// others: it may reach a query by any way.
func checkText(t *testing.T, room, file string, n ast.Node) {
	t.Helper()
	literal, ok := n.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING || ownTables[room] == nil {
		return
	}
	if text, _ := strconv.Unquote(literal.Value); writes.MatchString(text) && !ownTables[room].MatchString(text) {
		t.Errorf("%s: %q writes to what is not the room's own", file, text)
	}
}

const module = "bindeled/"

// mayImport: the standard library has no dot in its first element.
func mayImport(may []string, imported string) bool {
	inside, ours := strings.CutPrefix(imported, module)
	if !ours && !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return true
	}
	return slices.ContainsFunc(may, func(m string) bool {
		switch {
		case m == "pocketbase":
			return strings.HasPrefix(imported, "github.com/pocketbase/")
		case strings.HasSuffix(m, "/"):
			return ours && strings.HasPrefix(inside, m)
		}
		return ours && inside == m || imported == m
	})
}

func imports(f *ast.File) (out []string) {
	for _, spec := range f.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		out = append(out, imported)
	}
	return out
}

// eachFile parses every Go file that is no test.
func eachFile(t *testing.T, visit func(room, file string, f *ast.File)) {
	t.Helper()
	set, found := token.NewFileSet(), 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() != "." && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		f, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		found++
		visit(filepath.ToSlash(filepath.Dir(file)), filepath.ToSlash(file), f)
		return nil
	})
	if err != nil || found == 0 {
		t.Fatalf("walked %d files: %v", found, err)
	}
}
