// Mirrors domain/course.go [S1–S6 S11 W11]
import { broken, type RuleError } from './errors'
import { lastDayOn, type Held } from './window'

export type StoredState = 'awaiting' | 'active' | 'on_hold' | 'closed'
/** Expired is never stored: it is what an open course is after its last day. */
export type CourseState = StoredState | 'expired'

const transitions: Record<string, readonly string[]> = {
  awaiting: ['active', 'on_hold', 'closed'],
  active: ['on_hold', 'closed'],
  on_hold: ['active', 'closed'],
  closed: ['active'],
  expired: ['closed'],
}

/** The five of the evaluation of 2014, and ours. [S4] */
export const closingReasons = [
  'not_interested', 'moved', 'no_contact', 'not_in_target_group', 'enough_support',
  'completed', 'ended_after_first', 'readmitted_new_course', 'service_act_support', 'died', 'other',
] as const

/** The state of a course on a day. [S6 W11] */
export function stateOn(c: Held & { state: StoredState }, today: string): CourseState {
  return c.state !== 'closed' && today > lastDayOn(c, today) ? 'expired' : c.state
}

/** May a course go from one state to another? [S1] */
export function mayMove(from: string, to: string): boolean {
  return transitions[from]?.includes(to) ?? false
}

/** Refuses a change of state that the table does not know, with the reason a person would give. [S1 S2 S3 S5 S6] */
export function checkMove(c: Held & { state: StoredState }, to: string, today: string): RuleError | null {
  const from = stateOn(c, today)
  if (from === 'closed' && to === 'closed') return broken('course.closed')
  if (from === 'closed' && to === 'active' && today > c.last_day) return broken('course.resume_after_end', { last_day: c.last_day })
  return mayMove(from, to) ? null : broken('course.transition', { from, to })
}

/** Only an open course can be given a new appointment; on hold no calls go out. [S2 S3] */
export function checkOpen(state: string): RuleError | null {
  if (state === 'closed') return broken('course.closed')
  return state === 'on_hold' ? broken('course.on_hold') : null
}

export const outcomes = ['reached', 'no_answer', 'wrong_number', 'wants_later', 'declined', 'other'] as const

/** What a talk may have touched; ticked afterwards, never asked in order. */
export const topics = [
  'wellbeing', 'support_from_others', 'other_support', 'where_to_get_help', 'interests', 'peer', 'next_call',
] as const

/** A talk that reached the person goes on or ends; other outcomes may leave the appointment standing; never both. [S11] */
export function checkFinish(outcome: string, next: boolean, end: boolean): RuleError | null {
  return (next && end) || (outcome === 'reached' && !next && !end) ? broken('contact.next_or_end') : null
}

/** A correction is of a talk in the same course, and not beside the correction that somebody has made of it. [S17] */
export function checkAmends(sameCourse: boolean, correctedBy: string): RuleError | null {
  if (!sameCourse) return broken('record.gone')
  return correctedBy ? broken('contact.amended', { by: correctedBy }) : null
}
