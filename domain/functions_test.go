package domain

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

type none struct{}

// functions is every function that vectors name, in the words of TypeScript.
var functions = map[string]func(*testing.T, json.RawMessage) any{
	// date.go
	"isDate": takes(func(in struct{ Value string }) any { return Date(in.Value).Valid() }),
	"addDays": takes(func(in struct {
		Date Date
		Days int
	}) any {
		return in.Date.AddDays(in.Days)
	}),
	"addMonths": takes(func(in struct {
		Date   Date
		Months int
	}) any {
		return in.Date.AddMonths(in.Months)
	}),
	"daysBetween": takes(func(in struct{ From, To Date }) any { return in.From.DaysUntil(in.To) }),
	"weekday":     takes(func(in struct{ Date Date }) any { return in.Date.Weekday() }),
	"dateOf":      takes(func(in struct{ Instant time.Time }) any { return DateOf(in.Instant) }),
	"checkTime":   takes(func(in struct{ Time string }) any { return problem(CheckTime(in.Time)) }),

	// text.go
	"checkLength": takes(func(in struct {
		Field, Text string
		Times, Max  int
	}) any {
		return problem(CheckLength(in.Field, strings.Repeat(in.Text, in.Times), in.Max))
	}),
	"checkOneOf": takes(func(in struct {
		Field, Value string
		Allowed      []string
	}) any {
		return problem(CheckOneOf(in.Field, in.Value, in.Allowed))
	}),
	"limits": takes(func(none) any {
		return map[string]int{"name": MaxName, "short": MaxShort, "note": MaxNote, "day": MaxDay}
	}),

	// phone.go
	"normalisePhone": takes(func(in struct{ Phone string }) any {
		e164, err := NormalisePhone(in.Phone)
		if err != nil && problem(err).(map[string]any)["code"] != "phone.invalid" {
			return problem(err)
		}
		return e164
	}),

	// window.go
	"windowOf": takes(func(in courseIn) any {
		w := WindowOf(in.course())
		return map[string]Date{"first": w.First, "last": w.Last}
	}),
	"checkBooking": takes(func(in struct {
		Window Window
		On     Date
	}) any {
		return problem(CheckBooking(in.Window, in.On))
	}),
	"checkNext": takes(func(in struct {
		Occurred time.Time
		On       Date
	}) any {
		return problem(CheckNext(in.Occurred, in.On))
	}),
	"checkContact": takes(func(in struct {
		Window             Window
		StartedOn          Date `json:"started_on"`
		Occurred, Received time.Time
	}) any {
		return problem(CheckContact(in.Window, in.StartedOn, in.Occurred, in.Received))
	}),
	"lastDayOn": takes(func(in struct {
		Course heldIn
		Day    Date
	}) any {
		return LastDayOn(in.Course.course(), in.Day)
	}),
	"isLate": takes(func(in struct{ Occurred, Received time.Time }) any { return IsLate(in.Occurred, in.Received) }),

	// targetgroup.go
	"assess": takes(func(in struct {
		Answers   Answers
		Discharge Date `json:"discharge_date"`
		From      Date `json:"participates_from"`
		To        Date `json:"participates_to"`
	}) any {
		return Assess(in.Answers, in.Discharge, Participation{in.From, in.To})
	}),
	"checkAcceptance": takes(func(in struct {
		Result  string
		Reasons []string
		Reason  string
	}) any {
		return problem(CheckAcceptance(Verdict{Result: in.Result, Reasons: in.Reasons}, in.Reason))
	}),

	// consent.go
	"validOn": takes(func(in struct {
		Consent Consent
		Day     Date
	}) any {
		return in.Consent.ValidOn(in.Day)
	}),
	"latestExpiry": takes(func(in struct {
		GivenOn Date `json:"given_on"`
	}) any {
		return LatestExpiry(in.GivenOn)
	}),
	"checkConsent": takes(func(in struct {
		Consent Consent
		Today   Date
	}) any {
		return problem(CheckConsent(in.Consent, in.Today))
	}),
	"checkNoticeConsents": takes(func(in struct {
		Consents []Consent
		FromWard bool `json:"from_ward"`
		Day      Date
	}) any {
		return problem(CheckNoticeConsents(in.Consents, in.FromWard, in.Day))
	}),
	"consentUntil": takes(func(in struct {
		Consents []Consent
		Scope    string
	}) any {
		return ConsentUntil(in.Consents, in.Scope)
	}),
	"consentEnd": takes(func(in struct {
		Consents []Consent
		Scope    string
	}) any {
		return ConsentEnd(in.Consents, in.Scope)
	}),

	// course.go
	"mayMove": takes(func(in struct{ From, To string }) any { return MayMove(in.From, in.To) }),
	"stateOn": takes(func(in stateIn) any { return StateOn(in.course(), in.Today) }),
	"checkMove": takes(func(in stateIn) any {
		return problem(CheckMove(in.course(), in.To, in.Today))
	}),
	"checkOpen": takes(func(in struct{ State string }) any { return problem(CheckOpen(in.State)) }),
	"checkAmends": takes(func(in struct {
		SameCourse  bool   `json:"same_course"`
		CorrectedBy string `json:"corrected_by"`
	}) any {
		return problem(CheckAmends(in.SameCourse, in.CorrectedBy))
	}),
	"checkFinish": takes(func(in struct {
		Outcome   string
		Next, End bool
	}) any {
		return problem(CheckFinish(in.Outcome, in.Next, in.End))
	}),
	"closingReasons": takes(func(none) any { return ClosingReasons }),
	"outcomes":       takes(func(none) any { return Outcomes }),
	"topics":         takes(func(none) any { return Topics }),

	// due.go
	"firstContact": takes(func(in struct {
		Discharge Date `json:"discharge_date"`
		Days      int
		LimitDays int `json:"limit_days"`
	}) any {
		target, limit := FirstContact(in.Discharge, in.Days, in.LimitDays)
		return map[string]Date{"target": target, "limit": limit}
	}),
	"due": takes(func(in struct {
		Courses []dueCourse
		Today   Date
	}) any {
		return dueOut(Due(dueIn(in.Courses), in.Today))
	}),
	"partsOfDay": takes(func(none) any { return PartsOfDay }),

	// offer.go
	"mentionOf":    takes(func(in struct{ Mention Mention }) any { return in.Mention }),
	"checkMention": takes(func(in struct{ Mention Mention }) any { return problem(CheckMention(in.Mention)) }),
	"offerKinds":   takes(func(none) any { return OfferKinds }),
	"hows":         takes(func(none) any { return Hows }),

	// holiday.go
	"holidays":  takes(func(in struct{ Year int }) any { return Holidays(in.Year) }),
	"isWorkday": takes(func(in struct{ Date Date }) any { return IsWorkday(in.Date) }),

	// push.go
	"pushHours": takes(func(in struct {
		Team pushTeam
		Wish pushWish
	}) any {
		h := PushHoursOf(PushTeam(in.Team), PushWish(in.Wish))
		return map[string]any{"from": h.From, "to": h.To, "days": h.Days, "holidays": h.Holidays}
	}),
	"checkPushHours": takes(func(in struct{ From, To string }) any { return problem(CheckPushHours(in.From, in.To)) }),
	"nextPush": takes(func(in struct {
		Hours PushHours
		At    time.Time
	}) any {
		at, until := NextPush(in.Hours, in.At)
		return []string{inDenmark(at), inDenmark(until)}
	}),
	"toldOf": takes(func(in struct {
		Mentor string
		Covers []PushCover
		Day    Date
	}) any {
		return ToldOf(in.Mentor, in.Covers, in.Day)
	}),
	"pushes": takes(func(in struct {
		Person pushPerson
		Now    time.Time
	}) any {
		out := [][]string{}
		for _, p := range Pushes(in.Person.person(), in.Now) {
			row := []string{p.Kind, p.Slot, inDenmark(p.From), inDenmark(p.Until)}
			if p.Last != p.Until {
				row = append(row, "not begun after "+inDenmark(p.Last))
			}
			out = append(out, row)
		}
		return out
	}),
	"pushNumber": takes(func(in struct {
		Person pushPerson
		Now    time.Time
	}) any {
		return PushNumber(in.Person.person(), in.Now)
	}),

	// flag.go
	"followUpBy": takes(func(in struct {
		Raised      Date
		WeekendsOff bool `json:"weekends_off"`
	}) any {
		return FollowUpBy(in.Raised, in.WeekendsOff)
	}),
	"followUp": takes(func(in struct {
		Raised, Agreed Date
		WeekendsOff    bool `json:"weekends_off"`
	}) any {
		return FollowUp(in.Raised, in.Agreed, in.WeekendsOff)
	}),

	// crisis.go
	"verified": takes(func(in struct {
		VerifiedOn Date `json:"verified_on"`
		Today      Date
	}) any {
		return CrisisLine{VerifiedOn: in.VerifiedOn}.Verified(in.Today)
	}),
	"crisisCard": takes(func(in struct {
		Lines []struct {
			ID         string
			Order      int
			VerifiedOn Date `json:"verified_on"`
		}
		Today Date
	}) any {
		lines := []CrisisLine{}
		for _, l := range in.Lines {
			lines = append(lines, CrisisLine(l))
		}
		card := []map[string]any{}
		for _, l := range CrisisCard(lines, in.Today) {
			card = append(card, map[string]any{"id": l.ID, "verified": l.Verified})
		}
		return card
	}),
	"normaliseLine": takes(func(in struct{ Number string }) any {
		number, err := NormaliseLine(in.Number)
		if err != nil && problem(err).(map[string]any)["code"] != "phone.invalid" {
			return problem(err)
		}
		return number
	}),
	"crisisKinds": takes(func(none) any { return CrisisKinds }),

	// taper.go
	"suggestNext": takes(func(in struct {
		Taper        []int
		Start, Today Date
		LastDay      Date `json:"last_day"`
	}) any {
		return SuggestNext(in.Taper, in.Start, in.Today, in.LastDay)
	}),

	// access.go
	"checkMay": takes(func(in struct {
		Action string
		Access access
	}) any {
		return problem(CheckMay(in.Action, Access(in.Access)))
	}),
	"matrix":  takes(func(in accessRow) any { return in.answers() }),
	"inGrace": takes(func(in struct{ At, Received time.Time }) any { return InGrace(in.At, in.Received) }),
	"heldAt": takes(func(in struct {
		From, At time.Time
		To       string
	}) any {
		to, _ := time.Parse(time.RFC3339, in.To) // "" is the zero time: it lasts
		return HeldAt(in.From, to, in.At)
	}),
	"leavesOn": takes(func(in struct {
		Course     heldIn
		ConsentEnd Date `json:"consent_end"`
		Flagged    bool
	}) any {
		return LeavesOn(in.Course.course(), in.ConsentEnd, in.Flagged)
	}),
	"onPhone": takes(func(in struct {
		Role, State string
		LeavesOn    Date `json:"leaves_on"`
		Today       Date
	}) any {
		return OnPhone(in.Role, in.State, in.LeavesOn, in.Today)
	}),
}

// The shapes below are those of TypeScript, with the domain's fields.

type courseIn struct {
	Kind          string
	DischargeDate Date `json:"discharge_date"`
	StartedOn     Date `json:"started_on"`
	HoldDays      int  `json:"hold_days"`
	HoldExtends   bool `json:"hold_extends_window"`
}

func (c courseIn) course() Course {
	return Course{
		Kind: c.Kind, DischargeDate: c.DischargeDate, StartedOn: c.StartedOn,
		HoldDays: c.HoldDays, HoldExtendsWindow: c.HoldExtends,
	}
}

// heldIn is what the last day and the state are reckoned from.
type heldIn struct {
	Kind        string
	State       string
	HoldExtends bool `json:"hold_extends_window"`
	HeldFrom    Date `json:"held_from"`
	LastDay     Date `json:"last_day"`
	ClosedOn    Date `json:"closed_on"`
}

func (h heldIn) course() Course {
	return Course{
		Kind: h.Kind, State: h.State, HoldExtendsWindow: h.HoldExtends, HeldFrom: h.HeldFrom, LastDay: h.LastDay, ClosedOn: h.ClosedOn,
	}
}

type stateIn struct {
	heldIn
	To    string
	Today Date
}

type dueCourse struct {
	ID            string
	State         string
	Kind          string
	HoldExtends   bool   `json:"hold_extends_window"`
	HeldFrom      Date   `json:"held_from"`
	DischargeDate Date   `json:"discharge_date"`
	LastDay       Date   `json:"last_day"`
	ConsentUntil  string `json:"contact_consent_until"`
	Days          int    `json:"first_contact_days"`
	LimitDays     int    `json:"first_contact_limit_days"`
	Reached       bool
	Appointments  []dueAppointment
	Flags         []dueFlag
}

type dueFlag struct {
	ID       string
	FollowUp Date `json:"follow_up"`
}

type dueAppointment struct {
	ID        string
	On        Date
	Time      string
	PartOfDay string `json:"part_of_day"`
}

type dueItem struct {
	Course      string `json:"course"`
	Appointment string `json:"appointment"`
	Kind        string `json:"kind"`
	Group       string `json:"group"`
	On          Date   `json:"on"`
	Time        string `json:"time"`
	PartOfDay   string `json:"part_of_day"`
	Deadline    Date   `json:"deadline"`
	Flag        string `json:"flag,omitempty"`
}

func dueIn(in []dueCourse) []DueCourse {
	out := make([]DueCourse, 0, len(in))
	for _, c := range in {
		d := DueCourse{
			ID: c.ID, State: c.State, Kind: c.Kind, HoldExtendsWindow: c.HoldExtends, HeldFrom: c.HeldFrom, DischargeDate: c.DischargeDate, LastDay: c.LastDay, ConsentUntil: c.ConsentUntil,
			FirstContactDays: c.Days, FirstContactLimitDays: c.LimitDays, Reached: c.Reached,
		}
		for _, a := range c.Appointments {
			d.Appointments = append(d.Appointments, DueAppointment(a))
		}
		for _, f := range c.Flags {
			d.Flags = append(d.Flags, Flag(f))
		}
		out = append(out, d)
	}
	return out
}

func dueOut(items []DueItem) []dueItem {
	out := make([]dueItem, 0, len(items))
	for _, i := range items {
		out = append(out, dueItem(i))
	}
	return out
}

type access struct {
	Role             string
	Active           bool
	SameMunicipality bool `json:"same_municipality"`
	Relation         string
	Unassigned       bool
	MentorsTake      bool `json:"mentors_take"`
}

// accessRow is many squares of the matrix that answer alike.
type accessRow struct {
	Role             []string
	Active           []bool
	SameMunicipality []bool `json:"same_municipality"`
	Relation         []string
	Unassigned       []bool
	MentorsTake      []bool `json:"mentors_take"`
}

func (r accessRow) squares() (out []Access) {
	for _, role := range r.Role {
		for _, active := range r.Active {
			for _, same := range r.SameMunicipality {
				for _, relation := range r.Relation {
					for _, unassigned := range r.Unassigned {
						for _, take := range r.MentorsTake {
							out = append(out, Access{role, active, same, relation, unassigned, take})
						}
					}
				}
			}
		}
	}
	return out
}

// answers is what the whole row may do and why not, or each square's answer
// where they differ.
func (r accessRow) answers() any {
	byAnswer := map[string]any{}
	for _, square := range r.squares() {
		allowed, refused := []string{}, map[string][]string{}
		for action := range actions {
			if err := CheckMay(action, square); err == nil {
				allowed = append(allowed, action)
			} else {
				code := err.(*Error).Code
				refused[code] = append(refused[code], action)
				slices.Sort(refused[code])
			}
		}
		slices.Sort(allowed)
		answer := map[string]any{"allowed": allowed, "refused": refused}
		byAnswer[text(answer)] = answer
	}
	if len(byAnswer) != 1 {
		return byAnswer
	}
	for _, answer := range byAnswer {
		return answer
	}
	return nil
}

type pushTeam struct {
	From, To    string
	WeekendsOff bool `json:"weekends_off"`
	Without     []string
}

type pushWish struct {
	Off      bool
	Without  []string
	From, To string
	Days     []int
	Holidays bool
}

type pushPerson struct {
	User    string
	Role    string
	Active  *bool
	Team    pushTeam
	Wish    pushWish
	Courses []struct {
		dueCourse
		Mentor string
		Covers []PushCover
	}
	Flags, Notices, Tray []time.Time
}

func (p pushPerson) person() PushPerson {
	out := PushPerson{
		User: p.User, Role: p.Role, Active: p.Active == nil || *p.Active, Team: PushTeam(p.Team), Wish: PushWish(p.Wish),
		Flags: p.Flags, Notices: p.Notices, Tray: p.Tray,
	}
	for _, c := range p.Courses {
		out.Courses = append(out.Courses, PushCourse{DueCourse: dueIn([]dueCourse{c.dueCourse})[0], Mentor: c.Mentor, Covers: c.Covers})
	}
	return out
}

// inDenmark is a moment as a clock on the wall has it; "" is never.
func inDenmark(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Copenhagen).Format("2006-01-02 15:04 -0700")
}
