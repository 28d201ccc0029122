// The store in IndexedDB, one database for each.
import { ask, Handle, type Layout } from './idb'
import { isDue, revived, settleArgs } from './outbox'
import { type Closed, type Next, outboxIn, type Post } from './outbox-idb'
import { type Change, type Pack, type Pile, pileOf, planned, toOpen, untidy } from './packs'
import { SETTLE } from './protocol'
import { readMark } from './report'
import type { Seal } from './seal'
import { type Box, type Counter, type Draft, type Edit, type Marks, NOTHING, type Outbox, type OutboxEntry, type Resolved, type Store, StoreError } from './store'

const LAYOUT: Layout = { meta: undefined, packs: undefined, outbox: { keyPath: 'n' }, drafts: { keyPath: 'course' } }

/** With the number given last to a change of the packs: nobody else's fits on what this store knows of them. */
type Saved = Marks & { last: number }

/** `last`: what it was made from; once that has changed it is worth nothing. */
type Head = { last: number; closed: Closed }

/** The database of a store, by its name. */
export const storeHandle = (name: string): Handle => new Handle('bindeled-' + name, LAYOUT, 2, noCursor)

/** `keep` says which buckets may lie on the disk. With one that may not, no cursor does either: the start pulls anew. */
export function idbStore(name: string, keep: (bucket: string) => boolean, newId: () => string, seal?: Seal, post?: Post): Store {
  const db = storeHandle(name)
  const fresh: Counter = { device: newId(), base: 0, last: 0, sentAt: '', seen: '' }
  let pile: Pile | undefined
  const mine = outboxIn(db, fresh, seal, post)

  // Sealing waits for something else than the store, and a transaction that does so is over: always before or after one.
  const close = async ({ n, text }: { n: number; text: string }): Promise<[number, Closed]> => [n, seal ? await seal.close(String(n), text) : text]
  async function open(n: number, closed: Closed | undefined): Promise<{ n: number; size: number; pack: Pack }> {
    if (closed === undefined) throw new StoreError('store.moved')
    const text = typeof closed === 'string' ? closed : await seal!.open(String(n), closed)
    return { n, size: text.length, pack: JSON.parse(text) as Pack }
  }

  const marksIn = async (tx: IDBTransaction): Promise<Saved> => ({ ...NOTHING, last: 0, ...(await ask<Saved | undefined>(tx.objectStore('meta').get('marks'))) })
  // Nobody waits for a single write: one that fails takes the whole transaction with it.
  const put = (tx: IDBTransaction, store: string, value: unknown, key?: IDBValidKey) => void tx.objectStore(store).put(value, key)
  const remove = (tx: IDBTransaction, store: string, key: IDBValidKey) => void tx.objectStore(store).delete(key)

  /** Settled by a person, and the server told of it if it knows the thing. */
  function settle(counter: Counter, e: OutboxEntry, resolved: Resolved): { put: OutboxEntry[]; counter: Counter } {
    const args = settleArgs(e, counter, resolved)
    const n = counter.last + 1
    const told: OutboxEntry[] = args ? [{ id: newId(), n, name: SETTLE, args, at: resolved.at, state: 'unsent' }] : []
    return { put: [{ ...e, resolved }, ...told], counter: args ? { ...counter, last: n } : counter }
  }

  async function forget(): Promise<void> {
    pile = undefined
    await db.tx(['meta', 'packs'], 'readwrite', async (tx) => {
      tx.objectStore('packs').clear()
      remove(tx, 'meta', 'head')
      const saved = await marksIn(tx)
      put(tx, 'meta', { ...saved, cursor: '', last: saved.last + 1 }, 'marks')
    })
  }

  const headIn = (tx: IDBTransaction) => ask<Head | undefined>(tx.objectStore('meta').get('head'))

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
      const found = await db.tx(['meta', 'packs'], 'readwrite', async (tx) => {
        const [found, held] = await Promise.all([packsIn(tx), ask<Counter | undefined>(tx.objectStore('meta').get('counter'))])
        const lost = held ? null : readMark(mark)
        if (!held) put(tx, 'meta', { ...fresh, ...(lost && { evicted: lost }) }, 'counter') // the device id is the same ever after
        return found
      })
      const [whole, { counter, outbox }] = await Promise.all([read(found), mine.read()])
      const boxes = whole?.boxes ?? new Map<string, Box>()
      pile = whole?.pile
      const old = [...boxes.keys()].filter((bucket) => !keep(bucket))
      if (old.length > 0) await forget() // the user was a mentor before
      for (const bucket of old) boxes.delete(bucket)
      return { counter, outbox, boxes, marks: whole && old.length === 0 ? found.marks : { ...found.marks, cursor: '' } }
    },

    async outbox() {
      const { counter, outbox } = await mine.read()
      return { counter, outbox }
    },

    async add(m, { draft, resolves } = {}) {
      const think = ({ counter: saved, outbox }: Outbox): Next<OutboxEntry> => {
        const made = outbox.find((e) => e.id === m.id)
        if (made) return { result: made } // the connection died after the commit: this is the second try
        const added: OutboxEntry = { ...m, n: saved.last + 1, state: 'unsent' }
        const counter = { ...saved, last: added.n }
        const old = resolves && outbox.find((e) => e.n === resolves.n)
        const also = old && !old.resolved ? settle(counter, old, { how: 'resend', note: resolves!.note, at: m.at }) : { put: [], counter }
        return { put: [added, ...also.put], counter: also.counter, result: added }
      }
      const write = async (tx: IDBTransaction) => (draft && remove(tx, 'drafts', draft), true)
      return (await mine.change(think, draft ? { stores: ['drafts'], write } : undefined))!
    },

    async resolve(n, resolved) {
      await mine.change(({ counter, outbox }) => {
        const e = outbox.find((x) => x.n === n)
        return e && !e.resolved ? { ...settle(counter, e, resolved), result: true } : null
      })
    },

    async edit(ns, edit, told) {
      await mine.change(({ counter, outbox }) => ({ ...edited(outbox, ns, edit), ...(told && { counter: { ...counter, ...told } }), result: true }))
    },

    async commit(page) {
      const kept = [...page.put].filter(([bucket]) => keep(bucket))
      for (let done = false; !done; ) {
        const { under, next, gone, closed } = await plan({ ...page, put: kept })
        const write = async (tx: IDBTransaction) => {
          const saved = await marksIn(tx)
          if (saved.cursor !== '' && saved.cursor !== page.expect) throw new StoreError('store.moved')
          if (saved.last !== under.last) return false
          if (page.fresh) tx.objectStore('packs').clear()
          for (const n of gone) remove(tx, 'packs', n)
          for (const [n, pack] of closed) put(tx, 'packs', pack, n)
          // Not all is here, or was before: then where it stops is worth nothing to the next start.
          const whole = kept.length === page.put.size && (page.fresh || saved.cursor !== '')
          put(tx, 'meta', { ...page.marks, last: next.last, ...(!whole && { cursor: '' }) }, 'marks')
          return true
        }
        const { ns, edit, seen } = page
        done = await mine.change(({ counter, outbox }) => ({ ...edited(outbox, ns, edit), ...(seen !== counter.seen && { counter: { ...counter, seen } }), result: true }), { stores: ['packs'], write }) ?? false
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

    async head() {
      const [head, { last, ...marks }] = await db.tx(['meta'], 'readonly', (tx) => Promise.all([headIn(tx), marksIn(tx)]))
      if (head?.last !== last) return null
      const text = typeof head.closed === 'string' ? head.closed : await seal!.open(`head ${last}`, head.closed).catch(() => null)
      return text === null ? null : { marks, boxes: new Map(Object.entries(JSON.parse(text) as Record<string, Box>)) }
    },

    async saveHead(brief) {
      if (!pile) return
      const { last } = pile
      const isNeeded = async (tx: IDBTransaction) => {
        const [marks, head] = await Promise.all([marksIn(tx), headIn(tx)])
        return marks.cursor !== '' && marks.last === last && head?.last !== last
      }
      if (!(await db.tx(['meta'], 'readonly', isNeeded))) return
      const boxes = [...brief()].filter(([bucket]) => keep(bucket))
      const text = JSON.stringify(Object.fromEntries(boxes))
      const closed = seal ? await seal.close(`head ${last}`, text) : text
      await db.tx(['meta'], 'readwrite', async (tx) => {
        // Written meanwhile: the boxes may have been newer than what it claims to be of.
        if (await isNeeded(tx)) put(tx, 'meta', { last, closed } satisfies Head, 'head')
      })
    },

    moveCursor: (cursor, checked) =>
      db.tx(['meta'], 'readwrite', async (tx) => {
        const marks = await marksIn(tx)
        put(tx, 'meta', { ...marks, cursor: marks.cursor && cursor, checked: checked ?? marks.checked }, 'marks')
      }),

    async revive() {
      const write = async (tx: IDBTransaction) => (put(tx, 'meta', { ...(await marksIn(tx)), cursor: '' }, 'marks'), true)
      await mine.change(({ counter, outbox }) => {
        const decided = outbox.filter((e) => e.n > counter.base)
        return { put: decided.map(revived), counter: { ...counter, seen: '' }, result: true }
      }, { stores: [], write })
    },

    async renumber(device) {
      await mine.change(({ counter, outbox }) => {
        const due = outbox.filter(isDue)
        const next = { ...counter, device, base: counter.last }
        const moved = new Map<number, number>()
        const numbered = due.filter((e) => !e.spend)
        for (const e of numbered) moved.set(e.n, ++next.last)
        const spent = due.filter((e) => e.spend).map((e) => ({ ...e, spend: undefined })) // nobody waits for its number any more
        return { put: [...spent, ...numbered.map((e) => anew(e, moved, counter, next))], drop: numbered.map((e) => e.n), counter: next, result: true }
      })
    },

    async evicted(step) {
      await mine.change(({ counter: { evicted, ...counter } }) => {
        const after = evicted && { ...evicted, [step]: true }
        return after ? { counter: after.told && after.over ? counter : { ...counter, evicted: after }, result: true } : null
      })
    },

    drafts: () => db.tx(['drafts'], 'readonly', (tx) => ask(tx.objectStore('drafts').count())),
    async draft(course) {
      const lying = await db.tx(['drafts'], 'readonly', (tx) => ask<{ closed?: Closed } | undefined>(tx.objectStore('drafts').get(course)))
      if (!lying) return null
      if (lying.closed === undefined) return lying as unknown as Draft // an older build left it open
      return JSON.parse(typeof lying.closed === 'string' ? lying.closed : await seal!.open('draft ' + course, lying.closed)) as Draft
    },
    async saveDraft(d) {
      const text = JSON.stringify(d)
      const closed = seal ? await seal.close('draft ' + d.course, text) : text
      await db.tx(['drafts'], 'readwrite', async (tx) => put(tx, 'drafts', { course: d.course, closed }))
    },
    dropDraft: (course) => db.tx(['drafts'], 'readwrite', async (tx) => remove(tx, 'drafts', course)),

    empty: forget,
    destroy: () => db.destroy(),
    close: () => db.end(),
  }
}

/** Version 1 had a record for each box. All of it is at the server too: it is fetched anew. */
function noCursor(tx: IDBTransaction): void {
  const meta = tx.objectStore('meta')
  const marks = meta.get('marks') as IDBRequest<Marks | undefined>
  marks.onsuccess = () => marks.result && meta.put({ ...marks.result, cursor: '' }, 'marks')
}

function edited(outbox: OutboxEntry[], ns: number[], edit: Edit): { put: OutboxEntry[]; drop: number[] } {
  const wanted = new Set(ns)
  const out = { put: [] as OutboxEntry[], drop: [] as number[] }
  for (const e of outbox) {
    if (!wanted.has(e.n)) continue
    const after = edit(e)
    if (after) out.put.push(after)
    else out.drop.push(e.n)
  }
  return out
}

/** The same entry as another device's; what it says of others by number goes along. */
function anew(e: OutboxEntry, moved: Map<number, number>, was: Counter, next: Counter): OutboxEntry {
  const deps = e.deps?.flatMap((dep) => moved.get(dep) ?? [])
  const args = e.name === SETTLE ? e.args as { device: string; n: number } : null
  const to = args && args.device === was.device ? moved.get(args.n + was.base) : undefined
  return { ...e, n: moved.get(e.n)!, ...(deps && { deps }), ...(to && { args: { ...args, device: next.device, n: to - next.base } }) }
}
