// In and out: who is signed in on this phone, and whether her store is open. The engine behind it knows nothing of keys.
import { now } from '../lib/clock'
import type { Http } from '../lib/http'
import { entranceStore } from '../vault/entrances'
import { type Entrance, type LockAfter, VaultError } from '../vault/types'
import type { Open, Vault } from '../vault/vault'
import { lockOf } from './autolock'
import { refreshed, type SavedSession, signIn, witnessOf } from './session'

/** `note`: why it is as it is. `known`: who else has a store here. */
export type Gate =
  | { at: 'loading' }
  | { at: 'out'; known: Known[]; note: '' | 'wiped' | 'revoked' }
  | { at: 'choose'; label: string }
  | { at: 'locked'; who: Known; known: Known[] }
  | { at: 'open' }
export type Known = { phone: string; label: string; finger: boolean }

type Word = { lock: true } | { ask: string } | { phone: string; open: Open } | { changed: true }

export class Door {
  #all: Entrance[] = []
  #open: Open | null = null
  #session: SavedSession | null = null
  /** Signed in, and no store open yet. */
  #pending: SavedSession | null = null
  /** Opened with a code, and signed out: the password is asked for too. */
  #half: Open | null = null
  #leaving = false
  #gate: Gate = { at: 'loading' }
  readonly #store = entranceStore()
  readonly #vault: Promise<Vault> // fetched while the lock is painted
  readonly #tabs = new BroadcastChannel('bindeled')

  constructor(
    readonly http: Http,
    readonly on: {
      gate: (g: Gate) => void
      open: (s: SavedSession, o: Open) => Promise<void>
      shut: () => Promise<void>
      /** It should be locked already: a page that slept has not noticed yet. */
      due: () => boolean
    },
  ) {
    this.#vault = import('../vault/vault').then(({ Vault }) => new Vault(http, this.#store, now))
    this.#vault.catch(() => {}) // said where it is needed
    this.#tabs.onmessage = ({ data }: MessageEvent<Word>) => void this.#heard(data)
  }

  get session(): SavedSession | null {
    return this.#session
  }

  get me(): { user: string; phone: string; token: string } | null {
    return this.#session && this.#open && { user: this.#session.user.id, phone: this.#open.entrance.phone, token: this.#session.token }
  }

  get entrance(): Entrance | null {
    return this.#open?.entrance ?? null
  }

  /** A log-in that was left standing goes too. */
  get lockAfter(): LockAfter | undefined {
    return this.#open || this.#pending || this.#half ? lockOf(this.#open?.entrance.lock) : undefined
  }

  /** Needs no network. Another tab that is open opens this one too. */
  async start(): Promise<void> {
    await this.#load()
    const current = await this.#store.current()
    const entrance = this.#all.find((e) => e.phone === current)
    if (!entrance) return this.#show({ at: 'out', known: this.#known(), note: '' })
    if (!entrance.pin) return this.#show({ at: 'out', known: this.#known(), note: 'wiped' })
    this.#locked(entrance)
    this.#tabs.postMessage({ ask: current } satisfies Word)
    await this.#expire().catch(() => {}) // it is not used, whether or not it could be deleted
  }

  async login(email: string, password: string): Promise<void> {
    const session = await signIn(this.http, email, password)
    if (this.#open?.entrance.user === session.user.id) return this.#keep(session)
    if (this.#open) { // somebody else's turn: hers is shut first
      await this.on.shut()
      this.#open = this.#session = null
    }
    this.#pending = session
    if (this.#half?.entrance.user === session.user.id) return this.#opened(this.#half)
    const entrance = this.#all.find((e) => e.user === session.user.id && e.pin)
    if (entrance) this.#locked(entrance)
    else this.#show({ at: 'choose', label: this.#label(session) })
  }

  /** A code for a store that is made with it. */
  async choose(pin: string): Promise<void> {
    const session = this.#pending
    if (!session) return
    await this.#load()
    await this.#opened(await (await this.#vault).make({ id: session.user.id, label: this.#label(session) }, session.token, pin, JSON.stringify(session)))
  }

  unlock = (pin: string): Promise<void> => this.#enter(async (e) => (await this.#vault).open(e, pin))

  unlockByFinger = async (): Promise<void> => {
    const { passkeys } = await import('../vault/passkey')
    return this.#enter(async (e) => (await this.#vault).openByPasskey(e, passkeys))
  }

  async #enter(way: (e: Entrance) => Promise<Open>): Promise<void> {
    if (this.#gate.at !== 'locked') return
    const { phone } = this.#gate.who
    await this.#load() // another tab may have tried, or changed the code
    const entrance = this.#all.find((e) => e.phone === phone)
    if (!entrance) return this.start()
    try {
      await this.#opened(await way(entrance))
    } catch (e) {
      await this.#load()
      if (e instanceof VaultError && (e.code === 'vault.wiped' || e.code === 'vault.revoked')) this.#shut(phone, e.code)
      throw e
    }
  }

  /** Somebody else's store, or a log-in for one that is not here yet. */
  turnTo(phone: string): void {
    const entrance = this.#all.find((e) => e.phone === phone && e.pin)
    this.#pending = this.#half = null
    if (entrance) this.#locked(entrance)
    else this.#show({ at: 'out', known: this.#known(), note: '' })
  }

  /** She does not know the code any more: what is unsent still arrives, and a log-in makes a new store. */
  async giveUp(): Promise<void> {
    if (this.#gate.at !== 'locked') return
    const { phone } = this.#gate.who
    await (await this.#vault).wipe(this.#all.find((e) => e.phone === phone)!)
    await this.#load()
    this.#shut(phone, 'vault.wiped')
  }

  /** All tabs at once. The page is loaded anew: what was in memory is gone with it. */
  async lock(): Promise<void> {
    if (this.#open) this.#tabs.postMessage({ lock: true } satisfies Word)
    await this.#away()
  }

  async change(old: string, pin: string): Promise<void> {
    await this.#asking(async (e, token) => (await this.#vault).change(e, old, pin, token))
  }

  /** false: this phone cannot, or she said no. */
  async addFinger(pin: string): Promise<boolean> {
    const { passkeys } = await import('../vault/passkey')
    return (await this.#asking(async (e, token) => (await this.#vault).addPasskey(e, pin, passkeys, token))) !== null
  }

  /** What asks for the code once more. The fifth wrong one shuts an open phone too. */
  async #asking(job: (e: Entrance, token: string) => Promise<Entrance | null>): Promise<Entrance | null> {
    const { phone } = this.#open!.entrance
    await this.#load() // another tab may have changed the code
    try {
      const entrance = await job(this.#all.find((e) => e.phone === phone)!, this.#session!.token)
      if (entrance) this.#changed(entrance)
      return entrance
    } catch (e) {
      if (e instanceof VaultError && (e.code === 'vault.wiped' || e.code === 'vault.revoked')) await this.lock()
      throw e
    }
  }

  #changed(entrance: Entrance): void {
    if (this.#open) this.#open = { ...this.#open, entrance }
  }

  /** A newer token and a longer lease, when there is network. A phone that is to be shut is shut. */
  async renew(): Promise<void> {
    const open = this.#open
    if (!open || !this.#session) return
    const next = await refreshed(this.http, this.#session)
    if (this.#open !== open) return // locked meanwhile
    if (next !== this.#session) await this.#keep(next)
    try {
      const renewed = await (await this.#vault).renew(this.#open, this.#session.token)
      this.#changed(renewed.entrance)
    } catch (e) {
      if (!(e instanceof VaultError) || e.code !== 'vault.revoked') return // the lease runs on
      await (await this.#vault).wipe(open.entrance)
      localStorage.removeItem(witnessOf(open.entrance.user))
      await this.lock()
    }
  }

  /** The store stays when something unsent is in it: closed, and sent from there. */
  async leave(empty: boolean): Promise<void> {
    const open = this.#open
    if (!open) return
    const { phone } = open.entrance
    const token = this.#session!.token
    this.#open = this.#session = null // from here on somebody may log in
    await this.#store.choose('')
    if (empty) await this.#store.drop(phone)
    else await this.#store.edit(phone, (e) => ({ ...e, session: null, share: null }))
    await this.#load()
    this.#tabs.postMessage({ changed: true } satisfies Word)
    this.#show({ at: 'out', known: this.#known(), note: '' })
    if (empty) void this.http.json('/api/vault/forget', { body: { phone }, token }).catch(() => {}) // there is no key any more, whether or not this is heard
  }

  /** Every minute: no share lies here past its time, and what waits is sent. */
  async upkeep(): Promise<void> {
    await this.#load()
    await this.#expire()
    await this.sendMail()
  }

  async #expire(): Promise<void> {
    for (const e of this.#all) await (await this.#vault).expire(e)
  }

  /** What shut stores have for the server. One that will never open again goes when it is empty. */
  async sendMail(): Promise<void> {
    await navigator.locks.request('bindeled-mail', { ifAvailable: true }, async (lock) => {
      if (!lock) return
      for (const entrance of this.#all) if (entrance.phone !== this.#open?.entrance.phone) await this.#sendOf(entrance).catch(() => {}) // next time
    })
  }

  async #sendOf(entrance: Entrance): Promise<void> {
    const { sendWaiting } = await import('./waiting')
    const token = this.#session?.user.id === entrance.user ? this.#session.token : '' // in case the server has forgotten the phone
    if (await sendWaiting(this.http, entrance, token)) return
    await this.#store.drop(entrance.phone)
    await this.#load()
  }

  async #opened(open: Open): Promise<void> {
    const pending = this.#pending?.user.id === open.entrance.user ? this.#pending : null
    this.#pending = this.#half = null
    const session = pending ?? (open.session ? (JSON.parse(open.session) as SavedSession) : null)
    if (!session) {
      this.#half = open
      this.#show({ at: 'out', known: this.#known(), note: '' })
      return
    }
    this.#open = pending ? await (await this.#vault).keep({ ...open, session: JSON.stringify(session) }) : open
    this.#session = session
    await this.#store.choose(open.entrance.phone)
    await this.on.open(session, this.#open)
    this.#show({ at: 'open' })
    this.#tabs.postMessage({ changed: true } satisfies Word)
  }

  async #keep(session: SavedSession): Promise<void> {
    this.#session = session
    this.#open = await (await this.#vault).keep({ ...this.#open!, session: JSON.stringify(session) })
    await this.on.open(session, this.#open)
    this.#show({ at: 'open' })
  }

  async #heard(word: Word): Promise<void> {
    if ('lock' in word) return this.#open ? this.#away() : undefined
    if ('ask' in word) {
      if (this.#open?.entrance.phone !== word.ask || this.#leaving) return
      if (this.on.due()) return this.lock()
      this.#tabs.postMessage({ phone: word.ask, open: this.#open } satisfies Word)
    } else if ('open' in word) {
      if (this.#gate.at === 'locked' && this.#gate.who.phone === word.phone) await this.#opened(word.open)
    } else if (!this.#open) await this.start()
    else if ((await this.#store.current()) !== this.#open.entrance.phone) await this.#away()
  }

  async #away(): Promise<void> {
    this.#leaving = true // a tab that has locked already is not opened by one that is at it
    this.#show({ at: 'loading' }) // nothing is read over her shoulder while the last word is saved
    await this.on.shut()
    location.reload()
  }

  /** On purpose: its store was not lost. */
  #shut(phone: string, code: 'vault.wiped' | 'vault.revoked'): void {
    const entrance = this.#all.find((e) => e.phone === phone)
    if (entrance) localStorage.removeItem(witnessOf(entrance.user))
    this.#show({ at: 'out', known: this.#known(), note: code === 'vault.wiped' ? 'wiped' : 'revoked' })
    void this.sendMail().catch(() => {})
  }

  #locked(e: Entrance): void {
    this.#show({ at: 'locked', who: known(e), known: this.#known().filter((k) => k.phone !== e.phone) })
  }

  #label({ user }: SavedSession): string {
    return labelOf(user.name, this.#all.filter((e) => e.user !== user.id).map((e) => e.label))
  }

  #known(): Known[] {
    return this.#all.filter((e) => e.pin).map(known)
  }

  #show(gate: Gate): void {
    this.#gate = gate
    this.on.gate(gate)
  }

  async #load(): Promise<void> {
    this.#all = await this.#store.all()
  }
}

const known = ({ phone, label, passkey }: Entrance): Known => ({ phone, label, finger: passkey !== null })

/** Two letters, and a number where another on this phone has them: what one sees of her while it is locked. */
export function labelOf(name: string, taken: string[]): string {
  const initials = initialsOf(name)
  let label = initials
  for (let n = 2; taken.includes(label); n++) label = `${initials} ${n}`
  return label
}

export const initialsOf = (name: string): string =>
  name.split(/\s+/).filter(Boolean).map((w) => w[0]!.toLocaleUpperCase('da')).filter((_, i, all) => i === 0 || i === all.length - 1).join('')
