package domain

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	specRow = regexp.MustCompile(`(?m)^\| ([A-Z]+[0-9]+) \|`)
	ruleID  = `(?:TG|W|C|S|U|A|P|K|F|O|N)[0-9]+`
	named   = regexp.MustCompile("[\"'`][^\"'`\n]*\\[(" + ruleID + "(?: " + ruleID + ")*)\\]") // a text with [W3] or [W1 W2]
	inCase  = regexp.MustCompile(`"id": "(` + ruleID + `)"`)
)

// TestSpec fails for a rule that no test names, and for a test that names no
// rule.
func TestSpec(t *testing.T) {
	spec, err := os.ReadFile("SPEC.md")
	if err != nil {
		t.Fatal(err)
	}
	rules := []string{}
	for _, row := range specRow.FindAllStringSubmatch(string(spec), -1) {
		if slices.Contains(rules, row[1]) {
			t.Errorf("%s is stated twice", row[1])
		}
		rules = append(rules, row[1])
	}
	if len(rules) == 0 {
		t.Fatal("SPEC.md states no rules")
	}
	tested := namedByTests(t)
	for _, rule := range rules {
		if tested[rule] == "" {
			t.Errorf("no test names %s", rule)
		}
	}
	for rule, file := range tested {
		if !slices.Contains(rules, rule) {
			t.Errorf("%s names %s, which SPEC.md does not state", file, rule)
		}
	}
	for code, rule := range Codes {
		if !slices.Contains(rules, rule) {
			t.Errorf("the code %s stands on %s, which SPEC.md does not state", code, rule)
		}
	}
}

// namedByTests maps each rule to a file that tests it.
func namedByTests(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if skip := d.Name(); skip == "node_modules" || skip == "dist" || skip != ".." && strings.HasPrefix(skip, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		pattern := patternFor(filepath.ToSlash(file))
		if pattern == nil {
			return nil
		}
		content, err := os.ReadFile(file)
		for _, found := range pattern.FindAllStringSubmatch(string(content), -1) {
			for _, rule := range strings.Fields(found[1]) {
				out[rule] = file
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func patternFor(file string) *regexp.Regexp {
	switch {
	case strings.HasPrefix(file, "../testdata/vectors/"):
		return inCase
	case strings.HasSuffix(file, "/spec_test.go"): // this file speaks of names without being one
		return nil
	case strings.HasSuffix(file, "_test.go"), strings.HasSuffix(file, ".test.ts"),
		strings.HasPrefix(file, "../e2e/") && strings.HasSuffix(file, ".ts"):
		return named
	}
	return nil
}
