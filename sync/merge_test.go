package sync_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"bindeled/sync"
)

type mergeCase struct {
	Name  string    `json:"name"`
	Kind  sync.Kind `json:"kind"`
	Was   any       `json:"was"`
	Now   any       `json:"now"`
	Mine  any       `json:"mine"`
	From  []string  `json:"from"`
	Value any       `json:"value"`
	How   sync.How  `json:"how"`
}

func TestMerge(t *testing.T) {
	file, err := os.Open("../testdata/merge.json")
	must(t, err)
	defer file.Close()
	decoder := json.NewDecoder(file)
	decoder.DisallowUnknownFields()
	var cases []mergeCase
	must(t, decoder.Decode(&cases))
	if len(cases) < 40 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(string(c.Kind)+"/"+c.Name, func(t *testing.T) {
			value, how := sync.Merge(c.Kind, c.Was, c.Now, c.Mine, c.From...)
			if how != c.How || !reflect.DeepEqual(value, c.Value) {
				t.Errorf("%v %s, want %v %s", value, how, c.Value, c.How)
			}
			// Sent again with what came out of it, nothing changes any more.
			if how == sync.Stale {
				return
			}
			again, how := sync.Merge(c.Kind, c.Was, value, c.Mine, c.From...)
			if c.Kind != sync.Set && (how != sync.Same || !reflect.DeepEqual(again, value)) {
				t.Errorf("again: %v %s", again, how)
			}
		})
	}
}
