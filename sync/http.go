package sync

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"mime"
	"net/http"

	"github.com/pocketbase/pocketbase/core"
)

// problem answers a request that was not understood or not allowed as a
// whole. PocketBase's own answers would not let a queue tell "refused" from
// "failed".
func problem(e *core.RequestEvent, status int, code string, params map[string]any) error {
	return e.JSON(status, struct {
		Status  int            `json:"status"`
		Code    string         `json:"code"`
		Message string         `json:"message"`
		Params  map[string]any `json:"params,omitempty"`
	}{status, code, http.StatusText(status), params})
}

// failed answers that nothing was decided and the phone should try again.
func (e *Engine) failed(re *core.RequestEvent, err error) error {
	re.App.Logger().Error("sync: failed", "path", re.Request.URL.Path, "error", err)
	return problem(re, http.StatusServiceUnavailable, "server.failed", nil)
}

// authenticate lets only accounts that may sync through.
func (e *Engine) authenticate(re *core.RequestEvent) error {
	re.Response.Header().Set("Cache-Control", "no-store")
	switch {
	case re.Auth == nil:
		return problem(re, http.StatusUnauthorized, "auth.required", nil)
	case re.Auth.Collection().Name != e.Users:
		return problem(re, http.StatusForbidden, "auth.denied", nil)
	case !e.MayUse(re.Auth):
		return problem(re, http.StatusForbidden, "auth.inactive", nil)
	}
	return re.Next()
}

// decode reads a JSON body strictly: no unknown or repeated members, no other
// content type, nothing after the end. Half a character, as a keyboard may
// leave it, is read as U+FFFD. On a fault it has answered already.
func decode(re *core.RequestEvent, target any) (ok bool, err error) {
	media, _, err := mime.ParseMediaType(re.Request.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return false, problem(re, http.StatusUnsupportedMediaType, "request.content_type", nil)
	}
	body := http.MaxBytesReader(re.Response, re.Request.Body, maxPushBytes)
	err = json.UnmarshalRead(body, target, json.RejectUnknownMembers(true), jsontext.AllowInvalidUTF8(true))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return false, problem(re, http.StatusRequestEntityTooLarge, "request.too_large", map[string]any{"max": maxPushBytes})
	case err != nil:
		return false, problem(re, http.StatusBadRequest, "request.invalid", nil)
	}
	return true, nil
}
