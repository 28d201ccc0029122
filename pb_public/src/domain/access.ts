// Mirrors domain/access.go [A1–A6]
// A hint for the screens: the server decides.
import { broken, type RuleError } from './errors'

/** Who asks, and how they stand to what they ask about. */
export type Access = {
  role: string // mentor, coordinator, ward, evaluator
  active: boolean
  same_municipality: boolean
  relation: 'mentor' | 'cover' | 'none' // cover: a stand-in, during the cover
  unassigned: boolean
  mentors_take: boolean
}

/** Actions, and who besides the coordinator may do them. */
export const actions: Record<string, 'coordinator' | 'take' | 'course'> = {
  'notice.accept': 'coordinator',
  'notice.decline': 'coordinator',
  'course.assign': 'coordinator',
  'course.take': 'take',
  'contact.log': 'course',
  'appointment.move': 'course',
  'citizen.correct': 'course',
  'course.close': 'course',
  'course.resume': 'course',
  'consent.withdraw': 'course',
}

/** May somebody do something? [A1–A6] */
export function checkMay(action: string, a: Access): RuleError | null {
  const group = actions[action]
  if (!group || !a.active || (a.role !== 'mentor' && a.role !== 'coordinator')) return broken('access.denied')
  if (!a.same_municipality) return broken('municipality.other')
  if (group === 'take') return a.role === 'mentor' && a.mentors_take ? null : broken('access.denied')
  if (a.role === 'coordinator') return null
  if (group === 'coordinator') return broken('access.denied')
  return a.relation === 'mentor' || a.relation === 'cover' ? null : broken('course.not_member')
}

/** checkMay as a yes or no. */
export function may(action: string, a: Access): boolean {
  return checkMay(action, a) === null
}
