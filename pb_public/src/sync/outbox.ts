// What an outcome, a pull and time mean for an entry. Pure.
import { type Mutation, type Outcome, type PushReply, type Refusal, type RejectCode, SETTLE, type SettleArgs } from './protocol'
import type { Counter, Edit, OutboxEntry, Resolved } from './store'

export const MAX_COUNT = 100
export const MAX_BYTES = 250_000 // the server reads 256 KB; the envelope needs some of it
const MAX_TRIES = 5
const MAX_NOTE = 500 // of the 2,000 bytes the server takes
const KEPT = 14 * 24 * 3600_000

/** What the server decided first, whichever reply told it. */
export const decided = (o: Outcome): Outcome => (o.result === 'duplicate' && o.first ? o.first : o)

export const refusalsOf = (o: Outcome | undefined): (Refusal & { part?: string })[] => {
  if (!o) return []
  if (o.result === 'rejected' || o.result === 'escrowed') return [{ code: o.code ?? 'rule', reason: o.reason ?? '', rule: o.rule, params: o.params }]
  return o.refused ?? []
}

/** Still to be sent. */
export const isDue = (e: OutboxEntry): boolean => e.state === 'unsent' || e.spend === true

/** The next batch behind `after`, in order, small enough to be read. */
export function batchOf(outbox: OutboxEntry[], after: number, limit: number): OutboxEntry[] {
  const batch: OutboxEntry[] = []
  let bytes = 0
  for (const e of outbox) {
    if (e.n <= after || !isDue(e)) continue
    bytes += new TextEncoder().encode(JSON.stringify(e.spend ? {} : e.args)).length + e.name.length + 100
    if (batch.length > 0 && (batch.length >= limit || bytes > MAX_BYTES)) break
    batch.push(e)
  }
  return batch
}

/** Without its args, the server refuses it too, and its number is used up. What has been done need not be waited for. */
export function wire(e: OutboxEntry, base: number, outbox: OutboxEntry[]): Mutation {
  const { name, at } = e
  const n = e.n - base
  if (e.spend) return { n, name, args: {}, at }
  const waits = (dep: number) => {
    const d = outbox.find((x) => x.n === dep)
    return dep > base && d !== undefined && !(d.outcome && wrote(d.outcome))
  }
  const deps = (e.deps ?? []).filter(waits).map((dep) => dep - base)
  return { n, name, args: e.args, at, ...(deps.length > 0 && { deps }) }
}

const wrote = (o: Outcome) => o.result === 'applied' || o.result === 'merged'

export function settled(e: OutboxEntry, reply: Outcome): OutboxEntry {
  const outcome = decided(reply)
  if (outcome.result === 'deferred' || outcome.result === 'unknown') return e.spend ? e : { ...e, outcome }
  if (e.spend) return { ...e, spend: undefined }
  // Kept where somebody tends it. This phone's person may no longer see what it is about: her copy goes.
  if (outcome.result === 'escrowed') return { ...e, outcome, args: {}, state: 'escrowed' }
  return { ...e, outcome, state: refusalsOf(outcome).length > 0 ? 'refused' : 'received' }
}

/** The number that the server says has to come first. */
export function gapIn(reply: PushReply): number | undefined {
  const next = reply.outcomes.find((o) => o.result === 'deferred' && o.reason === 'gap')?.params?.next
  return typeof next === 'number' && next >= 1 ? next : undefined
}

/** To the tray with its text whole, undecided by the server. */
export const refuse = (e: OutboxEntry, code: RejectCode, reason: string, at: string): OutboxEntry => ({
  ...e,
  state: 'refused',
  spend: true,
  outcome: { n: e.n, result: 'rejected', at, code, reason },
})

/** The server broke on it. Again and again: it stands in the way of the others. */
export function failedOnce(e: OutboxEntry, at: string): OutboxEntry {
  if (e.state !== 'unsent') return e
  const tries = (e.tries ?? 0) + 1
  return tries < MAX_TRIES ? { ...e, tries } : { ...refuse(e, 'failed', 'server.failed', at), tries }
}

/** A server put back from a backup may have forgotten it: undecided again, under its old number. */
export function revived(e: OutboxEntry): OutboxEntry {
  if (isDue(e)) return e
  // What a person has dealt with must not come back by itself, unless something of it was written.
  const dealtWith = e.resolved !== undefined && !(e.outcome && wrote(e.outcome))
  if (dealtWith || e.state === 'escrowed') return { ...e, spend: true }
  return { ...e, state: 'unsent', passed: undefined, since: undefined, outcome: undefined, tries: undefined }
}

/** What the server is told when a person has dealt with something it keeps. */
export const settleArgs = (e: OutboxEntry, { device, base }: Counter, { how, note }: Resolved): SettleArgs | null =>
  e.n <= base || e.spend ? null : { user: '', device, n: e.n - base, how, note: note.slice(0, MAX_NOTE) }

/** The number of what a person handed on, when that was refused. */
export function notTaken(e: OutboxEntry, reply: Outcome | undefined): number | undefined {
  const { n, how } = e.args as SettleArgs
  return isSettle(e) && how === 'handed' && reply && decided(reply).result === 'rejected' ? n : undefined
}

/**
 * A complete pull came as far as `seq`: what it brought needs no replay, what has been a receipt for 14 days goes.
 * `at` is the server's time: by a phone's clock that is wrong, a receipt might be old the day it came.
 */
export const passedBy = (seq: number, at: string): Edit => (e) => {
  if (isDue(e) || !e.outcome || !(e.passed || (e.outcome.seq ?? 0) <= seq)) return e
  const since = needsPerson(e) ? undefined : (e.since ?? at)
  if (since && Date.parse(at) - Date.parse(since) > KEPT) return null
  return e.passed && e.since === since ? e : { ...e, passed: true, since }
}

/** Words of another, about a bucket that is no longer held, go with it. */
export function unread(e: OutboxEntry, held: (bucket: string) => boolean): OutboxEntry {
  const o = e.outcome
  if (!o?.in || held(o.in)) return e
  const quiet = <R extends Partial<Refusal>>(r: R): R => ({ ...r, ...(r.params && { params: { ...r.params, theirs: undefined } }) })
  return { ...e, outcome: { ...quiet(o), in: undefined, merged: o.merged?.map((c) => ({ ...c, theirs: undefined })), refused: o.refused?.map(quiet) } }
}

/** Still to be replayed over the boxes. */
export const isPending = (e: OutboxEntry): boolean =>
  !e.passed && !e.spend && e.outcome?.result !== 'rejected' && e.outcome?.result !== 'escrowed'

/** The engine's own: nothing a person did to a record. */
export const isSettle = (e: OutboxEntry): boolean => e.name === SETTLE

/** Refused, kept elsewhere, or written over another's: until she has said what to do. */
export const needsPerson = (e: OutboxEntry): boolean =>
  !e.resolved && !isSettle(e) && (e.state === 'refused' || e.state === 'escrowed' || (e.state === 'received' && e.outcome?.result === 'merged'))
