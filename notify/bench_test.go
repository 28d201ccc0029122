package notify_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pocketbase/pocketbase/core"

	"bindeled/internal/clock"
	"bindeled/internal/records"
	"bindeled/internal/seed"
	"bindeled/internal/testapp"
	"bindeled/notify"
)

// What a thousand mentors have, and how long a push service takes to answer.
const (
	benchMentors  = 1000
	benchCourses  = 8
	benchServices = 3
	benchAnswer   = 50 * time.Millisecond
)

// BenchmarkDue: a thousand mentors are due at eight. From the stroke of the
// clock to each push's arrival at its push service, which answers after 50 ms.
func BenchmarkDue(b *testing.B) {
	b.Cleanup(clock.Set(monday.Add(-time.Hour)))
	keys, err := notify.NewKeys("mailto:drift@bindeled.dk")
	fatal(b, err)
	var mu sync.Mutex
	var arrived []time.Duration
	var began time.Time
	services := make([]*service, benchServices)
	for i := range services {
		services[i] = newService(b)
		services[i].answers(func(w http.ResponseWriter, _ got) {
			mu.Lock()
			arrived = append(arrived, time.Since(began))
			mu.Unlock()
			<-time.After(benchAnswer)
			w.WriteHeader(http.StatusCreated)
		})
	}
	a := testapp.NewPushing(b, notify.Still(&notify.Config{
		Keys: func() (notify.Keys, error) { return keys, nil }, Policy: &notify.Policy{Loopback: true},
	}))
	fatal(b, a.RunInTransaction(func(tx core.App) error { return crowd(tx, services) }))
	var all, sent []time.Duration
	for day := 0; b.Loop(); {
		for day++; day%7 > 4; day++ { // weekends are off
		}
		clock.Set(monday.AddDate(0, 0, day%7+day/7*7))
		arrived, began = nil, time.Now()
		fatal(b, a.Notifier.Tick())
		fatal(b, a.Notifier.Round())
		if len(arrived) < benchMentors {
			b.Fatalf("%d of %d arrived", len(arrived), benchMentors)
		}
		all, sent = append(all, arrived...), append(sent, time.Since(began))
	}
	slices.Sort(all)
	slices.Sort(sent)
	at := func(share float64) float64 { return all[int(float64(len(all)-1)*share)].Seconds() }
	b.ReportMetric(at(0.5), "p50-s")
	b.ReportMetric(at(0.99), "p99-s")
	b.ReportMetric(at(1), "last-s")
	b.ReportMetric(sent[len(sent)/2].Seconds(), "all-noted-s")
}

// BenchmarkSend: one push, closed, signed and taken in next door.
func BenchmarkSend(b *testing.B) {
	keys, err := notify.NewKeys("mailto:drift@bindeled.dk")
	fatal(b, err)
	s := newService(b)
	h := newHandset(b, "x", s.URL+"/x")
	send, p256dh, auth := notify.Send(keys), b64(h.key.PublicKey().Bytes()), b64(h.auth)
	b.ReportAllocs()
	for b.Loop() {
		if !send(h.endpoint, p256dh, auth) {
			b.Fatal("not taken in")
		}
	}
}

// crowd is a thousand mentors with eight courses each, one of them without
// anything agreed. The first one's are written as ever, and copied.
func crowd(tx core.App, services []*service) error {
	for i := range benchMentors {
		id := fmt.Sprintf("bench%010d", i)
		if err := person(tx, id, "mentor", services[i%len(services)].URL+"/"+id); err != nil {
			return err
		}
	}
	for c := range benchCourses {
		course := fmt.Sprintf("bench0000000c%02d", c)
		rows := []struct {
			collection string
			values     map[string]any
		}{
			{records.Courses, map[string]any{"id": course, "municipality": seed.ID("proevekoebing"), "scheme": seed.ID("ordningproevekoebing"), "mentor": "bench0000000000",
				"started_on": "2026-11-20", "discharge_date": "2026-11-20", "state": "awaiting"}},
			{records.Consents, map[string]any{"id": course, "course": course, "scope": "contact", "form": "oral", "text_version": "1", "given_on": "2026-11-20", "expires_on": "2027-11-20"}},
			{records.Appointments, map[string]any{"id": course, "course": course, "on": "2027-02-01", "state": "open"}},
		}
		for _, row := range rows[:min(len(rows), 2+c)] { // the first has no appointment
			r, err := records.New(tx, row.collection)
			if err != nil {
				return err
			}
			r.Load(row.values)
			if err := tx.Save(r); err != nil {
				return err
			}
		}
	}
	for _, table := range []string{records.Courses, records.Consents, records.Appointments} {
		var columns []string
		if err := tx.DB().NewQuery(`SELECT name FROM pragma_table_info('` + table + `')`).Column(&columns); err != nil {
			return err
		}
		values := []string{}
		for _, name := range columns {
			switch value := "[[t." + name + "]]"; name {
			case "id", "course":
				values = append(values, "'b' || substr("+value+", 13) || substr('00000000000' || m.value, -11)")
			case "mentor":
				values = append(values, "'bench' || substr('0000000000' || m.value, -10)")
			default:
				values = append(values, value)
			}
		}
		_, err := tx.NonconcurrentDB().NewQuery(fmt.Sprintf(`INSERT INTO %s ([[%s]]) SELECT %s FROM %s t, (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < %d) SELECT value FROM n) m WHERE t.id LIKE 'bench0000000c%%'`,
			table, strings.Join(columns, "]], [["), strings.Join(values, ", "), table, benchMentors-1)).Execute()
		if err != nil {
			return err
		}
	}
	return nil
}
