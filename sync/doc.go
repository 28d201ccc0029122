// Package sync gives any PocketBase app offline sync: phones pull current rows
// by a server sequence, push named mutations with ids of their own, and see
// only the buckets they are members of.
//
//	sync.Register(app, sync.Config{Buckets: …, Collections: …, Mutations: …})
//
// Three things are declared. A collection says which bucket a row is in, which
// columns travel, and how two people's changes of a column go together. A
// bucket says who its members are. A mutation is a name and a function that
// writes records through PocketBase, hooks and all.
//
// The rest follows from SQLite having one writer. Triggers number every change
// inside the transaction that makes it, whoever makes it: mutations, the
// dashboard, imports, cascades. So commit order is sequence order, and no
// cursor can skip a row.
//
// Every mutation ends in exactly one durable outcome. What was refused is kept
// with its text until a person has dealt with it; what its author may not do
// any more is kept for whoever tends the author's work. A server put back from
// a backup is noticed by every phone that knows more than it, and gets back
// what it lost. What a phone holds is compared with what it should hold.
//
// # What it asks of an app
//
// Ids of 15 characters a-z0-9 that the phone makes (PocketBase's own). Create,
// update and delete rules of synced collections closed (nil), so that writes
// come as mutations; list rules as wide as the buckets, so that both say the
// same. SQLite with synchronous(FULL), or an acknowledged write may be lost
// with the power. A clock only for what it records: no order hangs on one.
//
// # Where to read on
//
// The wire is described in docs/SYNC-PROTOCOL.md; the phone's half is
// pb_public/src/sync. The examples put the package into an app of shopping
// lists. In the code: triggers.go numbers changes, pull.go reads them, decide.go
// decides, kept.go keeps what waits for a person, mark.go knows a restored
// server, check.go compares.
//
// The package knows nothing of the app it serves.
package sync
