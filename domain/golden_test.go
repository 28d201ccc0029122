package domain

import (
	"encoding/json"
	"os"
	"testing"
)

const goldenErrors = "../testdata/errors.golden.json"

// The catalogue of codes is a promise to the phone, which has a text for each.
// UPDATE_GOLDENS=1 writes it anew.
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
	got = append(got, '\n')
	if os.Getenv("UPDATE_GOLDENS") != "" {
		if err := os.WriteFile(goldenErrors, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenErrors)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what errors.go says; UPDATE_GOLDENS=1 writes it, errors.ts and i18n follow", goldenErrors)
	}
}

func TestErrorsCompareByCode(t *testing.T) {
	a := Broken("window.after_end", Params{"last_day": "2027-05-22"})
	if e := a.(*Error); e.Rule != "W5" || e.Error() != "window.after_end" {
		t.Errorf("got %+v", e)
	}
	if !a.(*Error).Is(Broken("window.after_end")) || a.(*Error).Is(Broken("window.before_start")) || a.(*Error).Is(os.ErrNotExist) {
		t.Error("errors with the same code are the same, whatever the parameters")
	}
}
