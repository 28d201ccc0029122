package domain

import (
	"regexp"
	"testing"
	"time"
)

// go test ./domain -fuzz FuzzParseDate
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"", "2026-11-22", "2028-02-29", "2026-02-30", "2026-1-1", "0000-00-00", "2026-11-22T00:00:00Z", "２０２６-11-22", "2026-11-22\n", "+026-01-01"} {
		f.Add(s)
	}
	shape := regexp.MustCompile(`^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$`)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if d != "" {
				t.Errorf("%q is refused, and is %q", s, d)
			}
			return
		}
		if string(d) != s || !shape.MatchString(s) || d.AddDays(0) != d || DateOf(d.utc().Add(12*time.Hour)) != d {
			t.Errorf("%q is accepted as %q", s, d)
		}
	})
}

// go test ./domain -fuzz FuzzNormalisePhone
func FuzzNormalisePhone(f *testing.F) {
	for _, s := range []string{"", "12345678", "+45 12 34 56 78", "0045 12345678", "+46701234567", "+451234567", "(12) 34-56.78", "00", "+", "١٢٣٤٥٦٧٨", "12345678\u0085", "\xff12345678"} {
		f.Add(s)
	}
	shape := regexp.MustCompile(`^\+(45[0-9]{8}|[1-9][0-9]{6,14})$`)
	f.Fuzz(func(t *testing.T, s string) {
		p, err := NormalisePhone(s)
		if err != nil {
			return
		}
		if again, err := NormalisePhone(p); !shape.MatchString(p) || err != nil || again != p {
			t.Errorf("%q is %q, then %q, %v", s, p, again, err)
		}
	})
}
