package sync

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// Kind says how a column takes the changes of two people who had not heard of
// each other. The phone's half merges in the same way, and both run
// testdata/merge.json.
type Kind string

// Kinds of column.
const (
	Append  Kind = "append"  // written once; a correction is a new record
	Scalar  Kind = "scalar"  // each stands by itself: the last one wins, and is shown the other
	Guarded Kind = "guarded" // a rule hangs on it: only whoever saw the present value may change it
	Set     Kind = "set"     // what each added or took away counts
	State   Kind = "state"   // a step from one of certain states, whatever the sender saw
)

// How two changes went together.
type How string

// Ways of going together.
const (
	Clean  How = "clean"  // nobody else changed it, or both changes stand
	Same   How = "same"   // it is so already
	Merged How = "merged" // another's value was written over
	Stale  How = "stale"  // another's value stands in the way
)

// Merge is what becomes of a value that the sender saw as was, that is now
// another perhaps, and that is to be mine. A nil was is a sender who does not
// say what she saw. from are the states a step may begin in. Values are as
// encoding/json decodes them. It is pure.
func Merge(kind Kind, was, now, mine any, from ...string) (any, How) {
	if kind == Set {
		return mergeSet(was, now, mine)
	}
	if reflect.DeepEqual(now, mine) {
		return now, Same
	}
	untouched := reflect.DeepEqual(was, now)
	switch {
	case kind == Scalar && (untouched || was == nil), kind == Guarded && untouched:
		return mine, Clean
	case kind == Scalar:
		return mine, Merged
	case kind == State:
		if state, ok := now.(string); ok && slices.Contains(from, state) {
			return mine, Clean
		}
	}
	return now, Stale
}

// mergeSet takes away what the sender took away and adds what she added.
func mergeSet(was, now, mine any) (any, How) {
	current, wanted := items(now), items(mine)
	before := items(was)
	if was == nil {
		before = current
	}
	had, has, wants := keys(before), keys(current), keys(wanted)
	out, changed := []any{}, false
	for _, v := range current {
		if k := key(v); had[k] && !wants[k] {
			changed = true
		} else {
			out = append(out, v)
		}
	}
	for _, v := range wanted {
		if k := key(v); !had[k] && !has[k] {
			out, changed = append(out, v), true
			has[k] = true
		}
	}
	if !changed {
		return now, Same
	}
	return out, Clean
}

func items(v any) []any {
	list, _ := v.([]any) // anything else is no set, and has nothing in it
	return list
}

// key is a value as text, to be found by.
func key(v any) string {
	out, _ := json.Marshal(v) // it came from JSON
	return string(out)
}

func keys(list []any) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, v := range list {
		out[key(v)] = true
	}
	return out
}

// Clash is a column in which the sender wrote over what another had written.
type Clash struct {
	Field  string `json:"field"`
	Theirs any    `json:"theirs"`
	Mine   any    `json:"mine"`
}

// Merge sets columns of a record by their declared kinds; one without a kind
// is Guarded. was is what the sender saw, mine what it is to be. A stale one
// refuses the mutation; what was written over is told in its outcome. Only
// columns that travel can be merged: the sender saw no others. It does not save
// the record.
func (c *Context) Merge(r *core.Record, was, mine map[string]any) error {
	in, err := bucketOf(c.App, r)
	if err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(mine)) {
		if !c.engine.travels(r.Collection().Name, field) {
			return Reject(CodeArgs, "args.invalid")
		}
		now, err := plain(r.Get(field))
		if err != nil {
			return err
		}
		seen, err := plain(was[field])
		if err != nil {
			return err
		}
		wanted, err := plain(mine[field])
		if err != nil {
			return err
		}
		value, how := Merge(c.engine.kindOf(r.Collection().Name, field), seen, now, wanted)
		switch how {
		case Stale:
			refusal := &Refusal{Code: CodeStale, Reason: "record.changed", Params: map[string]any{"field": field}, in: in}
			if in != "" {
				refusal.Params["theirs"] = now
			}
			return refusal
		case Merged:
			if in == "" {
				now = nil
			}
			c.of(in)
			c.merged = append(c.merged, Clash{Field: field, Theirs: now, Mine: wanted})
		}
		r.Set(field, value)
	}
	return nil
}

// of notes the bucket that another's values are of. With a second one, nobody
// counts as a member of both, and they are not told.
func (c *Context) of(bucket string) {
	if c.in != "" && c.in != bucket {
		bucket = c.in + " " + bucket
	}
	c.in = bucket
}

// bucketOf is the bucket a record is in, "" for none.
func bucketOf(app core.App, r *core.Record) (string, error) {
	var found []string
	err := app.DB().NewQuery(`SELECT bucket FROM _sync_row WHERE coll = {:coll} AND id = {:id} AND deleted = 0`).
		Bind(dbx.Params{"coll": r.Collection().Name, "id": r.Id}).Column(&found)
	return strings.Join(found, ","), err
}

// discreet leaves out what another wrote, unless the sender is a member of
// its bucket as the answer goes out: one who left meanwhile is not to read on.
func (e *Engine) discreet(app core.App, user string, o *Outcome) error {
	if o.First != nil {
		return e.discreet(app, user, o.First)
	}
	if o.In == "" {
		return nil
	}
	var member bool
	err := app.DB().NewQuery(`SELECT count(*) > 0 FROM _sync_member WHERE user = {:user} AND bucket = {:bucket} AND active = 1`).
		Bind(dbx.Params{"user": user, "bucket": o.In}).Row(&member)
	if err != nil || member {
		return err
	}
	delete(o.Params, "theirs")
	for i := range o.Refused {
		delete(o.Refused[i].Params, "theirs")
	}
	for i := range o.Merged {
		o.Merged[i].Theirs = nil
	}
	return nil
}

// plain is a value as JSON knows it.
func plain(v any) (any, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(raw, &out)
}
