// One user's store and sync on this phone, tied to the browser: locks, other tabs, nudges.
import { later, now } from '../lib/clock'
import { ApiError, type Http } from '../lib/http'
import { newId } from '../lib/id'
import { mustInstall } from '../lib/install'
import { backoff } from '../sync/backoff'
import { SyncClient, type View } from '../sync/client'
import { listen } from '../sync/nudge'
import { needsPerson } from '../sync/outbox'
import type { Store } from '../sync/store'
import { idbStore } from '../sync/store-idb'
import { aesSeal } from '../sync/seal'
import { postTo } from '../vault/mail'
import type { ServerKey } from '../vault/types'
import { brief } from './brief'
import { type SavedSession, witnessOf } from './session'

export { replay } from './reducers'

/** A coordinator sees a whole municipality: none of it lies on the disk. Nor does anyone's inbox, nor anything in a page that the phone may clear. */
export const keepOnDisk = (bucket: string, role: string, cleared = mustInstall()): boolean => role === 'mentor' && !bucket.startsWith('inbox:') && !cleared

/** The name of the build, as its main file carries it. */
const build = (): string => /-([\w-]{8})\.js$/.exec(document.querySelector<HTMLScriptElement>('script[src]')?.src ?? '')?.[1] ?? 'dev'

/** What is saved is saved, with or without a witness that it was there. */
function witness(name: string, mark: string): void {
  try {
    localStorage.setItem(name, mark)
  } catch {
    // no room, or not allowed: then an evicted store goes unnoticed
  }
}

/** What closes this store, and what copies for the server are sealed to. */
export type VaultOf = { phone: string; key: CryptoKey; server: () => ServerKey }

export class Engine {
  readonly store: Store
  readonly client: SyncClient
  readonly #name: string
  readonly #witness: string
  readonly #tabs: BroadcastChannel
  #ear: AbortController | undefined

  constructor(readonly http: Http, { user }: SavedSession, readonly vault: VaultOf, readonly token: () => string, onview: (v: View) => void) {
    this.#name = 'bindeled-' + vault.phone
    this.#witness = witnessOf(user.id)
    this.#tabs = new BroadcastChannel(this.#name)
    this.store = idbStore(vault.phone, (bucket) => keepOnDisk(bucket, user.role), newId, aesSeal(vault.key), postTo(vault.server))
    this.client = new SyncClient({
      http, store: this.store, token, now, random: Math.random, later, newId, idle: (job) => later(5_000, job),
      report: () => ({ app: build() }), brief,
      mark: { read: () => localStorage.getItem(this.#witness), write: (mark) => witness(this.#witness, mark) },
      lock: (job) => navigator.locks.request(this.#name, job),
      tell: (what) => this.#tabs.postMessage(what),
    })
    this.client.onview = onview
    this.#tabs.onmessage = (e: MessageEvent<'outbox' | 'boxes'>) => void this.client.reload(e.data).catch(() => {})
  }

  /** While someone looks: hear of changes at once. One tab listens for all. */
  listen(): void {
    if (this.#ear) return
    const ear = (this.#ear = new AbortController())
    navigator.locks.request(this.#name + '-nudge', { signal: ear.signal }, () => this.#hear(ear.signal)).catch(() => {})
  }

  deafen(): void {
    this.#ear?.abort()
    this.#ear = undefined
  }

  /** How much lies here that is nowhere else, or waits for her. The disk knows, also of other tabs. */
  async kept(): Promise<number> {
    const { outbox } = await this.store.outbox()
    return outbox.filter((e) => e.state === 'unsent' || needsPerson(e)).length + (await this.store.drafts())
  }

  /** All of it, on purpose: what is not there any more was not lost. */
  async destroy(): Promise<void> {
    localStorage.removeItem(this.#witness)
    await this.store.destroy()
  }

  stop(): void {
    this.deafen()
    this.client.stop()
    this.#tabs.close()
  }

  close(): void {
    this.stop()
    this.store.close()
  }

  async #hear(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await listen(this.http, later, this.token(), () => ((attempt = 1), void this.client.sync()), signal)
      } catch (e) {
        if (e instanceof ApiError && [401, 403].includes(e.status)) return this.deafen()
      }
      await new Promise<void>((go) => {
        const cancel = later(1000 + backoff(attempt, Math.random), go)
        signal.addEventListener('abort', () => (cancel(), go()), { once: true })
      })
    }
  }
}
