// A phone's storage: IndexedDB whose every step is the scheduler's to take, and which can break as it does on phones.
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'

type Inside = IDBTransaction & { _start(): void; _abort(name: string): void; _state: string }
type Records = { values(): Iterable<{ key: IDBValidKey; value: unknown }> }
type Factory = IDBFactory & { _databases: Map<string, { rawObjectStores: Map<string, { records: Records }> }> }
export type Trouble = 'QuotaExceededError' | 'UnknownError' | 'InvalidStateError'

const STORE = 'store'
const PREFIX = 'bindeled-'
const OWN = ['meta', 'outbox', 'drafts'] // the stores of what was not pulled

export class Disk {
  /** What IndexedDB would do next. One is done at a time, in the scheduler's time. */
  readonly tasks: (() => void)[] = []
  #factory = new IDBFactory() as Factory

  open(version: number | undefined): IDBOpenDBRequest {
    return this.#factory.open(STORE, version)
  }

  delete(): IDBOpenDBRequest {
    return this.#factory.deleteDatabase(STORE)
  }

  /** The browser needed the room. */
  evict(): void {
    this.#factory = new IDBFactory() as Factory
    this.tasks.length = 0
  }

  /** What lies there, past all transactions. */
  all<T>(store: string): { key: string; value: T }[] {
    return [...(this.#stores?.get(store)?.records.values() ?? [])] as { key: string; value: T }[]
  }

  /** All that was pulled, as text, however the store lays it down. */
  pulled(): { key: string; value: string }[] {
    return [...(this.#stores?.keys() ?? [])].filter((name) => !OWN.includes(name)).flatMap((name) => this.all<string>(name))
  }

  get #stores() {
    return this.#factory._databases.get(STORE)?.rawObjectStores
  }
}

/** One tab's connections to its phone's disk. */
export class Connections {
  dead = false
  /** What the next transactions meet. */
  readonly troubles: { name: Trouble; after: number }[] = []
  readonly #open = new Set<IDBDatabase>()
  readonly #running = new Set<Inside>()

  constructor(readonly disk: Disk) {}

  open(version: number | undefined): IDBOpenDBRequest {
    if (this.dead) return {} as IDBOpenDBRequest // nobody is there to hear
    const request = this.disk.open(version)
    request.addEventListener('success', () => this.#adopt(request.result))
    return request
  }

  #adopt(db: IDBDatabase): void {
    if (this.dead) return db.close()
    this.#open.add(db)
    let lost = false
    const begin = db.transaction.bind(db)
    db.transaction = (stores, mode, options) => {
      const trouble = this.troubles.shift()
      if (trouble?.name === 'InvalidStateError') lost = true
      if (lost || this.dead) throw new DOMException('the connection is closing', 'InvalidStateError')
      const tx = begin(stores, mode, options) as Inside
      if (trouble) fail(tx, trouble.name, trouble.after)
      this.#running.add(tx)
      tx.addEventListener('complete', () => this.#running.delete(tx))
      tx.addEventListener('abort', () => this.#running.delete(tx))
      return tx
    }
  }

  /** As when the process dies: what is not committed is undone. */
  kill(): void {
    this.dead = true
    for (const tx of this.#running) if (tx._state !== 'finished') tx.abort()
    for (const db of this.#open) db.close()
  }
}

/** The transaction is undone after some of its requests. */
function fail(tx: Inside, name: Trouble, after: number): void {
  const start = tx._start.bind(tx)
  let left = after
  tx._start = () => {
    if (left-- === 0 && tx._state !== 'finished') tx._abort(name)
    start()
  }
}

/** Who is acting: tasks and timers that arise now are theirs. */
export type Actor = { disk: Disk; timers: { due: number; run: () => void }[]; clock(): number }
let actor: Actor | undefined
export const act = (who: Actor | undefined): void => void (actor = who)

const tick = globalThis.setImmediate
/** Until every promise that can go on has gone on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise<void>((on) => void tick(on))
}

/** The globals that the client and the fake IndexedDB use, in the scheduler's hand. */
export function install(connections: (name: string) => Connections): void {
  const mine = () => {
    if (!actor) throw new Error('something happened outside a step')
    return actor
  }
  Object.assign(globalThis, {
    IDBKeyRange,
    indexedDB: {
      open: (name: string, version?: number) => connections(name.slice(PREFIX.length)).open(version),
      deleteDatabase: (name: string) => connections(name.slice(PREFIX.length)).disk.delete(),
    },
    setImmediate: (task: () => void) => void mine().disk.tasks.push(task),
    setTimeout(run: () => void, ms: number) {
      const who = mine()
      const timer = { due: who.clock() + ms, run }
      who.timers.push(timer)
      return { who, timer }
    },
    clearTimeout(handle: { who: Actor; timer: Actor['timers'][number] } | undefined) {
      const at = handle ? handle.who.timers.indexOf(handle.timer) : -1
      if (at >= 0) handle!.who.timers.splice(at, 1)
    },
  })
}
