// The functions that vectors name, and the keys that each reads. The Go half: domain/functions_test.go.
import { type Access, actions, checkMay, heldAt, inGrace, leavesOn, onPhone } from './access'
import { checkConsent, checkNoticeConsents, type Consent, consentEnd, consentUntil, latestExpiry, validOn } from './consent'
import { checkAmends, checkFinish, checkMove, checkOpen, closingReasons, mayMove, outcomes, stateOn, topics } from './course'
import { crisisCard, crisisKinds, normaliseLine, verified } from './crisis'
import { addDays, addMonths, checkTime, dateOf, daysBetween, isDate, weekday } from './date'
import { due, firstContact, partsOfDay } from './due'
import type { RuleError } from './errors'
import { followUp, followUpBy } from './flag'
import { holidays, isWorkday } from './holiday'
import { checkMention, hows, mentionOf, offerKinds } from './offer'
import { normalisePhone } from './phone'
import { suggestNext } from './taper'
import { assess, checkAcceptance } from './targetgroup'
import { checkLength, checkOneOf, maxDay, maxName, maxNote, maxShort } from './text'
import { checkBooking, checkContact, checkNext, isLate, lastDayOn, windowOf } from './window'

/** Keys by example: every leaf is any value, a list holds the shape of each of its entries. */
type Shape = { [key: string]: Shape } | [Shape] | string | null

/** Refuses keys that the shape does not have: a misspelt key would otherwise test nothing. */
export function only(value: unknown, shape: Shape, where: string): void {
  if (shape === null || typeof shape === 'string') return
  if (Array.isArray(shape)) return (value as unknown[]).forEach((v) => only(v, shape[0], where))
  for (const [key, inner] of Object.entries(value as object)) {
    if (!(key in shape)) throw new Error(`${where}: unknown key ${key}`)
    only(inner, shape[key] ?? null, where)
  }
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each row of the table has its own argument
type Row = { shape: Shape; run: (x: any) => unknown }

/** An error as vectors write it; its rule is the catalogue's, see errors.golden.json. */
const problem = (e: RuleError | null) => e && { code: e.code, params: e.params }

const held = { kind: '', state: '', hold_extends_window: '', held_from: '', last_day: '', closed_on: '' }
const state = { ...held, to: '', today: '' }
const consent = { scope: '', given_on: '', expires_on: '', withdrawn_on: '' }
const answers = { adult: '', mental_disorder: '', regional_psychiatry: '', service_act_support: '', own_home: '', other_support: '' }
const access = { role: '', active: '', same_municipality: '', relation: '', unassigned: '', mentors_take: '' }
const courseDates = { kind: '', discharge_date: '', started_on: '', hold_days: '', hold_extends_window: '' }
const dueCourse = {
  id: '', state: '', kind: '', hold_extends_window: '', held_from: '', discharge_date: '', last_day: '', contact_consent_until: '', first_contact_days: '',
  first_contact_limit_days: '', reached: '', appointments: [{ id: '', on: '', time: '', part_of_day: '' }] as [Shape], flags: [{ id: '', follow_up: '' }] as [Shape],
}

export const functions: Record<string, Row> = {
  isDate: { shape: { value: '' }, run: (x) => isDate(x.value) },
  addDays: { shape: { date: '', days: '' }, run: (x) => addDays(x.date, x.days) },
  addMonths: { shape: { date: '', months: '' }, run: (x) => addMonths(x.date, x.months) },
  daysBetween: { shape: { from: '', to: '' }, run: (x) => daysBetween(x.from, x.to) },
  weekday: { shape: { date: '' }, run: (x) => weekday(x.date) },
  dateOf: { shape: { instant: '' }, run: (x) => dateOf(x.instant) },
  checkTime: { shape: { time: '' }, run: (x) => problem(checkTime(x.time)) },

  checkLength: { shape: { field: '', text: '', times: '', max: '' }, run: (x) => problem(checkLength(x.field, x.text.repeat(x.times), x.max)) },
  checkOneOf: { shape: { field: '', value: '', allowed: '' }, run: (x) => problem(checkOneOf(x.field, x.value, x.allowed)) },
  limits: { shape: {}, run: () => ({ name: maxName, short: maxShort, note: maxNote, day: maxDay }) },

  normalisePhone: { shape: { phone: '' }, run: (x) => normalisePhone(x.phone) },

  windowOf: { shape: courseDates, run: windowOf },
  checkBooking: { shape: { window: { first: '', last: '' }, on: '' }, run: (x) => problem(checkBooking(x.window, x.on)) },
  checkNext: { shape: { occurred: '', on: '' }, run: (x) => problem(checkNext(x.occurred, x.on)) },
  checkContact: {
    shape: { window: { first: '', last: '' }, started_on: '', occurred: '', received: '' },
    run: (x) => problem(checkContact(x.window, x.started_on, x.occurred, x.received)),
  },
  lastDayOn: { shape: { course: held, day: '' }, run: (x) => lastDayOn(x.course, x.day) },
  isLate: { shape: { occurred: '', received: '' }, run: (x) => isLate(x.occurred, x.received) },

  assess: {
    shape: { answers, discharge_date: '', participates_from: '', participates_to: '' },
    run: ({ answers, ...dates }) => assess(answers, dates),
  },
  checkAcceptance: { shape: { result: '', reasons: '', reason: '' }, run: (x) => problem(checkAcceptance(x, x.reason)) },

  validOn: { shape: { consent, day: '' }, run: (x) => validOn(x.consent as Consent, x.day) },
  latestExpiry: { shape: { given_on: '' }, run: (x) => latestExpiry(x.given_on) },
  checkConsent: { shape: { consent, today: '' }, run: (x) => problem(checkConsent(x.consent, x.today)) },
  checkNoticeConsents: {
    shape: { consents: [consent], from_ward: '', day: '' },
    run: (x) => problem(checkNoticeConsents(x.consents, x.from_ward, x.day)),
  },
  consentUntil: { shape: { consents: [consent], scope: '' }, run: (x) => consentUntil(x.consents, x.scope) },
  consentEnd: { shape: { consents: [consent], scope: '' }, run: (x) => consentEnd(x.consents, x.scope) },

  mayMove: { shape: { from: '', to: '' }, run: (x) => mayMove(x.from, x.to) },
  stateOn: { shape: state, run: (x) => stateOn(x, x.today) },
  checkMove: { shape: state, run: (x) => problem(checkMove(x, x.to, x.today)) },
  checkOpen: { shape: { state: '' }, run: (x) => problem(checkOpen(x.state)) },
  checkAmends: { shape: { same_course: '', corrected_by: '' }, run: (x) => problem(checkAmends(x.same_course, x.corrected_by)) },
  checkFinish: { shape: { outcome: '', next: '', end: '' }, run: (x) => problem(checkFinish(x.outcome, x.next, x.end)) },
  closingReasons: { shape: {}, run: () => closingReasons },
  outcomes: { shape: {}, run: () => outcomes },
  topics: { shape: {}, run: () => topics },

  firstContact: { shape: { discharge_date: '', days: '', limit_days: '' }, run: (x) => firstContact(x.discharge_date, x.days, x.limit_days) },
  due: { shape: { courses: [dueCourse], today: '' }, run: (x) => due(x.courses, x.today) },
  partsOfDay: { shape: {}, run: () => partsOfDay },

  holidays: { shape: { year: '' }, run: (x) => holidays(x.year) },
  isWorkday: { shape: { date: '' }, run: (x) => isWorkday(x.date) },

  followUpBy: { shape: { raised: '', weekends_off: '' }, run: (x) => followUpBy(x.raised, x.weekends_off) },
  followUp: { shape: { raised: '', agreed: '', weekends_off: '' }, run: (x) => followUp(x.raised, x.agreed, x.weekends_off) },

  mentionOf: { shape: { mention: null }, run: (x) => mentionOf(x.mention) },
  checkMention: { shape: { mention: { offer: '', how: '', words: '' } }, run: (x) => problem(checkMention(x.mention)) },
  offerKinds: { shape: {}, run: () => offerKinds },
  hows: { shape: {}, run: () => hows },

  verified: { shape: { verified_on: '', today: '' }, run: (x) => verified(x.verified_on, x.today) },
  crisisCard: {
    shape: { lines: [{ id: '', order: '', verified_on: '' }], today: '' },
    run: (x) => crisisCard(x.lines as { id: string; order: number; verified_on: string }[], x.today).map((l) => ({ id: l.line.id, verified: l.verified })),
  },
  normaliseLine: { shape: { number: '' }, run: (x) => normaliseLine(x.number) },
  crisisKinds: { shape: {}, run: () => crisisKinds },

  suggestNext: { shape: { taper: '', start: '', today: '', last_day: '' }, run: suggestNext },

  checkMay: { shape: { action: '', access }, run: (x) => problem(checkMay(x.action, x.access)) },
  matrix: { shape: access, run: (x) => rowAnswer(squares(x)) },
  inGrace: { shape: { at: '', received: '' }, run: (x) => inGrace(x.at, x.received) },
  heldAt: { shape: { from: '', to: '', at: '' }, run: (x) => heldAt(x.from, x.to, x.at) },
  leavesOn: { shape: { course: held, consent_end: '', flagged: '' }, run: (x) => leavesOn(x.course, x.consent_end, x.flagged) },
  onPhone: { shape: { role: '', state: '', leaves_on: '', today: '' }, run: (x) => onPhone(x.role, x.state, x.leaves_on, x.today) },
}

/** Each key holds a list: every combination of them is one square of the matrix. */
export function squares(row: Record<string, unknown[]>): Access[] {
  let out: Record<string, unknown>[] = [{}]
  for (const [key, values] of Object.entries(row)) out = out.flatMap((square) => values.map((v) => ({ ...square, [key]: v })))
  return out as Access[]
}

/** What the whole row may do and why not, or each square's answer where they differ. */
function rowAnswer(row: Access[]): unknown {
  const different = new Map(row.map((square) => {
    const answer = { allowed: [] as string[], refused: {} as Record<string, string[]> }
    for (const action of Object.keys(actions).sort()) {
      const e = checkMay(action, square)
      if (e) (answer.refused[e.code] ??= []).push(action)
      else answer.allowed.push(action)
    }
    return [JSON.stringify(answer), answer]
  }))
  return different.size === 1 ? [...different.values()][0] : [...different.values()]
}
