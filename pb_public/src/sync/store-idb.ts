// The store in IndexedDB, one database per user.
import { ask, Handle, type Layout } from './idb'
import { isDue, revived, settleArgs } from './outbox'
import { type Change, type Pack, type Pile, pileOf, planned, toOpen, untidy } from './packs'
import { SETTLE } from './protocol'
import { readMark } from './report'
import type { Seal } from './seal'
import { type Box, type Counter, type Marks, NOTHING, type OutboxEntry, type Resolved, type Store, StoreError } from './store'

const LAYOUT: Layout = { meta: undefined, packs: undefined, outbox: { keyPath: 'n' }, drafts: { keyPath: 'course' } }

type Closed = string | Uint8Array<ArrayBuffer>
/** With the number given last to a change of the packs: nobody else's fits on what this store knows of them. */
type Saved = Marks & { last: number }

/** `keep` says which buckets may lie on the disk. With one that may not, no cursor does either: the start pulls anew. */
export function idbStore(user: string, keep: (bucket: string) => boolean, newId: () => string, seal?: Seal): Store {
  const db = new Handle('bindeled-' + user, LAYOUT, 2, noCursor)
  const fresh: Counter = { device: newId(), base: 0, last: 0, sentAt: '', seen: '' }
  let pile: Pile | undefined
  let heard = 0 // no number below was given later

  // Sealing waits for something else than the store, and a transaction that does so is over: always before or after one.
  const close = async ({ n, text }: { n: number; text: string }): Promise<[number, Closed]> => [n, seal ? await seal.close(String(n), text) : text]
  async function open(n: number, closed: Closed | undefined): Promise<{ n: number; size: number; pack: Pack }> {
    if (closed === undefined) throw new StoreError('store.moved')
    const text = typeof closed === 'string' ? closed : await seal!.open(String(n), closed)
    return { n, size: text.length, pack: JSON.parse(text) as Pack }
  }

  const marksIn = async (tx: IDBTransaction): Promise<Saved> => ({ ...NOTHING, last: 0, ...(await ask<Saved | undefined>(tx.objectStore('meta').get('marks'))) })
  const counterIn = async (tx: IDBTransaction): Promise<Counter> => {
    const counter = { ...fresh, ...(await ask<Counter | undefined>(tx.objectStore('meta').get('counter'))) }
    heard = counter.last
    return counter
  }
  const entries = (tx: IDBTransaction): Promise<OutboxEntry[]> => ask(tx.objectStore('outbox').getAll())
  const entry = (tx: IDBTransaction, n: number): Promise<OutboxEntry | undefined> => ask(tx.objectStore('outbox').get(n))
  /** One request for all of them: each costs as much as what it brings. */
  async function some(tx: IDBTransaction, ns: number[]): Promise<OutboxEntry[]> {
    if (ns.length === 0) return []
    const wanted = new Set(ns)
    const range = IDBKeyRange.bound(Math.min(...ns), Math.max(...ns))
    return (await ask<OutboxEntry[]>(tx.objectStore('outbox').getAll(range))).filter((e) => wanted.has(e.n))
  }

  // Nobody waits for a single write: one that fails takes the whole transaction with it.
  const put = (tx: IDBTransaction, store: string, value: unknown, key?: IDBValidKey) => void tx.objectStore(store).put(value, key)
  const remove = (tx: IDBTransaction, store: string, key: IDBValidKey) => void tx.objectStore(store).delete(key)
  function write(tx: IDBTransaction, before: OutboxEntry, after: OutboxEntry | null) {
    if (after === null) remove(tx, 'outbox', before.n)
    else if (after !== before) put(tx, 'outbox', after)
  }

  /** Settled by a person, and the server told of it if it knows the thing. */
  function settle(tx: IDBTransaction, counter: Counter, e: OutboxEntry, resolved: Resolved): Counter {
    put(tx, 'outbox', { ...e, resolved })
    const args = settleArgs(e, counter, resolved)
    if (!args) return counter
    const n = counter.last + 1
    const told: OutboxEntry = { id: newId(), n, name: SETTLE, args, at: resolved.at, state: 'unsent' }
    put(tx, 'outbox', told)
    return { ...counter, last: n }
  }

  async function forget(): Promise<void> {
    pile = undefined
    await db.tx(['meta', 'packs'], 'readwrite', async (tx) => {
      tx.objectStore('packs').clear()
      const saved = await marksIn(tx)
      put(tx, 'meta', { ...saved, cursor: '', last: saved.last + 1 }, 'marks')
    })
  }

  async function packsIn(tx: IDBTransaction) {
    const packs = tx.objectStore('packs')
    const [{ last, ...marks }, keys, closed] = await Promise.all([marksIn(tx), ask(packs.getAllKeys()), ask<Closed[]>(packs.getAll())])
    return { last, marks, keys: keys as number[], closed }
  }

  /** null, and all of it gone: it was closed under another key, or is not whole. The server has it. */
  async function read({ last, marks, keys, closed }: Awaited<ReturnType<typeof packsIn>>) {
    const found = await Promise.all(keys.map((n, i) => open(n, closed[i]))).catch(() => null)
    if (found) return pileOf(last, found, marks.cursor !== '')
    await forget()
    return null
  }

  /** What has to be written for a change, sealed. For that some packs are opened again; not there any more: another tab wrote. */
  async function plan(change: Change): Promise<{ under: Pile; next: Pile; gone: number[]; closed: [number, Closed][] }> {
    for (;;) {
      const under = (pile ??= (await read(await db.tx(['meta', 'packs'], 'readonly', packsIn)))?.pile)
      const opened = under && (await contents(toOpen(under, change)))
      if (opened) {
        const { pile: next, remove: gone, write } = planned(under, change, opened)
        return { under, next, gone, closed: await Promise.all(write.map(close)) }
      }
      pile = undefined
    }
  }

  async function contents(ns: number[]): Promise<Map<number, Pack> | null> {
    if (ns.length === 0) return new Map()
    const closed = await db.tx(['packs'], 'readonly', (tx) => Promise.all(ns.map((n) => ask<Closed | undefined>(tx.objectStore('packs').get(n)))))
    return Promise.all(closed.map((c, i) => open(ns[i]!, c))).then((found) => new Map(found.map((f) => [f.n, f.pack])), () => null)
  }

  return {
    async load(mark) {
      const { found, ...rest } = await db.tx(['meta', 'packs', 'outbox'], 'readwrite', async (tx) => {
        const [found, held, outbox] = await Promise.all([packsIn(tx), ask<Counter | undefined>(tx.objectStore('meta').get('counter')), entries(tx)])
        const lost = held ? null : readMark(mark)
        const counter: Counter = { ...fresh, ...held, ...(lost && { evicted: lost }) }
        if (!held) put(tx, 'meta', counter, 'counter') // the device id is the same ever after
        return { found, counter, outbox }
      })
      const whole = await read(found)
      const boxes = whole?.boxes ?? new Map<string, Box>()
      pile = whole?.pile
      const old = [...boxes.keys()].filter((bucket) => !keep(bucket))
      if (old.length > 0) await forget() // the user was a mentor before
      for (const bucket of old) boxes.delete(bucket)
      return { ...rest, boxes, marks: whole && old.length === 0 ? found.marks : { ...found.marks, cursor: '' } }
    },

    outbox: () =>
      db.tx(['meta', 'outbox'], 'readonly', async (tx) => {
        const [counter, outbox] = await Promise.all([counterIn(tx), entries(tx)])
        return { counter, outbox }
      }),

    add: (m, along = {}) =>
      db.tx(['meta', 'outbox', 'drafts'], 'readwrite', async (tx) => {
        const [saved, newest] = await Promise.all([counterIn(tx), ask<OutboxEntry[]>(tx.objectStore('outbox').getAll(IDBKeyRange.lowerBound(heard - 1)))])
        const made = newest.find((e) => e.id === m.id)
        if (made) return made // the connection died after the commit: this is the second try
        const added: OutboxEntry = { ...m, n: saved.last + 1, state: 'unsent' }
        let counter = { ...saved, last: added.n }
        put(tx, 'outbox', added)
        if (along.draft) remove(tx, 'drafts', along.draft)
        const old = along.resolves && (await entry(tx, along.resolves.n))
        if (old && !old.resolved) counter = settle(tx, counter, old, { how: 'resend', note: along.resolves!.note, at: m.at })
        put(tx, 'meta', counter, 'counter')
        return added
      }),

    resolve: (n, resolved) =>
      db.tx(['meta', 'outbox'], 'readwrite', async (tx) => {
        const e = await entry(tx, n)
        if (e && !e.resolved) put(tx, 'meta', settle(tx, await counterIn(tx), e, resolved), 'counter')
      }),

    edit: (ns, edit, told) =>
      db.tx(['meta', 'outbox'], 'readwrite', async (tx) => {
        const [found, counter] = await Promise.all([some(tx, ns), told && counterIn(tx)])
        for (const e of found) write(tx, e, edit(e))
        if (told) put(tx, 'meta', { ...counter, ...told }, 'counter')
      }),

    async commit(page) {
      const kept = [...page.put].filter(([bucket]) => keep(bucket))
      for (let done = false; !done; ) {
        const { under, next, gone, closed } = await plan({ ...page, put: kept })
        done = await db.tx(page.ns.length > 0 ? ['meta', 'packs', 'outbox'] : ['meta', 'packs'], 'readwrite', async (tx) => {
          const [saved, counter, found] = await Promise.all([marksIn(tx), counterIn(tx), some(tx, page.ns)])
          if (saved.cursor !== '' && saved.cursor !== page.expect) throw new StoreError('store.moved')
          if (saved.last !== under.last) return false
          if (page.fresh) tx.objectStore('packs').clear()
          for (const n of gone) remove(tx, 'packs', n)
          for (const [n, pack] of closed) put(tx, 'packs', pack, n)
          // Not all is here, or was before: then where it stops is worth nothing to the next start.
          const whole = kept.length === page.put.size && (page.fresh || saved.cursor !== '')
          put(tx, 'meta', { ...page.marks, last: next.last, ...(!whole && { cursor: '' }) }, 'marks')
          if (page.seen !== counter.seen) put(tx, 'meta', { ...counter, seen: page.seen }, 'counter')
          for (const e of found) write(tx, e, page.edit(e))
          return true
        })
        pile = done ? next : undefined
      }
    },

    async tidy(boxes) {
      const known = pile
      const change = known && untidy(known, boxes)
      if (!change) return false
      const { under, next, gone, closed } = await plan(change)
      if (under !== known) return false // somebody wrote meanwhile: these boxes may be old
      const done = await db.tx(['meta', 'packs'], 'readwrite', async (tx) => {
        const saved = await marksIn(tx)
        if (saved.last !== under.last) return false // just now
        for (const n of gone) remove(tx, 'packs', n)
        for (const [n, pack] of closed) put(tx, 'packs', pack, n)
        put(tx, 'meta', { ...saved, last: next.last }, 'marks')
        return true
      })
      if (done) pile = next
      return done
    },

    moveCursor: (cursor, checked) =>
      db.tx(['meta'], 'readwrite', async (tx) => {
        const marks = await marksIn(tx)
        put(tx, 'meta', { ...marks, cursor: marks.cursor && cursor, checked: checked ?? marks.checked }, 'marks')
      }),

    revive: () =>
      db.tx(['meta', 'outbox'], 'readwrite', async (tx) => {
        const counter = await counterIn(tx)
        for (const e of await entries(tx)) if (e.n > counter.base) write(tx, e, revived(e))
        put(tx, 'meta', { ...counter, seen: '' }, 'counter')
        put(tx, 'meta', { ...(await marksIn(tx)), cursor: '' }, 'marks')
      }),

    renumber: (device) =>
      db.tx(['meta', 'outbox'], 'readwrite', async (tx) => {
        const counter = await counterIn(tx)
        const due = (await entries(tx)).filter(isDue)
        const next = { ...counter, device, base: counter.last }
        const moved = new Map<number, number>()
        for (const e of due) {
          if (e.spend) put(tx, 'outbox', { ...e, spend: undefined }) // nobody waits for its number any more
          else {
            moved.set(e.n, ++next.last)
            remove(tx, 'outbox', e.n)
            put(tx, 'outbox', anew(e, moved, counter, next))
          }
        }
        put(tx, 'meta', next, 'counter')
      }),

    evicted: (step) =>
      db.tx(['meta'], 'readwrite', async (tx) => {
        const { evicted, ...counter } = await counterIn(tx)
        if (!evicted) return
        const after = { ...evicted, [step]: true }
        put(tx, 'meta', after.told && after.over ? counter : { ...counter, evicted: after }, 'counter')
      }),

    drafts: () => db.tx(['drafts'], 'readonly', (tx) => ask(tx.objectStore('drafts').count())),
    draft: (course) => db.tx(['drafts'], 'readonly', async (tx) => (await ask(tx.objectStore('drafts').get(course))) ?? null),
    saveDraft: (d) => db.tx(['drafts'], 'readwrite', async (tx) => put(tx, 'drafts', d)),
    dropDraft: (course) => db.tx(['drafts'], 'readwrite', async (tx) => remove(tx, 'drafts', course)),

    empty: forget,
    destroy: () => db.destroy(),
    close: () => db.close(),
  }
}

/** Version 1 had a record for each box. All of it is at the server too: it is fetched anew. */
function noCursor(tx: IDBTransaction): void {
  const meta = tx.objectStore('meta')
  const marks = meta.get('marks') as IDBRequest<Marks | undefined>
  marks.onsuccess = () => marks.result && meta.put({ ...marks.result, cursor: '' }, 'marks')
}

/** The same entry as another device's; what it says of others by number goes along. */
function anew(e: OutboxEntry, moved: Map<number, number>, was: Counter, next: Counter): OutboxEntry {
  const deps = e.deps?.flatMap((dep) => moved.get(dep) ?? [])
  const args = e.name === SETTLE ? e.args as { device: string; n: number } : null
  const to = args && args.device === was.device ? moved.get(args.n + was.base) : undefined
  return { ...e, n: moved.get(e.n)!, ...(deps && { deps }), ...(to && { args: { ...args, device: next.device, n: to - next.base } }) }
}
