package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/sync"
)

const (
	grace      = 30 * 24 * time.Hour
	mostWeight = 12 // of the cards of one board together
)

var steps = map[string][]string{"doing": {"open"}, "done": {"open", "doing"}, "open": {"done"}}

func declaration(pages int, wide bool) sync.Config {
	columns := []string{"board", "text", "note", "weight", "tags", "state"}
	if wide {
		columns = append(columns, "loud")
	}
	return sync.Config{
		Buckets: []sync.Bucket{{
			Kind:    "board",
			Members: `SELECT s.board AS key, s.user AS user FROM seats s WHERE s.until = '' OR s.until >= {today}`,
			Watches: []sync.Watch{{Table: "seats", Columns: []string{"board", "user", "until"}, Keys: `SELECT {row}.board`}},
		}},
		Collections: []sync.Collection{
			{Name: "boards", Bucket: "board", Key: `{row}.id`, Columns: []string{"title"}},
			{Name: "cards", Bucket: "board", Key: `{row}.board`, Columns: columns,
				Merge: map[string]sync.Kind{"text": sync.Append, "note": sync.Scalar, "weight": sync.Guarded, "tags": sync.Set, "state": sync.State}},
		},
		PageRows: pages,
		Grace:    grace,
		MayUse:   func(u *core.Record) bool { return u.GetBool("active") },
		MayTend: func(_ core.App, user *core.Record, k sync.Kept) (bool, error) {
			return user.GetBool("chief") && user.Id != k.Author.Id && user.Id[:6] == k.Author.Id[:6], nil // of one run
		},
	}
}

// base is what every mutation brings. A mid is its own for ever: what is done
// twice has two deeds.
type base struct {
	Mid   string `json:"mid"`
	ID    string `json:"id"`
	Board string `json:"board"`
	Needs string `json:"needs"` // the mid of another that must have been done

	over string // the words of another that it was written over
}

type addArgs struct {
	base
	Text string `json:"text"`
}

type editArgs struct {
	base
	Was  map[string]any `json:"was"`
	Mine map[string]any `json:"mine"`
}

type toArgs struct {
	base
	To string `json:"to"`
}

func (s *scheduler) mutations() []sync.Mutation {
	return []sync.Mutation{
		sync.Handle("card.add", s.add),
		sync.Handle("card.edit", s.edit),
		sync.Handle("card.move", s.move),
		sync.Handle("card.shift", s.shift),
		sync.Handle("card.remove", func(c *sync.Context, a base) error {
			r, err := s.card(c, a)
			if err != nil {
				return err
			}
			if err := c.App.Delete(r); err != nil {
				return err
			}
			return s.did(c, a, "card.remove")
		}),
	}
}

// errWrong goes through Config.Refuse, as an app's own rules do.
var errWrong = errors.New("a rule of the app")

func (s *scheduler) add(c *sync.Context, a addArgs) error {
	if err := s.allowed(c, a.base); err != nil {
		return err
	}
	switch {
	case strings.Contains(a.Text, "BAD"):
		return sync.Reject(sync.CodeRule, "card.text")
	case strings.Contains(a.Text, "BROKEN") && s.broken.Load():
		return errors.New("the disk is on fire")
	}
	cards, err := c.App.FindCollectionByNameOrId("cards")
	if err != nil {
		return err
	}
	r := core.NewRecord(cards)
	r.Load(map[string]any{"id": a.ID, "board": a.Board, "text": a.Text, "state": "open", "tags": []string{}})
	if err := c.App.Save(r); err != nil {
		return err
	}
	if strings.Contains(a.Text, "WRONG") {
		return errWrong // after it wrote
	}
	if strings.Contains(a.Text, "HALF") {
		if err := c.RefusePart("tags", func() error { return sync.Reject(sync.CodeRule, "card.tags") }); err != nil {
			return err
		}
	}
	return s.did(c, a.base, "card.add")
}

func (s *scheduler) edit(c *sync.Context, a editArgs) error {
	r, err := s.card(c, a.base)
	if err != nil {
		return err
	}
	before := r.GetString("note")
	if err := c.Merge(r, a.Was, a.Mine); err != nil {
		return err
	}
	if was, ok := a.Was["note"].(string); ok && before != was && before != r.GetString("note") {
		a.over = before
	}
	if err := c.App.Save(r); err != nil {
		return err
	}
	var total int
	err = c.App.DB().NewQuery(`SELECT coalesce(sum(weight), 0) FROM cards WHERE board = {:board}`).Bind(dbx.Params{"board": a.Board}).Row(&total)
	if err != nil {
		return err
	}
	if total > mostWeight {
		return sync.Reject(sync.CodeRule, "board.full")
	}
	return s.did(c, a.base, "card.edit")
}

func (s *scheduler) move(c *sync.Context, a toArgs) error {
	r, err := s.card(c, a.base)
	if err != nil {
		return err
	}
	state, how := sync.Merge(sync.State, nil, r.GetString("state"), a.To, steps[a.To]...)
	if how == sync.Stale {
		return sync.Reject(sync.CodeStale, "card.state")
	}
	r.Set("state", state)
	if err := c.App.Save(r); err != nil {
		return err
	}
	return s.did(c, a.base, "card.move")
}

// shift lays a card on another board. Its words name the board they lie on.
func (s *scheduler) shift(c *sync.Context, a toArgs) error {
	r, err := s.card(c, a.base)
	if err != nil {
		return err
	}
	if err := s.allowed(c, base{Mid: a.Mid, Board: a.To}); err != nil {
		return err
	}
	relabel(r, a.To)
	if err := c.App.Save(r); err != nil {
		return err
	}
	return s.did(c, a.base, "card.shift")
}

func relabel(r *core.Record, board string) {
	before := r.GetString("board")
	for _, field := range []string{"text", "note"} {
		r.Set(field, strings.ReplaceAll(r.GetString(field), canary(before), canary(board)))
	}
	r.Set("board", board)
	r.Set("weight", 0)
}

// canary is the word that names a board: it may be nowhere but with its people.
func canary(board string) string { return "<" + board + ">" }

// card is the one a mutation is about, when its author may touch it.
func (s *scheduler) card(c *sync.Context, a base) (*core.Record, error) {
	if err := s.allowed(c, a); err != nil {
		return nil, err
	}
	found, err := c.App.FindRecordsByIds("cards", []string{a.ID})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 || found[0].GetString("board") != a.Board {
		return nil, sync.Reject(sync.CodeGone, "card.gone")
	}
	return found[0], nil
}

// allowed: whoever had a seat when it was done, or a chief who releases it.
func (s *scheduler) allowed(c *sync.Context, a base) error {
	if a.Mid == "" {
		return sync.Reject(sync.CodeArgs, "card.empty")
	}
	if c.By != nil {
		return nil
	}
	seated, err := seated(c, a.Board)
	if err == nil && !seated {
		err = sync.Reject(sync.CodeForbidden, "board.seat")
	}
	return err
}

func seated(c *sync.Context, board string) (bool, error) {
	var untils []string
	err := c.App.DB().NewQuery(`SELECT until FROM seats WHERE board = {:board} AND user = {:user}`).
		Bind(dbx.Params{"board": board, "user": c.User.Id}).Column(&untils)
	day := c.At.UTC().Format(time.DateOnly)
	return slices.ContainsFunc(untils, func(until string) bool { return until == "" || until >= day }), err
}

// did notes that it was done, in the transaction that does it.
func (s *scheduler) did(c *sync.Context, a base, name string) error {
	deeds, err := c.App.FindCollectionByNameOrId("deeds")
	if err != nil {
		return err
	}
	var no int
	if err := c.App.DB().NewQuery(`SELECT count(*) FROM deeds`).Row(&no); err != nil {
		return err
	}
	seated, err := seated(c, a.Board)
	if err != nil {
		return err
	}
	by := ""
	if c.By != nil {
		by = c.By.Id
	}
	r := core.NewRecord(deeds)
	r.Load(map[string]any{"mid": a.Mid, "name": name, "board": a.Board, "needs": a.Needs, "user": c.User.Id, "device": c.Device, "n": c.N,
		"no": no, "by": by, "seated": seated, "active": c.User.GetBool("active"), "age": c.Received.Sub(c.At).Hours(), "over": a.over})
	if err := c.App.Save(r); err != nil {
		return err
	}
	s.die("inside")
	return nil
}
