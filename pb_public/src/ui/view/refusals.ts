// Why the municipality could not take something, in the words of the one who reads it.
import { isDate } from '../../domain/date'
import { fullDate, has, list, t, when, type Key, type Params } from '../../i18n'
import type { Entry, TrayItem } from '../../state/types'

type Refusal = TrayItem['refusals'][number]
type Names = (id: string) => string

/** Params come from the server as ids, dates and moments; a person reads names and days. */
function spoken(params: Record<string, unknown>, person: Names, today: string): Params {
  const said: Params = {}
  for (const [key, value] of Object.entries(params)) {
    if (key === 'by' || key === 'mentor') said[key] = person(String(value))
    else if (key === 'reasons' && Array.isArray(value)) said[key] = list(value.map((rule) => word(`rule.${rule}.no`, String(rule))))
    else if (key === 'scope') said[key] = word(`scope.${String(value)}`, String(value))
    else if (key === 'from' || key === 'to' || key === 'state') said[key] = word(`state.${String(value)}`, String(value)).toLocaleLowerCase('da')
    else if (key === 'at') said[key] = when(String(value), today)
    else said[key] = isDate(String(value)) ? fullDate(String(value)) : String(value)
  }
  return said
}

const word = (key: string, fallback: string): string => (has(key) ? t(key as Key) : fallback)

/** `me` closed it herself, on another phone: nobody else to name. */
export function refusalText(r: Refusal, person: Names, today: string, me = ''): string {
  const params = r.params ?? {}
  if (r.reason === 'course.closed' && (!params.by || params.by === me)) return kept(r) + t('reason.course.closed_nobody')
  const own = `refused.${r.part}.${r.reason}`
  if (has(own)) return t(own, spoken(params, person, today))
  const known = `reason.${r.reason}`
  return kept(r) + t(has(known) ? known : 'reason.other', spoken(params, person, today))
}

/** Only a part was refused: the talk itself is with the municipality. */
const kept = (r: Refusal): string => (r.part ? t('tray.kept') + ' ' : '')

/** What she wrote, whole; or without what the next talk is to be about, where that stands beside its day. */
export function words(entry: Entry, topic = true): string {
  const a = entry.args as Record<string, unknown>
  const next = a.next as { topic?: string } | undefined
  const set = (a.set ?? {}) as Record<string, unknown>
  return [a.note, topic && next?.topic, a.override_reason, entry.name === 'notice.decline' ? a.reason : '', ...Object.values(set).flat()]
    .filter((x): x is string => typeof x === 'string' && x !== '').join('\n')
}

export function courseOf(entry: Entry, citizens: { id: string; course: string }[]): string {
  const a = entry.args as { course?: string; citizen?: string }
  return a.course ?? citizens.find((c) => c.id === a.citizen)?.course ?? ''
}

export function title(entry: Entry): string {
  if (entry.name === 'contact.log') return t(`outcome.${(entry as Entry<'contact.log'>).args.outcome}`)
  return t(`did.${entry.name}`)
}

/** Can the mentor get further by choosing another day? */
export const needsDay = (rs: Refusal[]): boolean =>
  rs.some((r) => ['window.after_end', 'window.before_start', 'appointment.before_contact', 'appointment.not_open'].includes(r.reason))

export const needsTime = (entry: Entry, rs: Refusal[]): boolean =>
  entry.name === 'contact.log' && rs.some((r) => r.reason === 'contact.in_future' || r.reason === 'contact.outside_window')
