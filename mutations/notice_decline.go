package mutations

import (
	"bindeled/internal/records"
	"bindeled/sync"
)

type declineArgs struct {
	Notice string `json:"notice"`
	Reason string `json:"reason"`
}

// declineNotice says no to a notice, with a reason. [S7]
func declineNotice(c *sync.Context, a declineArgs) error {
	n, err := notice(c, "notice.decline", a.Notice)
	if err != nil {
		return err
	}
	n.Set("status", records.StatusDeclined)
	n.Set("decline_reason", a.Reason)
	return c.App.Save(n)
}
