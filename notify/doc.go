// Package notify tells people's phones that there is something to do, by Web
// Push, and says nothing of what. "Push" alone is always sync push; here it is
// a notification.
//
// domain.Pushes decides what is told, to whom and when. What an event causes is
// written to _push_outbox in the event's own transaction, what the clock causes
// by a ticker, once for each person, kind and slot. A worker asks domain again
// before it sends: what is not true any more is not told.
//
// # Routes
//
// All are strict JSON for a signed-in mentor or coordinator; a problem is
// sync.Problem: {status, code, message, params?}. Every answer is no-store.
//
//	GET /api/notify/key
//	→ 200 {"on": true, "key": "B…"}            applicationServerKey, base64url; "" when off
//
//	GET /api/notify/settings
//	PUT /api/notify/settings                   the "own" below, all of it; answers as GET
//	→ 200 {
//	    "on": true,                            this server can push at all
//	    "kinds": ["morning","time","first"],   what the municipality tells somebody in her role
//	    "from": "08:00", "to": "16:00",        its hours, which hold where hers are empty
//	    "days": [1,2,3,4,5], "holidays": false,
//	    "own": {
//	      "off": false,                        nothing at all
//	      "without": ["time"],                 kinds she does not want
//	      "from": "", "to": "",                both or none, 06:00–22:00; outside it is quiet
//	      "days": [],                          1 is Monday; [] is as the municipality has it
//	      "holidays": false                    tell on public holidays too; counts only with days
//	    }
//	  }
//	→ 400 request.invalid
//
//	POST /api/notify/subscribe                 at each unlock too: it says that the phone is still there
//	  {"phone": "devices id", "lang": "da"|"en", "endpoint": "https://…", "p256dh": "…", "auth": "…",
//	   "expires": "2026-12-01T00:00:00Z"|""}   PushSubscription.expirationTime
//	→ 200 a status, as below
//	→ 400 notify.endpoint   not a push service that we know
//	→ 400 notify.keys       p256dh or auth are no keys
//	→ 404 vault.unknown, 410 vault.revoked     the phone is not hers, or shut
//	→ 503 notify.off        no VAPID keys on this server
//
//	POST /api/notify/unsubscribe  {"phone": "…"}
//	→ 200 {}                                   also when there was none
//
//	POST /api/notify/status  {"phone": "…", "endpoint": "…"}   a POST, for an endpoint is no thing for an address
//	→ 200 {
//	    "on": true,
//	    "subscribed": true,                    with this very endpoint; false: subscribe anew
//	    "expires": "…"|"",                     warn, and subscribe anew, a week before
//	    "sent": "2026-11-22T08:05:02Z"|"",     last tried
//	    "accepted": "…"|"",                    last taken in by the push service
//	    "waiting": 0,                          not sent yet
//	    "fault": ""|"stopped"|"slow"           the push service refuses us; it asked us to wait, or does not answer
//	  }
//
//	POST /api/notify/test  {"phone": "…"}      one a minute for each phone
//	→ 202 {}
//	→ 404 notify.unsubscribed, 429 notify.wait, 503 notify.off
//
//	GET /api/notify/health                     for anybody: no more than this
//	→ 200 {"push": "on"|"off"|"stopped"}
//
// # What a phone gets
//
// One JSON text for the worker and for declarative push, always of one length
// (spaces at its end), in English where the phone said so:
//
//	{"web_push":8030,"notification":{"title":"Du har en opgave","navigate":"https://bindeled.example/",
//	 "lang":"da","tag":"16 of A-Z a-z 0-9","app_badge":"3"},"app_badge":3}
//
// title is "Du har opgaver i dag" in the morning, "Beskeder virker på denne telefon" as a test, and else as
// above. navigate is /, /indbakke or /kraever-handling, or /beskeder of a test. A repeat has the same tag.
package notify
