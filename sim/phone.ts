// A phone and its tabs: the real client and store, with every port in the scheduler's hand.
import { http } from '../pb_public/src/lib/http'
import { SyncClient, type View } from '../pb_public/src/sync/client'
import type { Box, Counter, OutboxEntry } from '../pb_public/src/sync/store'
import type { Lying } from '../pb_public/src/sync/outbox-idb'
import { idbStore } from '../pb_public/src/sync/store-idb'
import { type Actor, Connections, Disk } from './disk'
import type { Stage } from './stage'

export type Person = { id: string; name: string; token: string; chief: boolean; active: boolean }

type Lock = { holder: Tab | undefined; waiting: { tab: Tab; run: () => void }[] }

export class Phone implements Actor {
  disk = new Disk()
  timers: Actor['timers'] = []
  tabs: Tab[] = []
  lock: Lock = { holder: undefined, waiting: [] }
  told: { to: Tab; what: 'outbox' | 'boxes' }[] = []
  mark: string | null = null
  /** How far its clock is ahead, ms. */
  skew = 0
  /** A row of this bucket was taken off its disk when it had come to this number, and then this tab opened. */
  spoilt: { bucket: string; seq: number; tab: string } | undefined
  /** The browser threw its store away, and something is left to notice it by. */
  evicted = false
  #count = 0

  constructor(
    readonly stage: Stage,
    readonly name: string,
    readonly person: Person,
    readonly keep: boolean,
  ) {}

  clock = (): number => this.stage.now + this.skew

  tab(): Tab {
    const tab = new Tab(this, `${this.name}.${this.#count++}`)
    this.tabs.push(tab)
    this.stage.say(`${tab.name} opens`)
    tab.client.open().then(
      () => (tab.ready = true),
      (e: Error) => {
        this.stage.say(`${tab.name} does not open: ${e.message}`)
        tab.kill()
      },
    )
    return tab
  }

  /** What the next tab would begin with. */
  async load(): Promise<ReadonlyMap<string, Box>> {
    const name = `${this.name}.${this.#count++}`
    const connections = new Connections(this.disk)
    this.stage.connections.set(name, connections)
    let boxes: ReadonlyMap<string, Box> | undefined
    await this.stage.as(this, () => idbStore(name, () => this.keep, this.stage.chance.id).load().then((held) => (boxes = held.boxes)))
    await this.stage.pump()
    connections.kill()
    return boxes!
  }

  get device(): string | undefined {
    return this.disk.all<Counter>('meta').find((r) => r.key === 'counter')?.value.device
  }

  get outbox(): OutboxEntry[] {
    return this.disk.all<Lying>('outbox').map((r) => JSON.parse(String(r.value.closed)) as OutboxEntry)
  }
}

export class Tab {
  readonly connections: Connections
  readonly client: SyncClient
  view: View | undefined
  ready = false
  /** It dies after so many more steps of its disk. */
  fuse = 0

  constructor(
    readonly phone: Phone,
    readonly name: string,
  ) {
    const { stage, person } = phone
    this.connections = new Connections(phone.disk)
    stage.connections.set(name, this.connections)
    const alive = <T>(job: () => T): T | undefined => (this.dead ? undefined : job())
    this.client = new SyncClient({
      store: idbStore(name, () => phone.keep, stage.chance.id),
      http: http((path, init) => stage.wire.fetch(this, path, init)),
      token: () => person.token,
      now: () => new Date(phone.clock()),
      random: stage.chance.next,
      newId: stage.chance.id,
      idle: (run) => {
        alive(run)
        return () => {}
      },
      later: (ms, run) => {
        const timer = { due: phone.clock() + ms, run: () => alive(run) }
        if (!this.dead) phone.timers.push(timer)
        return () => {
          const at = phone.timers.indexOf(timer)
          if (at >= 0) phone.timers.splice(at, 1)
        }
      },
      lock: <T>(job: () => Promise<T>) =>
        new Promise<T>((done, failed) => {
          if (this.dead) return
          const run = () => {
            phone.lock.holder = this
            void job()
              .then(done, failed)
              .finally(() => {
                if (phone.lock.holder === this) phone.lock.holder = undefined
              })
          }
          phone.lock.waiting.push({ tab: this, run })
        }),
      tell: (what) => alive(() => phone.tabs.forEach((to) => to !== this && phone.told.push({ to, what }))),
      report: () => ({ app: 'sim' }),
      brief: (_bucket, box) => box,
      mark: { read: () => phone.mark, write: (mark) => alive(() => void (phone.mark = mark)) },
    })
    this.client.onview = (view) => alive(() => stage.seen(this, view))
  }

  get dead(): boolean {
    return this.connections.dead
  }

  /** As when the process dies: nothing is said goodbye to, and nothing is heard any more. */
  kill(): void {
    if (this.dead) return
    const { phone } = this
    phone.stage.say(`${this.name} dies`)
    this.connections.kill()
    phone.tabs = phone.tabs.filter((t) => t !== this)
    phone.told = phone.told.filter((t) => t.to !== this)
    phone.lock.waiting = phone.lock.waiting.filter((w) => w.tab !== this)
    if (phone.lock.holder === this) phone.lock.holder = undefined
    phone.stage.wire.forget(this)
  }
}
