import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replay } from './reducers'
import type { Appointment, Course, Entry, MutationArgs, MutationName, World } from './types'
import { COLLECTIONS, worldOf } from './world'

const AT = '2026-11-22T12:00:00.000Z'
const course = (id: string, over: Partial<Course> = {}): Course => ({
  id, municipality: 'm', scheme: 's', notice: '', mentor: 'me', started_on: '2026-11-01', discharge_date: '2026-11-01', state: 'active',
  held_from: '', hold_days: 0, last_day: '2027-05-01', closed_on: '', closed_by: '', reason: '', told_resume: '', ...over,
})
const appointment = (id: string, of: string): Appointment => ({ id, course: of, on: '2026-11-22', part_of_day: '', time: '', topic: '', state: 'open', done_by: '' })
const consent = (id: string, of: string) => ({ id, course: of, scope: 'contact', form: 'oral', text_version: '1', taken_by: '', given_on: '2026-11-01', expires_on: '2027-11-01', withdrawn_on: '' }) as const

const base: World = {
  ...worldOf(new Map()),
  schemes: [{ id: 's', municipality: 'm', kind: 'social_mentor', title: '', hold_extends_window: false, first_contact_days: 3, first_contact_limit_days: 7, taper: [], active: true }],
  notices: [{
    id: 'n', municipality: 'm', scheme: 's', ward: 'w', source: 'ward', name: 'Ny', phones: ['+4511223344'], discharge_date: '2026-08-31', date_kind: 'actual',
    answers: {}, consents: [{ scope: 'contact', form: 'written', given_on: '2026-11-01', expires_on: '2027-11-01', text_version: '1' }],
    verdict: 'yes', reasons: [], warnings: [], status: 'new', decline_reason: '', override_reason: '', course: '', received_at: '',
  }],
  courses: [course('a', { state: 'awaiting' }), course('b'), course('c', { state: 'closed', closed_on: '2026-11-20' })],
  citizens: ['a', 'b', 'c'].map((id) => ({ id: id + '-c', course: id, name: id, phones: ['+4512345678'], prefers: '', hopes: '' })),
  consents: ['a', 'b', 'c'].map((id) => consent(id + '-k', id)),
  appointments: [appointment('a1', 'a'), appointment('b1', 'b'), { ...appointment('c1', 'c'), state: 'cancelled' }],
}

const entry = <N extends MutationName>(name: N, args: MutationArgs[N], over: Partial<Entry> = {}): Entry => ({ n: 1, name, args, at: AT, state: 'unsent', ...over }) as Entry
const next = (id = 'new') => ({ appointment: id, on: '2026-12-01', part_of_day: '' as const, time: '10:00', topic: 'wellbeing' })
const talk = (over: Partial<MutationArgs['contact.log']> = {}): MutationArgs['contact.log'] => ({
  contact: 'k', course: 'a', occurred_at: AT, direction: 'out', outcome: 'reached', minutes: 10, topics: [], needs_now: false, offers: [], note: 'long note',
  appointment: 'a1', next: next(), ...over,
})
const after = (...entries: Entry[]) => replay(base, entries, 'me')
const find = <T extends { id: string }>(list: T[], id: string) => list.find((r) => r.id === id)!

test('[F1 F2 F3] a concern: raised with its day, whatever the course is, and closed once', () => {
  const raise = entry('flag.raise', { flag: 'f', course: 'c', at: AT, note: 'her words', handed_to: '', warm: false, follow_up: '2027-01-01' })
  const done = entry('flag.close', { flag: 'f', course: 'c', done: 'Talt med egen læge' })
  expect(after(raise, raise).flags).toMatchObject([{ id: 'f', by: 'me', at: '2026-11-22 12:00:00.000Z', follow_up: '2026-11-23', state: 'open' }])
  expect(after(raise, done, entry('flag.close', { flag: 'f', course: 'c', done: 'again' })).flags).toMatchObject([{ state: 'closed', done: 'Talt med egen læge', closed_by: 'me' }])
})

describe('a talk', () => {
  test('reached: noted, its appointment done, the next booked, the course begun', () => {
    const w = after(entry('contact.log', talk()))
    expect(w.contacts).toMatchObject([{ id: 'k', course: 'a', by: 'me', note: 'long note', occurred_at: '2026-11-22 12:00:00.000Z' }])
    expect(w.contacts[0]).not.toHaveProperty('next')
    expect(find(w.appointments, 'a1')).toMatchObject({ state: 'done', done_by: 'k' })
    expect(find(w.appointments, 'new')).toMatchObject({ course: 'a', on: '2026-12-01', state: 'open' })
    expect(find(w.courses, 'a').state).toBe('active')
  })

  test('the last one: the course closes on the day of the talk, nothing stays planned', () => {
    const w = after(entry('contact.log', talk({ course: 'b', appointment: '', next: undefined, occurred_at: '2026-11-20T23:30:00.000Z', end: { reason: 'completed', told_resume: 'yes' } })))
    expect(find(w.courses, 'b')).toMatchObject({ state: 'closed', closed_on: '2026-11-21', closed_by: 'me', reason: 'completed', told_resume: 'yes' })
    expect(find(w.appointments, 'b1').state).toBe('cancelled')
  })

  test('nobody answered: the appointment stands, unless another day was chosen', () => {
    const w = after(entry('contact.log', talk({ outcome: 'no_answer', next: undefined })))
    expect([find(w.appointments, 'a1').state, find(w.courses, 'a').state]).toEqual(['open', 'awaiting'])
    expect(find(after(entry('contact.log', talk({ outcome: 'no_answer' }))).appointments, 'a1').state).toBe('moved')
  })

  test('[W10] written down more than a week later: it says so at once', () => {
    const w = after(entry('contact.log', talk()), entry('contact.log', talk({ contact: 'k9', occurred_at: '2026-11-15T11:00:00.000Z' })))
    expect(w.contacts.map((c) => c.late)).toEqual([false, true])
  })

  test('on a course closed since: the talk counts, what it agreed does not', () => {
    const w = after(entry('contact.log', talk({ course: 'c', appointment: '' })))
    expect([w.contacts.length, w.appointments.length, find(w.courses, 'c').closed_on]).toEqual([1, 3, '2026-11-20'])
  })

  test('already among the rows: not twice', () => {
    const once = after(entry('contact.log', talk()))
    expect(replay(once, [entry('contact.log', talk())], 'me')).toEqual(once)
  })

  test('the refused part is not replayed, the rest is', () => {
    const outcome = { n: 1, result: 'applied' as const, at: AT, refused: [{ part: 'next', code: 'rule' as const, reason: 'window.after_end' }] }
    const w = after(entry('contact.log', talk(), { state: 'refused', outcome }))
    expect([w.contacts.length, w.appointments.length]).toEqual([1, 3])
  })
})

test('accepting a notice: course, citizen and consents are there, the window reckoned [W2]', () => {
  const w = after(entry('notice.accept', { notice: 'n', course: 'x', mentor: 'me', override_reason: '' }))
  expect(find(w.courses, 'x')).toMatchObject({ state: 'awaiting', mentor: 'me', discharge_date: '2026-08-31', last_day: '2027-02-28' })
  expect(w.citizens.find((c) => c.course === 'x')).toMatchObject({ name: 'Ny', phones: ['+4511223344'] })
  expect(w.consents.find((c) => c.course === 'x')).toMatchObject({ scope: 'contact', withdrawn_on: '' })
  expect(w.notices[0]).toMatchObject({ status: 'accepted', course: 'x' })
})

test('the smaller ones', () => {
  expect(after(entry('notice.decline', { notice: 'n', reason: 'r' })).notices[0]).toMatchObject({ status: 'declined', decline_reason: 'r' })
  expect(find(after(entry('course.assign', { course: 'b', mentor: 'you', from: 'me' })).courses, 'b').mentor).toBe('you')
  expect(find(after(entry('course.take', { course: 'b' })).courses, 'b').mentor).toBe('me')
  const corrected = after(entry('citizen.correct', { citizen: 'a-c', set: { phones: ['12 34 56 79'] } }))
  expect(find(corrected.citizens, 'a-c')).toMatchObject({ name: 'a', phones: ['+4512345679'] })
  const added = after(entry('citizen.correct', { citizen: 'a-c', set: { phones: ['12 34 56 79'] }, was: { phones: [] } }))
  expect(find(added.citizens, 'a-c').phones, 'one that she had not seen stays').toEqual(['+4512345678', '+4512345679'])
  const moved = after(entry('appointment.move', { course: 'b', appointment: 'b1', next: next() }))
  expect([find(moved.appointments, 'b1').state, find(moved.appointments, 'new').state]).toEqual(['moved', 'open'])
  expect(find(after(entry('course.close', { course: 'b', reason: 'moved', told_resume: 'no' })).courses, 'b').state).toBe('closed')
  const resumed = after(entry('course.resume', { course: 'c', next: next() }))
  expect([find(resumed.courses, 'c').state, find(resumed.courses, 'c').closed_on, find(resumed.appointments, 'new').course]).toEqual(['active', '', 'c'])
})

describe('[S12] a correction', () => {
  const amend = (over: Partial<MutationArgs['contact.amend']> = {}): MutationArgs['contact.amend'] => ({
    contact: 'k2', course: 'a', amends: 'k', direction: 'out', outcome: 'reached', minutes: 10, topics: [], needs_now: false, offers: [], note: 'other words', ...over,
  })

  test('of a talk that is not sent yet: beside it, at the same time', () => {
    const w = after(entry('contact.log', talk({ outcome: 'no_answer', next: undefined })), entry('contact.amend', amend()))
    expect(w.contacts).toMatchObject([{ id: 'k', note: 'long note' }, { id: 'k2', amends: 'k', by: 'me', note: 'other words', occurred_at: '2026-11-22 12:00:00.000Z', received_at: '' }])
    expect([find(w.courses, 'a').state, find(w.appointments, 'a1').state], 'they have talked; what was agreed stays').toEqual(['active', 'open'])
  })

  test('with a time of its own; and none of what is not there', () => {
    const w = after(entry('contact.log', talk()), entry('contact.amend', amend({ occurred_at: '2026-11-21T09:00:00.000Z' })))
    expect(w.contacts[1]!.occurred_at).toBe('2026-11-21 09:00:00.000Z')
    expect(after(entry('contact.amend', amend())).contacts).toEqual([])
  })
})

test('[A3] a cover: made, changed, over', () => {
  const cover = { cover: 'v', course: 'a', user: 'omar', from: '2026-11-22', to: '2026-11-29', was: '' }
  const made = entry('course.cover', cover)
  expect(after(made).covers).toEqual([{ id: 'v', course: 'a', user: 'omar', from: '2026-11-22', to: '2026-11-29' }])
  expect(after(made, entry('course.cover', { ...cover, to: '2026-12-01', was: '2026-11-29' })).covers).toMatchObject([{ to: '2026-12-01' }])
  expect(after(made, entry('course.cover', { ...cover, to: '', was: '2026-11-29' })).covers).toEqual([])
  expect(after(entry('course.cover', { ...cover, was: '2026-11-29' })).covers, 'it is gone').toEqual([])
})

test('consent taken back: no number, nothing planned, history stays [C5]', () => {
  const w = after(entry('contact.log', talk()), entry('consent.withdraw', { course: 'a' }))
  expect(find(w.citizens, 'a-c').phones).toEqual([])
  expect(w.appointments.filter((a) => a.course === 'a' && a.state === 'open')).toEqual([])
  expect(find(w.consents, 'a-k').withdrawn_on).toBe('2026-11-22')
  expect(w.contacts).toHaveLength(1)
})

describe('any entries in any order', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'a1', 'b1', 'c1', 'k', 'n', 'x', 'y', '', 'a-c', 'nowhere')
  const courseId = fc.constantFrom('a', 'b', 'x', 'nowhere')
  const day = fc.constantFrom('2026-11-22', '2027-09-01', '', 'nonsense')
  const anyNext = fc.record({ appointment: id, on: day, part_of_day: fc.constant(''), time: fc.constant(''), topic: fc.constant('') })
  const end = fc.record({ reason: fc.constantFrom('moved', ''), told_resume: fc.constant('yes') })
  const args: { [N in MutationName]: fc.Arbitrary<unknown> } = {
    'notice.accept': fc.record({ notice: id, course: courseId, mentor: id, override_reason: fc.constant('') }),
    'notice.decline': fc.record({ notice: id, reason: fc.string() }),
    'course.assign': fc.record({ course: courseId, mentor: id, from: id }),
    'course.cover': fc.record({ cover: id, course: courseId, user: id, from: day, to: day, was: day }),
    'course.take': fc.record({ course: courseId }),
    'contact.log': fc.record({
      contact: id, course: courseId, occurred_at: fc.constantFrom(AT, 'nonsense'), outcome: fc.constantFrom('reached', 'no_answer'), note: fc.string(),
      appointment: id, next: fc.option(anyNext, { nil: undefined }), end: fc.option(end, { nil: undefined }),
    }),
    'contact.amend': fc.record({ contact: id, course: courseId, amends: id, outcome: fc.constantFrom('reached', 'no_answer'), note: fc.string() }),
    'appointment.move': fc.record({ course: courseId, appointment: id, next: anyNext }),
    'citizen.correct': fc.record({ citizen: fc.constantFrom('a-c', 'b-c'), set: fc.record({ phones: fc.array(fc.string()), hopes: fc.string() }, { requiredKeys: [] }) }),
    'course.close': fc.record({ course: courseId, reason: fc.string(), told_resume: fc.constant('yes') }),
    'course.resume': fc.record({ course: courseId, next: anyNext }),
    'consent.withdraw': fc.record({ course: courseId }),
    'flag.raise': fc.record({ flag: id, course: courseId, at: fc.constantFrom(AT, 'nonsense'), note: fc.string(), handed_to: fc.string(), warm: fc.boolean(), follow_up: fc.constantFrom('', '2026-11-22', 'nonsense') }),
    'flag.close': fc.record({ flag: id, course: courseId, done: fc.string() }),
  }
  const anyEntry = fc.oneof(...Object.entries(args).map(([name, a]) => a.map((args) => ({ n: 1, name, args, at: AT, state: 'unsent' }) as Entry)), fc.constant({ n: 1, name: 'from.the.future', args: {}, at: AT } as unknown as Entry))
  const of = (w: World, c: string) => COLLECTIONS.map((k) => (w[k] as { id: string; course?: string }[]).filter((r) => r.course === c || (k === 'courses' && r.id === c)))

  test('never throw, never touch another course, never the world before', () => {
    const frozen = deepFreeze(structuredClone(base))
    fc.assert(fc.property(fc.array(anyEntry, { maxLength: 12 }), (entries) => {
      const w = replay(frozen, entries, 'me')
      expect(of(w, 'c')).toEqual(of(base, 'c')) // no entry names it
      for (const c of COLLECTIONS) {
        const ids = w[c].map((r) => r.id)
        expect(new Set(ids).size).toBe(ids.length)
      }
    }), { numRuns: 500 })
  })
})

function deepFreeze<T>(o: T): T {
  for (const v of Object.values(o as object)) if (v && typeof v === 'object') deepFreeze(v)
  return Object.freeze(o)
}
