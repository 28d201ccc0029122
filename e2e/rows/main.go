// Command rows prints what a query finds in a data.db as JSON. It only reads:
// the stories look at what a running server has written.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: rows <data.db> <query>")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "rows:", err)
		os.Exit(1)
	}
}

func run(file, query string) error {
	address := url.URL{Scheme: "file", Opaque: url.PathEscape(file), RawQuery: "mode=ro&_pragma=busy_timeout(5000)"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return err
	}
	defer db.Close()
	found, err := db.Query(query)
	if err != nil {
		return err
	}
	defer found.Close()
	rows, err := read(found)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(rows)
}

func read(found *sql.Rows) ([]map[string]any, error) {
	names, err := found.Columns()
	if err != nil {
		return nil, err
	}
	rows := []map[string]any{}
	for found.Next() {
		values, places := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			places[i] = &values[i]
		}
		if err := found.Scan(places...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, name := range names {
			if text, ok := values[i].([]byte); ok {
				values[i] = string(text)
			}
			row[name] = values[i]
		}
		rows = append(rows, row)
	}
	return rows, found.Err()
}
