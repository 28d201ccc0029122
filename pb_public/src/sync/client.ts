// The sync engine: push, then pull, one tab at a time; and the one holder of boxes and outbox in memory.
import { ApiError, type Http } from '../lib/http'
import { backoff } from './backoff'
import { passedBy, refuse, settled } from './outbox'
import { applyPage, type Page, readPage } from './page'
import type { Outcome, PushReply, PushRequest } from './protocol'
import { pull } from './pull'
import { push } from './push'
import { type Along, type Box, type Counter, type Marks, type NewMutation, NOTHING, type OutboxEntry, type Saved, type Store, StoreError } from './store'

/** Everything the engine gets from outside, so that a test can be the whole world. */
export type Env = {
  http: Http
  store: Store
  token: () => string
  now: () => Date
  random: () => number
  later: (ms: number, job: () => void) => () => void
  /** Runs while no other tab of the same user does. */
  lock: <T>(job: () => Promise<T>) => Promise<T>
  /** Tells the other tabs what lies new on the disk. */
  tell: (what: 'outbox' | 'boxes') => void
  newId: () => string
  /** Whether a restored server lacks what this acknowledged entry wrote. */
  isLost: (e: OutboxEntry, boxes: ReadonlyMap<string, Box>) => boolean
}

export type Phase = 'idle' | 'sending' | 'offline' | 'signed_out' | 'failed'
export type View = { boxes: ReadonlyMap<string, Box>; outbox: OutboxEntry[]; marks: Marks; sentAt: string; phase: Phase; error: string; ahead: number }

const POLL = 5 * 60_000 // a missed nudge costs at most this much
const PULL_TIMEOUT = 120_000

export class SyncClient {
  onview: (view: View) => void = () => {}
  #boxes = new Map<string, Box>()
  #marks = NOTHING
  #counter: Counter = { device: '', base: 0, last: 0, sentAt: '' }
  #outbox: OutboxEntry[] = []
  #phase: Phase = 'idle'
  #error = ''
  #attempt = 0
  #ahead = 0 // how far the phone's clock is before the server's, ms
  #running: Promise<void> | undefined
  #again = false
  #stopped = false
  #cancel = () => {}

  constructor(readonly env: Env) {}

  async open(): Promise<void> {
    await this.#load()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Another tab wrote. What may not lie on the disk is each tab's own: it pulls for itself. */
  async reload(what: 'outbox' | 'boxes'): Promise<void> {
    if (what === 'outbox') return this.#loadOutbox()
    const saved = await this.env.store.load()
    if (saved.marks.cursor === '') return this.sync()
    this.#take(saved)
  }

  /** Durable when it resolves; the network is asked afterwards. */
  async add(m: NewMutation, along?: Along): Promise<OutboxEntry> {
    const entry = await this.env.store.add(m, along)
    await this.#wrote()
    return entry
  }

  async discard(n: number, note: string): Promise<void> {
    const at = this.env.now().toISOString()
    await this.env.store.edit([n], (e) => ({ ...e, resolved: { how: 'discard', note, at } }))
    await this.#wrote()
  }

  /** Now: something changed that makes an answer likelier. */
  sync(): Promise<void> {
    this.#attempt = 0
    return this.#start()
  }

  #start(): Promise<void> {
    this.#cancel()
    if (this.#running) {
      this.#again = true
      return this.#running
    }
    return (this.#running = this.#loop().finally(() => (this.#running = undefined)))
  }

  async #loop(): Promise<void> {
    do {
      this.#again = false
      if (this.#stopped) return
      await this.env.lock(() => this.#once())
    } while (this.#again)
    if (this.#stopped || this.#phase === 'signed_out') return
    const wait = this.#phase === 'idle' ? POLL : backoff(this.#attempt++, this.env.random)
    this.#cancel = this.env.later(wait, () => void this.#start())
  }

  async #once(): Promise<void> {
    this.#show('sending', '')
    let failure: unknown
    try {
      await this.#loadOutbox()
      const unknownServer = this.#marks.epoch === ''
      failure = await this.#try(() => push(this.#pushSide()))
      // What cannot be sent must not keep from seeing what others did.
      if (!isSignedOut(failure)) failure = (await this.#try(() => this.#pull())) ?? failure
      if (unknownServer && failure === undefined) failure = await this.#try(() => push(this.#pushSide()))
    } catch (e) {
      failure = e
    }
    const [phase, error] = judge(failure)
    if (phase === 'idle') this.#attempt = 0
    this.#show(phase, error)
  }

  async #try(job: () => Promise<void>): Promise<unknown> {
    try {
      await job()
      return undefined
    } catch (e) {
      return e ?? new Error('unknown')
    }
  }

  async #pull(): Promise<void> {
    try {
      await pull(this.#pullSide())
    } catch (e) {
      if (!(e instanceof StoreError && e.code === 'store.moved')) throw e
      await this.#load() // another tab was faster: go on from where it came to
      await pull(this.#pullSide())
    }
    if (this.#marks.restored) await this.#revive()
  }

  #pushSide() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const c = this
    return {
      get outbox() { return c.#outbox },
      get device() { return c.#counter.device },
      get base() { return c.#counter.base },
      get epoch() { return c.#marks.epoch },
      clock: () => c.env.now().toISOString(),
      send: (body: PushRequest) => c.env.http.json<PushReply>('/api/sync/push', { body, token: c.env.token() }),
      settle: (reply: PushReply) => c.#settle(reply),
      refuse: async (n: number, reason: string) => {
        await c.env.store.edit([n], (e) => refuse(e, reason, c.env.now().toISOString()))
        await c.#wrote()
      },
      newEpoch: (epoch: string) => c.#renumber(epoch, [], true),
    }
  }

  #pullSide() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const c = this
    return {
      get cursor() { return c.#marks.cursor },
      fetchPage: (cursor: string) =>
        c.env.http.stream('/api/sync/pull?cursor=' + encodeURIComponent(cursor), { token: c.env.token(), timeout: PULL_TIMEOUT }, readPage),
      commit: (page: Page) => c.#commit(page),
      forgetCursor: async () => {
        await c.env.store.forgetCursor()
        c.#marks = { ...c.#marks, cursor: '' }
      },
    }
  }

  /** A reply that comes after signing out must not write to the disk again. */
  #alive(): void {
    if (this.#stopped) throw new Error('stopped')
  }

  async #settle(reply: PushReply): Promise<void> {
    this.#alive()
    const { base } = this.#counter
    const byN = new Map<number, Outcome>(reply.outcomes.map((o) => [o.n + base, o]))
    await this.env.store.edit([...byN.keys()], (e) => settled(e, byN.get(e.n)!), reply.at)
    await this.#wrote()
  }

  async #commit(page: Page): Promise<void> {
    this.#alive()
    const { end } = page
    this.#ahead = this.env.now().getTime() - Date.parse(end.at)
    const fresh = this.#marks.cursor === ''
    const boxes = new Map(fresh ? [] : this.#boxes)
    const put = new Map<string, Box>()
    const drop: string[] = []
    for (const [bucket, box] of applyPage(boxes, page)) {
      if (box) put.set(bucket, box)
      else drop.push(bucket)
    }
    for (const bucket of drop) boxes.delete(bucket)
    for (const [bucket, box] of put) boxes.set(bucket, box)
    const restored = this.#marks.restored || (this.#marks.epoch !== '' && this.#marks.epoch !== end.epoch)
    // The last page's stamp: with more to come, what was asked for is not all here.
    const marks: Marks = { cursor: end.cursor, seq: end.seq, epoch: end.epoch, at: end.more ? this.#marks.at : end.at, restored }
    const edit = end.more ? (e: OutboxEntry) => e : passedBy(end.seq, this.env.now())
    await this.env.store.commit({ expect: this.#marks.cursor, fresh, put, drop, held: [...boxes.keys()], marks }, edit)
    this.#boxes = boxes
    this.#marks = marks
    await this.#loadOutbox()
    if (page.changes.length > 0) this.env.tell('boxes')
  }

  /** After a restore: what was acknowledged and is not there is sent again, as new. */
  async #revive(): Promise<void> {
    const lost = this.#outbox.filter((e) => e.state !== 'unsent' && !e.resolved && this.env.isLost(e, this.#boxes)).map((e) => e.n)
    await this.#renumber(this.#marks.epoch, lost, false)
    if (lost.length === 0) return
    await push(this.#pushSide())
    await pull(this.#pullSide())
  }

  async #renumber(epoch: string, revive: number[], restored: boolean): Promise<void> {
    await this.env.store.renumber(this.env.newId(), epoch, revive, restored)
    this.#marks = { ...this.#marks, epoch, restored }
    await this.#wrote()
  }

  async #load(): Promise<void> {
    this.#take(await this.env.store.load())
  }

  #take(saved: Saved): void {
    this.#boxes = saved.boxes
    this.#marks = saved.marks
    this.#counter = saved.counter
    this.#outbox = saved.outbox
    this.#show()
  }

  async #loadOutbox(): Promise<void> {
    const { outbox, counter } = await this.env.store.outbox()
    this.#outbox = outbox
    this.#counter = counter
    this.#show()
  }

  async #wrote(): Promise<void> {
    await this.#loadOutbox()
    this.env.tell('outbox')
  }

  #show(phase = this.#phase, error = this.#error): void {
    this.#phase = phase
    this.#error = error
    if (this.#stopped) return
    this.onview({ boxes: this.#boxes, outbox: this.#outbox, marks: this.#marks, sentAt: this.#counter.sentAt, phase, error, ahead: this.#ahead })
  }
}

const isSignedOut = (e: unknown) => e instanceof ApiError && (e.status === 401 || e.code === 'auth.inactive')

function judge(failure: unknown): [Phase, string] {
  if (failure === undefined) return ['idle', '']
  if (failure instanceof StoreError) return ['failed', failure.code]
  if (!(failure instanceof ApiError)) return ['failed', 'unexpected']
  if (isSignedOut(failure)) return ['signed_out', failure.code]
  return [failure.status === 0 && failure.code !== 'sync.no_progress' ? 'offline' : 'failed', failure.code]
}
