package sync

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	validation "github.com/pocketbase/ozzo-validation/v4"
	"github.com/pocketbase/pocketbase/core"
)

// Config declares what is synced, to whom, and what a phone may ask for.
type Config struct {
	// Users is the auth collection whose records sync. Default "users".
	Users string

	Buckets     []Bucket
	Collections []Collection
	Mutations   []Mutation

	// MayUse tells whether an account may sync at all. Default: any.
	MayUse func(user *core.Record) bool

	// Refuse turns an error of the app's own rules into a refusal, which is
	// an answer; nil means a failure, which is tried again. Errors made with
	// Reject need none of this. Default: PocketBase's validation errors.
	Refuse func(err error) *Refusal

	// Grace is how old a deed may be when it arrives. What is older is kept for
	// whoever tends it. 0 means any age.
	Grace time.Duration

	// MayTend tells who sees what was kept, and settles it although it is not
	// hers. Default: nobody.
	MayTend func(app core.App, user *core.Record, k Kept) (bool, error)

	// Team names the users whose phones somebody looks after: when they were
	// last here, and how much of their work is unsent. nil is nobody's. Default:
	// nobody.
	Team func(app core.App, user *core.Record) ([]string, error)

	// Kept is told, in the transaction that keeps it, of what begins to wait for
	// a person: its author, or whoever tends it (tended). Default: nobody is.
	Kept func(tx core.App, k Kept, tended bool) error

	// PageRows is how many lines fill a page of a pull. Default 2,000.
	PageRows int

	// Now is the clock, Today the day that {today} stands for (YYYY-MM-DD).
	Now   func() time.Time
	Today func() string
}

// Bucket is a kind of bucket: rows that come and go together. A row's bucket
// is kind:key.
type Bucket struct {
	Kind string

	// Members selects the pairs (key, user) of everyone who may hold a bucket
	// of this kind. {today} stands for the current day; then the engine's
	// ticker sees to what only the clock begins or ends.
	Members string

	// Watches name the tables that Members reads.
	Watches []Watch
}

// Watch says which buckets' members to work out anew when a table changes.
type Watch struct {
	Table   string
	Columns []string // an update that changes none of them is passed over
	Keys    string   // SELECT of bucket keys; {row} is the changed row
}

// Collection is a synced collection.
type Collection struct {
	Name    string
	Bucket  string   // the kind
	Key     string   // SQL for the key; {row} is the row; NULL or '' = not synced
	Columns []string // what travels, besides id

	// Merge says how columns take changes by two people; see Context.Merge.
	Merge map[string]Kind `json:"-"`
}

var word = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c *Config) prepare() error {
	if c.Users == "" {
		c.Users = "users"
	}
	if c.MayUse == nil {
		c.MayUse = func(*core.Record) bool { return true }
	}
	if c.Refuse == nil {
		c.Refuse = refuseInvalid
	}
	if c.MayTend == nil {
		c.MayTend = func(core.App, *core.Record, Kept) (bool, error) { return false, nil }
	}
	if c.Team == nil {
		c.Team = func(core.App, *core.Record) ([]string, error) { return nil, nil }
	}
	if c.Kept == nil {
		c.Kept = func(core.App, Kept, bool) error { return nil }
	}
	if c.PageRows == 0 {
		c.PageRows = 2000
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Today == nil {
		c.Today = func() string { return c.Now().UTC().Format("2006-01-02") }
	}
	var names []string
	for _, b := range c.Buckets {
		names = append(names, b.Kind)
		for _, w := range b.Watches {
			names = append(names, w.Table)
			names = append(names, w.Columns...)
		}
	}
	for _, s := range c.Collections {
		if c.kind(s.Bucket) < 0 {
			return fmt.Errorf("sync: collection %s is in bucket kind %q, which is not declared", s.Name, s.Bucket)
		}
		names = append(append(names, s.Name), s.Columns...)
	}
	for _, n := range names { // they go into SQL as they are
		if !word.MatchString(n) {
			return fmt.Errorf("sync: %q is not a name", n)
		}
	}
	seen := map[string]bool{}
	for _, m := range c.Mutations {
		if m.Name == "" || m.apply == nil || seen[m.Name] || strings.HasPrefix(m.Name, "sync.") {
			return fmt.Errorf("sync: mutation %q is empty, reserved or declared twice", m.Name)
		}
		seen[m.Name] = true
	}
	if len(c.Collections) == 0 {
		return errors.New("sync: no collections")
	}
	return nil
}

// shape tells one declaration from another.
func (c *Config) shape() (string, error) {
	all, err := json.Marshal([]any{c.Buckets, c.Collections})
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:4]), err
}

func refuseInvalid(err error) *Refusal {
	fields, ok := errors.AsType[validation.Errors](err)
	if !ok {
		return nil
	}
	names := slices.Sorted(maps.Keys(fields))
	return &Refusal{Code: CodeArgs, Reason: "value.invalid", Params: map[string]any{"fields": names}}
}

func (c *Config) kind(kind string) int {
	return slices.IndexFunc(c.Buckets, func(b Bucket) bool { return b.Kind == kind })
}

// rank orders buckets on the first sync as they are declared.
func (c *Config) rank(bucket string) int {
	kind, _, _ := strings.Cut(bucket, ":")
	return c.kind(kind)
}

// travels tells whether a column is among those declared.
func (c *Config) travels(collection, column string) bool {
	return slices.ContainsFunc(c.Collections, func(s Collection) bool {
		return s.Name == collection && slices.Contains(s.Columns, column)
	})
}

// kindOf is how a column merges.
func (c *Config) kindOf(collection, column string) Kind {
	for _, s := range c.Collections {
		if kind := s.Merge[column]; s.Name == collection && kind != "" {
			return kind
		}
	}
	return Guarded
}

func (c *Config) mutation(name string) *Mutation {
	for i := range c.Mutations {
		if c.Mutations[i].Name == name {
			return &c.Mutations[i]
		}
	}
	return nil
}
