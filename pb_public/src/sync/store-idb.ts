// The store in IndexedDB, one database per user.
import { ask, Handle, type Layout } from './idb'
import { isDue, revived, settleArgs } from './outbox'
import { SETTLE } from './protocol'
import { readMark } from './report'
import type { Seal } from './seal'
import { type Box, type Counter, type Marks, NOTHING, type OutboxEntry, type Resolved, type Store, StoreError } from './store'

const LAYOUT: Layout = { meta: undefined, boxes: undefined, outbox: { keyPath: 'n' }, drafts: { keyPath: 'course' } }

type Closed = string | Uint8Array<ArrayBuffer>

/** `keep` says which buckets may lie on the disk. With one that may not, no cursor does either: the start pulls anew. */
export function idbStore(user: string, keep: (bucket: string) => boolean, newId: () => string, seal?: Seal): Store {
  const db = new Handle('bindeled-' + user, LAYOUT)
  const fresh: Counter = { device: newId(), base: 0, last: 0, sentAt: '', seen: '' }

  // Sealing waits for something else than the store, and a transaction that does so is over: always before or after one.
  const close = async (bucket: string, box: Box): Promise<Closed> => (seal ? seal.close(bucket, JSON.stringify(box)) : JSON.stringify(box))
  const open = async (bucket: string, closed: Closed): Promise<Box> =>
    JSON.parse(typeof closed === 'string' ? closed : await seal!.open(bucket, closed)) as Box

  const marksIn = async (tx: IDBTransaction): Promise<Marks> => ({ ...NOTHING, ...(await ask<Marks | undefined>(tx.objectStore('meta').get('marks'))) })
  const counterIn = async (tx: IDBTransaction): Promise<Counter> => ({ ...fresh, ...(await ask<Counter | undefined>(tx.objectStore('meta').get('counter'))) })
  const entries = (tx: IDBTransaction): Promise<OutboxEntry[]> => ask(tx.objectStore('outbox').getAll())
  const entry = (tx: IDBTransaction, n: number): Promise<OutboxEntry | undefined> => ask(tx.objectStore('outbox').get(n))

  // Nobody waits for a single write: one that fails takes the whole transaction with it.
  const put = (tx: IDBTransaction, store: string, value: unknown, key?: string) => void tx.objectStore(store).put(value, key)
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

  const forget = () =>
    db.tx(['meta', 'boxes'], 'readwrite', async (tx) => {
      tx.objectStore('boxes').clear()
      put(tx, 'meta', { ...(await marksIn(tx)), cursor: '' }, 'marks')
    })

  return {
    async load(mark) {
      const { keys, closed, ...rest } = await db.tx(['meta', 'boxes', 'outbox'], 'readwrite', async (tx) => {
        const boxes = tx.objectStore('boxes')
        let counter = await counterIn(tx)
        if ((await ask(tx.objectStore('meta').count('counter'))) === 0) {
          // The first opening writes the device id down, so that it is the same ever after.
          const lost = readMark(mark)
          if (lost) counter = { ...counter, evicted: lost }
          put(tx, 'meta', counter, 'counter')
        }
        let marks = await marksIn(tx)
        const found = (await ask(boxes.getAllKeys())) as string[]
        const old = found.filter((key) => !keep(key))
        if (old.length > 0) {
          marks = { ...marks, cursor: '' } // the user was a mentor before
          for (const key of old) remove(tx, 'boxes', key)
          put(tx, 'meta', marks, 'marks')
        }
        return { keys: found.filter(keep), closed: (await ask(boxes.getAll())) as Closed[], marks, counter, outbox: await entries(tx) }
      })
      const opened = await Promise.all(keys.map((key, i) => open(key, closed[i]!))).catch(() => null)
      if (opened) return { ...rest, boxes: new Map(keys.map((key, i) => [key, opened[i]!])) }
      await forget() // closed under another key, or not whole: the server has it all
      return { ...rest, marks: { ...rest.marks, cursor: '' }, boxes: new Map<string, Box>() }
    },

    outbox: () =>
      db.tx(['meta', 'outbox'], 'readonly', async (tx) => ({ counter: await counterIn(tx), outbox: await entries(tx) })),

    add: (m, along = {}) =>
      db.tx(['meta', 'outbox', 'drafts'], 'readwrite', async (tx) => {
        let counter = await counterIn(tx)
        const newest = (await ask(tx.objectStore('outbox').getAll(IDBKeyRange.lowerBound(counter.last - 1)))) as OutboxEntry[]
        const made = newest.find((e) => e.id === m.id)
        if (made) return made // the connection died after the commit: this is the second try
        const added: OutboxEntry = { ...m, n: counter.last + 1, state: 'unsent' }
        counter = { ...counter, last: added.n }
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
        for (const n of ns) {
          const e = await entry(tx, n)
          if (e) write(tx, e, edit(e))
        }
        if (told) put(tx, 'meta', { ...(await counterIn(tx)), ...told }, 'counter')
      }),

    async commit(page) {
      const closed = await Promise.all([...page.put].filter(([bucket]) => keep(bucket)).map(async ([bucket, box]) => [bucket, await close(bucket, box)] as const))
      await db.tx(page.ns.length > 0 ? ['meta', 'boxes', 'outbox'] : ['meta', 'boxes'], 'readwrite', async (tx) => {
        const [saved, counter] = await Promise.all([marksIn(tx), counterIn(tx)])
        if (saved.cursor !== '' && saved.cursor !== page.expect) throw new StoreError('store.moved')
        if (page.fresh) tx.objectStore('boxes').clear()
        for (const bucket of page.drop) remove(tx, 'boxes', bucket)
        for (const [bucket, box] of closed) put(tx, 'boxes', box, bucket)
        // Not all is here, or was before: then where it stops is worth nothing to the next start.
        const whole = closed.length === page.put.size && (page.fresh || saved.cursor !== '')
        put(tx, 'meta', whole ? page.marks : { ...page.marks, cursor: '' }, 'marks')
        if (page.seen !== counter.seen) put(tx, 'meta', { ...counter, seen: page.seen }, 'counter')
        for (const n of page.ns) {
          const e = await entry(tx, n)
          if (e) write(tx, e, page.edit(e))
        }
      })
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

/** The same entry as another device's; what it says of others by number goes along. */
function anew(e: OutboxEntry, moved: Map<number, number>, was: Counter, next: Counter): OutboxEntry {
  const deps = e.deps?.flatMap((dep) => moved.get(dep) ?? [])
  const args = e.name === SETTLE ? e.args as { device: string; n: number } : null
  const to = args && args.device === was.device ? moved.get(args.n + was.base) : undefined
  return { ...e, n: moved.get(e.n)!, ...(deps && { deps }), ...(to && { args: { ...args, device: next.device, n: to - next.base } }) }
}
