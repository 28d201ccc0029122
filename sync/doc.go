// Package sync gives any PocketBase app offline sync: phones pull current rows
// by a server sequence, push named mutations with ids of their own, and see
// only the buckets they are members of.
//
//	sync.Register(app, sync.Config{Buckets: …, Collections: …, Mutations: …})
//
// Three things are declared. A collection says which bucket a row is in and
// which columns travel. A bucket says who its members are. A mutation is a
// name and a function that writes records through PocketBase, hooks and all.
//
// The rest follows from SQLite having one writer. Triggers number every change
// inside the transaction that makes it, whoever makes it: mutations, the
// dashboard, imports, cascades. So commit order is sequence order, and no
// cursor can skip a row. The wire is described in docs/SYNC-PROTOCOL.md.
//
// The package knows nothing of the app it serves.
package sync
