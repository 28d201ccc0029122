// IndexedDB, one database per user. The only file that opens one.
import { type Box, type Counter, type Marks, NOTHING, type OutboxEntry, type Store, StoreError } from './store'

type Layout = Record<string, IDBObjectStoreParameters | undefined>

const ask = <T>(r: IDBRequest<T>): Promise<T> =>
  new Promise((ok, no) => {
    r.onsuccess = () => ok(r.result)
    r.onerror = () => no(r.error)
  })

/** A connection that survives being killed: iOS closes it behind a sleeping app, and the old handle never works again. */
export class Handle {
  #db: Promise<IDBDatabase> | undefined
  constructor(
    readonly name: string,
    readonly layout: Layout,
  ) {}

  async tx<T>(stores: string[], mode: IDBTransactionMode, work: (tx: IDBTransaction) => Promise<T>): Promise<T> {
    try {
      return await this.#once(stores, mode, work)
    } catch (e) {
      if (!isLost(e)) throw coded(e)
      this.close()
      return await this.#once(stores, mode, work).catch((again: unknown) => Promise.reject(coded(again)))
    }
  }

  async #once<T>(stores: string[], mode: IDBTransactionMode, work: (tx: IDBTransaction) => Promise<T>): Promise<T> {
    const db = await (this.#db ??= this.#open())
    // What a person typed must be on the disk before the screen says so.
    const tx = db.transaction(stores, mode, stores.includes('outbox') ? { durability: 'strict' } : {})
    const over = new Promise<boolean>((ok) => {
      tx.oncomplete = () => ok(true)
      tx.onabort = () => ok(false)
    })
    try {
      const result = await work(tx)
      if (await over) return result
    } catch (e) {
      try {
        tx.abort() // or what was written so far would stay
      } catch {
        // it is over already
      }
      await over
      throw tx.error ?? e
    }
    throw tx.error ?? new StoreError('store.failed')
  }

  #open(): Promise<IDBDatabase> {
    const request = indexedDB.open(this.name, 1)
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(this.layout)) request.result.createObjectStore(name, options)
    }
    const db = ask(request)
    const forget = () => {
      if (this.#db === db) this.#db = undefined
    }
    db.then((d) => {
      d.onversionchange = () => this.close() // another tab deletes or upgrades
      d.onclose = forget
    }, forget)
    return db
  }

  close(): void {
    void this.#db?.then((db) => db.close(), () => {})
    this.#db = undefined
  }

  async destroy(): Promise<void> {
    this.close()
    await ask(indexedDB.deleteDatabase(this.name)).catch((e: unknown) => Promise.reject(coded(e)))
  }
}

const isLost = (e: unknown) => e instanceof Error && ['InvalidStateError', 'UnknownError'].includes(e.name)

function coded(e: unknown): StoreError {
  if (e instanceof StoreError) return e
  return new StoreError((e as Error | undefined)?.name === 'QuotaExceededError' ? 'store.full' : 'store.failed', e)
}

const LAYOUT: Layout = { meta: undefined, boxes: undefined, outbox: { keyPath: 'n' }, drafts: { keyPath: 'course' } }

/** `keep` says which buckets may lie on the disk. With one that may not, no cursor does either: the start pulls anew. */
export function idbStore(user: string, keep: (bucket: string) => boolean, newId: () => string): Store {
  const db = new Handle('bindeled-' + user, LAYOUT)
  const fresh: Counter = { device: newId(), base: 0, last: 0, sentAt: '' }

  const marksIn = async (tx: IDBTransaction): Promise<Marks> => (await ask(tx.objectStore('meta').get('marks'))) ?? NOTHING
  const counterIn = async (tx: IDBTransaction): Promise<Counter> => (await ask(tx.objectStore('meta').get('counter'))) ?? fresh
  const put = (tx: IDBTransaction, store: string, value: unknown, key?: string) => ask(tx.objectStore(store).put(value, key))
  const entries = (tx: IDBTransaction): Promise<OutboxEntry[]> => ask(tx.objectStore('outbox').getAll())

  async function write(tx: IDBTransaction, before: OutboxEntry, after: OutboxEntry | null) {
    if (after === null) await ask(tx.objectStore('outbox').delete(before.n))
    else if (after !== before) await put(tx, 'outbox', after)
  }

  return {
    load: () =>
      // The first opening writes the device id down, so that it is the same ever after.
      db.tx(['meta', 'boxes', 'outbox'], 'readwrite', async (tx) => {
        const counter = await counterIn(tx)
        await put(tx, 'meta', counter, 'counter')
        for (const key of (await ask(tx.objectStore('boxes').getAllKeys())) as string[]) {
          if (keep(key)) continue // the user was a mentor before
          await ask(tx.objectStore('boxes').delete(key))
          await put(tx, 'meta', { ...(await marksIn(tx)), cursor: '' }, 'marks')
        }
        const keys = (await ask(tx.objectStore('boxes').getAllKeys())) as string[]
        const texts = (await ask(tx.objectStore('boxes').getAll())) as string[]
        const boxes = new Map(keys.map((k, i) => [k, JSON.parse(texts[i]!) as Box]))
        return { boxes, marks: await marksIn(tx), counter, outbox: await entries(tx) }
      }),

    outbox: () =>
      db.tx(['meta', 'outbox'], 'readonly', async (tx) => ({ counter: await counterIn(tx), outbox: await entries(tx) })),

    add: (m, along = {}) =>
      db.tx(['meta', 'outbox', 'drafts'], 'readwrite', async (tx) => {
        const counter = await counterIn(tx)
        const last = (await ask(tx.objectStore('outbox').get(counter.last))) as OutboxEntry | undefined
        if (last?.id === m.id) return last // the connection died after the commit: this is the second try
        const entry: OutboxEntry = { ...m, n: counter.last + 1, state: 'unsent' }
        await put(tx, 'outbox', entry)
        await put(tx, 'meta', { ...counter, last: entry.n }, 'counter')
        if (along.draft) await ask(tx.objectStore('drafts').delete(along.draft))
        if (along.resolves) {
          const old = (await ask(tx.objectStore('outbox').get(along.resolves.n))) as OutboxEntry | undefined
          if (old) await put(tx, 'outbox', { ...old, resolved: { how: 'resend', note: along.resolves.note, at: m.at } })
        }
        return entry
      }),

    edit: (ns, edit, sentAt) =>
      db.tx(['meta', 'outbox'], 'readwrite', async (tx) => {
        for (const n of ns) {
          const e = (await ask(tx.objectStore('outbox').get(n))) as OutboxEntry | undefined
          if (e) await write(tx, e, edit(e))
        }
        if (sentAt) await put(tx, 'meta', { ...(await counterIn(tx)), sentAt }, 'counter')
      }),

    commit: (page, edit) =>
      db.tx(['meta', 'boxes', 'outbox'], 'readwrite', async (tx) => {
        const saved = await marksIn(tx)
        if (saved.cursor !== '' && saved.cursor !== page.expect) throw new StoreError('store.moved')
        const boxes = tx.objectStore('boxes')
        if (page.fresh) await ask(boxes.clear())
        for (const bucket of page.drop) await ask(boxes.delete(bucket))
        for (const [bucket, box] of page.put) if (keep(bucket)) await put(tx, 'boxes', JSON.stringify(box), bucket)
        const cursor = page.held.every(keep) ? page.marks.cursor : ''
        await put(tx, 'meta', { ...page.marks, cursor }, 'marks')
        for (const e of await entries(tx)) await write(tx, e, edit(e))
      }),

    forgetCursor: () =>
      db.tx(['meta'], 'readwrite', async (tx) => {
        await put(tx, 'meta', { ...(await marksIn(tx)), cursor: '' }, 'marks')
      }),

    renumber: (device, epoch, revive, restored) =>
      db.tx(['meta', 'outbox'], 'readwrite', async (tx) => {
        const counter = await counterIn(tx)
        let { last } = counter
        for (const e of await entries(tx)) {
          if (e.state === 'unsent' || revive.includes(e.n)) {
            await ask(tx.objectStore('outbox').delete(e.n))
            await put(tx, 'outbox', { id: e.id, name: e.name, args: e.args, at: e.at, n: ++last, state: 'unsent' })
          } else if (e.spend) await put(tx, 'outbox', { ...e, spend: undefined })
        }
        await put(tx, 'meta', { ...counter, device, base: counter.last, last }, 'counter')
        await put(tx, 'meta', { ...(await marksIn(tx)), epoch, restored }, 'marks')
      }),

    drafts: () => db.tx(['drafts'], 'readonly', (tx) => ask(tx.objectStore('drafts').count())),
    draft: (course) => db.tx(['drafts'], 'readonly', async (tx) => (await ask(tx.objectStore('drafts').get(course))) ?? null),
    saveDraft: (d) => db.tx(['drafts'], 'readwrite', async (tx) => void (await put(tx, 'drafts', d))),
    dropDraft: (course) => db.tx(['drafts'], 'readwrite', async (tx) => void (await ask(tx.objectStore('drafts').delete(course)))),

    empty: () =>
      db.tx(['meta', 'boxes'], 'readwrite', async (tx) => {
        await ask(tx.objectStore('boxes').clear())
        await put(tx, 'meta', { ...(await marksIn(tx)), cursor: '' }, 'marks')
      }),
    destroy: () => db.destroy(),
    close: () => db.close(),
  }
}

/** Who is signed in on this phone. Apart from the users' own stores, so that two can share one. */
export type SavedSession = { token: string; since: string; user: { id: string; name: string; role: string; municipality: string } }

export function sessionStore() {
  const db = new Handle('bindeled', { session: undefined })
  return {
    load: (): Promise<SavedSession | null> =>
      db.tx(['session'], 'readonly', async (tx) => (await ask(tx.objectStore('session').get('now'))) ?? null),
    save: (s: SavedSession) => db.tx(['session'], 'readwrite', async (tx) => void (await ask(tx.objectStore('session').put(s, 'now')))),
    clear: () => db.tx(['session'], 'readwrite', (tx) => ask(tx.objectStore('session').clear())),
  }
}
