// A calendar file of the calls that are agreed, for a phone that cannot be told. It says when, and nothing of whom: calendars lie
// open, and are copied to others.
import { addDays } from '../../domain/date'
import type { DueItem } from '../../domain/due'
import { addMinutes, toInstant } from '../../i18n'

type Call = Pick<DueItem, 'kind' | 'appointment' | 'on' | 'time' | 'part_of_day'>

/** From and to, where no time is agreed. They begin as in the list of calls. [U9] */
const parts: Record<string, [string, string]> = { morning: ['08:00', '12:00'], afternoon: ['12:00', '17:00'], evening: ['17:00', '20:00'] }
const CALL = 30 // minutes that a call is given

/** `words` is what an event is called, `link` opens the app. */
export async function calendar(due: Call[], today: string, words: string, link: string, now: Date): Promise<string> {
  const calls = due.filter((i) => i.kind === 'appointment' && i.on >= today)
  const events = await Promise.all(calls.map((c) => event(c, words, link, now)))
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Bindeled//DA', 'CALSCALE:GREGORIAN', 'METHOD:PUBLISH', ...events.flat(), 'END:VCALENDAR']
    .map((line) => fold(line) + '\r\n').join('')
}

async function event(c: Call, words: string, link: string, now: Date): Promise<string[]> {
  return [
    'BEGIN:VEVENT', `UID:${await opaque(c.appointment)}`, `DTSTAMP:${utc(now.toISOString())}`, ...span(c), `SUMMARY:${escape(words)}`, `URL:${link}`,
    'CLASS:PRIVATE', c.time ? 'TRANSP:OPAQUE' : 'TRANSP:TRANSPARENT',
    'BEGIN:VALARM', 'ACTION:DISPLAY', `DESCRIPTION:${escape(words)}`, `TRIGGER:${c.time || parts[c.part_of_day] ? '-PT10M' : 'PT8H'}`, 'END:VALARM', // nobody is woken at midnight
    'END:VEVENT',
  ]
}

function span({ on, time, part_of_day }: Call): string[] {
  const part = parts[part_of_day]
  if (!time && !part) return [`DTSTART;VALUE=DATE:${basic(on)}`, `DTEND;VALUE=DATE:${basic(addDays(on, 1))}`]
  const from = toInstant(`${on}T${time || part![0]}`)
  return [`DTSTART:${utc(from)}`, `DTEND:${utc(time ? addMinutes(new Date(from), CALL) : toInstant(`${on}T${part![1]}`))}`]
}

const basic = (text: string): string => text.replace(/[-:]/g, '')
const utc = (instant: string): string => basic(instant.slice(0, 19)) + 'Z'
const escape = (text: string): string => text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n')

/** The same for the same call, so that a newer file takes the place of an older one; nobody finds the call by it. */
async function opaque(id: string): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('bindeled call ' + id)))
  return [...hash.slice(0, 16)].map((b) => b.toString(16).padStart(2, '0')).join('') + '@bindeled'
}

/** No line is longer than 75 bytes, and no letter is cut in two. */
function fold(line: string): string {
  let out = ''
  let room = 75
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length
    if (size > room) {
      out += '\r\n '
      room = 74
    }
    out += letter
    room -= size
  }
  return out
}
