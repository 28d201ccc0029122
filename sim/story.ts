// One run: people, boards and phones; what they and the administrator do; what breaks on the way; and the quiet after it.
import { needsPerson } from '../pb_public/src/sync/outbox'
import type { Box } from '../pb_public/src/sync/store'
import { atRest, durable, heard, inTheEnd, type State, stateOf } from './invariants'
import { type Person, Phone, type Tab } from './phone'
import { Broken, type Made, type Stage } from './stage'
import { canary } from './world'

type Order = { op: string; id?: string; user?: string; board?: string; coll?: string; on?: boolean; values?: Record<string, unknown> }
type Card = { id: string; _seq?: number; board: string; note: string; weight: number; tags: string[]; dep?: { n: number; mid: string } }

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NAMES = ['ann', 'bob', 'cat', 'dan']
const MOST_ROUNDS = 16

export class Story {
  #made = 0
  #copied: (() => void) | undefined
  #column = false

  constructor(
    readonly stage: Stage,
    readonly copyTo: string,
  ) {}

  async run(): Promise<void> {
    const { stage } = this
    const { chance } = stage
    await this.#begin()
    stage.faults = true
    stage.kills = stage.seed % 3 === 0
    for (let i = 50 + chance.int(60); i > 0; i--) {
      stage.now += 1 + chance.int(2000)
      await this.#act()
      await stage.pump(chance.weighted([[2, 0], [4, chance.int(12)], [3, chance.int(60)], [2, Infinity]]))
    }
    await this.#end()
  }

  // The world.

  async #order(...orders: Order[]): Promise<Record<string, string>> {
    const { stage } = this
    const headers = { 'X-Sim': 'x-sim', 'Content-Type': 'application/json', ...stage.clockHeader() }
    const reply = await stage.server.ask('/sim/do', 'POST', headers, JSON.stringify(orders))
    if (reply?.status !== 200) throw new Error(`the server does not obey: ${reply?.status} ${reply?.body}`)
    return JSON.parse(reply.body) as Record<string, string>
  }

  async #begin(): Promise<void> {
    const { stage } = this
    const { chance, world, prefix } = stage
    const id = (kind: string, n: number) => (prefix + kind + n).padEnd(15, '0')
    const people = NAMES.slice(0, 3 + chance.int(2))
    const orders: Order[] = people.map((name, i) => ({ op: 'user', id: id('u', i), on: name === 'dan' }))
    world.boards = Array.from({ length: 3 + chance.int(3) }, (_, i) => id('b', i))
    for (const board of world.boards) {
      orders.push({ op: 'make', coll: 'boards', values: { id: board, title: canary(board) } })
      people.forEach((_, i) => !chance.one(3) && orders.push(this.#seat(board, id('u', i), chance.one(6) ? world.day(chance.int(3)) : '')))
      for (let n = chance.int(6); n > 0; n--) orders.push(this.#card(board))
    }
    const tokens = await this.#order(...orders)
    people.forEach((name, i) => {
      const person: Person = { id: id('u', i), name, token: tokens[id('u', i)]!, chief: name === 'dan', active: true }
      world.people.push(person)
      for (let n = chance.one(3) ? 2 : 1; n > 0; n--) stage.phones.push(new Phone(stage, name + stage.phones.length, person, !chance.one(6)))
    })
    for (const phone of stage.phones) await stage.as(phone, () => phone.tab())
    await stage.pump()
    for (const { tabs: [tab] } of stage.phones) if (!chance.one(4)) await stage.as(tab!.phone, () => void tab!.client.sync())
    await stage.pump()
  }

  #seat(board: string, user: string, until: string | null): Order {
    this.stage.world.seat(board, user, until)
    return { op: 'seat', board, user, on: until !== null, values: { until } }
  }

  #card(board: string): Order {
    const { chance } = this.stage
    return { op: 'make', coll: 'cards', values: { id: chance.id(), board, text: canary(board) + ' of the house', state: 'open', tags: [] } }
  }

  // What can happen.

  async #act(): Promise<void> {
    const { stage } = this
    const { chance } = stage
    const tab = chance.maybe(stage.phones.flatMap((p) => p.tabs).filter((t) => t.ready))
    const phone = chance.pick(stage.phones)
    const mine = (job: (t: Tab) => unknown) => async () => tab && (await stage.as(tab.phone, () => job(tab)))
    const admin = (job: () => Order[]) => async () => {
      if (stage.server.down) return
      const orders = job()
      stage.say('admin ' + orders.map((o) => `${o.op} ${o.id ?? o.board ?? ''} ${o.user ?? ''}`).join(', '))
      await this.#order(...orders)
    }
    const seconds = (ms: number) => async () => void (stage.now += chance.int(ms))
    const { kills } = stage
    await chance.weighted<() => Promise<unknown>>([
      [18, mine((t) => this.#type(t))],
      [5, mine((t) => [1, 2, 3].forEach(() => this.#type(t)))],
      [2, mine((t) => this.#resolve(t))],
      [stage.world.people.length > 3 ? 3 : 0, () => this.#tend()],
      [12, mine((t) => (stage.say(`${t.name} syncs`), void t.client.sync()))],
      [4, () => stage.as(phone, () => phone.tabs.length < 2 && phone.tab())],
      [1, mine((t) => t.kill())],
      [3, mine((t) => (t.fuse = 1 + chance.int(40)))],
      [2, mine((t) => t.connections.troubles.push({ name: chance.pick(['QuotaExceededError', 'UnknownError', 'InvalidStateError'] as const), after: chance.int(5) }))],
      [0.4, () => this.#evict(phone)],
      [0.6, () => this.#spoil(phone)],
      [0.4, async () => void (phone.lock.holder = undefined)],
      [5, () => this.#overtake()],
      [9, admin(() => this.#administer())],
      [4, seconds(10_000)], [3, seconds(10 * MINUTE)], [1.5, seconds(6 * HOUR)], [1, seconds(2 * DAY)], [0.3, seconds(40 * DAY)], [0.15, seconds(900 * DAY)],
      [0.6, async () => void (phone.skew = chance.pick([0, 0, HOUR, -HOUR, 5 * 365 * DAY, -5 * 365 * DAY]))],
      [1, async () => stage.wire.release()],
      [3, () => this.#rest()],
      [kills ? 1.5 : 0, () => this.#kill()],
      [stage.server.down ? 25 : 0, () => this.#boot()],
      [kills && !this.#copied ? 2 : 0, async () => this.#copy()],
      [kills && this.#copied ? 1.5 : 0, () => this.#putBack()],
    ])()
    stage.check()
  }

  /** A person does something with what her phone shows. */
  #type(tab: Tab): void {
    const { stage } = this
    const { chance, world } = stage
    const { person } = tab.phone
    const boards = [...tab.view!.boxes.keys()].map((b) => b.slice('board:'.length))
    const board = chance.one(12) ? chance.pick(world.boards.length ? world.boards : boards) : chance.maybe(boards)
    if (!board) return
    const cards = this.#cards(tab)
    const card = chance.maybe(cards)
    const mid = 'm' + ++this.#made
    const kind = card ? chance.weighted([[5, 'add'], [3, 'note'], [2, 'weight'], [3, 'tags'], [2, 'move'], [1.5, 'shift'], [1, 'remove']] as const) : 'add'
    const word = chance.weighted([[12, 'fine'], [1, 'BAD'], [1.5, 'WRONG'], [1, 'HALF'], [1, 'BROKEN'], [0.3, 'HUGE']])
    const [name, args] = {
      add: () => ['card.add', { id: chance.id(), board, text: `${canary(board)} ${word} ${mid}` }] as const,
      note: () => ['card.edit', this.#edit(card!, { note: card!.note }, { note: `${canary(card!.board)} ${mid}` })] as const,
      weight: () => ['card.edit', this.#edit(card!, { weight: card!.weight }, { weight: chance.int(7) })] as const,
      tags: () => ['card.edit', this.#edit(card!, { tags: card!.tags }, { tags: [...card!.tags.filter(() => !chance.one(3)), mid] })] as const,
      move: () => ['card.move', { id: card!.id, board: card!.board, to: chance.pick(['doing', 'done', 'open']) }] as const,
      shift: () => ['card.shift', { id: card!.id, board: card!.board, to: chance.pick(boards.length ? boards : [board]) }] as const,
      remove: () => ['card.remove', { id: card!.id, board: card!.board }] as const,
    }[kind]()
    const waiting = tab.view!.outbox.filter((e) => e.state === 'unsent' && (e.args as { mid?: string }).mid).at(-1)
    const before = waiting && { n: waiting.n, mid: (waiting.args as { mid: string }).mid }
    const dep = kind !== 'add' ? card!.dep : chance.one(4) ? before : undefined
    const entry = chance.id()
    const made: Made = {
      mid, entry, phone: tab.phone, person, name, board: args.board, needs: dep?.mid ?? '', saved: false, resolved: false, lost: false, away: false, told: false,
    }
    stage.made.set(mid, made)
    stage.say(`${tab.name} types ${mid} ${name} ${kind === 'add' ? word : kind} on ${args.board}${dep ? ' after ' + dep.n : ''}`)
    const at = new Date(tab.phone.clock()).toISOString()
    tab.client.add({ id: entry, name, args: { mid, needs: made.needs, ...args }, at, ...(dep && { deps: [dep.n] }) }).then(
      () => (made.saved = true),
      (e: Error) => stage.say(`${mid} is not saved: ${e.message}`),
    )
  }

  #edit(card: Card, was: Record<string, unknown>, mine: Record<string, unknown>) {
    return { id: card.id, board: card.board, was, mine }
  }

  /** The cards a tab shows, and those of its outbox, which others build on. */
  #cards(tab: Tab): Card[] {
    const { boxes, outbox } = tab.view!
    const shown = [...boxes.values()].flatMap((box: Box) => Object.values(box.cards ?? {}) as unknown as Card[])
    const waiting = outbox.filter((e) => e.name === 'card.add' && e.state === 'unsent').map((e) => {
      const { id, board, mid } = e.args as { id: string; board: string; mid: string }
      return { id, board, note: '', weight: 0, tags: [], dep: { n: e.n, mid } }
    })
    return [...shown, ...waiting, ...waiting]
  }

  #resolve(tab: Tab): void {
    const { stage } = this
    const item = stage.chance.maybe(tab.view!.outbox.filter(needsPerson))
    if (!item) return
    const how = stage.chance.pick(['discard', 'handed', 'seen'] as const)
    stage.say(`${tab.name} deals with ${item.n}: ${how}`)
    for (const m of stage.made.values()) if (m.entry === item.id) m.resolved = true
    tab.client.settle(item.n, how, '').catch((e: Error) => stage.say('not settled: ' + e.message))
  }

  /** A chief looks after what was kept of others. */
  async #tend(): Promise<void> {
    const { stage } = this
    const tab = stage.phones.filter((p) => p.person.chief).flatMap((p) => p.tabs).find((t) => t.ready)
    if (tab) await stage.as(tab.phone, () => this.#look(tab))
  }

  #look(tab: Tab): void {
    const { stage } = this
    const how = stage.chance.pick(['release', 'discard'])
    const [entry, pick] = [stage.chance.id(), stage.chance.next()]
    const at = new Date(tab.phone.clock()).toISOString()
    tab.client.kept().then(({ items }) => {
      const item = items[Math.floor(pick * items.length)]
      if (!item) return
      stage.say(`${tab.name} tends ${item.n} of ${item.user}: ${how}`)
      const { user, device, n } = item
      const { mid } = item.args as { mid?: string }
      const made = stage.made.get(mid ?? '')
      if (made) made.resolved = true
      return tab.client.add({ id: entry, name: 'sync.settle', args: { user, device, n, how, note: '' }, at })
    }).catch((e: Error) => stage.say('not tended: ' + e.message))
  }

  #administer(): Order[] {
    const { stage } = this
    const { chance, world, prefix } = stage
    const board = chance.maybe(world.boards)
    const person = chance.pick(world.people)
    if (!board) return []
    const cards = stage.phones.flatMap((p) => p.tabs).flatMap((t) => (t.view ? this.#cards(t) : []))
    const card = chance.maybe(cards)
    return chance.weighted<() => Order[]>([
      [3, () => [this.#seat(board, person.id, '')]],
      [3, () => [this.#seat(board, person.id, null)]],
      [1, () => [this.#seat(board, person.id, world.day(chance.int(4) - 1))]],
      [1, () => ((person.active = !person.active), [{ op: 'set', coll: 'users', id: person.id, values: { active: person.active } }])],
      [3, () => [this.#card(board)]],
      [3, () => (card ? [{ op: 'set', coll: 'cards', id: card.id, values: { note: ' by the house' + chance.int(100) } }] : [])],
      [1, () => (card ? [{ op: 'set', coll: 'cards', id: card.id, values: { board } }] : [])],
      [1, () => (card ? [{ op: 'drop', coll: 'cards', id: card.id }] : [])],
      [0.4, () => (world.drop(board), [{ op: 'drop', coll: 'boards', id: board }])],
      [1, () => [{ op: 'set', coll: 'boards', id: board, values: { title: `${canary(board)} ${chance.int(100)}` } }]],
      [0.4, () => ((this.#column = !this.#column), [{ op: 'column', coll: 'cards', id: prefix + 'x', on: this.#column }])],
      [0.8, () => ((world.broken = !world.broken), [{ op: 'broken', on: world.broken }])],
    ])()
  }

  async #evict(phone: Phone): Promise<void> {
    const { stage } = this
    for (const tab of [...phone.tabs]) tab.kill()
    await stage.pump(20)
    stage.say(`${phone.name} is evicted`)
    for (const m of stage.made.values()) if (m.phone === phone) m.lost = true
    phone.disk.evict()
    phone.spoilt = undefined
    if (stage.chance.one(3)) phone.mark = null // the whole of it
    phone.evicted = phone.mark !== null
    await stage.as(phone, () => phone.tab())
  }

  /** A row goes missing on the disk, as a bug or a bad block would have it. */
  async #spoil(phone: Phone): Promise<void> {
    const { stage } = this
    await this.#still()
    const lying = phone.disk.pulled().map((record) => ({ record, all: JSON.parse(record.value) as unknown }))
    const marks = phone.disk.all<{ cursor: string; seq: number }>('meta').find((r) => r.key === 'marks')?.value
    const [id, card] = stage.chance.maybe(lying.flatMap(({ all }) => cardsIn(all)).flatMap((cards) => Object.entries(cards).filter(([, c]) => c))) ?? []
    if (!id || !card || !marks?.cursor || phone.spoilt) return
    const bucket = 'board:' + card.board
    for (const tab of [...phone.tabs]) tab.kill()
    for (const { record, all } of lying) {
      for (const cards of cardsIn(all)) delete cards[id]
      record.value = JSON.stringify(all)
    }
    stage.say(`${phone.name} loses ${id} of ${bucket}`)
    // What it has of a round that was cut short lies beyond its marks: news come behind all there is.
    const rows = lying.flatMap(({ all }) => cardsIn(all)).flatMap((cards) => Object.values(cards)).map((c) => c?._seq ?? 0)
    const seq = stage.server.down ? Math.max(marks.seq, ...rows) : (await stateOf(stage)).seq
    await stage.as(phone, () => (phone.spoilt = { bucket, seq, tab: phone.tab().name }))
    if (stage.server.down || stage.chance.one(2) || !stage.world.boards.includes(card.board!)) return
    await this.#order(this.#card(card.board!)) // news in it, by which it is noticed
    await stage.pump()
    await stage.as(phone, () => void phone.tabs[0]?.client.sync())
    await stage.pump()
  }

  /** A tab is frozen in the middle of a pull, another one gets further, and then the first goes on. */
  async #overtake(): Promise<void> {
    const { stage } = this
    const call = stage.chance.maybe(stage.wire.calls.filter((c) => c.path.includes('/pull') && c.tab === c.tab.phone.lock.holder))
    const board = call && stage.chance.maybe([...stage.world.boardsOf(call.tab.phone.person.id)])
    if (!call || !board || stage.server.down) return
    const { tab } = call
    const { phone } = tab
    let asked: Promise<void> | undefined
    if (!call.asked) await stage.as(phone, () => (asked = stage.wire.step(call)))
    await asked
    if (stage.server.down) return
    call.held = true
    phone.lock.holder = undefined
    stage.say(`${tab.name} is frozen`)
    await this.#order(this.#card(board))
    if (phone.tabs.length < 2) await stage.as(phone, () => phone.tab())
    await stage.pump()
    for (const other of phone.tabs.filter((t) => t !== tab && t.ready)) await stage.as(phone, () => void other.client.sync())
    await stage.pump()
    stage.wire.release()
  }

  /** Nothing is under way. */
  async #still(): Promise<void> {
    this.stage.wire.release()
    await this.stage.pump()
  }

  async #rest(): Promise<void> {
    const { stage } = this
    await this.#still()
    if (stage.server.down) return
    stage.say('at rest')
    atRest(stage, await stateOf(stage))
  }

  // The server.

  async #kill(): Promise<void> {
    if (this.stage.server.down) return
    this.stage.say('the server is killed')
    await this.stage.server.kill()
  }

  async #boot(): Promise<void> {
    const { stage } = this
    const { world } = stage
    if (!stage.server.down) return
    if (stage.chance.one(4)) world.wide = !world.wide
    world.broken = false
    stage.say(`the server starts${world.wide ? ', wide' : ''}`)
    await stage.server.start('--now', new Date(stage.now).toISOString(), ...(world.wide ? ['--wide'] : []))
    durable(stage, await stateOf(stage))
  }

  #copy(): void {
    const { stage } = this
    stage.say('the server is copied')
    stage.server.copy(this.copyTo)
    this.#copied = stage.world.keep()
    const column = this.#column
    const back = this.#copied
    this.#copied = () => (back(), (this.#column = column))
  }

  /** Somebody puts an older copy back, and the world goes on from there. */
  async #putBack(): Promise<void> {
    const { stage } = this
    stage.say('the server is put back')
    await stage.server.putBack(this.copyTo)
    stage.wire.sever()
    this.#copied!()
    this.#copied = undefined
    stage.restored = true
    for (const m of stage.made.values()) {
      // What no phone has any more cannot come back: it was a receipt for too long, or escrowed, with its text on the server only.
      const entry = m.phone.outbox.find((e) => e.id === m.entry)
      const over = entry?.since !== undefined && stage.now - Date.parse(entry.since) > 14 * DAY // the pull under way drops it
      if (entry ? m.away || over : m.told) m.lost = true
    }
    await this.#boot()
  }

  // The quiet after it.

  async #end(): Promise<void> {
    const { stage } = this
    const { chance, world, wire } = stage
    stage.faults = stage.kills = false
    stage.say('all is well again')
    await this.#boot()
    if (world.broken && !chance.one(3)) {
      world.broken = false
      await this.#order({ op: 'broken', on: false })
    }
    for (const phone of stage.phones) for (const tab of phone.tabs) tab.fuse = tab.connections.troubles.length = 0
    const began = wire.requests
    let still = 0
    let before = -1
    for (let round = 0; still < 1; round++) {
      if (round === MOST_ROUNDS) throw new Broken('I10', 'it does not come to rest: ' + this.#unrest(await stateOf(stage)).join('; '))
      if (round === 2) stage.now += 25 * HOUR // the daily check comes
      stage.now += 1000
      await this.#still()
      for (const phone of stage.phones) {
        if (phone.tabs.length === 0) await stage.as(phone, () => phone.tab())
      }
      await stage.pump()
      for (const tab of stage.phones.flatMap((p) => p.tabs)) await stage.as(tab.phone, () => void tab.client.sync())
      await stage.pump()
      const state = await stateOf(stage)
      still = round > 2 && state.seq === before && this.#unrest(state).length === 0 ? still + 1 : 0
      before = state.seq
    }
    const most = 500 + 10 * stage.made.size
    if (wire.requests - began > most) stage.broken('I10', `${wire.requests - began} requests to come to rest, for ${stage.made.size} mutations`)
    await inTheEnd(stage, await stateOf(stage))
    if (this.#column) await this.#order({ op: 'column', coll: 'cards', id: stage.prefix + 'x', on: false })
    await this.#order({ op: 'broken', on: false })
    stage.check()
  }

  #unrest(state: State): string[] {
    return this.stage.phones.flatMap((phone) => {
      const phase = phone.person.active ? 'idle' : 'signed_out'
      const tabs = phone.tabs.filter((t) => t.view?.phase !== phase).map((t) => `${t.name} is ${t.view?.phase} ${t.view?.error}`)
      const due = phone.outbox.filter((e) => heard(state, phone.person) && (e.state === 'unsent' || e.spend)).map((e) => `${phone.name} holds ${e.n} ${e.name}, ${e.outcome?.result ?? 'unsent'} ${e.outcome?.reason ?? ''}`)
      return [...tabs, ...due]
    })
  }
}

/** The collections of cards in what lies on a disk, wherever they are in it. */
function cardsIn(all: unknown): Record<string, Card | null>[] {
  if (typeof all !== 'object' || all === null) return []
  return Object.entries(all).flatMap(([name, inner]) => (name === 'cards' ? [inner as Record<string, Card | null>] : cardsIn(inner)))
}
