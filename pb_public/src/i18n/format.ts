// Dates, times and phones as people say them. Civil dates are text; moments are shown in Copenhagen.
import { dateOf, daysBetween } from '../domain/date'
import { language, type Lang } from './lang.svelte'

const ZONE = 'Europe/Copenhagen'
const DAY = 86_400_000
const locale: Record<Lang, string> = { da: 'da-DK', en: 'en-GB' }

const cache = new Map<string, Intl.DateTimeFormat>()
function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language.current + JSON.stringify(options)
  let f = cache.get(key)
  if (!f) cache.set(key, (f = new Intl.DateTimeFormat(locale[language.current], options)))
  return f
}

const relative: Record<string, Intl.RelativeTimeFormat> = {}

const noon = (day: string): Date => new Date(day + 'T12:00:00Z')

/** A moment from a record ("2026-11-22 13:02:11.000Z") or from the wire (RFC 3339). */
export const moment = (at: string | Date): Date => (at instanceof Date ? at : new Date(at.replace(' ', 'T')))

function named(day: string, options: Intl.DateTimeFormatOptions): string {
  return formatter({ ...options, timeZone: 'UTC' }).format(noon(day))
}

/** fredag */
export const weekdayName = (day: string): string => named(day, { weekday: 'long' })

/** 27. november, and the year when it is not obvious */
export function dateName(day: string, today = day): string {
  const year = Math.abs(daysBetween(today, day)) > 300
  return named(day, { day: 'numeric', month: 'long', ...(year ? { year: 'numeric' } : {}) })
}

/** 19. maj 2027 */
export const fullDate = (day: string): string => named(day, { day: 'numeric', month: 'long', year: 'numeric' })

/** fredag 27. november */
export const longDay = (day: string, today = day): string => `${weekdayName(day)} ${dateName(day, today)}`

/** i går, i dag, fredag, 27. november: the shortest that cannot be misread */
export function nearDay(day: string, today: string): string {
  const days = daysBetween(today, day)
  if (Math.abs(days) <= 1) return (relative[language.current] ??= new Intl.RelativeTimeFormat(locale[language.current], { numeric: 'auto' })).format(days, 'day')
  return Math.abs(days) < 7 ? weekdayName(day) : dateName(day, today)
}

/** 9.30 or 9:30 */
export const hours = (time: string): string => time.replace(/^0/, '').replace(':', language.current === 'da' ? '.' : ':')

/** kl. 9.30 / at 9:30, from HH:MM */
export const clock = (time: string): string => (language.current === 'da' ? 'kl. ' : 'at ') + hours(time)

/** kl. 16 for a whole hour: enough where minutes do not matter */
export const roughClock = (time: string): string =>
  language.current === 'da' && time.endsWith(':00') ? 'kl. ' + Number(time.slice(0, 2)) : clock(time)

const hm = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' })
export const timeOf = (at: string | Date): string => hm.format(moment(at))

/** 2026-11-22T14:02, as a field for date and time holds it */
export const wallClock = (at: string | Date): string => `${dateOf(at)}T${timeOf(at)}`

/** The moment at which a clock in Copenhagen shows that; '' for nothing. */
export function toInstant(wall: string): string {
  const guess = Date.parse(wall + 'Z')
  if (Number.isNaN(guess)) return ''
  let at = guess
  // Twice: the first guess may lie on the other side of a change of clocks.
  for (let i = 0; i < 2; i++) at += guess - Date.parse(wallClock(new Date(at)) + 'Z')
  return new Date(at).toISOString()
}

export const addMinutes = (at: Date, n: number): string => new Date(at.getTime() + n * 60_000).toISOString()

/** kl. 14.02 today; i går kl. 16.40; fredag kl. 10.16; 3. november kl. 9.00 */
export function when(at: string | Date, today: string): string {
  const day = dateOf(at)
  const time = clock(timeOf(at))
  return day === today ? time : `${nearDay(day, today)} ${time}`
}

/** ISO week: the week belongs to the year its Thursday is in. */
export function week(day: string): number {
  const thursday = noon(day)
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7))
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1, 12)
  return Math.floor((thursday.getTime() - first) / DAY / 7) + 1
}

export const capital = (text: string): string => text.charAt(0).toLocaleUpperCase(locale[language.current]) + text.slice(1)

export const list = (items: string[]): string =>
  new Intl.ListFormat(locale[language.current], { type: 'conjunction' }).format(items)

const collators = { da: new Intl.Collator('da'), en: new Intl.Collator('en') }
export const byName = (a: string, b: string): number => collators[language.current].compare(a, b)
