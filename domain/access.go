package domain

import (
	"slices"
	"time"
)

// Roles.
const (
	RoleMentor      = "mentor"
	RoleCoordinator = "coordinator"
	RoleWard        = "ward"
	RoleEvaluator   = "evaluator"
)

// Roles is every role a user may have.
var Roles = []string{RoleMentor, RoleCoordinator, RoleWard, RoleEvaluator}

// Relations of a user to a course.
const (
	RelationMentor = "mentor"
	RelationCover  = "cover"  // a stand-in, during the cover
	RelationFormer = "former" // was the mentor when it was done
	RelationNone   = "none"
)

// Access is who asks, and how they stand to what they ask about.
type Access struct {
	Role             string
	Active           bool
	SameMunicipality bool
	Relation         string
	Unassigned       bool
	MentorsTake      bool
}

// actions, and who besides the coordinator may do them.
var actions = map[string]string{
	"notice.accept":    "coordinator",
	"notice.decline":   "coordinator",
	"course.assign":    "coordinator",
	"course.cover":     "coordinator",
	"course.take":      "take",
	"contact.log":      "course",
	"contact.amend":    "course",
	"appointment.move": "course",
	"citizen.correct":  "course",
	"course.close":     "course",
	"course.resume":    "course",
	"consent.withdraw": "course",
	"flag.raise":       "course",
	"flag.close":       "course",
}

// ofWhoHasIt are the actions that end a course, or open it again.
var ofWhoHasIt = []string{"course.close", "course.resume"}

// CheckMay tells whether somebody may do something. [A1–A7]
func CheckMay(action string, a Access) error {
	group, known := actions[action]
	switch {
	case !known || !a.Active || a.Role != RoleMentor && a.Role != RoleCoordinator:
		return broken("access.denied")
	case !a.SameMunicipality:
		return broken("municipality.other")
	case group == "take":
		if a.Role == RoleMentor && a.MentorsTake {
			return nil
		}
		return broken("access.denied")
	case a.Role == RoleCoordinator:
		return nil
	case group == "coordinator":
		return broken("access.denied")
	case a.Relation == RelationFormer && !a.Unassigned && slices.Contains(ofWhoHasIt, action):
		return broken("course.assigned")
	case a.Relation != RelationMentor && a.Relation != RelationCover && a.Relation != RelationFormer:
		return broken("course.not_member")
	}
	return nil
}

// May is CheckMay as a yes or no.
func May(action string, a Access) bool { return CheckMay(action, a) == nil }

// OfflineGraceDays is how long a phone without network may keep what was done,
// and how long a course stays on it after its end, so that it can be.
// ClosedStayDays is how long a closed course stays. [A7 A8]
const (
	OfflineGraceDays = 30
	ClosedStayDays   = 14
)

// Grace is OfflineGraceDays as a length of time. [A7]
const Grace = OfflineGraceDays * 24 * time.Hour

// InGrace tells whether what was done at a moment may still be handed in when
// it is received. [A7]
func InGrace(at, received time.Time) bool { return received.Sub(at) <= Grace }

// HeldAt tells whether an assignment held at a moment; it has no end while it
// lasts. [A7]
func HeldAt(from, to, at time.Time) bool {
	return !at.Before(from) && (to.IsZero() || !at.After(to))
}

// LeavesOn is the last day a course is on mentors' phones; "" when no day is
// set, because a flag is open or the window moves along with a hold. [A8 F4]
func LeavesOn(c Course, consentEnd Date, flagged bool) Date {
	if flagged {
		return ""
	}
	if c.State == Closed {
		return c.ClosedOn.AddDays(ClosedStayDays)
	}
	end := c.LastDay
	switch {
	case c.moves():
		end = consentEnd
	case consentEnd != "":
		end = min(end, consentEnd)
	}
	if end == "" {
		return ""
	}
	return end.AddDays(OfflineGraceDays)
}

// OnPhone tells whether a course is still on the phone of somebody who may
// have it: a coordinator keeps what is not closed. [A8]
func OnPhone(role, state string, leavesOn, today Date) bool {
	return role == RoleCoordinator && state != Closed || leavesOn == "" || today <= leavesOn
}
