// Mirrors domain/date.go [P2 P3 W2]
// A civil date in Denmark is the text "2026-11-22", '' is none. Dates compare as strings.
import { broken, type RuleError } from './errors'

const day = 86_400_000

/** Midnight UTC stands for the day, so no change of clocks is ever in the way. */
const utc = (d: string) => new Date(isDate(d) ? d : '0001-01-01')
const text = (t: Date) => t.toISOString().slice(0, 10)

/** A date that exists. [P2] */
export function isDate(s: string): boolean {
  if (!/^(19|20|21)\d{2}-\d{2}-\d{2}$/.test(s)) return false
  const t = new Date(s)
  return !Number.isNaN(t.getTime()) && text(t) === s // some engines turn 30 February into 2 March
}

const inCopenhagen = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Copenhagen', year: 'numeric', month: '2-digit', day: '2-digit' })

/** A moment from RFC 3339, or from the form of records, with a space. */
export function moment(instant: Date | string): Date {
  return new Date(typeof instant === 'string' ? instant.replace(' ', 'T') : instant)
}

/** The day in Denmark on which a moment lies. */
export function dateOf(instant: Date | string): string {
  const t = moment(instant)
  if (Number.isNaN(t.getTime())) return ''
  const parts = Object.fromEntries(inCopenhagen.formatToParts(t).map((p) => [p.type, p.value]))
  return `${parts.year}-${parts.month}-${parts.day}`
}

export function addDays(d: string, n: number): string {
  return text(new Date(utc(d).getTime() + n * day))
}

/** Keeps the day of the month, or takes the month's last day. [W2] */
export function addMonths(d: string, n: number): string {
  const t = utc(d)
  const date = t.getUTCDate()
  t.setUTCDate(1)
  t.setUTCMonth(t.getUTCMonth() + n)
  const last = new Date(t)
  last.setUTCMonth(last.getUTCMonth() + 1, 0)
  t.setUTCDate(Math.min(date, last.getUTCDate()))
  return text(t)
}

/** Whole days from a to b, negative if b is earlier. */
export function daysBetween(a: string, b: string): number {
  return (utc(b).getTime() - utc(a).getTime()) / day
}

/** 1 (Monday) to 7 (Sunday). */
export function weekday(d: string): number {
  return ((utc(d).getUTCDay() + 6) % 7) + 1
}

/** Accepts '' and "09:30". [P3] */
export function checkTime(s: string): RuleError | null {
  return s === '' || /^([01]\d|2[0-3]):[0-5]\d$/.test(s) ? null : broken('time.invalid', { value: s })
}
