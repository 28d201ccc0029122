// The outbox as screens see it: receipts, the tray, and the ways out of it.
import type { Box, NewMutation, OutboxEntry } from '../sync/store'
import { isPending, needsPerson, refusalsOf } from '../sync/outbox'
import { newId } from '../lib/id'
import type { Entry, MutationArgs, TrayItem } from './types'

/** The wire carries any name; what this app put into its own outbox is one of its mutations. */
const asEntry = (e: OutboxEntry) => e as unknown as Entry

export const entriesOf = (outbox: OutboxEntry[]): Entry[] => outbox.toReversed().map(asEntry)

export const pendingOf = (outbox: OutboxEntry[]): Entry[] => outbox.filter(isPending).map(asEntry)

export const trayOf = (outbox: OutboxEntry[]): TrayItem[] =>
  outbox.filter(needsPerson).map((e) => ({ entry: asEntry(e), refusals: refusalsOf(e.outcome) }))

/** The record ids an entry made. */
function made(e: Entry): string[] {
  const args = e.args as Partial<MutationArgs['contact.log'] & MutationArgs['notice.accept']>
  if (e.name === 'notice.accept') return [args.course!]
  return [args.contact, args.next?.appointment].filter((id) => id !== undefined)
}

/** Newest first, so that a second try wins over the refused one. */
export const entryOf = (entries: Entry[], recordId: string): Entry | undefined => entries.find((e) => made(e).includes(recordId))

/**
 * What to send instead of a refused entry, with new ids for what it makes. Where the talk itself was taken in,
 * only the part that was not goes again: the talk must not stand there twice.
 */
export function again(e: Entry, edited: Entry['args'] = e.args): Pick<NewMutation, 'name' | 'args'> {
  const args = { ...edited } as Partial<MutationArgs['contact.log']>
  if (args.next) args.next = { ...args.next, appointment: newId() }
  if (e.outcome?.result === 'applied') {
    const { course, next, end } = args
    return next ? { name: 'appointment.move', args: { course, appointment: '', next } } : { name: 'course.close', args: { course, ...end } }
  }
  if (e.name === 'contact.log') args.contact = newId()
  if (e.name === 'notice.accept') args.course = newId()
  return { name: e.name, args }
}

/** A server put back from a backup has forgotten this; only what can be told for sure. */
export function isLost(entry: OutboxEntry, boxes: ReadonlyMap<string, Box>): boolean {
  const e = asEntry(entry)
  if (e.outcome?.result !== 'applied') return false
  if (e.name === 'contact.log') {
    const { course, contact } = e.args as MutationArgs['contact.log']
    const box = boxes.get('course:' + course)
    return box !== undefined && box.contacts?.[contact] === undefined
  }
  if (e.name !== 'notice.accept') return false
  const { notice } = e.args as MutationArgs['notice.accept']
  return [...boxes.values()].some((box) => box.notices?.[notice]?.status === 'new')
}
