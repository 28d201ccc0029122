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

/** Rows by course. Where some were only added, the groups of all other courses are the same arrays as before. */
function grouping<T extends { course: string }>(): (rows: T[]) => (course: string) => T[] {
  const groups = new Map<string, T[]>()
  let before: T[] = []
  return (rows) => {
    if (!before.every((row, i) => row === rows[i])) {
      groups.clear()
      before = []
    }
    const fresh = new Set<T[]>()
    for (const row of rows.slice(before.length)) {
      const group = groups.get(row.course)
      if (group && fresh.has(group)) group.push(row)
      else {
        const grown = [...(group ?? []), row]
        groups.set(row.course, grown)
        fresh.add(grown)
      }
    }
    before = rows
    return (course) => groups.get(course) ?? []
  }
}

/** Each moment is read once: a list of 10,000 is sorted when the app opens. */
function newestFirst(contacts: Contact[]): Contact[] {
  const at = new Map(contacts.map((c) => [c, Date.parse(c.occurred_at.replace(' ', 'T'))]))
  return contacts.sort((a, b) => at.get(b)! - at.get(a)!)
}
const soonest = (a: Appointment, b: Appointment): number => (a.on + a.time < b.on + b.time ? -1 : 1)

/** What a course is made of, as the world has it. */
type Made = { course: Course; scheme: Scheme | undefined; citizens: Citizen[]; consents: Consent[]; contacts: Contact[]; appointments: Appointment[]; covers: Cover[]; flags: Flag[]; today: string }

/** What it gathered last it remembers: one course in hundreds has changed, and the others are the same objects as then. */
export function gatherer(): (world: World, today: string) => Map<string, Facts> {
  const by = {
    citizens: grouping<Citizen>(), consents: grouping<Consent>(), contacts: grouping<Contact>(),
    appointments: grouping<Appointment>(), covers: grouping<Cover>(), flags: grouping<Flag>(),
  }
  let before = new Map<string, { made: Made; facts: Facts }>()
  return (world, today) => {
    const citizens = by.citizens(world.citizens), consents = by.consents(world.consents), contacts = by.contacts(world.contacts)
    const appointments = by.appointments(world.appointments), covers = by.covers(world.covers), flags = by.flags(world.flags)
    const schemes = new Map(world.schemes.map((s) => [s.id, s]))
    before = new Map(world.courses.map((course) => {
      const { id } = course
      const made: Made = {
        course, scheme: schemes.get(course.scheme), citizens: citizens(id), consents: consents(id), contacts: contacts(id),
        appointments: appointments(id), covers: covers(id), flags: flags(id), today,
      }
      const was = before.get(id)
      return [id, was && isSame(was.made, made) ? was : { made, facts: factsOf(made) }]
    }))
    return new Map([...before].map(([id, { facts }]) => [id, facts]))
  }
}

export const gather = (world: World, today: string): Map<string, Facts> => gatherer()(world, today)

function factsOf(made: Made): Facts {
  const { course, scheme, consents, covers, flags, today } = made
  const { stand, before } = standing(made.contacts)
  const contacts = newestFirst(stand)
  const last = contacts.findIndex((c) => c.outcome === 'reached')
  const held = { ...course, ...rulesOf(scheme) }
  return {
    course, scheme, consents, contacts, before, covers, flags,
    citizen: made.citizens[0],
    open: made.appointments.filter((a) => a.state === 'open').sort(soonest),
    state: stateOn(held, today),
    window: { first: windowOf(held).first, last: lastDayOn(held, today) },
    consentUntil: consentUntil(consents, 'contact'),
    reached: last >= 0,
    attempts: (last < 0 ? contacts : contacts.slice(0, last)).filter((c) => c.outcome === 'no_answer').length,
  }
}

function isSame(a: Made, b: Made): boolean {
  const lists = ['citizens', 'consents', 'contacts', 'appointments', 'covers', 'flags'] as const
  return a.today === b.today && a.course === b.course && a.scheme === b.scheme
    && lists.every((k) => a[k] === b[k] || (a[k].length === b[k].length && a[k].every((row, i) => row === b[k][i])))
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
