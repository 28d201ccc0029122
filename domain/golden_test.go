package domain

import (
	"encoding/json"
	"testing"

	"bindeled/internal/golden"
)

// The catalogue of codes is a promise to the phone, which has a text for each.
func TestErrorsGolden(t *testing.T) {
	type entry struct {
		Code string `json:"code"`
		Rule string `json:"rule"`
	}
	entries := []entry{}
	for _, code := range CodeList() {
		entries = append(entries, entry{code, Codes[code]})
	}
	got, err := json.MarshalIndent(entries, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "../testdata/errors.golden.json", string(got)+"\n")
}
