// The one thing that screens know: what there is, what was done, how it stands, and what can be done.
import { later, now, stamp, today } from '../lib/clock'
import { http } from '../lib/http'
import { newId } from '../lib/id'
import { registerWorker, type Worker } from '../lib/worker'
import type { View } from '../sync/client'
import { type Kept, type KeptReply, SETTLE, type SettleArgs } from '../sync/protocol'
import { NOTHING, StoreError } from '../sync/store'
import { type SavedSession, sessionStore } from '../sync/store-session'
import type { Engine } from './engine'
import { again, depsOf, entriesOf, entryOf, pendingOf, tendedOf, trayOf } from './entries'
import { replay } from './reducers'
import { refreshed, signIn } from './session'
import type { Draft, Entry, MutationArgs, MutationName, Session, SyncStatus } from './types'
import { worldOf } from './world'

export { newId }

const EMPTY: View = {
  boxes: new Map(), outbox: [], marks: NOTHING, sentAt: '', phase: 'idle', error: '', ahead: 0, evicted: null, diverged: 0, newer: false,
}

class App {
  ready = $state(false)
  session = $state.raw<Session | null>(null)
  today = $state(today())
  error = $state('')
  update = $state(false)

  #view = $state.raw<View>(EMPTY)
  #minute = $state(0)
  #boxes = $derived(this.#view.boxes) // most views have the same as the one before
  #confirmed = $derived(worldOf(this.#boxes))
  world = $derived(replay(this.#confirmed, pendingOf(this.#view.outbox), this.session?.user.id ?? ''))
  entries = $derived(entriesOf(this.#view.outbox))
  tray = $derived(trayOf(this.#view.outbox))
  tended = $derived(tendedOf(this.#view.outbox))
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
  readonly #sessions = sessionStore()
  #saved: SavedSession | null = null
  #engine: Engine | null = null
  #worker: Worker | null = null
  #tabs: BroadcastChannel | undefined

  /** Once, from main.ts. Needs no network: what is stored is shown. */
  async start(): Promise<void> {
    await this.#enter()
    this.#tabs = new BroadcastChannel('bindeled')
    this.#tabs.onmessage = () => void this.#enter() // another tab signed in or out
    // Offline too: it finds out at once, and the line stops saying that all is well.
    for (const turn of ['online', 'offline']) window.addEventListener(turn, () => this.sync())
    document.addEventListener('visibilitychange', () => this.#seen())
    this.#tick()
    if (import.meta.env.PROD) this.#worker = await registerWorker(() => (this.update = true)).catch(() => null)
  }

  now(): Date {
    void this.#minute // what is reckoned from the time is reckoned again each minute
    return now()
  }

  async login(email: string, password: string): Promise<void> {
    await this.#keep(await signIn(this.#http, email, password))
    // Without this the browser may clear unsent work when the disk runs full.
    void navigator.storage?.persist?.().catch(() => false)
  }

  /** Unsent work stays on the phone, under this user, until she signs in again. */
  async logout(): Promise<{ kept: number }> {
    const engine = this.#engine
    const kept = engine ? this.status.unsent + this.tray.length + (await engine.store.drafts()) : 0
    this.#leave()
    await this.#sessions.clear()
    this.#tabs?.postMessage('session')
    if (kept > 0) await engine?.store.empty()
    else await engine?.destroy()
    engine?.store.close()
    return { kept }
  }

  /** Resolves when it lies safe on the phone; the network comes after. */
  async mutate<N extends MutationName>(name: N, args: MutationArgs[N]): Promise<number> {
    const draft = name === 'contact.log' ? (args as MutationArgs['contact.log']).course : undefined
    const deps = depsOf(args, this.entries)
    const entry = await this.#client.add({ id: newId(), name, args: $state.snapshot(args), at: stamp(), deps }, { draft })
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
      await this.#client.add({ id: newId(), ...sent, at: stamp(), deps: depsOf(sent.args, this.entries) }, { resolves: { n, note } })
    } else await this.#client.settle(n, how, note)
    this.sync()
  }

  /** What waits for whoever tends the work of others; online only. */
  kept = async (): Promise<KeptReply> => this.#client.kept()

  /** Sees to it; the answer stands in `tended`. */
  async tend({ user, device, n }: Kept, how: 'release' | 'discard', note: string): Promise<void> {
    const args: SettleArgs = { user, device, n, how, note }
    await this.#client.add({ id: newId(), name: SETTLE, args, at: stamp() })
    this.sync()
  }

  /** She has read that the browser threw the store away. */
  acknowledge = (): Promise<void> => this.#client.acknowledge()

  draft = async (course: string): Promise<Draft | null> => (await this.#engine?.store.draft(course)) ?? null
  saveDraft = async (d: Draft): Promise<void> => this.#engine?.store.saveDraft($state.snapshot(d))
  dropDraft = async (course: string): Promise<void> => this.#engine?.store.dropDraft(course)

  applyUpdate(): void {
    this.#worker?.apply()
  }

  get #client() {
    if (!this.#engine) throw new StoreError('store.failed')
    return this.#engine.client
  }

  /** As the phone stands: with a stored session right in, also offline. */
  async #enter(): Promise<void> {
    try {
      const saved = await this.#sessions.load()
      if (saved) await this.#open(saved)
      else this.#leave()
      this.error = ''
    } catch (e) {
      this.error = e instanceof StoreError ? e.code : 'unexpected'
    }
    this.ready = true
  }

  async #open(saved: SavedSession): Promise<void> {
    const was = this.#saved?.user
    if (was?.id !== saved.user.id || was.role !== saved.user.role) this.#leave() // another person, or another rule for the disk
    this.#saved = saved
    if (!this.#engine) {
      const { Engine } = await import('./engine') // not in the first load: the log-in does without
      if (this.#saved !== saved || this.#engine) return // signed out, or another way in was faster
      const engine = new Engine(this.#http, saved, () => this.#saved?.token ?? '', (view) => (this.#view = view))
      await engine.client.open()
      this.#engine = engine
    }
    this.session = { user: saved.user as Session['user'] }
    void this.#refresh(saved).catch(() => {})
  }

  #leave(): void {
    this.#engine?.close()
    this.#engine = null
    this.#saved = null
    this.session = null
    this.#view = EMPTY
  }

  async #keep(saved: SavedSession): Promise<void> {
    await this.#sessions.save(saved)
    this.#tabs?.postMessage('session')
    await this.#open(saved)
  }

  /** At the start and whenever the app is looked at. */
  async #refresh(saved: SavedSession): Promise<void> {
    const next = await refreshed(this.#http, saved)
    if (this.#saved !== saved) return // signed out meanwhile
    if (next !== saved) return this.#keep(next)
    this.#engine?.listen()
    this.sync()
  }

  #seen(): void {
    this.today = today()
    if (document.visibilityState === 'hidden') return this.#engine?.deafen()
    this.#worker?.check()
    if (this.#saved) void this.#refresh(this.#saved).catch(() => {})
  }

  #tick(): void {
    this.#minute++
    this.today = today()
    later(60_000, () => this.#tick())
  }
}

export const app = new App()
