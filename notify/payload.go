package notify

import (
	"bytes"
	"encoding/json"
	"strconv"

	"bindeled/domain"
)

// payloadSize is the length of every payload: longer than any can be.
const payloadSize = 512

// titles are all that a locked phone shows.
var titles = map[string]map[string]string{
	"da": {domain.PushMorning: "Du har opgaver i dag", domain.PushTest: "Beskeder virker på denne telefon", "": "Du har en opgave"},
	"en": {domain.PushMorning: "You have tasks today", domain.PushTest: "Messages work on this phone", "": "You have a task"},
}

// places are where a tap goes.
var places = map[string]string{
	domain.PushNotice: "/indbakke", domain.PushTray: "/kraever-handling", domain.PushTest: "/beskeder",
}

// The number on the icon: a text for iPhones as they are, a number for the
// standard as it is drafted.
type payload struct {
	WebPush      int          `json:"web_push"`
	Notification notification `json:"notification"`
	AppBadge     int          `json:"app_badge"`
}

type notification struct {
	Title    string `json:"title"`
	Navigate string `json:"navigate"`
	Lang     string `json:"lang"`
	Tag      string `json:"tag"`
	AppBadge string `json:"app_badge"`
}

const mostOnIcon = 99

// payloadOf is what is encrypted: nothing of anybody, and always of one length.
func payloadOf(app, kind, lang, tag string, number int) []byte {
	if titles[lang] == nil {
		lang = "da"
	}
	title := titles[lang][kind]
	if title == "" {
		title = titles[lang][""]
	}
	place := places[kind]
	if place == "" {
		place = "/"
	}
	number = min(max(number, 0), mostOnIcon)
	text, _ := json.Marshal(payload{ // texts and numbers
		WebPush: 8030, AppBadge: number,
		Notification: notification{Title: title, Navigate: app + place, Lang: lang, Tag: tag, AppBadge: strconv.Itoa(number)},
	})
	if len(text) > payloadSize { // an address of our own that is longer than any
		return payloadOf("", kind, lang, tag, number)
	}
	return append(text, bytes.Repeat([]byte(" "), payloadSize-len(text))...)
}
