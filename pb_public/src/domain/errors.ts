// Mirrors domain/errors.go
// A rule that was broken. The code is a key that a screen translates.

/** The catalogue: each code and the rule behind it. */
export const codes = {
  'target.not_in_group': 'TG8',
  'target.needs_reason': 'TG9',
  'window.after_end': 'W5',
  'window.before_start': 'W6',
  'appointment.before_contact': 'W7',
  'contact.outside_window': 'W8',
  'contact.in_future': 'W9',
  'consent.not_valid': 'C1',
  'consent.too_long': 'C2',
  'consent.missing': 'C3',
  'consent.withdrawn': 'C5',
  'consent.append_only': 'C6',
  'consent.in_future': 'C7',
  'course.transition': 'S1',
  'course.closed': 'S2',
  'course.on_hold': 'S3',
  'course.reason_required': 'S4',
  'course.resume_after_end': 'S5',
  'notice.decided': 'S7',
  'notice.cancelled': 'S8',
  'course.assigned': 'S9',
  'appointment.not_open': 'S10',
  'contact.next_or_end': 'S11',
  'contact.append_only': 'S12',
  'contact.amended': 'S17',
  'record.changed': 'S13',
  'record.gone': 'S14',
  'mentor.not_eligible': 'S15',
  'course.open': 'S16',
  'flag.append_only': 'F3',
  'flag.closed': 'F3',
  'flag.done_required': 'F3',
  'access.denied': 'A1',
  'course.not_member': 'A3',
  'municipality.other': 'A2',
  'phone.invalid': 'P1',
  'date.invalid': 'P2',
  'time.invalid': 'P3',
  'value.invalid': 'P4',
  'value.too_long': 'P5',
} as const

export type Code = keyof typeof codes
export type RuleError = { code: Code; rule: string; params: Record<string, unknown> }

export function broken(code: Code, params: Record<string, unknown> = {}): RuleError {
  return { code, rule: codes[code], params }
}
