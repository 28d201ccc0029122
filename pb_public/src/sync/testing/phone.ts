// A phone for tests: the real client, store and HTTP door, with time, chance and locks in the test's hand.
import { IDBFactory } from 'fake-indexeddb'
import { http } from '../../lib/http'
import { newId } from '../../lib/id'
import { SyncClient, type View } from '../client'
import type { Seal } from '../seal'
import type { Box, Store } from '../store'
import { idbStore } from '../store-idb'
import type { Peer } from './peer'

export const freshDisk = () => void (globalThis.indexedDB = new IDBFactory())

type Shared = { queue: Promise<unknown>; tabs: Set<Tab> }

export class Phone {
  readonly shared: Shared = { queue: Promise.resolve(), tabs: new Set() }
  mark: string | null = null
  brief = (box: Box): Box | null => box
  now = new Date('2026-11-22T12:00:00Z')
  constructor(
    readonly peer: Peer,
    readonly user = 'u1',
    readonly keep: (bucket: string) => boolean = () => true,
    readonly seal?: Seal,
  ) {}

  async tab(): Promise<Tab> {
    const tab = new Tab(this)
    await tab.client.open()
    await tab.client.load()
    this.shared.tabs.add(tab)
    return tab
  }

  /** The browser throws the store away; what lies beside it stays. */
  evict(): void {
    for (const tab of this.shared.tabs) tab.kill()
    freshDisk()
  }
}

export class Tab {
  readonly store: Store
  readonly client: SyncClient
  view!: View
  views = 0
  waits: number[] = []
  readonly told: Promise<void>[] = []
  timer: (() => void) | undefined

  constructor(readonly phone: Phone) {
    const { shared } = phone
    this.store = idbStore(phone.user, phone.keep, newId, phone.seal)
    this.client = new SyncClient({
      store: this.store,
      http: http(phone.peer.fetch),
      token: () => 'token',
      now: () => phone.now,
      random: () => 1,
      newId,
      later: (ms, job) => {
        this.waits.push(ms)
        this.timer = job
        return () => (this.timer = undefined)
      },
      idle: (job) => {
        job()
        return () => {}
      },
      lock: (job) => {
        const turn = shared.queue.then(job)
        shared.queue = turn.catch(() => {})
        return turn
      },
      tell: (what) => {
        for (const tab of shared.tabs) if (tab !== this) this.told.push(tab.client.reload(what).catch((e: unknown) => { if (shared.tabs.has(tab)) throw e })) // one that died is past hearing
      },
      report: () => ({ app: 'test' }),
      brief: (_bucket, box) => phone.brief(box),
      mark: { read: () => phone.mark, write: (mark) => void (phone.mark = mark) },
    })
    this.client.onview = (view) => {
      this.view = view
      this.views++
    }
  }

  async note(text: string, deps: number[] = [], bucket = 'course:a'): Promise<number> {
    const args = { id: newId(), bucket, text }
    const entry = await this.client.add({ id: newId(), name: 'note.add', args, at: this.phone.now.toISOString(), deps })
    return entry.n
  }

  sync = () => this.client.sync()

  /** The timer it set goes off. */
  async wake(): Promise<void> {
    this.timer?.()
    await this.phone.shared.queue
  }

  /** As when the phone dies: nothing is said goodbye to. */
  kill(): void {
    this.phone.shared.tabs.delete(this)
    this.client.stop()
    this.store.close()
  }

  /** Texts of the confirmed rows. */
  get rows(): string[] {
    return [...this.view.boxes.values()].flatMap((box) => Object.values(box.notes ?? {}).map((r) => String(r.text)))
  }

  entry(n: number) {
    return this.view.outbox.find((e) => e.n === n)
  }
}
