package domain

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
	RelationCover  = "cover" // a stand-in, during the cover
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
	"course.take":      "take",
	"contact.log":      "course",
	"appointment.move": "course",
	"citizen.correct":  "course",
	"course.close":     "course",
	"course.resume":    "course",
	"consent.withdraw": "course",
}

// CheckMay tells whether somebody may do something. [A1–A6]
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
	case a.Relation != RelationMentor && a.Relation != RelationCover:
		return broken("course.not_member")
	}
	return nil
}

// May is CheckMay as a yes or no.
func May(action string, a Access) bool { return CheckMay(action, a) == nil }
