// Mirrors domain/due.go [U1–U9]
import { withdrawn } from './consent'
import { stateOn, type StoredState } from './course'
import { addDays } from './date'

/** Every part of a day an appointment may name. */
export const partsOfDay = ['', 'morning', 'afternoon', 'evening'] as const
export type PartOfDay = (typeof partsOfDay)[number]

/** What the list of calls needs to know of a course. */
export type DueCourse = {
  id: string
  state: StoredState
  kind?: string // of the scheme
  hold_extends_window?: boolean
  held_from?: string
  discharge_date: string
  last_day: string
  contact_consent_until: string // '' | date | 'withdrawn', see consentUntil
  first_contact_days: number
  first_contact_limit_days: number
  reached: boolean // the two have talked at least once
  attempts: number // for the screen's line of why; decides nothing here
  appointments: DueAppointment[] // open ones
  flags?: { id: string; follow_up: string }[] // open ones
}
export type DueAppointment = { id: string; on: string; time: string; part_of_day: PartOfDay }

export type DueItem = {
  course: string
  appointment: string
  kind: 'flag' | 'appointment' | 'first' | 'unplanned' | 'ended' | 'consent'
  group: 'flag' | 'overdue' | 'today' | 'next'
  on: string
  time: string
  part_of_day: PartOfDay
  deadline: string // of the first talk; '' after it
  flag?: string
}

/** The day by which the first talk should have been, and the day by which somebody must have stepped in. [U1] */
export function firstContact(discharge: string, days: number, limitDays: number): { target: string; limit: string } {
  return { target: addDays(discharge, days), limit: addDays(discharge, limitDays) }
}

/** What a mentor has to do, in order. No open course is left out unless a person said so, and no flag until a person closes it. [U2–U9 F4] */
export function due(courses: DueCourse[], today: string): DueItem[] {
  return courses.flatMap((c) => [...flagsOf(c), ...callsOf(c, today)]).sort(
    (a, b) => groupRank[a.group] - groupRank[b.group] || compareWithin(a, b)
      || compare(a.course, b.course) || compare(a.appointment, b.appointment) || compare(a.flag ?? '', b.flag ?? ''),
  )
}

/** Asks neither the state nor the consent. [F4] */
const flagsOf = (c: DueCourse): DueItem[] => (c.flags ?? []).map((f) => ({
  course: c.id, appointment: '', time: '', part_of_day: '', deadline: '', kind: 'flag', group: 'flag', on: f.follow_up, flag: f.id,
}))

function callsOf(c: DueCourse, today: string): DueItem[] {
  const state = stateOn(c, today)
  const item = { course: c.id, appointment: '', time: '', part_of_day: '' as const, deadline: '' }
  const until = c.contact_consent_until
  if (state === 'closed' || state === 'on_hold' || until === withdrawn) return [] // [U2]
  if (state === 'expired') return [{ ...item, kind: 'ended', group: 'overdue', on: c.last_day }] // [U6]
  if (until < today) { // [U7]
    return [{ ...item, kind: 'consent', group: 'overdue', on: until > c.discharge_date ? until : c.discharge_date }]
  }
  const deadline = c.reached ? '' : firstContact(c.discharge_date, c.first_contact_days, c.first_contact_limit_days).target
  if (c.appointments.length === 0) return [withoutAppointment(c, deadline, today)]
  return c.appointments.map((a) => ({
    ...item, appointment: a.id, kind: 'appointment', group: groupOf(a.on, today),
    on: a.on, time: a.time, part_of_day: a.part_of_day, deadline,
  }))
}

/** Before the first talk there is a deadline in its place [U4]; after it, that nothing is agreed is itself something to do [U5]. */
function withoutAppointment(c: DueCourse, deadline: string, today: string): DueItem {
  const item = { course: c.id, appointment: '', time: '', part_of_day: '' as const, deadline }
  if (c.reached) return { ...item, kind: 'unplanned', group: 'today', on: today }
  const group = deadline < today ? 'overdue' : c.discharge_date > today ? 'next' : 'today'
  return { ...item, kind: 'first', group, on: c.discharge_date }
}

function groupOf(on: string, today: string): DueItem['group'] { // [U3]
  if (on < today) return 'overdue'
  return on === today ? 'today' : 'next'
}

const groupRank = { flag: 0, overdue: 1, today: 2, next: 3 }
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Flags by the day of the next contact; overdue oldest first; today first talks by deadline, then by the clock; next days by day, then by the clock. [U8] */
function compareWithin(a: DueItem, b: DueItem): number {
  if (a.group !== 'today') return compare(a.on, b.on) || compare(timeOf(a), timeOf(b))
  return Number(a.deadline === '') - Number(b.deadline === '') || compare(a.deadline, b.deadline) || compare(timeOf(a), timeOf(b))
}

/** A part of the day stands where it begins; no time at all comes last. [U9] */
const partStarts: Record<string, string> = { morning: '08:00', afternoon: '12:00', evening: '17:00' }

function timeOf(i: DueItem): string {
  return i.time || (partStarts[i.part_of_day] ?? '24:00')
}
