// The sync engine: push, then pull, one tab at a time; and the one holder of boxes and outbox in memory.
import type { Ask, Http } from '../lib/http'
import { backoff } from './backoff'
import { isFailure, isRestored, NoProgress } from './failure'
import { failedOnce, notTaken, passedBy, refuse, settled, unread } from './outbox'
import { applyPage, digest, type Page, readPage } from './page'
import type { CheckReply, CheckRequest, Digest, KeptReply, Outcome, PushReply, PushRequest, TeamReply } from './protocol'
import { pull, type PullSide } from './pull'
import { push, type PushSide } from './push'
import { markOf, report, seenOf, VERSION } from './report'
import {
  type Along, type Box, type Counter, type Edit, type Evicted, type Held, type Marks, type NewMutation, NOTHING, type OutboxEntry, type Resolved, type Store, StoreError,
} from './store'

/** Everything the engine gets from outside, so that a test can be the whole world. */
export type Env = {
  http: Http
  store: Store
  token: () => string
  now: () => Date
  random: () => number
  later: (ms: number, job: () => void) => () => void
  /** When nobody has done anything for a while. */
  idle: (job: () => void) => () => void
  /** Runs while no other tab of the same user does. */
  lock: <T>(job: () => Promise<T>) => Promise<T>
  /** Tells the other tabs what lies new on the disk. */
  tell: (what: 'outbox' | 'boxes') => void
  newId: () => string
  report: () => { app: string }
  /** What the first screen needs of a box; null: nothing. With it a start shows that before it opens the boxes. */
  brief?: (bucket: string, box: Box) => Box | null
  /** One line outside the store, that outlives it. */
  mark: { read: () => string | null; write: (mark: string) => void }
}

export type Phase = 'idle' | 'sending' | 'offline' | 'signed_out' | 'failed'
export type View = {
  boxes: ReadonlyMap<string, Box>; outbox: OutboxEntry[]; marks: Marks; sentAt: string; phase: Phase; error: string; ahead: number
  /** A store the browser threw away, until the person is done with it. */
  evicted: Evicted | null
  /** Boxes that did not hold what they should, and were fetched anew. */
  diverged: number
  /** The server speaks a newer protocol: an update is waiting. */
  newer: boolean
}

const POLL = 5 * 60_000 // a missed nudge costs at most this much
const PULL_TIMEOUT = 120_000
const HOUR = 3600_000
const DAY = 24 * HOUR

export class SyncClient {
  onview: (view: View) => void = () => {}
  readonly #boxes = new Map<string, Box>()
  #shown: ReadonlyMap<string, Box> = new Map()
  #marks = NOTHING
  #counter: Counter = { device: '', base: 0, last: 0, sentAt: '', seen: '' }
  #outbox: OutboxEntry[] = []
  #phase: Phase = 'idle'
  #error = ''
  #attempt = 0
  #asked = 0 // how long the server asked to be left alone, ms
  #ahead = 0 // how far the phone's clock is before the server's, ms
  #pages = 0 // laid in this round
  #laid = false // and not shown yet
  #doubt = false // a box did not hold what the server said
  #vain = 0 // when what had been fetched anew did not fit either
  #diverged = 0
  #tooOld = false
  #whole: Promise<void> | undefined
  #running: Promise<void> | undefined
  #again = false
  #stopped = false
  #cancel = () => {}
  #rest = () => {} // puts off the tidying

  constructor(readonly env: Env) {}

  /** Resolves when there is something to see. The rest is `load`ed when that is on the screen, or with the first round. */
  async open(): Promise<void> {
    const head = await this.env.store.head()
    if (!head) return this.load()
    this.#shown = head.boxes
    this.#marks = head.marks
    await this.#loadOutbox()
  }

  /** Once, whoever asks; again where it failed. */
  load(): Promise<void> {
    return (this.#whole ??= this.#load().catch((e: unknown) => {
      this.#whole = undefined
      throw e
    }))
  }

  async #load(): Promise<void> {
    const held = await this.env.store.load(this.env.mark.read())
    if (this.#stopped) return
    this.#hold(held)
    await this.#loadOutbox()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
    this.#rest()
  }

  /** Another tab wrote. What may not lie on the disk is each tab's own: it pulls for itself. */
  async reload(what: 'outbox' | 'boxes'): Promise<void> {
    if (what === 'outbox') return this.#loadOutbox()
    await this.load()
    if (this.#stopped) return
    const before = this.#marks
    const held = await this.env.store.load()
    if (held.marks.cursor === '') return this.sync()
    if (this.#marks !== before) return this.reload(what) // this tab got further meanwhile
    this.#hold(held)
    await this.#loadOutbox()
  }

  /** Durable when it resolves; the network is asked afterwards. */
  async add(m: NewMutation, along?: Along): Promise<OutboxEntry> {
    const entry = await this.env.store.add(m, along)
    if (along?.resolves) await this.#wrote()
    else this.#made(entry)
    return entry
  }

  /** How a person dealt with what needed her. */
  async settle(n: number, how: Exclude<Resolved['how'], 'resend'>, note: string): Promise<void> {
    await this.env.store.resolve(n, { how, note, at: this.env.now().toISOString() })
    await this.#wrote()
  }

  /** She has been told of the store that was thrown away. */
  async acknowledge(): Promise<void> {
    await this.env.store.evicted('over')
    await this.#wrote()
  }

  /** What waits for a person, of those whose work this user tends. */
  kept(): Promise<KeptReply> {
    return this.#ask<KeptReply>('/api/sync/kept')
  }

  /** Of the phones this user looks after, when they were last on the network. */
  team(): Promise<TeamReply> {
    return this.#ask<TeamReply>('/api/sync/team')
  }

  /** Now: something changed that makes an answer likelier. */
  sync(): Promise<void> {
    this.#attempt = 0
    return this.#start()
  }

  #start(): Promise<void> {
    this.#cancel()
    this.#rest()
    if (this.#running) {
      this.#again = true
      return this.#running
    }
    return (this.#running = this.#loop().finally(() => {
      this.#running = undefined
      if (this.#phase === 'idle' && !this.#stopped) this.#rest = this.env.idle(() => void this.#tidy())
    }))
  }

  /** Behind the screen's back, a step at a time, until there is something better to do. */
  async #tidy(): Promise<void> {
    try {
      for (let more = true; more; ) {
        more = await this.#resting(() => this.env.store.tidy(this.#boxes))
      }
      const { brief } = this.env
      if (brief) await this.#resting(() => this.env.store.saveHead(() => this.#brief(brief)))
    } catch {
      // What could not be cleared away lies there until the next round.
    }
  }

  async #resting<T>(job: () => Promise<T>): Promise<T | false> {
    return !this.#stopped && !this.#running && this.env.lock(async () => !this.#running && job())
  }

  #brief(of: NonNullable<Env['brief']>): Map<string, Box> {
    return new Map([...this.#boxes].flatMap(([bucket, box]) => {
      const some = of(bucket, box)
      return some ? [[bucket, some]] : []
    }))
  }

  async #loop(): Promise<void> {
    do {
      this.#again = false
      if (this.#stopped) return
      await this.env.lock(() => this.#once())
    } while (this.#again)
    if (this.#stopped || this.#phase === 'signed_out') return
    const wait = this.#phase === 'idle' ? POLL : backoff(this.#attempt++, this.env.random, this.#asked)
    this.#cancel = this.env.later(wait, () => void this.#start())
  }

  async #once(): Promise<void> {
    this.#show('sending', '')
    let failure: unknown
    try {
      await this.load()
      await this.#loadOutbox()
      failure = await this.#round()
      if (isRestored(failure)) {
        await this.#revive()
        failure = await this.#round()
      }
    } catch (e) {
      failure = e
    }
    this.#asked = isFailure(failure) ? failure.wait : 0
    this.#tooOld ||= isFailure(failure) && failure.status === 426
    const [phase, error] = judge(failure)
    if (phase === 'idle') this.#attempt = 0
    this.#show(phase, error)
  }

  async #round(): Promise<unknown> {
    const failure = await this.#try(() => push(this.#pushSide()))
    // What cannot be sent must not keep from seeing what others did.
    return isSignedOut(failure) ? failure : ((await this.#try(() => this.#receive())) ?? failure)
  }

  async #try(job: () => Promise<void>): Promise<unknown> {
    try {
      await job()
      return undefined
    } catch (e) {
      return e ?? new Error('unknown')
    }
  }

  async #receive(): Promise<void> {
    this.#pages = 0
    try {
      await this.#pull()
      if (!(await this.#check())) return
      await this.#pull()
      if (this.#doubt) this.#vain = this.env.now().getTime()
    } finally {
      this.#present() // also of a round cut short: what came is there
      if (this.#pages > 0) this.env.tell('boxes')
    }
  }

  async #pull(): Promise<void> {
    try {
      await pull(this.#pullSide())
    } catch (e) {
      if (!(e instanceof StoreError && e.code === 'store.moved')) throw e
      this.#hold(await this.env.store.load()) // another tab was faster: go on from where it came to
      await this.#loadOutbox()
      await pull(this.#pullSide())
    }
  }

  /** After doubt, and once a day: the server compares what is held with what should be. True: there is something to fetch anew. */
  async #check(): Promise<boolean> {
    const { cursor, checked } = this.#marks
    const now = this.env.now()
    const doubt = this.#doubt && Math.abs(now.getTime() - this.#vain) > HOUR
    if (!doubt && Math.abs(now.getTime() - Date.parse(checked)) < DAY) return false
    const held: Record<string, Digest> = {}
    for (const [bucket, box] of this.#boxes) held[bucket] = digest(box)
    const body: CheckRequest = { cursor, held }
    const reply = await this.#ask<CheckReply>('/api/sync/check', { body }).catch((e: unknown) => {
      if (isFailure(e) && e.status === 410) return { cursor: '', diverged: [] } // it no longer knows how far this has come
      throw e
    })
    this.#alive()
    this.#doubt = false
    this.#diverged += reply.diverged.length
    await this.#moveCursor(reply.cursor, now.toISOString()) // too much for one cursor: from nothing
    return reply.diverged.length > 0 || reply.cursor === ''
  }

  /** Every request says how this phone stands; a lost store is told until it was heard. */
  async #ask<T>(path: string, ask: Ask = {}, read?: (body: ReadableStream<Uint8Array>) => Promise<T>): Promise<T> {
    const { http, token } = this.env
    const { evicted } = this.#counter
    const whole: Ask = { ...ask, token: token(), headers: report(this.env.report().app, this.#counter, this.#marks, this.#outbox) }
    const reply = await (read ? http.stream(path, whole, read) : http.json<T>(path, whole))
    if (evicted && !evicted.told) {
      this.#alive()
      await this.env.store.evicted('told')
      await this.#loadOutbox()
    }
    return reply
  }

  #pushSide(): PushSide {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const c = this
    const { store } = this.env
    const stamp = () => c.env.now().toISOString()
    return {
      get outbox() { return c.#outbox },
      get device() { return c.#counter.device },
      get base() { return c.#counter.base },
      get seen() { return c.#counter.seen },
      clock: stamp,
      send: (body: PushRequest) => c.#ask<PushReply>('/api/sync/push', { body }),
      settle: (reply: PushReply) => c.#settled(reply),
      refuse: async (n: number, reason: string) => {
        await store.edit([n], (e) => refuse(e, 'args', reason, stamp()))
        await c.#wrote()
      },
      failed: async (n: number) => {
        let over = false
        await store.edit([n + c.#counter.base], (e) => {
          const after = failedOnce(e, stamp())
          over = after !== e && after.spend === true
          return after
        })
        await c.#wrote()
        return over
      },
      revive: () => c.#revive(),
      renumber: async () => {
        await store.renumber(c.env.newId())
        await c.#wrote()
      },
    }
  }

  #pullSide(): PullSide {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const c = this
    return {
      get cursor() { return c.#marks.cursor },
      fetchPage: (cursor: string) => {
        const query = new URLSearchParams({ cursor, seen: c.#counter.seen, bare: '1' })
        return c.#ask('/api/sync/pull?' + query.toString(), { timeout: PULL_TIMEOUT }, readPage)
      },
      commit: (page: Page, asked: string) => c.#commit(page, asked),
      forgetCursor: () => c.#moveCursor(''),
    }
  }

  /** A reply that comes after signing out must not write to the disk again. */
  #alive(): void {
    if (this.#stopped) throw new Error('stopped')
  }

  async #settled(reply: PushReply): Promise<void> {
    this.#alive()
    const { base, seen } = this.#counter
    const byN = new Map<number, Outcome>(reply.outcomes.map((o) => [o.n + base, o]))
    const told = { sentAt: reply.at, seen: seenOf(seen, reply.seq, reply.epoch) }
    // What nobody would take over is hers again.
    const back = new Set(this.#outbox.flatMap((e) => notTaken(e, byN.get(e.n)) ?? []).map((n) => n + base))
    const edit: Edit = (e) => {
      const after = byN.has(e.n) ? settled(e, byN.get(e.n)!) : e
      return back.has(e.n) ? { ...after, resolved: undefined } : after
    }
    await this.env.store.edit([...new Set([...byN.keys(), ...back])], edit, told)
    await this.#wrote()
  }

  async #commit(page: Page, asked: string): Promise<void> {
    this.#alive()
    if (asked !== this.#marks.cursor) throw new StoreError('store.moved') // another tab was faster, and this one has heard of it
    const { end } = page
    const now = this.env.now()
    const fresh = this.#marks.cursor === ''
    const from = new Map(fresh ? [] : this.#boxes)
    const { changed, diverged, schema } = applyPage(from, page)
    for (const line of page.changes) if (line.t === 'leave' || line.t === 'bucket') from.delete(line.b)
    const put = new Map<string, Box>()
    const drop: string[] = []
    for (const [bucket, box] of changed) {
      if (box) put.set(bucket, box)
      else drop.push(bucket)
    }
    // Begun anew, it has come nowhere until the last page is in.
    const marks: Marks = { ...this.#marks, ...(fresh && { seq: 0 }), cursor: end.cursor, ...(schema && { schema: schema.hash, v: schema.v }) }
    let { seen } = this.#counter
    const passed = passedBy(end.seq, end.at)
    const held = (bucket: string) => changed.get(bucket) !== null && (changed.has(bucket) || (!fresh && this.#boxes.has(bucket)))
    const edit: Edit = (e) => passed(unread(e, held))
    let ns: number[] = []
    if (!end.more) {
      // Only with the last page is all here that was asked for.
      marks.seq = end.seq
      marks.at = end.at
      marks.checked ||= now.toISOString()
      seen = seenOf(seen, end.seq, end.epoch)
      ns = this.#outbox.filter((e) => edit(e) !== e).map((e) => e.n)
    }
    await this.env.store.commit({ expect: asked, fresh, from, put, drop, marks, seen, ns, edit })
    if (fresh) this.#boxes.clear()
    for (const bucket of drop) this.#boxes.delete(bucket)
    for (const [bucket, box] of put) this.#boxes.set(bucket, box)
    this.#ahead = now.getTime() - Date.parse(end.at)
    this.#doubt ||= diverged
    this.#marks = marks
    if (fresh || changed.size > 0) {
      this.#pages++
      this.#laid = true
    }
    // The last before the outbox: what has passed must be seen in the boxes.
    if (!end.more || isPowerOf2(this.#pages)) this.#present()
    if (ns.length > 0) await this.#loadOutbox()
    else this.#counter = { ...this.#counter, seen }
  }

  /** What is laid comes on the screen. All of it is gone through then, so that is not for every page. */
  #present(): void {
    if (!this.#laid) return
    this.#laid = false
    this.#shown = new Map(this.#boxes)
    this.#show()
  }

  async #revive(): Promise<void> {
    this.#alive()
    await this.env.store.revive()
    this.#marks = { ...this.#marks, cursor: '' }
    await this.#wrote()
  }

  async #moveCursor(cursor: string, checked?: string): Promise<void> {
    await this.env.store.moveCursor(cursor, checked)
    this.#marks = { ...this.#marks, cursor, ...(checked && { checked }) }
  }

  #hold({ boxes, marks }: Held): void {
    this.#boxes.clear()
    for (const [bucket, box] of boxes) this.#boxes.set(bucket, box)
    this.#shown = boxes
    this.#marks = marks
  }

  async #loadOutbox(): Promise<void> {
    const { outbox, counter } = await this.env.store.outbox()
    const was = this.#outbox // the same array while it holds the same: the screens need not look again
    if (outbox.length !== was.length || outbox.some((e, i) => e !== was[i])) this.#outbox = outbox
    this.#counter = counter
    this.#mark()
    this.#show()
  }

  /** One more: no need to read the whole of it again. */
  #made(entry: OutboxEntry): void {
    if (!this.#outbox.some((e) => e.n === entry.n)) this.#outbox = [...this.#outbox, entry]
    this.#counter = { ...this.#counter, last: Math.max(this.#counter.last, entry.n) }
    this.#mark()
    this.#show()
    this.env.tell('outbox')
  }

  /** An empty store is nothing to remember while nobody has heard of the one before it. */
  #mark(): void {
    const { device, last, base, evicted } = this.#counter
    if (this.#stopped || (evicted && !evicted.told && last === base)) return
    const mark = markOf(device, last - base)
    if (mark !== this.env.mark.read()) this.env.mark.write(mark)
  }

  async #wrote(): Promise<void> {
    await this.#loadOutbox()
    this.env.tell('outbox')
  }

  #show(phase = this.#phase, error = this.#error): void {
    this.#phase = phase
    this.#error = error
    if (this.#stopped) return
    const { evicted, sentAt } = this.#counter
    this.onview({
      boxes: this.#shown, outbox: this.#outbox, marks: this.#marks, sentAt, phase, error, ahead: this.#ahead,
      evicted: evicted && !evicted.over ? evicted : null, diverged: this.#diverged, newer: this.#tooOld || this.#marks.v > VERSION,
    })
  }
}

const isPowerOf2 = (n: number) => (n & (n - 1)) === 0

const isSignedOut = (e: unknown) => isFailure(e) && (e.status === 401 || e.code === 'auth.inactive')

function judge(failure: unknown): [Phase, string] {
  if (failure === undefined) return ['idle', '']
  if (failure instanceof NoProgress) return ['failed', 'sync.no_progress']
  if (failure instanceof StoreError) return ['failed', failure.code]
  if (!isFailure(failure)) return ['failed', 'unexpected']
  if (isSignedOut(failure)) return ['signed_out', failure.code]
  return [failure.status === 0 ? 'offline' : 'failed', failure.code]
}
