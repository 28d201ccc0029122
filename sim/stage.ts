// The scheduler. Whatever may happen next waits here; a seed says what does.
import { createHash } from 'node:crypto'
import { Chance } from './chance'
import { act, type Connections, settle } from './disk'
import type { Phone, Person, Tab } from './phone'
import type { Reply, Server } from './server'
import { type Call, type Fault, mutationsOf, Wire } from './wire'
import { World } from './world'
import type { View } from '../pb_public/src/sync/client'

export class Broken extends Error {
  constructor(
    readonly invariant: string,
    message: string,
  ) {
    super(message)
  }
}

/** Something a person did, and what may be asked of it. */
export type Made = {
  mid: string; entry: string; phone: Phone; person: Person; name: string; board: string; needs: string
  /** The client said that it is saved. */
  saved: boolean
  /** A person has dealt with it. */
  resolved: boolean
  /** Its phone lost it, or may have: nothing is asked of it but that it is not done twice. */
  lost: boolean
  /** The phone was told that its text is kept at the server, where alone it lies from then on. */
  away: boolean
  /** Its person was told that it is done. */
  told: boolean
}

const BEGAN = Date.parse('2026-11-22T08:00:00Z')
const MOST_STEPS = 100_000

export class Stage {
  readonly chance: Chance
  readonly world = new World(() => this.now)
  readonly wire = new Wire(this)
  readonly connections = new Map<string, Connections>()
  readonly made = new Map<string, Made>()
  readonly trace: string[] = []
  phones: Phone[] = []
  now = BEGAN
  /** Whether lines break and disks fail; and whether the server dies. */
  faults = false
  kills = false
  restored = false
  failure: Broken | undefined
  #steps = 0

  constructor(
    readonly seed: number,
    readonly server: Server,
    /** What all ids of this run begin with: the server serves many. */
    readonly prefix: string,
  ) {
    this.chance = new Chance(seed)
  }

  say(text: string): void {
    this.trace.push(text.replaceAll(this.prefix, ''))
  }

  get hash(): string {
    return createHash('sha256').update(this.trace.join('\n')).digest('hex').slice(0, 12)
  }

  broken(invariant: string, message: string): void {
    this.failure ??= new Broken(invariant, message.replaceAll(this.prefix, ''))
  }

  check(): void {
    if (this.failure) throw this.failure
  }

  clockHeader(): Record<string, string> {
    return { 'X-Sim-Now': new Date(this.now).toISOString() }
  }

  fault(_tab: Tab, path: string, body: string): Fault | undefined {
    if (body.includes('HUGE')) return 413 // for ever: no line will take it
    if (!this.faults || !this.chance.one(4)) return undefined
    const push = path.endsWith('/push')
    return this.chance.weighted<Fault>([
      [3, 'drop'], [4, 'lose'], [3, 'twice'], [2, 'late'], [2, 'cut'], [1, 'torn'], [0.5, 'page'],
      [0.7, 401], [0.7, 429], [1, 500], [1, 503], [1, 'after 502'], [push && body.includes('},{') ? 0.7 : 0, 413],
      ...(this.kills ? ([[1, 'die begin'], [1.5, 'die end'], [push ? 1.5 : 0, 'die inside'], [push ? 1 : 0, 'die between'], [push ? 3 : 0, 'die committed']] as const) : []),
    ])
  }

  /** No answer came: was it killed, it stays down until somebody starts it. */
  async died(): Promise<void> {
    if (this.server.down) return
    if (!this.kills) throw new Error('the server does not answer')
    this.say('the server dies')
    await this.server.kill()
  }

  /** A reply reaches a phone. */
  heard({ path, init }: Call, { status, body }: Reply): void {
    if (!path.endsWith('/push') || status !== 200) return
    const { outcomes } = JSON.parse(body) as { outcomes: { n: number; result: string; first?: { result: string } }[] }
    for (const { n, args } of mutationsOf(init)) {
      const made = this.made.get(args.mid ?? '')
      const outcome = outcomes.find((o) => o.n === n)
      if (made && (outcome?.first ?? outcome)?.result === 'escrowed') made.away = true
    }
  }

  /** What a tab shows from now on. */
  seen(tab: Tab, view: View): void {
    const before = tab.view?.marks
    tab.view = view
    for (const e of view.outbox) {
      const made = this.made.get((e.args as { mid?: string }).mid ?? '')
      if (made && e.outcome && ['applied', 'merged'].includes(e.outcome.result)) made.told = true
    }
    const { cursor, seq } = view.marks
    // A server that was put back counts from an earlier number; a round from nothing, from none.
    if (!this.restored && seq !== 0 && before && before.cursor !== '' && cursor !== '' && seq < before.seq) {
      this.broken('I7', `${tab.name} went back from ${before.seq} to ${seq}`)
    }
  }

  /** Everything that could happen now. */
  #possible(): (() => unknown)[] {
    const out: (() => unknown)[] = []
    for (const phone of this.phones) {
      const as = (job: () => unknown) => out.push(() => (act(phone), job()))
      if (phone.disk.tasks.length > 0) as(() => this.#turn(phone))
      const { lock } = phone
      if (!lock.holder && lock.waiting.length > 0) as(() => lock.waiting.shift()!.run())
      if (phone.told.length > 0) {
        as(() => {
          const { to, what } = phone.told.shift()!
          if (to.ready) void to.client.reload(what).catch((e: Error) => this.say(`${to.name} cannot reload: ${e.message}`))
        })
      }
      const due = phone.timers.filter((t) => t.due <= phone.clock())
      if (due.length > 0) {
        as(() => {
          const timer = this.chance.pick(due)
          phone.timers.splice(phone.timers.indexOf(timer), 1)
          timer.run()
        })
      }
    }
    for (const call of this.wire.calls) {
      if (!call.asked || (call.reply && !call.held)) out.push(() => (act(call.tab.phone), this.wire.step(call)))
    }
    return out
  }

  /** A few steps of one disk. */
  async #turn(phone: Phone): Promise<void> {
    for (let i = 1 + this.chance.int(6); i > 0 && phone.disk.tasks.length > 0; i--) {
      phone.disk.tasks.shift()!()
      for (const tab of phone.tabs) if (tab.fuse > 0 && --tab.fuse === 0) tab.kill()
      await settle()
    }
  }

  /** Does something as a phone, at once. */
  async as(phone: Phone, job: () => unknown): Promise<void> {
    act(phone)
    job()
    await settle()
    this.check()
  }

  /** Lets so many things happen, or all there is. */
  async pump(steps = Infinity): Promise<void> {
    await settle()
    for (let i = 0; i < steps; i++) {
      const next = this.chance.maybe(this.#possible())
      if (!next) return
      if (++this.#steps > MOST_STEPS) throw new Broken('I10', 'it never ends')
      await next()
      await settle()
      this.check()
    }
  }
}
