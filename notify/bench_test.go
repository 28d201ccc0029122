package notify_test

import (
	"fmt"
	"net/http"
	"slices"
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
	fatal(b, a.RunInTransaction(func(tx core.App) error { return crowd(b, tx, services) }))
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

// crowd is a thousand mentors with eight courses each, one of them without
// anything agreed.
func crowd(b *testing.B, tx core.App, services []*service) (err error) {
	save := func(collection string, values map[string]any) {
		if err != nil {
			return
		}
		var r *core.Record
		if r, err = records.New(tx, collection); err == nil {
			r.Load(values)
			err = tx.Save(r)
		}
	}
	for i := range benchMentors {
		id := fmt.Sprintf("bench%010d", i)
		if err == nil {
			err = person(tx, id, "mentor", services[i%len(services)].URL+"/"+id)
		}
		for c := range benchCourses {
			course := fmt.Sprintf("bn%07dc%05d", i, c)
			save(records.Courses, map[string]any{"id": course, "municipality": seed.ID("proevekoebing"), "scheme": seed.ID("ordningproevekoebing"), "mentor": id,
				"started_on": "2026-11-20", "discharge_date": "2026-11-20", "state": "awaiting"})
			save(records.Consents, map[string]any{"course": course, "scope": "contact", "form": "oral", "text_version": "1", "given_on": "2026-11-20", "expires_on": "2027-11-20"})
			if c > 0 {
				save(records.Appointments, map[string]any{"course": course, "on": "2027-02-01", "state": "open"})
			}
		}
	}
	return err
}
