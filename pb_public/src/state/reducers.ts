// The screen is what the server said plus what this phone has done since: each mutation once more, on a copy.
// A guess, never a judgement: where a record is missing, nothing happens; the server's rows replace all of it.
import { dateOf } from '../domain/date'
import { followUp } from '../domain/flag'
import { normalisePhone } from '../domain/phone'
import { isLate, windowOf } from '../domain/window'
import { merge } from '../sync/merge'
import type { Appointment, Course, Entry, MutationArgs, MutationName, Next, World } from './types'

/** Who did it, when; and what of it stands although the rest was refused. */
type Deed = { me: string; at: string }
type Reducer<N extends MutationName> = (w: World, args: MutationArgs[N], deed: Deed) => World

export function replay(confirmed: World, entries: readonly Entry[], me: string): World {
  return entries.reduce((world, e) => {
    const reduce = reducers[e.name] as Reducer<MutationName> | undefined
    return reduce ? reduce(world, standing(e), { me, at: e.at }) : world
  }, confirmed)
}

/** Without the parts that the server refused. */
function standing(e: Entry): MutationArgs[MutationName] {
  const refused = (e.outcome?.refused ?? []).map((r) => r.part)
  return Object.fromEntries(Object.entries(e.args).filter(([k]) => !refused.includes(k))) as MutationArgs[MutationName]
}

const reducers: { [N in MutationName]: Reducer<N> } = {
  'notice.accept': (w, { notice: id, course, mentor, override_reason }, { at }) => {
    const notice = w.notices.find((n) => n.id === id)
    const scheme = w.schemes.find((s) => s.id === notice?.scheme)
    if (!notice || !scheme || w.courses.some((c) => c.id === course)) return w
    const started_on = dateOf(at)
    const made: Course = {
      id: course, municipality: notice.municipality, scheme: notice.scheme, notice: id, mentor: mentor ?? '', started_on,
      discharge_date: notice.discharge_date, state: 'awaiting', held_from: '', hold_days: 0,
      last_day: windowOf({ ...scheme, discharge_date: notice.discharge_date, started_on, hold_days: 0 }).last,
      closed_on: '', closed_by: '', reason: '', told_resume: '',
    }
    const consents = notice.consents.map((c, i) => ({ ...c, id: `${course}-${i}`, course, taken_by: '', withdrawn_on: '' }) as World['consents'][number])
    return {
      ...w,
      notices: patch(w.notices, id, { status: 'accepted', course, override_reason: override_reason ?? '' }),
      courses: [...w.courses, made],
      citizens: [...w.citizens, { id: `${course}-c`, course, name: notice.name, phones: notice.phones, prefers: '', hopes: '' }],
      consents: [...w.consents, ...consents],
    }
  },
  'notice.decline': (w, { notice, reason }) => ({ ...w, notices: patch(w.notices, notice, { status: 'declined', decline_reason: reason }) }),
  'course.assign': (w, { course, mentor }) => ({ ...w, courses: patch(w.courses, course, { mentor }) }),
  'course.cover': (w, { cover: id, course, user, from, to, was }) => {
    const covers = w.covers.filter((c) => c.id !== id)
    if (to === '') return { ...w, covers }
    return was === '' || covers.length < w.covers.length ? { ...w, covers: [...covers, { id, course, user, from, to }] } : w
  },
  'course.take': (w, { course }, { me }) => ({ ...w, courses: patch(w.courses, course, { mentor: me }) }),

  'contact.log': (w, a, { me, at }) => {
    const course = w.courses.find((c) => c.id === a.course)
    if (!course || w.contacts.some((c) => c.id === a.contact)) return w
    const { contact: id, appointment, next, end, ...told } = a
    const reached = a.outcome === 'reached'
    let world: World = {
      ...w,
      contacts: [...w.contacts, { ...told, id, by: me, occurred_at: instant(a.occurred_at), received_at: '', late: isLate(a.occurred_at, at), amends: '' }],
    }
    if (reached) world = leave(world, a.course, appointment, { state: 'done', done_by: id })
    else if (next) world = leave(world, a.course, appointment, { state: 'moved' })
    if (course.state === 'closed') return world // the talk counts; what it agreed does not
    if (reached && course.state === 'awaiting') world = { ...world, courses: patch(world.courses, a.course, { state: 'active' }) }
    world = book(world, a.course, next)
    return end ? close(world, a.course, { closed_on: dateOf(a.occurred_at), closed_by: me, ...end }) : world
  },

  'contact.amend': (w, a, { me }) => {
    const stood = w.contacts.find((c) => c.id === a.amends)
    if (!stood || stood.course !== a.course || w.contacts.some((c) => c.id === a.contact)) return w
    const { contact: id, occurred_at, ...told } = a
    const amended = { ...told, id, by: me, occurred_at: occurred_at ? instant(occurred_at) : stood.occurred_at, received_at: '', late: stood.late }
    const begun = a.outcome === 'reached' && w.courses.find((c) => c.id === a.course)?.state === 'awaiting'
    return { ...w, contacts: [...w.contacts, amended], courses: begun ? patch(w.courses, a.course, { state: 'active' }) : w.courses }
  },

  'appointment.move': (w, { course, appointment, next }) =>
    isOpen(w, course) ? book(leave(w, course, appointment, { state: 'moved' }), course, next) : w,
  'citizen.correct': (w, { citizen, set, was }) => {
    if (!set.phones) return { ...w, citizens: patch(w.citizens, citizen, set) }
    // Numbers are a set: what a colleague added meanwhile stays.
    const mine = set.phones.map((p) => normalisePhone(p) || p)
    const now = w.citizens.find((c) => c.id === citizen)?.phones ?? []
    return { ...w, citizens: patch(w.citizens, citizen, { ...set, phones: merge('set', was?.phones, now, mine).value as string[] }) }
  },
  'course.close': (w, { course, reason, told_resume }, { me, at }) =>
    isOpen(w, course) ? close(w, course, { closed_on: dateOf(at), closed_by: me, reason, told_resume }) : w,
  'course.resume': (w, { course, next }) => {
    if (!w.courses.some((c) => c.id === course)) return w
    const back: Partial<Course> = { state: 'active', held_from: '', closed_on: '', closed_by: '', reason: '', told_resume: '' }
    return book({ ...w, courses: patch(w.courses, course, back) }, course, next)
  },
  'consent.withdraw': (w, { course }, { at }) =>
    cancel({
      ...w,
      consents: w.consents.map((c) => (c.course === course && !c.withdrawn_on ? { ...c, withdrawn_on: dateOf(at) } : c)),
      citizens: w.citizens.map((c) => (c.course === course ? { ...c, phones: [] } : c)),
    }, course),

  'flag.raise': (w, { flag: id, ...said }, { me }) => {
    const course = w.courses.find((c) => c.id === said.course)
    if (!course || w.flags.some((f) => f.id === id)) return w
    const { weekends_off = false } = w.municipalities.find((m) => m.id === course.municipality) ?? {}
    const raised: World['flags'][number] = {
      ...said, id, by: me, at: instant(said.at), received_at: '', follow_up: followUp(dateOf(said.at), said.follow_up, weekends_off),
      state: 'open', done: '', closed_by: '', closed_at: '',
    }
    return { ...w, flags: [...w.flags, raised] }
  },
  'flag.close': (w, { flag, course, done }, { me, at }) => ({
    ...w,
    flags: w.flags.map((f) => (f.id === flag && f.course === course && f.state === 'open' ? { ...f, state: 'closed', done, closed_by: me, closed_at: instant(at) } : f)),
  }),
}

const patch = <T extends { id: string }>(list: T[], id: string, change: Partial<T>): T[] =>
  list.map((r) => (r.id === id ? { ...r, ...change } : r))

const isOpen = (w: World, course: string) => w.courses.some((c) => c.id === course && c.state !== 'closed')

/** Only an open appointment of this very course is left; any other id is someone's mistake. */
const leave = (w: World, course: string, id: string, change: Partial<Appointment>): World => ({
  ...w,
  appointments: w.appointments.map((a) => (a.id === id && a.course === course && a.state === 'open' ? { ...a, ...change } : a)),
})

function book(w: World, course: string, next: Next | undefined): World {
  if (!next || w.appointments.some((a) => a.id === next.appointment)) return w
  const { appointment: id, ...when } = next
  return { ...w, appointments: [...w.appointments, { ...when, id, course, state: 'open', done_by: '' }] }
}

const close = (w: World, course: string, how: Partial<Course>): World =>
  cancel({ ...w, courses: patch(w.courses, course, { ...how, state: 'closed' }) }, course)

const cancel = (w: World, course: string): World => ({
  ...w,
  appointments: w.appointments.map((a) => (a.course === course && a.state === 'open' ? { ...a, state: 'cancelled' } : a)),
})

/** As records write it. */
const instant = (rfc3339: string) => rfc3339.replace('T', ' ')
