package sync

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"time"

	"github.com/pocketbase/pocketbase/core"
)

// Mutation is something a phone may ask for. A name is never used again with
// another meaning: old phones may still hold it.
type Mutation struct {
	Name  string
	apply func(*Context, jsontext.Value) error
}

// Handle makes a mutation from a function. Its arguments are decoded
// strictly: an unknown member or a wrong type rejects the mutation. The
// function writes through c.App only. An error rolls everything back; a
// refusal (Reject, or one that Config.Refuse knows) is then kept as the
// mutation's outcome.
func Handle[A any](name string, fn func(c *Context, args A) error) Mutation {
	return Mutation{Name: name, apply: func(c *Context, raw jsontext.Value) error {
		var args A
		if err := json.Unmarshal(raw, &args, json.RejectUnknownMembers(true), jsontext.AllowInvalidUTF8(true)); err != nil {
			return Reject(CodeArgs, "args.invalid")
		}
		return fn(c, args)
	}}
}

// Context is one mutation being decided.
type Context struct {
	App      core.App     // the transaction
	User     *core.Record // who did it
	By       *core.Record // who does it now in User's name; nil for User herself
	Device   string
	N        int64
	At       time.Time // when the user did it, by the phone's clock set right; never after Received
	Received time.Time

	// Skew is how far the phone's clock was behind when it sent, zero when it
	// was right: add it to a time in the arguments that the phone's clock gave.
	Skew time.Duration

	engine  *Engine
	refused []Part
	merged  []Clash
	in      string
}

// Part is a piece of an applied mutation that was refused by itself.
type Part struct {
	Part string `json:"part"`
	Refusal
}

// RefusePart does a part of the mutation that may break a rule while the rest
// stands. An error that is no refusal comes back; so does a refusal after
// something was written, for then nothing of the mutation may stand.
func (c *Context) RefusePart(part string, do func() error) error {
	before, err := c.written()
	if err != nil {
		return err
	}
	refusal := do()
	if refusal == nil {
		return nil
	}
	r := c.engine.refusal(refusal)
	if r == nil {
		return refusal
	}
	switch after, err := c.written(); {
	case err != nil:
		return err
	case after != before:
		return refusal
	}
	if r.in != "" {
		c.of(r.in)
	}
	c.refused = append(c.refused, Part{Part: part, Refusal: *r})
	return nil
}

// written counts the rows that the transaction's connection has changed.
func (c *Context) written() (rows int64, err error) {
	err = c.App.NonconcurrentDB().NewQuery(`SELECT total_changes()`).Row(&rows)
	return rows, err
}

// Code is the kind of a refusal, for the phone to act on.
type Code string

// Kinds of refusal.
const (
	CodeRule      Code = "rule"      // a rule of the app
	CodeForbidden Code = "forbidden" // not this user's to do: kept for whoever tends it
	CodeStale     Code = "stale"     // something changed meanwhile
	CodeArgs      Code = "args"      // the arguments make no sense
	CodeGone      Code = "gone"      // what it is about is not there
	CodeReuse     Code = "reuse"     // the number was used for another mutation
)

// Refusal says why something was not done. Reason is a key for a text.
type Refusal struct {
	Code   Code           `json:"code"`
	Reason string         `json:"reason"`
	Rule   string         `json:"rule,omitempty"`
	Params map[string]any `json:"params,omitempty"`

	in string // the bucket that another's values in Params are of
}

func (r *Refusal) Error() string { return string(r.Code) + ": " + r.Reason }

// Reject makes a refusal that needs no rule.
func Reject(code Code, reason string) error { return &Refusal{Code: code, Reason: reason} }

// Results of a mutation.
const (
	Applied   = "applied"
	MergedIn  = "merged" // applied, over what another had written
	Rejected  = "rejected"
	Escrowed  = "escrowed" // kept for whoever tends it
	Duplicate = "duplicate"
	Deferred  = "deferred"
	Unknown   = "unknown"
)

// Outcome is the one durable answer to a mutation.
type Outcome struct {
	N       int64          `json:"n"`
	Result  string         `json:"result"`
	At      string         `json:"at"`
	Seq     int64          `json:"seq,omitzero"`
	Code    Code           `json:"code,omitempty"`
	Reason  string         `json:"reason,omitempty"`
	Rule    string         `json:"rule,omitempty"`
	Params  map[string]any `json:"params,omitempty"`
	Refused []Part         `json:"refused,omitempty"`
	Merged  []Clash        `json:"merged,omitempty"`
	In      string         `json:"in,omitempty"` // the bucket that another's values, here, are of
	First   *Outcome       `json:"first,omitempty"`
}

func (o Outcome) with(r *Refusal) Outcome {
	o.Code, o.Reason, o.Rule, o.Params, o.In = r.Code, r.Reason, r.Rule, r.Params, r.in
	return o
}
