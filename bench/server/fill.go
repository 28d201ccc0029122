package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/types"

	"bindeled/sync"
)

// fillFolder makes collections, people and records. The triggers are there
// before the records, so that each has a number of its own.
func fillFolder(app core.App, engine *sync.Engine) error {
	if err := app.RunAllMigrations(); err != nil {
		return err
	}
	if err := collections(app); err != nil {
		return err
	}
	if err := engine.Install(); err != nil {
		return err
	}
	list, err := read(*fill)
	if err != nil {
		return err
	}
	return app.RunInTransaction(func(tx core.App) error {
		users, err := makeUsers(tx, *people)
		if err != nil {
			return err
		}
		if err := makeReaders(tx, users, folders(list)); err != nil {
			return err
		}
		entries, err := tx.FindCollectionByNameOrId("entries")
		if err != nil {
			return err
		}
		for _, a := range list {
			r := core.NewRecord(entries)
			a.load(r)
			if err := tx.Save(r); err != nil {
				return err
			}
		}
		return copyAll(tx, users, len(list))
	})
}

func collections(app core.App) error {
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return err
	}
	users.Fields.GetByName("password").(*core.PasswordField).Cost = 4 // nobody logs in here
	if err := app.Save(users); err != nil {
		return err
	}
	entries := core.NewBaseCollection("entries")
	entries.Fields.Add(
		&core.TextField{Name: "folder", Required: true},
		&core.DateField{Name: "at", Required: true},
		&core.TextField{Name: "by"},
		&core.TextField{Name: "direction"},
		&core.TextField{Name: "outcome"},
		&core.NumberField{Name: "minutes", OnlyInt: true},
		&core.JSONField{Name: "topics"},
		&core.TextField{Name: "note"},
		&core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true},
	)
	entries.AddIndex("entries_updated", false, "updated, id", "")
	signedIn := `@request.auth.id != ""` // for the pages of plain REST
	entries.ListRule, entries.UpdateRule = &signedIn, &signedIn
	readers := core.NewBaseCollection("readers")
	readers.Fields.Add(
		&core.TextField{Name: "folder", Required: true},
		&core.RelationField{Name: "user", CollectionId: users.Id, MaxSelect: 1, Required: true},
	)
	readers.AddIndex("readers_folder", true, "folder, user", "")
	if err := app.Save(entries); err != nil {
		return err
	}
	return app.Save(readers)
}

func read(path string) ([]entry, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var list []entry
	scan := bufio.NewScanner(file)
	for scan.Scan() {
		var a entry
		if err := json.Unmarshal(scan.Bytes(), &a); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, scan.Err()
}

func folders(list []entry) (all []string) {
	seen := map[string]bool{}
	for _, a := range list {
		if !seen[a.Folder] {
			seen[a.Folder] = true
			all = append(all, a.Folder)
		}
	}
	return all
}

func makeUsers(app core.App, n int) ([]string, error) {
	collection, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return nil, err
	}
	ids := make([]string, n)
	for i := range ids {
		r := core.NewRecord(collection)
		r.Load(map[string]any{"email": fmt.Sprintf("reader%04d@demo.example", i), "password": "bench-demo-1"})
		if err := app.Save(r); err != nil {
			return nil, err
		}
		ids[i] = r.Id
	}
	return ids, nil
}

func makeReaders(app core.App, users, folders []string) error {
	collection, err := app.FindCollectionByNameOrId("readers")
	if err != nil {
		return err
	}
	for i, user := range users {
		mine := folders
		if i > 1 { // all read the first folder, and each one more
			mine = []string{folders[0], folders[1+(i-2)%(len(folders)-1)]}
		}
		for _, folder := range mine {
			r := core.NewRecord(collection)
			r.Load(map[string]any{"folder": folder, "user": user})
			if err := app.Save(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyAll makes a long log: every record again, in folders that others read.
func copyAll(app core.App, users []string, records int) error {
	for i := range *copies {
		others := users[min(2, len(users)-1):]
		of := dbx.Params{"records": records, "suffix": fmt.Sprintf("%03d", i), "user": others[i%len(others)], "now": types.NowDateTime().String()}
		for _, query := range []*dbx.Query{
			app.NonconcurrentDB().NewQuery(`INSERT INTO entries (id, folder, at, "by", direction, outcome, minutes, topics, note, updated)
				SELECT substr(id, 4) || {:suffix}, substr(folder, 4) || {:suffix}, at, "by", direction, outcome, minutes, topics, note, {:now}
				FROM entries WHERE rowid <= {:records}`),
			app.NonconcurrentDB().NewQuery(`INSERT INTO readers (id, folder, user)
				SELECT DISTINCT substr(folder, 4) || {:suffix}, substr(folder, 4) || {:suffix}, {:user}
				FROM entries WHERE rowid <= {:records}`),
		} {
			if _, err := query.Bind(of).Execute(); err != nil {
				return err
			}
		}
	}
	return nil
}
