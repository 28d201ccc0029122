package sync

import (
	"bytes"
	"compress/gzip"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"mime"
	"net/http"
	"strconv"
	"strings"
	stdsync "sync"

	"github.com/pocketbase/pocketbase/core"
)

// Problem answers a request that was not understood or not allowed as a
// whole. PocketBase's own answers would not let a queue tell "refused" from
// "failed".
func Problem(e *core.RequestEvent, status int, code string, params map[string]any) error {
	return e.JSON(status, struct {
		Status  int            `json:"status"`
		Code    string         `json:"code"`
		Message string         `json:"message"`
		Params  map[string]any `json:"params,omitempty"`
	}{status, code, http.StatusText(status), params})
}

// failed answers that nothing was decided and the phone should try again.
func (e *Engine) failed(re *core.RequestEvent, err error, params map[string]any) error {
	re.App.Logger().Error("sync: failed", "path", re.Request.URL.Path, "error", err)
	return Problem(re, http.StatusServiceUnavailable, "server.failed", params)
}

// restored answers a phone that knows more than this server.
func (e *Engine) restored(re *core.RequestEvent, r report) error {
	err := e.wasRestored(re.App, re.Auth, r)
	if fault, ok := errors.AsType[*Fault](err); ok {
		return Problem(re, fault.Status, fault.Code, nil)
	}
	return e.failed(re, err, nil)
}

// wasRestored: this server was put back from a backup, and the phone is to
// send again what is missing.
func (e *Engine) wasRestored(app core.App, user *core.Record, r report) error {
	app.Logger().Warn("sync: a phone knows more than this server", "device", r.Device)
	if r.Device != "" {
		if err := e.contact(app, user.Id, r, visit{restored: true}); err != nil {
			return err
		}
	}
	return &Fault{Status: http.StatusConflict, Code: "sync.restored"}
}

// authenticate lets accounts through. What a closed one may still do, each
// route says.
func (e *Engine) authenticate(re *core.RequestEvent) error {
	h := re.Response.Header()
	h.Set("Cache-Control", "no-store")
	for _, idle := range []string{"Cross-Origin-Opener-Policy", "X-Frame-Options", "X-Xss-Protection", "Vary"} {
		h.Del(idle) // they are about pages and caches; this is asked all day long
	}
	switch {
	case re.Auth == nil:
		return Problem(re, http.StatusUnauthorized, "auth.required", nil)
	case re.Auth.Collection().Name != e.Users:
		return Problem(re, http.StatusForbidden, "auth.denied", nil)
	}
	return re.Next()
}

// What is shorter is not worth packing; what is longer is packed in haste.
const (
	packFrom  = 700
	packHaste = 100 << 10
)

// A packer is a megabyte, and more work to make than most replies are to pack.
var hasty, thorough = packers(gzip.BestSpeed), packers(gzip.BestCompression)

func packers(level int) *stdsync.Pool {
	return &stdsync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(nil, level) // a level that there is
		return w
	}}
}

// send answers with a body, packed if that is worth it and wanted.
func send(re *core.RequestEvent, contentType string, body []byte) error {
	h := re.Response.Header()
	h.Set("Content-Type", contentType)
	if len(body) >= packFrom && strings.Contains(re.Request.Header.Get("Accept-Encoding"), "gzip") {
		pool := thorough
		if len(body) > packHaste {
			pool = hasty
		}
		w := pool.Get().(*gzip.Writer)
		defer pool.Put(w)
		var packed bytes.Buffer
		w.Reset(&packed)
		if _, err := w.Write(body); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		h.Set("Content-Encoding", "gzip")
		body = packed.Bytes()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	re.Response.WriteHeader(http.StatusOK)
	_, err := re.Response.Write(body)
	return err
}

// Decode reads a JSON body strictly: no unknown or repeated members, no other
// content type, nothing after the end. Half a character, as a keyboard may
// leave it, is read as U+FFFD. On a fault it has answered already.
func Decode(re *core.RequestEvent, target any) (ok bool, err error) {
	media, _, err := mime.ParseMediaType(re.Request.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		return false, Problem(re, http.StatusUnsupportedMediaType, "request.content_type", nil)
	}
	body := http.MaxBytesReader(re.Response, re.Request.Body, maxPushBytes)
	err = json.UnmarshalRead(body, target, json.RejectUnknownMembers(true), jsontext.AllowInvalidUTF8(true))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return false, Problem(re, http.StatusRequestEntityTooLarge, "request.too_large", map[string]any{"max": maxPushBytes})
	case err != nil:
		return false, Problem(re, http.StatusBadRequest, "request.invalid", nil)
	}
	return true, nil
}
