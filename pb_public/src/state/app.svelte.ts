// The one thing that screens know: what there is, what was done, how it stands, and what can be done.
import { later, now, stamp, today } from '../lib/clock'
import { http } from '../lib/http'
import { painted } from '../lib/painted'
import { newId } from '../lib/id'
import { registerWorker, type Worker } from '../lib/worker'
import type { Phone } from '../notify/phone'
import type { View } from '../sync/client'
import { type Kept, type KeptReply, SETTLE, type SettleArgs, type TeamReply } from '../sync/protocol'
import { NOTHING, StoreError } from '../sync/store'
import type { Open } from '../vault/vault'
import { AutoLock, lockOf } from './autolock'
import { Door, type Gate } from './door'
import type { Engine } from './engine'
import { again, depsOf, draftOf, entriesOf, entryOf, pendingOf, tendedOf, trayOf } from './entries'
import type { replay } from './reducers'
import type { SavedSession } from './session'
import type { CrisisLine, Draft, Entry, MutationArgs, MutationName, Session, SyncStatus } from './types'
import { worldOf } from './world'

export { newId }

const EMPTY: View = {
  boxes: new Map(), outbox: [], marks: NOTHING, sentAt: '', phase: 'idle', error: '', ahead: 0, evicted: null, diverged: 0, newer: false,
}

const LAST_WORD = 3_000

class App {
  gate = $state.raw<Gate>({ at: 'loading' })
  session = $state.raw<Session | null>(null)
  today = $state(today())
  error = $state('')
  update = $state(false)
  /** The numbers on the action card; there while locked and logged out. */
  lines = $state.raw<CrisisLine[]>([])

  #view = $state.raw<View>(EMPTY)
  #minute = $state(0)
  #boxes = $derived(this.#view.boxes) // most views have the same as the one before
  #outbox = $derived(this.#view.outbox)
  #confirmed = $derived(worldOf(this.#boxes))
  /** Comes with the engine: before it there is nothing to replay. */
  #replay: typeof replay = (confirmed) => confirmed
  world = $derived(this.#replay(this.#confirmed, pendingOf(this.#outbox), this.session?.user.id ?? ''))
  entries = $derived(entriesOf(this.#outbox))
  tray = $derived(trayOf(this.#outbox))
  tended = $derived(tendedOf(this.#outbox))
  status = $derived.by((): SyncStatus => {
    const { phase, error, sentAt, marks, outbox, ahead, evicted, diverged, newer } = this.#view
    const unsent = outbox.filter((e) => e.state === 'unsent')
    const last = { lastPush: sentAt, lastPull: marks.at, unsent: unsent.length, oldestUnsent: unsent[0]?.at ?? '' }
    const count = (is: (e: Entry) => boolean) => this.tray.filter((t) => is(t.entry)).length
    const escrowed = count((e) => e.state === 'escrowed')
    const merged = count((e) => e.outcome?.result === 'merged')
    return { phase, error, ...last, ahead, escrowed, merged, evicted, diverged, newer }
  })

  readonly #http = http()
  readonly #door = new Door(this.#http, {
    gate: (gate) => this.#turned(gate),
    open: (session, open) => this.#open(session, open),
    shut: () => this.#shut(),
    due: () => this.#autolock.due(),
  })
  readonly #autolock: AutoLock = new AutoLock(() => this.#door.lockAfter, () => void this.lock())
  #engine: Engine | null = null
  #worker: Worker | null = null
  #phone: Phone | null = null
  #saving: Promise<unknown> = Promise.resolve()

  /** Once, from main.ts. Needs no network: what is stored can be opened. */
  async start(): Promise<void> {
    await this.#try(() => this.#door.start())
    void import('./engine').catch(() => {}) // not in the first load: the lock does without; said where it is needed
    // Offline too: it finds out at once, and the line stops saying that all is well.
    for (const turn of ['online', 'offline']) window.addEventListener(turn, () => (this.sync(), this.#upkeep(), this.tell()))
    document.addEventListener('visibilitychange', () => this.#seen())
    window.addEventListener('online', () => void this.#lines())
    void this.#lines()
    this.#autolock.watch()
    this.#tick()
    if (import.meta.env.PROD) this.#worker = await registerWorker(() => this.#updated()).catch(() => null)
  }

  now(): Date {
    void this.#minute // what is reckoned from the time is reckoned again each minute
    return now()
  }

  login = (email: string, password: string): Promise<void> => this.#door.login(email, password)

  async choose(pin: string): Promise<void> {
    await this.#door.choose(pin)
    // Without this the browser may clear unsent work when the disk runs full.
    void navigator.storage?.persist?.().catch(() => false)
  }

  unlock = (pin: string): Promise<void> => this.#door.unlock(pin)
  turnTo = (phone: string): void => this.#door.turnTo(phone)
  giveUp = (): Promise<void> => this.#door.giveUp()
  unlockByFinger = (): Promise<void> => this.#door.unlockByFinger()
  changePin = (old: string, pin: string): Promise<void> => this.#door.change(old, pin)
  /** Whether this phone has a lock of its own that can be asked. */
  canFinger = async (): Promise<boolean> => (await import('../vault/passkey')).hasPasskeys()
  addFinger = (pin: string): Promise<boolean> => this.#door.addFinger(pin)
  /** How this phone opens: by finger too, and without network until when. */
  get opening(): { finger: boolean; until: string; hidden: number; idle: number } {
    const e = this.#door.entrance
    return { finger: e?.passkey != null, until: e?.share?.until ?? '', ...lockOf(e?.lock) }
  }
  /** What lies on this phone, in numbers. */
  async stored(): Promise<{ courses: number; unsent: number; receipts: number; drafts: number; bytes: number }> {
    const courses = [...this.#boxes.keys()].filter((b) => b.startsWith('course:')).length
    const drafts = (await this.#engine?.store.drafts()) ?? 0
    const bytes = (await navigator.storage?.estimate?.().catch(() => null))?.usage ?? 0
    return { courses: this.session?.user.role === 'mentor' ? courses : 0, unsent: this.status.unsent, receipts: this.entries.length - this.status.unsent, drafts, bytes }
  }
  /** What she is typing is on the disk first. */
  lock = (): Promise<void> => this.#door.lock()

  /** What tells this phone while it is closed. */
  async notify(): Promise<Phone> {
    const { Phone } = await import('../notify/phone')
    return (this.#phone ??= new Phone(this.#http, () => this.#door.me))
  }

  /** That it is still told, and only what is hers. */
  tell(): void {
    if (this.session) void this.notify().then((p) => p.reconcile()).catch(() => {}) // the next unlock does it again
  }

  /** A call takes longer than a lock: for an hour the phone stays open behind it. */
  ringing = (): void => this.#autolock.suspend()

  /** Unsent work stays on the phone, closed, and is sent from there. */
  async logout(): Promise<{ kept: number }> {
    await this.#lastWord()
    const engine = this.#engine
    const kept = engine ? await engine.kept() : 0
    await this.#soon(this.notify().then((p) => p.leave()))
    this.#leave()
    if (kept > 0) await engine?.store.empty()
    else await engine?.destroy()
    engine?.close()
    await this.#door.leave(kept === 0)
    void this.#door.sendMail().catch(() => {})
    return { kept }
  }

  /** Resolves when it lies safe on the phone; the network comes after. */
  async mutate<N extends MutationName>(name: N, args: MutationArgs[N]): Promise<number> {
    const draft = draftOf(name, args)
    const deps = depsOf(args, this.entries)
    const entry = await this.#written(this.#client.add({ id: newId(), name, args: $state.snapshot(args), at: stamp(), deps }, { draft }))
    this.sync()
    return entry.n
  }

  sync(): void {
    void this.#engine?.client.sync()
  }

  entryFor(recordId: string): Entry | undefined {
    return entryOf(this.entries, recordId)
  }

  async resolve(n: number, how: 'resend' | 'discard' | 'handed' | 'seen', note = '', args?: Entry['args']): Promise<void> {
    const item = this.tray.find((t) => t.entry.n === n)
    if (!item) return
    if (how === 'resend') {
      const sent = again(item.entry, args && $state.snapshot(args))
      await this.#written(this.#client.add({ id: newId(), ...sent, at: stamp(), deps: depsOf(sent.args, this.entries) }, { resolves: { n, note } }))
    } else await this.#written(this.#client.settle(n, how, note))
    this.sync()
  }

  /** What waits for whoever tends the work of others; online only. */
  kept = async (): Promise<KeptReply> => this.#client.kept()

  /** When the team's phones were last on the network; online only. */
  team = async (): Promise<TeamReply> => this.#client.team()

  /** Sees to it; the answer stands in `tended`. */
  async tend({ user, device, n }: Kept, how: 'release' | 'discard', note: string): Promise<void> {
    const args: SettleArgs = { user, device, n, how, note }
    await this.#written(this.#client.add({ id: newId(), name: SETTLE, args, at: stamp() }))
    this.sync()
  }

  #turned(gate: Gate): void {
    this.gate = gate
    // Her way in is erased: nobody is told here of what she has to do.
    if (gate.at === 'out' && gate.note) void this.notify().then((p) => p.silence()).catch(() => {})
  }

  /** She has read that the browser threw the store away. */
  acknowledge = (): Promise<void> => this.#client.acknowledge()

  draft = async (course: string): Promise<Draft | null> => (await this.#engine?.store.draft(course)) ?? null
  saveDraft = (d: Draft): Promise<void> => this.#written(this.#engine?.store.saveDraft($state.snapshot(d)) ?? Promise.resolve())
  dropDraft = async (course: string): Promise<void> => this.#engine?.store.dropDraft(course)

  applyUpdate(): void {
    this.#worker?.apply()
  }

  get #client() {
    if (!this.#engine) throw new StoreError('store.failed')
    return this.#engine.client
  }

  async #lines(): Promise<void> {
    const { keptLines, newLines } = await import('./lines')
    this.lines = keptLines()
    this.lines = await newLines(this.#http, this.session?.user.municipality)
  }

  async #try(job: () => Promise<void>): Promise<void> {
    try {
      await job()
      this.error = ''
    } catch (e) {
      this.error = e instanceof StoreError ? e.code : 'unexpected'
    }
  }

  async #open(saved: SavedSession, { entrance: { phone }, key }: Open): Promise<void> {
    const was = this.session?.user
    if (was && (was.id !== saved.user.id || was.role !== saved.user.role)) this.#leave()?.close() // another rule for the disk
    if (!this.#engine) {
      const { Engine, replay } = await import('./engine')
      this.#replay = replay
      const engine = new Engine(this.#http, saved, { phone, key, server: () => this.#door.entrance!.key }, () => this.#door.session?.token ?? '', (view) => (this.#view = view))
      await engine.client.open()
      this.#engine = engine
    }
    this.session = { user: saved.user as Session['user'] }
    painted(() => void this.#whole())
    void this.#lines()
    void this.#door.renew().catch(() => {})
  }

  /** All of it, when the first of it is on the screen; then what is new. */
  async #whole(): Promise<void> {
    const engine = this.#engine
    await engine?.client.load().catch(() => {}) // the round tries again, and its line says why not
    if (this.#engine !== engine) return
    engine?.listen()
    this.sync()
    this.tell()
  }

  /** A lock waits for it. */
  #written<T>(job: Promise<T>): Promise<T> {
    this.#saving = Promise.allSettled([this.#saving, job])
    return job
  }

  async #shut(): Promise<void> {
    await this.#lastWord()
    this.#leave()?.close()
  }

  /** What she wrote is on the disk first. One that does not answer keeps no phone open. */
  async #lastWord(): Promise<void> {
    const saved = async () => {
      for (let last; last !== this.#saving; ) await (last = this.#saving) // the word that follows is saved when this one is
    }
    await this.#soon(saved())
  }

  #soon(job: Promise<void>): Promise<void> {
    return Promise.race([job.catch(() => {}), new Promise<void>((go) => later(LAST_WORD, go))])
  }

  /** What she leaves behind is stopped, its store not shut yet. */
  #leave(): Engine | null {
    const engine = this.#engine
    engine?.stop()
    this.#engine = null
    this.session = null
    this.#view = EMPTY
    return engine
  }

  /** A new build: nothing can be lost while all is shut. */
  #updated(): void {
    this.update = true
    if (this.gate.at === 'locked') this.applyUpdate()
  }

  #seen(): void {
    this.today = today()
    if (document.visibilityState === 'hidden') return this.#engine?.deafen()
    this.#worker?.check()
    this.#upkeep()
    if (!this.#engine) return
    this.#engine.listen()
    this.sync()
    void this.#door.renew().catch(() => {})
  }

  /** Of the stores that are shut, hers or another's. */
  #upkeep(): void {
    void this.#door.upkeep().catch(() => {})
  }

  #tick(): void {
    this.#minute++
    this.today = today()
    this.#upkeep()
    later(60_000, () => this.#tick())
  }
}

export const app = new App()
