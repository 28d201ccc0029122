// Why the municipality could not take something, in the words of the one who reads it.
import { offlineGraceDays } from '../../domain/access'
import { isDate } from '../../domain/date'
import { showPhone } from '../../domain/phone'
import { fullDate, has, list, t, when, type Key, type Params } from '../../i18n'
import type { Entry, Kept, TrayItem } from '../../state/types'

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
    else if (key === 'field') said[key] = word(`field.${String(value)}`, String(value))
    else if (key === 'theirs') said[key] = shown(value)
    else if (key === 'at') said[key] = when(String(value), today)
    else said[key] = isDate(String(value)) ? fullDate(String(value)) : String(value)
  }
  return said
}

/** A value of a field, as one reads it. */
export const shown = (value: unknown): string =>
  (Array.isArray(value) ? list(value.map((v) => showPhone(String(v)))) : typeof value === 'string' ? value : '') || t('tray.merged.nothing')

const word = (key: string, fallback: string): string => (has(key) ? t(key as Key) : fallback)

/** `me` closed it herself, on another phone: nobody else to name. */
export function refusalText(r: Refusal, person: Names, today: string, me = ''): string {
  const params = r.params ?? {}
  if (r.reason === 'course.closed' && (!params.by || params.by === me)) return kept(r) + t('reason.course.closed_nobody')
  const own = `refused.${r.part}.${r.reason}`
  if (has(own)) return t(own, spoken(params, person, today))
  if (r.reason === 'record.changed' && 'theirs' in params) return t('reason.record.changed_to', spoken(params, person, today))
  const known = `reason.${r.reason}`
  return kept(r) + t(has(known) ? known : 'reason.other', spoken(params, person, today))
}

/** What is no longer hers to send, and lies with the coordinator. */
export function escrowedText(r: Refusal): string {
  const known = `escrowed.${r.reason}`
  return t(has(known) ? known : 'escrowed.other', { days: offlineGraceDays })
}

/** The same for the coordinator, about somebody else. */
export function keptText(r: Refusal, name: string, received: string, person: Names, today: string): string {
  const known = `kept.why.${r.reason}`
  if (has(known)) return kept(r) + t(known, { name, received: when(received, today), days: offlineGraceDays })
  return has(`reason.${r.reason}`) ? refusalText(r, person, today) : kept(r) + t('kept.why.other')
}

export const refusalsOf = ({ code = 'rule', reason = '', rule, params, refused }: Kept['outcome']): Refusal[] =>
  refused ?? (reason ? [{ code, reason, rule, params }] : [])

/** Did the server get it at all? What it could not even read it cannot hand on. */
export const reachedServer = (rs: Refusal[]): boolean => !rs.some((r) => r.code === 'failed' || r.reason.startsWith('request.'))

/** Only a part was refused: the talk itself is with the municipality. */
const kept = (r: Refusal): string => (r.part ? t('tray.kept') + ' ' : '')

/** Where a person's own words stand in what is sent, and what they are called. */
const places = [
  ['note', 'talk.note'], ['next.topic', 'next.topic'], ['handed_to', 'flag.handed_to'], ['done', 'flag.done'], ['override_reason', 'notice.override'], ['reason', 'notice.decline.reason'],
  ['set.name', 'course.name'], ['set.phones', 'course.phones'], ['set.prefers', 'course.prefers_label'], ['set.hopes', 'course.hopes'],
] as const
export type Text = { path: string; label: Key; value: string }

export const labelOf = (field: string): Key => places.find(([path]) => path === `set.${field}`)?.[1] ?? 'tray.yours'

/** Numbers stand one to a line. A reason that was picked from a list is no text. */
export function texts(entry: Entry): Text[] {
  const at = (path: string): unknown => path.split('.').reduce<unknown>((v, key) => (v as Record<string, unknown> | undefined)?.[key], entry.args)
  return places.filter(([path]) => path !== 'reason' || entry.name === 'notice.decline')
    .map(([path, label]) => ({ path, label, value: [at(path)].flat().filter((x) => typeof x === 'string').join('\n') }))
    .filter((text) => text.value !== '')
}

/** The same with other words. */
export function withTexts(entry: Entry, said: Text[]): Entry['args'] {
  const args = structuredClone(entry.args) as Record<string, unknown>
  for (const { path, value } of said) {
    const [key, inner] = path.split('.') as [string, string?]
    const holder = inner ? (args[key] as Record<string, unknown>) : args
    const name = inner ?? key
    holder[name] = Array.isArray(holder[name]) ? value.split('\n').map((line) => line.trim()).filter(Boolean) : value.trim()
  }
  return args as Entry['args']
}

/** What she wrote, whole; or without what the next talk is to be about, where that stands beside its day. */
export const words = (entry: Entry, topic = true): string =>
  texts(entry).filter((x) => topic || x.path !== 'next.topic').map((x) => x.value).join('\n')

export function courseOf(entry: Entry, citizens: { id: string; course: string }[]): string {
  const a = entry.args as { course?: string; citizen?: string }
  return a.course ?? citizens.find((c) => c.id === a.citizen)?.course ?? ''
}

export function title(entry: Entry): string {
  const { outcome } = entry.args as { outcome?: string }
  return word(entry.name === 'contact.log' ? `outcome.${outcome}` : '', word(`did.${entry.name}`, entry.name))
}

/** Can the mentor get further by choosing another day? */
export const needsDay = (rs: Refusal[]): boolean =>
  rs.some((r) => ['window.after_end', 'window.before_start', 'appointment.before_contact', 'appointment.not_open'].includes(r.reason))

export const needsTime = (entry: Entry, rs: Refusal[]): boolean =>
  (entry.name === 'contact.log' || entry.name === 'contact.amend') && rs.some((r) => r.reason === 'contact.in_future' || r.reason === 'contact.outside_window')
