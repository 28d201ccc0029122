package notify_test

import (
	"encoding/json"
	"testing"

	"bindeled/domain"
	"bindeled/internal/golden"
	"bindeled/notify"
)

// TestPayloadGolden: what the worker in the browser is tested with (e2e/push.spec.ts).
func TestPayloadGolden(t *testing.T) {
	all := map[string]string{}
	for _, kind := range []string{domain.PushMorning, domain.PushTime, domain.PushNotice, domain.PushTray, domain.PushTest} {
		all[kind] = string(notify.PayloadOf("", kind, "da", "AbCdEfGh01234567", 3))
	}
	all["en"] = string(notify.PayloadOf("", domain.PushMorning, "en", "AbCdEfGh01234567", 0))
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "../testdata/push.golden.json", string(text)+"\n")
}
