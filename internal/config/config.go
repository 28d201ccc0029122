// Package config is how the server is set up, and the only reader of the
// environment.
package config

import (
	"encoding/json/v2"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/prepared"
)

// pragmas are PocketBase's own, but for two: an acknowledged write survives
// power loss (synchronous FULL), and what is deleted is overwritten.
const pragmas = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=journal_size_limit(200000000)" +
	"&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)" +
	"&_pragma=cache_size(-32000)&_defensive=1"

// DBConnect opens the database with our pragmas; the log's stays as
// PocketBase has it.
func DBConnect(path string) (*dbx.DB, error) {
	if filepath.Base(path) == "auxiliary.db" {
		return core.DefaultDBConnect(path)
	}
	db, err := prepared.Open(path + pragmas)
	if err != nil {
		return nil, err
	}
	return dbx.NewFromDB(db, "sqlite"), nil
}

// maxConnections: each may hold 32 MB of cache, so fewer than PocketBase's 120.
const maxConnections = 24

// PocketBase is the configuration of the server.
func PocketBase() pocketbase.Config {
	return pocketbase.Config{
		DefaultDataDir:   dataDir(),
		DBConnect:        DBConnect,
		DataMaxOpenConns: maxConnections,
		DataMaxIdleConns: maxConnections,
	}
}

// dataDir is where the records lie: BINDELED_DATA, or pb_data here. The flag
// --dir goes before both.
func dataDir() string {
	if dir := os.Getenv("BINDELED_DATA"); dir != "" {
		return dir
	}
	return "pb_data"
}

// VAPID reads the keys of push into a struct of theirs: the JSON that
// `bindeled vapid` prints, from the file that BINDELED_VAPID_FILE names or from
// BINDELED_VAPID itself. Neither is set: nothing is read, and push is off. They
// are never in the database, and so in no backup of it.
func VAPID(into any) error {
	text := []byte(os.Getenv("BINDELED_VAPID"))
	if file := os.Getenv("BINDELED_VAPID_FILE"); file != "" {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return fmt.Errorf("config: BINDELED_VAPID_FILE: %w", err)
		}
		if len(text) == 0 { // a secret that was not filled in is no wish to be without
			return fmt.Errorf("config: BINDELED_VAPID_FILE: %s is empty", file)
		}
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("config: the VAPID keys are not what `bindeled vapid` prints") // the error may quote them
	}
	return nil
}
