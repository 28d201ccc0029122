// A course with everything that belongs to it, gathered once for all screens.
import { consentUntil } from '../../domain/consent'
import { stateOn, type CourseState } from '../../domain/course'
import { due, type DueItem } from '../../domain/due'
import { suggestNext } from '../../domain/taper'
import { lastDayOn, windowOf, type Window } from '../../domain/window'
import type { Appointment, Citizen, Consent, Contact, Course, Cover, Flag, Scheme, Session, World } from '../../state/types'

export type Facts = {
  course: Course
  citizen: Citizen | undefined
  scheme: Scheme | undefined
  consents: Consent[]
  contacts: Contact[] // as they stand, newest first
  before: Map<string, Contact[]> // what one that was corrected said before, the last first
  open: Appointment[] // soonest first
  covers: Cover[]
  flags: Flag[]
  state: CourseState
  window: Window
  consentUntil: string
  reached: boolean
  attempts: number // without answer, since the two last talked
}

function group<T extends { course: string }>(rows: T[]): (course: string) => T[] {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.course)
    if (group) group.push(row)
    else groups.set(row.course, [row])
  }
  return (course) => groups.get(course) ?? []
}

const newest = (a: Contact, b: Contact): number => moment(b) - moment(a)
const moment = (c: Contact): number => Date.parse(c.occurred_at.replace(' ', 'T'))
const soonest = (a: Appointment, b: Appointment): number => (a.on + a.time < b.on + b.time ? -1 : 1)

export function gather(world: World, today: string): Map<string, Facts> {
  const citizens = group(world.citizens), consents = group(world.consents), contacts = group(world.contacts)
  const appointments = group(world.appointments), covers = group(world.covers), flags = group(world.flags)
  const schemes = new Map(world.schemes.map((s) => [s.id, s]))
  return new Map(world.courses.map((course) => {
    const { stand, before } = standing(contacts(course.id))
    const talks = stand.sort(newest)
    const last = talks.findIndex((c) => c.outcome === 'reached')
    const scheme = schemes.get(course.scheme)
    const held = { ...course, ...rulesOf(scheme) }
    return [course.id, {
      course, scheme, contacts: talks, before,
      citizen: citizens(course.id)[0],
      consents: consents(course.id),
      open: appointments(course.id).filter((a) => a.state === 'open').sort(soonest),
      covers: covers(course.id),
      flags: flags(course.id),
      state: stateOn(held, today),
      window: { first: windowOf(held).first, last: lastDayOn(held, today) },
      consentUntil: consentUntil(consents(course.id), 'contact'),
      reached: last >= 0,
      attempts: (last < 0 ? talks : talks.slice(0, last)).filter((c) => c.outcome === 'no_answer').length,
    }]
  }))
}

/** A correction stands in the place of what it corrects. [S17] */
function standing(all: Contact[]): { stand: Contact[]; before: Map<string, Contact[]> } {
  const before = new Map<string, Contact[]>()
  if (!all.some((c) => c.amends)) return { stand: [...all], before }
  const byId = new Map(all.map((c) => [c.id, c]))
  const amended = new Set(all.map((c) => c.amends))
  const stand = all.filter((c) => !amended.has(c.id))
  for (const c of stand) {
    const old: Contact[] = []
    for (let o = byId.get(c.amends); o; o = byId.get(o.amends)) old.push(o)
    if (old.length > 0) before.set(c.id, old)
  }
  return { stand, before }
}

/** The talk as it stands now that once stood under this id. */
export const standsFor = (f: Facts, contact: string): Contact | undefined =>
  f.contacts.find((c) => c.id === contact || f.before.get(c.id)?.some((o) => o.id === contact))

/** What of the scheme the window hangs on. */
const rulesOf = (scheme: Scheme | undefined) => ({ kind: scheme?.kind ?? 'social_mentor', hold_extends_window: scheme?.hold_extends_window ?? false })

/** The day the scheme suggests for the next talk, '' when there is no room. */
export function suggestion(f: Facts, today: string): string {
  return suggestNext({ taper: f.scheme?.taper ?? [], start: f.window.first, today, last_day: f.window.last })
}

/** Who stands in now, or will. */
export const coversOf = (f: Facts, today: string): Cover[] =>
  f.covers.filter((c) => c.to >= today).sort((a, b) => (a.from < b.from ? -1 : 1))

export function relation(f: Facts, user: string, today: string): 'mentor' | 'cover' | 'none' {
  if (f.course.mentor === user) return 'mentor'
  return f.covers.some((c) => c.user === user && c.from <= today && today <= c.to) ? 'cover' : 'none'
}

/** A mentor's calls are her own and those she covers; a coordinator looks after all of them. */
export function concerns(f: Facts, session: Session, today: string): boolean {
  return session.user.role === 'coordinator' || relation(f, session.user.id, today) !== 'none'
}

export function dueOf(courses: Iterable<Facts>, today: string): DueItem[] {
  return due([...courses].map((f) => ({
    id: f.course.id, state: f.course.state, discharge_date: f.course.discharge_date, last_day: f.course.last_day,
    ...rulesOf(f.scheme), held_from: f.course.held_from,
    contact_consent_until: f.consentUntil,
    first_contact_days: f.scheme?.first_contact_days ?? 3, first_contact_limit_days: f.scheme?.first_contact_limit_days ?? 7,
    reached: f.reached, attempts: f.attempts, appointments: f.open, flags: f.flags.filter((x) => x.state === 'open'),
  })), today)
}
