// Mirrors domain/window.go [W1–W11]
import { addDays, addMonths, dateOf, daysBetween, moment } from './date'
import { broken, type RuleError } from './errors'

export type CourseDates = {
  kind: string
  discharge_date: string
  started_on: string
  hold_days: number // whole days on hold, ended holds only
  hold_extends_window: boolean
}

/** What the last day depends on while a course is on hold; kind and hold_extends_window are the scheme's. */
export type Held = { state: string; last_day: string; held_from?: string; kind?: string; hold_extends_window?: boolean }

/** The first and the last day of a course; both are inside. */
export type Window = { first: string; last: string }

/** Counts the window of a course. [W1 W2 W3 W4] */
export function windowOf(c: CourseDates): Window {
  if (c.kind !== 'discharge_mentor') return { first: c.discharge_date, last: addMonths(c.discharge_date, 6) }
  const last = addDays(c.started_on, 26 * 7 - 1)
  return { first: c.started_on, last: c.hold_extends_window ? addDays(last, c.hold_days) : last }
}

/** Does the window move along with a hold that runs? [W3 W11] */
export function moves(c: Omit<Held, 'last_day'>): boolean {
  return c.state === 'on_hold' && c.kind === 'discharge_mentor' && !!c.hold_extends_window && !!c.held_from
}

/** The last day as it stands on a day: a hold that runs moves it along, day by day. [W11] */
export function lastDayOn(c: Held, day: string): string {
  return moves(c) ? addDays(c.last_day, Math.max(0, daysBetween(c.held_from!, day))) : c.last_day
}

/** Days after today until the last one: 0 on the last day, negative after it. */
export function daysLeft(last: string, today: string): number {
  return daysBetween(today, last)
}

/** May the two agree to talk on that day? [W5 W6] */
export function checkBooking(w: Window, on: string): RuleError | null {
  if (on > w.last) return broken('window.after_end', { last_day: w.last })
  if (on < w.first) return broken('window.before_start', { first_day: w.first })
  return null
}

/** Refuses an appointment before the talk in which it was agreed. [W7] */
export function checkNext(occurred: Date | string, on: string): RuleError | null {
  return on < dateOf(occurred) ? broken('appointment.before_contact', { on }) : null
}

/** How far a phone's clock may run ahead, and when an entry counts as written late. */
const tolerance = 5 * 60_000
const lateAfter = 7 * 86_400_000

const ms = (instant: Date | string) => moment(instant).getTime()

/** Judges a talk on the day it happened; it may lie before a planned discharge. [W8 W9] */
export function checkContact(w: Window, startedOn: string, occurred: Date | string, received: Date | string): RuleError | null {
  if (ms(occurred) > ms(received) + tolerance) {
    return broken('contact.in_future', { at: moment(occurred).toISOString().slice(0, 19) + 'Z' })
  }
  const first = startedOn < w.first ? startedOn : w.first
  const day = dateOf(occurred)
  return day < first || day > w.last ? broken('contact.outside_window', { first_day: first, last_day: w.last }) : null
}

/** Written down more than a week after it happened. [W10] */
export function isLate(occurred: Date | string, received: Date | string): boolean {
  return ms(received) - ms(occurred) > lateAfter
}
