package intake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"bindeled/domain"
	"bindeled/internal/records"
)

const (
	sessionCookie  = "bindeled_afdeling"
	visitCookie    = "bindeled_afdeling_besoeg" // before log-in, only to tie a form to a browser
	sessionLasts   = 2 * time.Hour
	csrfField      = "csrf"
	visitTokenSize = 43
)

// visit is who stands at the desk: a ward's user, or nobody yet.
type visit struct {
	user, ward *core.Record // nil when not logged in
	csrf       string
}

func (v visit) loggedIn() bool { return v.user != nil }

// visitor reads the cookies; without a session it makes sure there is something to tie
// a form to.
func visitor(e *core.RequestEvent) (visit, error) {
	users, err := e.App.FindCachedCollectionByNameOrId(records.Users)
	if err != nil {
		return visit{}, err
	}
	if c, err := e.Request.Cookie(sessionCookie); err == nil {
		if user, ward := ofToken(e.App, c.Value); user != nil {
			return visit{user, ward, seal(users, c.Value)}, nil
		}
	}
	c, err := e.Request.Cookie(visitCookie)
	if err != nil || len(c.Value) != visitTokenSize {
		c = cookie(e, visitCookie, security.RandomString(visitTokenSize), sessionLasts)
		e.SetCookie(c)
	}
	return visit{csrf: seal(users, c.Value)}, nil
}

func ofToken(app core.App, token string) (user, ward *core.Record) {
	user, err := app.FindAuthRecordByToken(token, core.TokenTypeAuth)
	if err != nil || user.Collection().Name != records.Users {
		return nil, nil
	}
	ward = wardOf(app, user)
	if ward == nil {
		return nil, nil
	}
	return user, ward
}

// wardOf is the ward a user speaks for; nil for everybody who may not. [A6]
func wardOf(app core.App, user *core.Record) *core.Record {
	if user.GetString("role") != domain.RoleWard || !user.GetBool("active") {
		return nil
	}
	ward, err := app.FindRecordById(records.Wards, user.GetString("ward"))
	if err != nil {
		return nil
	}
	return ward
}

// seal makes a form's token from the cookie's: it cannot be made without the server's secret,
// and is worth nothing in another browser.
func seal(users *core.Collection, token string) string {
	mac := hmac.New(sha256.New, []byte("afdeling form\x00"+users.AuthToken.Secret))
	mac.Write([]byte(token))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (v visit) sealed(token string) bool { return hmac.Equal([]byte(v.csrf), []byte(token)) }

// cookie lasts no longer than the token in it; a negative time removes it.
func cookie(e *core.RequestEvent, name, value string, lasts time.Duration) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/afdeling", MaxAge: int(lasts.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
		// A proxy that ends TLS says so; a lie here can only harm the one who tells it.
		Secure: e.IsTLS() || e.Request.Header.Get("X-Forwarded-Proto") == "https",
	}
}
