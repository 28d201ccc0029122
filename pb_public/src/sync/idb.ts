// IndexedDB. The only file that opens one.
import { StoreError } from './store'

export type Layout = Record<string, IDBObjectStoreParameters | undefined>

export const ask = <T>(r: IDBRequest<T>): Promise<T> =>
  new Promise((ok, no) => {
    r.onsuccess = () => ok(r.result)
    r.onerror = () => no(r.error)
  })

/** A connection that survives being killed: iOS closes it behind a sleeping app, and the old handle never works again. */
export class Handle {
  #db: Promise<IDBDatabase> | undefined
  #over = false
  constructor(
    readonly name: string,
    readonly layout: Layout,
    readonly version = 1,
    /** What an older version left is made to fit. */
    readonly upgrade: (tx: IDBTransaction) => void = () => {},
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
    if (this.#over) throw new StoreError('store.failed')
    const db = await (this.#db ??= this.#open())
    // What a person typed must be on the disk before the screen says so; what can be fetched again need not.
    const tx = db.transaction(stores, mode, { durability: stores.includes('outbox') ? 'strict' : 'relaxed' })
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
    const request = indexedDB.open(this.name, this.version)
    request.onupgradeneeded = ({ oldVersion }) => {
      const { result: db, transaction } = request
      const there = [...db.objectStoreNames]
      for (const name of there) if (!(name in this.layout)) db.deleteObjectStore(name)
      for (const [name, options] of Object.entries(this.layout)) if (!there.includes(name)) db.createObjectStore(name, options)
      if (oldVersion > 0) this.upgrade(transaction!)
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

  /** For good: what is still under way writes nothing into a database that may be gone by then. */
  end(): void {
    this.#over = true
    this.close()
  }

  async destroy(): Promise<void> {
    this.end()
    await ask(indexedDB.deleteDatabase(this.name)).catch((e: unknown) => Promise.reject(coded(e)))
  }
}

const isLost = (e: unknown) => e instanceof Error && ['InvalidStateError', 'UnknownError'].includes(e.name)

function coded(e: unknown): StoreError {
  if (e instanceof StoreError) return e
  return new StoreError((e as Error | undefined)?.name === 'QuotaExceededError' ? 'store.full' : 'store.failed', e)
}
