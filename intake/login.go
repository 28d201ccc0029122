package intake

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/pocketbase/pocketbase/core"
	"github.com/pocketbase/pocketbase/tools/security"

	"bindeled/internal/records"
)

const (
	wrongLogIn = "Mailadressen eller adgangskoden passer ikke. Prøv igen."
	tooMany    = "Der er prøvet for mange gange. Vent et kvarter, og prøv igen."
	staleForm  = "Siden var åben for længe. Se indholdet igennem, og send igen."
	logInFirst = "Du er logget ud. Log ind igen, så er det, du har skrevet, her stadig."
)

func (d *desk) logIn(e *core.RequestEvent) error {
	v, err := visitor(e)
	if err != nil {
		return err
	}
	in, problem := readForm(e, append(formNames(), csrfField, "email", "password"))
	if problem != nil {
		return problem.page(e, v)
	}
	kept := kept(in)
	email := strings.ToLower(strings.TrimSpace(in["email"]))
	if !v.sealed(in[csrfField]) {
		return v.logInPage(e, http.StatusForbidden, staleForm, email, kept)
	}
	if !d.limits.allow(e.RealIP(), email) {
		return v.logInPage(e, http.StatusTooManyRequests, tooMany, email, kept)
	}
	user, err := authenticate(e.App, email, in["password"])
	if err != nil {
		return err
	}
	if user == nil {
		return v.logInPage(e, http.StatusUnauthorized, wrongLogIn, email, kept)
	}
	d.limits.forget(e.RealIP(), email)
	token, err := user.NewStaticAuthToken(sessionLasts)
	if err != nil {
		return err
	}
	e.SetCookie(cookie(e, sessionCookie, token, sessionLasts))
	e.SetCookie(cookie(e, visitCookie, "", -1))
	if len(kept) == 0 {
		return toHome(e)
	}
	// She was logged out while writing: give her the form back as it was.
	v = visit{user: user, ward: wardOf(e.App, user), csrf: seal(user.Collection(), token)}
	return v.formPage(e, http.StatusOK, staleForm, kept, nil)
}

// authenticate takes the same time whether the address is known or not. [A6]
func authenticate(app core.App, email, password string) (*core.Record, error) {
	users, err := app.FindCachedCollectionByNameOrId(records.Users)
	if err != nil {
		return nil, err
	}
	user, err := app.FindAuthRecordByEmail(users, email)
	if errors.Is(err, sql.ErrNoRows) {
		nobody(users).ValidatePassword(password)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !user.ValidatePassword(password) || wardOf(app, user) == nil {
		return nil, nil
	}
	return user, nil
}

var (
	nobodyOnce sync.Once
	nobodyHash *core.PasswordFieldValue
)

// nobody has a password that nobody knows.
func nobody(users *core.Collection) *core.Record {
	r := core.NewRecord(users)
	nobodyOnce.Do(func() {
		r.SetPassword(security.RandomString(30))
		nobodyHash, _ = r.GetRaw(core.FieldNamePassword).(*core.PasswordFieldValue)
	})
	r.SetRaw(core.FieldNamePassword, nobodyHash)
	return r
}

func (d *desk) logOut(e *core.RequestEvent) error {
	v, err := visitor(e)
	if err != nil {
		return err
	}
	in, problem := readForm(e, []string{csrfField})
	if problem != nil {
		return problem.page(e, v)
	}
	if v.loggedIn() && !v.sealed(in[csrfField]) {
		return (&problemPage{http.StatusForbidden, "csrf.invalid", "Siden var åben for længe. Gå tilbage, og log ud igen."}).page(e, v)
	}
	e.SetCookie(cookie(e, sessionCookie, "", -1))
	return toHome(e)
}
