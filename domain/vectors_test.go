package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// vector is one case of testdata/vectors; the TypeScript twin reads the same.
type vector struct {
	ID   string          `json:"id"`
	Fn   string          `json:"fn"`
	Name string          `json:"name"`
	Why  string          `json:"why"`
	In   json.RawMessage `json:"in"`
	Want json.RawMessage `json:"want"`
}

func TestVectors(t *testing.T) {
	files, err := filepath.Glob("../testdata/vectors/*.json")
	server, _ := filepath.Glob("../testdata/vectors/server/*.json") // what no phone mirrors
	if err != nil || len(files) == 0 || len(server) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	files = append(files, server...)
	used := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			for _, v := range readVectors(t, file) {
				used[v.Fn] = true
				t.Run(v.Fn+"/["+v.ID+"] "+v.Name, func(t *testing.T) { runVector(t, v) })
			}
		})
	}
	for name := range functions {
		if !used[name] {
			t.Errorf("no vector runs %s", name)
		}
	}
}

func readVectors(t *testing.T, file string) []vector {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var content struct {
		About string   `json:"about"`
		Cases []vector `json:"cases"`
	}
	strict(t, raw, &content)
	if content.About == "" || len(content.Cases) == 0 {
		t.Fatalf("%s says nothing", file)
	}
	seen := map[string]bool{}
	for _, v := range content.Cases {
		if key := v.Fn + "/" + v.Name; v.ID == "" || v.Name == "" || seen[key] {
			t.Fatalf("%s: %s is nameless or named twice", file, key)
		} else {
			seen[key] = true
		}
	}
	return content.Cases
}

func runVector(t *testing.T, v vector) {
	if v.Why != "" {
		t.Log(v.Why)
	}
	run, ok := functions[v.Fn]
	if !ok {
		t.Fatalf("no function %q", v.Fn)
	}
	var want any
	strict(t, v.Want, &want)
	if got := plain(t, run(t, v.In)); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %s\nwant %s", text(got), text(want))
	}
}

// strict refuses keys that the target does not have: a misspelt key would
// otherwise test nothing.
func strict(t *testing.T, raw []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}

// plain is a value as JSON sees it, so that both sides compare alike.
func plain(t *testing.T, v any) (out any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	strict(t, raw, &out)
	return out
}

func text(v any) string {
	raw, _ := json.Marshal(v)
	return string(raw)
}

// takes turns a function of a typed argument into one that reads a vector.
func takes[In any](f func(In) any) func(*testing.T, json.RawMessage) any {
	return func(t *testing.T, raw json.RawMessage) any {
		t.Helper()
		var in In
		strict(t, raw, &in)
		return f(in)
	}
}

// problem is an error as vectors write it; nil is none. Its rule is the
// catalogue's, see errors.golden.json.
func problem(err error) any {
	var e *Error
	if !errors.As(err, &e) {
		return nil
	}
	params := e.Params
	if params == nil {
		params = Params{}
	}
	return map[string]any{"code": e.Code, "params": params}
}
