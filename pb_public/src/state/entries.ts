// The outbox as screens see it: receipts, the tray, and the ways out of it.
import type { NewMutation, OutboxEntry } from '../sync/store'
import { isPending, isSettle, needsPerson, refusalsOf } from '../sync/outbox'
import { newId } from '../lib/id'
import type { SettleArgs } from '../sync/protocol'
import type { Entry, MutationArgs, Tended, TrayItem } from './types'

/** The wire carries any name; what this app put into its own outbox is one of its mutations. */
const asEntry = (e: OutboxEntry) => e as unknown as Entry

export const entriesOf = (outbox: OutboxEntry[]): Entry[] => outbox.filter((e) => !isSettle(e)).map(asEntry).reverse()

export const pendingOf = (outbox: OutboxEntry[]): Entry[] => outbox.filter((e) => isPending(e) && !isSettle(e)).map(asEntry)

export const trayOf = (outbox: OutboxEntry[]): TrayItem[] =>
  outbox.filter(needsPerson).map((e) => ({ entry: asEntry(e), refusals: refusalsOf(e.outcome) }))

/** What was done about the work of others, newest first. */
export const tendedOf = (outbox: OutboxEntry[]): Tended[] =>
  outbox.filter(isSettle).map((e) => ({ ...(e.args as SettleArgs), state: e.state, refusals: refusalsOf(e.outcome) })).filter((t) => t.user !== '').reverse()

/** The record ids an entry made; none where its text is gone. */
function made(e: Entry): string[] {
  const args = e.args as Partial<MutationArgs['contact.log'] & MutationArgs['notice.accept'] & MutationArgs['course.cover'] & MutationArgs['flag.raise']>
  const ids = e.name === 'notice.accept' ? [args.course] : e.name === 'flag.close' ? [`${args.flag}-closed`] : [args.contact, args.next?.appointment, args.cover, args.flag]
  return ids.filter((id) => id !== undefined)
}

/** What was written while it was only begun: a talk's or a concern's under its course, a correction's under what it corrects. */
export function draftOf(name: string, args: unknown): string | undefined {
  const { course, amends } = args as { course?: string; amends?: string }
  if (name === 'flag.raise') return `flag-${course}`
  return name === 'contact.log' ? course : amends
}

/** The numbers of what new args build on: made here, and not known to be done yet. */
export function depsOf(args: unknown, entries: Entry[]): number[] {
  const named = new Set<unknown>()
  JSON.stringify(args, (_, value: unknown) => (named.add(value), value))
  return entries.filter((e) => e.state === 'unsent' && made(e).some((id) => named.has(id))).map((e) => e.n).sort((a, b) => a - b)
}

/** Newest first, so that a second try wins over the refused one. */
export const entryOf = (entries: Entry[], recordId: string): Entry | undefined => entries.find((e) => made(e).includes(recordId))

/**
 * What to send instead of a refused entry, with new ids for what it makes. Where the talk itself was taken in,
 * only the part that was not goes again: the talk must not stand there twice.
 */
export function again(e: Entry, edited: Entry['args'] = e.args): Pick<NewMutation, 'name' | 'args'> {
  const args = { ...edited } as Partial<MutationArgs['contact.log'] & MutationArgs['flag.raise']>
  if (args.next) args.next = { ...args.next, appointment: newId() }
  if (e.outcome?.result === 'applied') {
    const { course, next, end } = args
    return next ? { name: 'appointment.move', args: { course, appointment: '', next } } : { name: 'course.close', args: { course, ...end } }
  }
  if (e.name === 'contact.log' || e.name === 'contact.amend') args.contact = newId()
  if (e.name === 'notice.accept') args.course = newId()
  if (e.name === 'flag.raise') args.flag = newId()
  return { name: e.name, args }
}
