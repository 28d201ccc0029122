// Mirrors domain/access.go [A1–A8]
// A hint for the screens: the server decides.
import { addDays, moment } from './date'
import { broken, type RuleError } from './errors'
import { moves, type Held } from './window'

/** Who asks, and how they stand to what they ask about. */
export type Access = {
  role: string // mentor, coordinator, ward, evaluator
  active: boolean
  same_municipality: boolean
  relation: 'mentor' | 'cover' | 'former' | 'none' // cover: a stand-in, during the cover; former: the mentor when it was done
  unassigned: boolean
  mentors_take: boolean
}

/** Actions, and who besides the coordinator may do them. */
export const actions: Record<string, 'coordinator' | 'take' | 'course'> = {
  'notice.accept': 'coordinator',
  'notice.decline': 'coordinator',
  'course.assign': 'coordinator',
  'course.cover': 'coordinator',
  'course.take': 'take',
  'contact.log': 'course',
  'contact.amend': 'course',
  'appointment.move': 'course',
  'citizen.correct': 'course',
  'course.close': 'course',
  'course.resume': 'course',
  'consent.withdraw': 'course',
  'flag.raise': 'course',
  'flag.close': 'course',
}

/** The actions that end a course, or open it again. */
const ofWhoHasIt = ['course.close', 'course.resume']

/** May somebody do something? [A1–A7] */
export function checkMay(action: string, a: Access): RuleError | null {
  const group = actions[action]
  if (!group || !a.active || (a.role !== 'mentor' && a.role !== 'coordinator')) return broken('access.denied')
  if (!a.same_municipality) return broken('municipality.other')
  if (group === 'take') return a.role === 'mentor' && a.mentors_take ? null : broken('access.denied')
  if (a.role === 'coordinator') return null
  if (group === 'coordinator') return broken('access.denied')
  if (a.relation === 'former' && !a.unassigned && ofWhoHasIt.includes(action)) return broken('course.assigned')
  return a.relation === 'mentor' || a.relation === 'cover' || a.relation === 'former' ? null : broken('course.not_member')
}

/** checkMay as a yes or no. */
export function may(action: string, a: Access): boolean {
  return checkMay(action, a) === null
}

/** How long a phone without network may keep what was done, and a course after its end, so that it can be. [A7 A8] */
export const offlineGraceDays = 30
/** How long a closed course stays. [A8] */
export const closedStayDays = 14

/** May what was done at a moment still be handed in when it is received? [A7] */
export function inGrace(at: Date | string, received: Date | string): boolean {
  return moment(received).getTime() - moment(at).getTime() <= offlineGraceDays * 86_400_000
}

/** Did an assignment hold at a moment? It has no end while it lasts. [A7] */
export function heldAt(from: string, to: string, at: string): boolean {
  return moment(at) >= moment(from) && (to === '' || moment(at) <= moment(to))
}

/** The last day a course is on mentors' phones; '' when no day is set, because a flag is open or the window moves along with a hold. [A8 F4] */
export function leavesOn(c: Held & { closed_on?: string }, consentEnd: string, flagged = false): string {
  if (flagged) return ''
  if (c.state === 'closed') return addDays(c.closed_on ?? '', closedStayDays)
  const ends = [moves(c) ? '' : c.last_day, consentEnd].filter((d) => d !== '').sort()
  return ends[0] ? addDays(ends[0], offlineGraceDays) : ''
}

/** Is a course still on the phone of somebody who may have it? A coordinator keeps what is not closed. [A8] */
export function onPhone(role: string, state: string, leavesOn: string, today: string): boolean {
  return (role === 'coordinator' && state !== 'closed') || leavesOn === '' || today <= leavesOn
}
