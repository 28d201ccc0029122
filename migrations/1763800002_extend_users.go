package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

// PocketBase's own users collection gets our roles, and the municipality's
// records get the rules that need them.
func init() {
	m.Register(func(app core.App) error {
		users, err := find(app, "users")
		if err != nil {
			return err
		}
		municipalities, err := find(app, "municipalities")
		if err != nil {
			return err
		}
		wards, err := find(app, "wards")
		if err != nil {
			return err
		}
		users.Fields.RemoveByName("avatar")
		users.Fields.RemoveByName("name")
		users.Fields.Add(
			title(text("name", "Navnet, som kolleger og borgere kender")),
			oneOf("role", "mentor ringer · coordinator fordeler · ward giver besked fra en afdeling · evaluator læser tal",
				"mentor", "coordinator", "ward", "evaluator"),
			pointsTo("municipality", "Kommunen, brugeren hører til", municipalities),
			pointsTo("ward", "Afdelingen; kun for rollen ward", wards),
			yesNo("active", "En bruger, der ikke er aktiv, kan hverken logge ind eller sende"),
		)
		users.AddIndex("idx_users_municipality", false, "municipality, role", "")
		colleague := `municipality = @request.auth.municipality && (role = "mentor" || role = "coordinator") && ` + staff
		users.ListRule = types.Pointer(colleague)
		users.ViewRule = types.Pointer(`id = @request.auth.id || (` + colleague + `)`)
		users.CreateRule, users.UpdateRule, users.DeleteRule, users.ManageRule = nil, nil, nil, nil
		users.AuthRule = types.Pointer("active = true")
		users.PasswordAuth.Enabled = true
		users.PasswordAuth.IdentityFields = []string{"email"}
		users.OAuth2.Enabled, users.OTP.Enabled, users.MFA.Enabled = false, false, false
		// A phone may be without network for days; a revoked user is stopped by
		// active and the token key, not by the clock.
		users.AuthToken.Duration = 14 * 24 * 3600
		users.AuthAlert.Enabled = false
		if err := app.Save(users); err != nil {
			return err
		}

		readable(municipalities, staff+` && id = @request.auth.municipality`)
		if err := app.Save(municipalities); err != nil {
			return err
		}
		for _, name := range []string{"schemes", "wards"} {
			c, err := find(app, name)
			if err != nil {
				return err
			}
			readable(c, staff+` && municipality = @request.auth.municipality`)
			if err := app.Save(c); err != nil {
				return err
			}
		}
		return nil
	}, func(app core.App) error {
		users, err := find(app, "users")
		if err != nil {
			return err
		}
		users.RemoveIndex("idx_users_municipality")
		users.AuthRule = types.Pointer("")
		users.ListRule, users.ViewRule = nil, nil
		for _, name := range []string{"role", "municipality", "ward", "active"} {
			users.Fields.RemoveByName(name)
		}
		for _, name := range []string{"municipalities", "schemes", "wards"} {
			c, err := find(app, name)
			if err != nil {
				return err
			}
			c.ListRule, c.ViewRule = nil, nil
			if err := app.Save(c); err != nil {
				return err
			}
		}
		return app.Save(users)
	})
}
