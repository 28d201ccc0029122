// Package vapid answers `bindeled vapid`: a new pair of keys for push, as the
// server wants them. Like health it runs before PocketBase boots.
package vapid

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"bindeled/notify"
)

// Command takes the arguments after the program's name. handled is false when
// they ask for something else.
func Command(args []string) (handled bool, code int) {
	if len(args) == 0 || args[0] != "vapid" {
		return false, 0
	}
	if err := run(args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "vapid:", err)
		return true, 1
	}
	return true, 0
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("vapid", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	subject := flags.String("subject", "", "mailto: or https:, where push services reach somebody")
	file := flags.String("out", "", "write to a new file that only its owner reads, instead of printing")
	if err := flags.Parse(args); err != nil || *subject == "" || flags.NArg() > 0 {
		return errors.New("bindeled vapid --subject=mailto:drift@kommune.dk [--out=vapid.json]")
	}
	keys, err := notify.NewKeys(*subject)
	if err != nil {
		return err
	}
	if err := keys.Check(); err != nil {
		return err
	}
	if *file == "" {
		return json.NewEncoder(out).Encode(keys)
	}
	return Write(*file, keys)
}

// Write writes keys to a new file, whole or not at all: whoever loses the old
// ones loses every subscription.
func Write(file string, keys notify.Keys) error {
	raw, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".vapid-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(raw, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), file) // refuses where there is one
}

// InFolder reads the keys of a demo from its folder, or makes them. Nobody
// reads mail for their subject, but it is lawful: example.com is kept for this.
func InFolder(file string) (keys notify.Keys, err error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if keys, err = notify.NewKeys("mailto:demo@example.com"); err == nil {
			err = Write(file, keys)
		}
		return keys, err
	}
	if err != nil {
		return keys, err
	}
	return keys, json.Unmarshal(raw, &keys)
}
