// What an outcome, a pull and time mean for an entry. Pure.
import type { Mutation, Outcome, Refusal } from './protocol'
import type { Edit, OutboxEntry } from './store'

export const MAX_COUNT = 100
export const MAX_BYTES = 250_000 // the server reads 256 KB; the envelope needs some of it
const KEPT = 14 * 24 * 3600_000

/** What the server decided first, whichever reply told it. */
export const decided = (o: Outcome): Outcome => (o.result === 'duplicate' && o.first ? o.first : o)

export const refusalsOf = (o: Outcome | undefined): (Refusal & { part?: string })[] => {
  if (!o) return []
  if (o.result === 'rejected') return [{ code: o.code ?? 'rule', reason: o.reason ?? '', rule: o.rule, params: o.params }]
  return o.refused ?? []
}

/** The next batch behind `after`, in order, small enough to be read. */
export function batchOf(outbox: OutboxEntry[], after: number, limit: number): OutboxEntry[] {
  const batch: OutboxEntry[] = []
  let bytes = 0
  for (const e of outbox) {
    if (e.n <= after || !(e.state === 'unsent' || e.spend)) continue
    bytes += new TextEncoder().encode(JSON.stringify(wire(e, 0))).length
    if (batch.length > 0 && (batch.length >= limit || bytes > MAX_BYTES)) break
    batch.push(e)
  }
  return batch
}

/** A refused one travels without its args: the server refuses that too, and its number is used up. */
export const wire = (e: OutboxEntry, base: number): Mutation => ({ n: e.n - base, name: e.name, args: e.spend ? {} : e.args, at: e.at })

export function settled(e: OutboxEntry, reply: Outcome): OutboxEntry {
  const outcome = decided(reply)
  if (outcome.result === 'deferred' || outcome.result === 'unknown') return e.spend ? e : { ...e, outcome }
  if (e.spend) return { ...e, spend: undefined }
  return { ...e, outcome, state: refusalsOf(outcome).length > 0 ? 'refused' : 'received' }
}

/** Alone, and still too much for the server: to the tray with its text whole. */
export const refuse = (e: OutboxEntry, reason: string, at: string): OutboxEntry => ({
  ...e,
  state: 'refused',
  spend: true,
  outcome: { n: e.n, result: 'rejected', at, code: 'args', reason },
})

/** A complete pull came as far as `seq`: what it brought needs no replay, what has been a receipt for 14 days goes. */
export const passedBy = (seq: number, now: Date): Edit => (e) => {
  const o = e.outcome
  if (e.state === 'unsent' || !o || e.spend) return e
  const passed = e.passed || (o.seq ?? 0) <= seq
  const over = e.state === 'received' || e.resolved !== undefined
  if (passed && over && now.getTime() - Date.parse(e.resolved?.at ?? o.at) > KEPT) return null
  return passed && !e.passed ? { ...e, passed: true } : e
}

/** Still to be replayed over the boxes. */
export const isPending = (e: OutboxEntry): boolean => !e.passed && !e.spend && e.outcome?.result !== 'rejected'

export const needsPerson = (e: OutboxEntry): boolean => e.state === 'refused' && !e.resolved
