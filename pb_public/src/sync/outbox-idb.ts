// The outbox in IndexedDB, each entry closed by itself. Closing waits for something else than the store, and a transaction
// that does so is over: so a change is thought out before its transaction, on what lay here last, and again if another tab
// was faster.
import { ask, type Handle } from './idb'
import { isDue } from './outbox'
import type { Seal } from './seal'
import { type Counter, type Outbox, type OutboxEntry, StoreError } from './store'

export type Closed = string | Uint8Array<ArrayBuffer>
/** A copy of what is due that only the server can open: it can be sent while the rest is shut. */
export type Mail = { kid: string; text: Uint8Array<ArrayBuffer> }
export type Post = (device: string, e: OutboxEntry, counter: Counter) => Promise<Mail>

/** As it lies there. `v`: the revision that wrote it. */
export type Lying = { n: number; v: number; closed: Closed; mail?: Mail }
type Known = { v: number; entry: OutboxEntry; mail?: Mail }
type Seen = Outbox & { rev: number; known: Map<number, Known> }

/** What a change comes to. An entry that is the same object is not written. */
export type Next<T> = { put?: OutboxEntry[]; drop?: number[]; counter?: Counter; result: T }
/** What is written in the same transaction; false: not now, nothing was written. */
export type Beside = { stores: string[]; write: (tx: IDBTransaction) => Promise<boolean> }

const TURNS = 100 // other tabs write in between; not for ever

/** What a shut store has for the server, in order. */
export type Waiting = { counter: Counter; mail: { n: number; v: number; mail: Mail }[] }

export async function waitingIn(db: Handle): Promise<Waiting | null> {
  const [counter, lying] = await db.tx(['meta', 'outbox'], 'readonly', (tx) =>
    Promise.all([ask<Counter | undefined>(tx.objectStore('meta').get('counter')), ask<Lying[]>(tx.objectStore('outbox').getAll())]))
  return counter ? { counter, mail: lying.flatMap(({ n, v, mail }) => (mail ? [{ n, v, mail }] : [])) } : null
}

/** Those are at the server: no need to send them again. An entry that was written meanwhile keeps its copy. */
export const arrivedIn = (db: Handle, sent: { n: number; v: number }[]): Promise<void> =>
  db.tx(['outbox'], 'readwrite', async (tx) => {
    const outbox = tx.objectStore('outbox')
    for (const { n, v } of sent) {
      const { mail, ...lying } = (await ask<Lying | undefined>(outbox.get(n))) ?? { v: -1 }
      if (mail && lying.v === v) outbox.put(lying)
    }
  })

export function outboxIn(db: Handle, fresh: Counter, seal?: Seal, post?: Post) {
  let seen: Seen | undefined

  const nameOf = (n: number, v: number) => `outbox ${n} ${v}`
  const close = async (e: OutboxEntry, v: number, mail: Mail | undefined): Promise<Lying> => {
    const text = JSON.stringify(e)
    return { n: e.n, v, closed: seal ? await seal.close(nameOf(e.n, v), text) : text, ...(mail && { mail }) }
  }
  async function open(lying: Lying): Promise<Known> {
    const { n, v, closed, mail } = lying
    if (closed === undefined) return { v: 0, entry: lying as unknown as OutboxEntry } // an older build left it open
    const text = typeof closed === 'string' ? closed : await seal!.open(nameOf(n, v), closed)
    return { v, entry: JSON.parse(text) as OutboxEntry, ...(mail && { mail }) }
  }

  async function read(): Promise<Seen> {
    const { rev, counter, lying } = await db.tx(['meta', 'outbox'], 'readonly', async (tx) => {
      const meta = tx.objectStore('meta')
      const [rev = 0, counter] = await Promise.all([ask<number | undefined>(meta.get('rev')), ask<Counter | undefined>(meta.get('counter'))])
      const lying = rev === seen?.rev ? null : await ask<Lying[]>(tx.objectStore('outbox').getAll())
      return { rev, counter: { ...fresh, ...counter }, lying }
    })
    if (!lying) return seen!
    const before = seen?.known
    const found = await Promise.all(lying.map((l) => (before && before.get(l.n)?.v === l.v ? before.get(l.n)! : open(l)))).catch((e: unknown) => {
      throw new StoreError('store.failed', e)
    })
    return (seen = seenOf(rev, counter, new Map(found.map((k) => [k.entry.n, k]))))
  }

  /** One transaction, whole or not at all. `think` may be asked again. null: nothing to do. */
  async function change<T>(think: (o: Outbox) => Next<T> | null, beside?: Beside): Promise<T | null | undefined> {
    let before = seen ?? (await read())
    for (let turn = 0; turn < TURNS; turn++) {
      const next = think(before)
      if (!next || (!beside && !next.put?.length && !next.drop?.length && !next.counter)) {
        const now = await read() // nothing is only said of what lies there now
        if (now.rev === before.rev) return next && next.result
        before = now
        continue
      }
      const { drop = [], counter = before.counter } = next
      const put = (next.put ?? []).filter((e) => before.known.get(e.n)?.entry !== e)
      const rev = before.rev + 1
      const written = await Promise.all(put.map(async (e) => close(e, rev, await mailFor(e, counter, before))))
      const touched = put.length + drop.length > 0
      const same = !touched && counter === before.counter
      const done = await db.tx(['meta', ...(touched ? ['outbox'] : []), ...(beside?.stores ?? [])], 'readwrite', async (tx) => {
        const meta = tx.objectStore('meta')
        if (((await ask<number | undefined>(meta.get('rev'))) ?? 0) !== rev - 1) return 'again'
        if (beside && !(await beside.write(tx))) return 'not now'
        for (const n of drop) tx.objectStore('outbox').delete(n)
        for (const lying of written) tx.objectStore('outbox').put(lying)
        if (!same) {
          meta.put(counter, 'counter')
          meta.put(rev, 'rev')
        }
        return 'done'
      })
      if (done === 'not now') return undefined
      if (done === 'again') {
        before = await read()
        continue
      }
      if (!same) {
        const known = new Map(before.known)
        for (const n of drop) known.delete(n)
        put.forEach((entry, i) => known.set(entry.n, { v: rev, entry, ...(written[i]!.mail && { mail: written[i]!.mail }) }))
        seen = seenOf(rev, counter, known)
      }
      return next.result
    }
    throw new StoreError('store.failed')
  }

  /** A copy for the server as long as it is due; the one there is, if what it says is the same. */
  async function mailFor(e: OutboxEntry, counter: Counter, before: Seen): Promise<Mail | undefined> {
    if (!post || !isDue(e)) return undefined
    const was = before.known.get(e.n)
    if (was?.mail && was.entry.args === e.args && was.entry.spend === e.spend && before.counter.device === counter.device) return was.mail
    return post(counter.device, e, counter)
  }

  return { read, change, forget: () => void (seen = undefined) }
}

function seenOf(rev: number, counter: Counter, known: Map<number, Known>): Seen {
  const outbox = [...known.values()].map((k) => k.entry).sort((a, b) => a.n - b.n)
  return { rev, counter, known, outbox }
}
