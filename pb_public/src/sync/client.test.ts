import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test } from 'vitest'
import { backoff } from './backoff'
import { refusalsOf } from './outbox'
import { Peer } from './testing/peer'
import { freshDisk, Phone, type Tab } from './testing/phone'

let peer: Peer
let phone: Phone
let tab: Tab

beforeEach(async () => {
  freshDisk()
  peer = new Peer()
  peer.join('course:a')
  phone = new Phone(peer)
  tab = await phone.tab()
  await tab.sync()
})

const sent = () => peer.requests.filter((r) => r.endsWith('/push')).length
const state = (n: number) => tab.entry(n)?.state

describe('sending', () => {
  test('saved without network, sent with it, shown by the pull', async () => {
    peer.faults = ['down', 'down']
    const n = await tab.note('hello')
    await tab.sync()
    expect([state(n), tab.view.phase, peer.notes()]).toEqual(['unsent', 'offline', []])
    await tab.sync()
    expect([state(n), tab.entry(n)!.passed, tab.view.phase, tab.rows]).toEqual(['received', true, 'idle', ['hello']])
  })

  test('a lost reply: sent again, decided once, and the first outcome is the receipt', async () => {
    const n = await tab.note('once')
    peer.faults = ['lost', 'down']
    await tab.sync()
    expect([state(n), peer.notes()]).toEqual(['unsent', ['once']])
    await tab.sync()
    expect([peer.notes(), tab.rows]).toEqual([['once'], ['once']])
    expect(tab.entry(n)!.outcome).toMatchObject({ result: 'applied', seq: 2 })
  })

  test('a failing push does not keep from seeing what others did', async () => {
    peer.write('course:a', 'notes', 'x', { text: 'from another' })
    await tab.note('mine')
    peer.faults = [500]
    await tab.sync()
    expect([tab.rows, tab.view.phase, tab.view.error, state(1)]).toEqual([['from another'], 'failed', 'server.failed', 'unsent'])
  })

  test('an entry passes only when a pull has reached it', async () => {
    await tab.note('hello')
    peer.faults = ['ok', 'down']
    await tab.sync()
    expect([state(1), tab.entry(1)!.passed, tab.rows]).toEqual(['received', undefined, []])
    await tab.sync()
    expect([tab.entry(1)!.passed, tab.rows]).toEqual([true, ['hello']])
  })

  test('signed out: all is kept, nothing is tried again by itself', async () => {
    await tab.note('kept')
    peer.faults = [401]
    tab.waits = []
    await tab.sync()
    expect([tab.view.phase, state(1), tab.waits]).toEqual(['signed_out', 'unsent', []])
    await tab.sync()
    expect([tab.view.phase, state(1)]).toEqual(['idle', 'received'])
  })

  test.each(['/push', '/pull'])('a reply to %s that comes after signing out writes nothing', async (last) => {
    await tab.note('kept')
    peer.write('course:a', 'notes', 'x', { text: 'secret' })
    peer.heard = (path) => path.endsWith(last) && tab.client.stop()
    await tab.sync()
    const { boxes, outbox } = await tab.store.load()
    expect([outbox[0]!.state, boxes.get('course:a')]).toEqual([last === '/push' ? 'unsent' : 'received', {}])
  })

  test('more than fits one request goes in several, in order', async () => {
    for (let i = 0; i < 130; i++) await tab.note('n' + i)
    await tab.sync()
    expect(sent()).toBe(2)
    expect(peer.notes()).toEqual(Array.from({ length: 130 }, (_, i) => 'n' + i))
  })
})

describe('refused', () => {
  test('goes to the tray with its text whole; a person settles it', async () => {
    const text = 'BAD ' + 'æøå🙂'.repeat(500)
    await tab.note(text)
    await tab.sync()
    expect(state(1)).toBe('refused')
    expect(tab.entry(1)!.args).toMatchObject({ text })
    expect(refusalsOf(tab.entry(1)!.outcome)).toMatchObject([{ code: 'rule', reason: 'window.after_end', rule: 'W5' }])
    await tab.client.discard(1, 'not needed')
    expect(tab.entry(1)!.resolved).toMatchObject({ how: 'discard', note: 'not needed' })
  })

  test('partly refused: what was taken in shows, the rest waits for a person', async () => {
    await tab.note('HALF')
    await tab.sync()
    expect([state(1), tab.entry(1)!.passed, tab.rows]).toEqual(['refused', true, ['HALF']])
    expect(refusalsOf(tab.entry(1)!.outcome)).toMatchObject([{ part: 'next' }])
  })

  test('one that makes the request itself unreadable is found, alone goes to the tray, and blocks nobody', async () => {
    for (const text of ['a', 'b', 'POISON', 'c', 'd']) await tab.note(text)
    await tab.sync()
    expect(tab.view.outbox.map((e) => e.state)).toEqual(['received', 'received', 'refused', 'received', 'received'])
    expect([peer.notes(), tab.view.phase]).toEqual([['a', 'b', 'c', 'd'], 'idle'])
    expect(tab.entry(3)).toMatchObject({ args: { text: 'POISON' }, outcome: { code: 'args', reason: 'request.invalid' } })
    expect(tab.entry(3)!.spend).toBeUndefined()
  })

  test('too large for the server: the others go, the large one to the tray', async () => {
    peer.maxBody = 2000
    await tab.note('x'.repeat(3000))
    for (let i = 0; i < 30; i++) await tab.note('n' + i)
    await tab.sync()
    expect([state(1), peer.notes().length]).toEqual(['refused', 30])
    expect(tab.entry(1)!.outcome).toMatchObject({ code: 'args', reason: 'request.too_large' })
  })

  test('a server that refuses every request costs one entry’s patience, not the outbox', async () => {
    peer.maxBody = 10
    for (let i = 0; i < 5; i++) await tab.note('n' + i)
    await tab.sync()
    expect(tab.view.outbox.map((e) => e.state)).toEqual(['refused', 'unsent', 'unsent', 'unsent', 'unsent'])
    expect([tab.view.phase, tab.view.error]).toEqual(['failed', 'request.too_large'])
    peer.maxBody = 10_000
    await tab.sync()
    expect(peer.notes()).toEqual(['n1', 'n2', 'n3', 'n4'])
  })

  test('a name the server does not know waits, and is decided when it does', async () => {
    peer.knows.clear()
    await tab.note('early')
    await tab.sync()
    await tab.sync()
    expect([state(1), tab.entry(1)!.outcome!.result]).toEqual(['unsent', 'unknown'])
    peer.knows.add('note.add')
    await tab.sync()
    expect([state(1), tab.rows]).toEqual(['received', ['early']])
  })
})

describe('pulling', () => {
  test('a page cut short changes nothing', async () => {
    peer.write('course:a', 'notes', 'x', { text: 'new' })
    peer.faults = ['cut']
    await tab.sync()
    expect([tab.rows, tab.view.phase]).toEqual([[], 'offline'])
    await tab.sync()
    expect(tab.rows).toEqual(['new'])
  })

  test('many pages, cut between them: it goes on where it was', async () => {
    peer.pageRows = 1
    for (const b of 'bcde') {
      peer.join('course:' + b)
      peer.write('course:' + b, 'notes', b, { text: b })
    }
    const { at } = tab.view.marks
    peer.now = () => new Date('2026-11-22T13:00:00Z')
    peer.faults = ['ok', 'ok', 'down']
    await tab.sync()
    expect([tab.rows, tab.view.phase, tab.view.marks.at]).toEqual([['b', 'c'], 'offline', at]) // not all is here: no new stamp
    await tab.sync()
    expect(tab.rows).toEqual(['b', 'c', 'd', 'e'])
  })

  test('a bucket left is dropped, also while away', async () => {
    peer.join('course:b')
    peer.write('course:b', 'notes', 'x', { text: 'secret' })
    await tab.sync()
    peer.leave('course:b')
    tab.kill()
    const next = await phone.tab()
    await next.sync()
    expect([...next.view.boxes.keys()]).toEqual(['course:a'])
  })

  test('a cursor the server does not know: everything anew, the outbox stays', async () => {
    await tab.note('mine')
    await tab.sync()
    peer.join('course:b')
    await tab.sync()
    peer.members.delete('course:b') // forgotten, so that no leave is ever said
    peer.faults = [410]
    await tab.sync()
    expect([tab.rows, [...tab.view.boxes.keys()], state(1)]).toEqual([['mine'], ['course:a'], 'received'])
  })

  test('a server that never gets further is not asked for ever', async () => {
    const stuck = { t: 'end', cursor: 'same', seq: 1, more: true, epoch: 'e1', at: '' }
    Object.assign(peer, { fetch: async () => new Response(JSON.stringify(stuck) + '\n') })
    const other = await new Phone(peer, 'u9').tab()
    await other.sync()
    expect([other.view.phase, other.view.error]).toEqual(['failed', 'sync.no_progress'])
  })
})

describe('a server put back from a backup', () => {
  test('new device, numbers from 1, and what it has forgotten is sent again', async () => {
    const restore = peer.backup()
    await tab.note('acknowledged, then forgotten')
    await tab.note('BAD stays in the tray')
    await tab.sync()
    const device = (await tab.store.outbox()).counter.device
    restore()
    await tab.note('written since')
    await tab.sync()
    expect(peer.notes().sort()).toEqual(['acknowledged, then forgotten', 'written since'])
    expect(tab.rows.sort()).toEqual(['acknowledged, then forgotten', 'written since'])
    expect((await tab.store.outbox()).counter.device).not.toBe(device)
    expect(tab.view.outbox.map((e) => e.state).sort()).toEqual(['received', 'received', 'refused'])
    expect(new Set(tab.view.outbox.map((e) => e.n)).size).toBe(3)
    expect((await tab.store.load()).marks.restored).toBe(false)
  })

  test('also when only the pull finds out', async () => {
    const restore = peer.backup()
    await tab.note('forgotten')
    await tab.sync()
    restore()
    await tab.sync()
    await tab.sync()
    expect([peer.notes(), tab.rows, tab.view.phase]).toEqual([['forgotten'], ['forgotten'], 'idle'])
  })
})

describe('several tabs', () => {
  test('write into one outbox, gapless, and see each other’s work', async () => {
    const other = await phone.tab()
    const ns = await Promise.all([tab.note('a'), other.note('b'), tab.note('c'), other.note('d')])
    expect(ns.toSorted()).toEqual([1, 2, 3, 4])
    await Promise.all([tab.sync(), other.sync()])
    await Promise.all([...tab.told, ...other.told])
    expect(peer.notes().sort()).toEqual(['a', 'b', 'c', 'd'])
    for (const t of [tab, other]) {
      expect(t.rows.sort()).toEqual(['a', 'b', 'c', 'd'])
      expect(t.view.outbox.every((e) => e.passed)).toBe(true)
    }
  })

  test('rows in memory only: each tab has its own, and a new one pulls from nothing', async () => {
    const coordinator = new Phone(peer, 'u2', () => false)
    const [a, b] = [await coordinator.tab(), await coordinator.tab()]
    await Promise.all([a.sync(), b.sync()])
    peer.write('course:a', 'notes', 'x', { text: 'new' })
    await a.sync()
    await Promise.all(b.told.concat(a.told))
    expect([a.rows, b.rows]).toEqual([['new'], ['new']])
    await b.note('from b')
    b.kill()
    const c = await coordinator.tab()
    expect([c.rows, c.view.outbox.length]).toEqual([[], 1])
    await c.sync()
    expect(c.rows.sort()).toEqual(['from b', 'new'])
  })
})

describe('receipts', () => {
  test('stay 14 days after the server’s stamp, then go; the tray stays until settled', async () => {
    await tab.note('done')
    await tab.note('BAD')
    await tab.sync()
    const after = async (days: number) => {
      tab.now = new Date(Date.parse('2026-11-22T12:00:00Z') + days * 86_400_000 + 1)
      await tab.sync()
      return tab.view.outbox.map((e) => e.n)
    }
    expect(await after(13.9)).toEqual([1, 2])
    expect(await after(14)).toEqual([2])
    expect(await after(400)).toEqual([2])
    await tab.client.discard(2, '')
    expect(await after(401)).toEqual([2])
    expect(await after(415)).toEqual([])
  })
})

describe('trying again', () => {
  test('waits longer each time, anew after a save or when told to, and rests when all is well', async () => {
    tab.waits = []
    peer.faults = ['down', 'down', 'down', 'down', 'down']
    await tab.sync()
    await tab.wake()
    await tab.wake()
    expect(tab.waits).toEqual([1000, 2000, 4000])
    await tab.sync()
    expect(tab.waits).toEqual([1000, 2000, 4000, 1000])
    await tab.wake()
    await tab.wake()
    expect([tab.waits.at(-1), tab.view.phase]).toEqual([300_000, 'idle'])
  })

  test('full jitter, 1 s to 5 min', () => {
    expect([0, 1, 5, 30].map((n) => backoff(n, () => 1))).toEqual([1000, 2000, 32_000, 300_000])
    expect(backoff(8, () => 0)).toBe(0)
  })
})
