import 'fake-indexeddb/auto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { backoff } from './backoff'
import { refusalsOf } from './outbox'
import { StoreError } from './store'
import { Peer } from './testing/peer'
import { freshDisk, Phone, Tab } from './testing/phone'

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

describe('starting', () => {
  const written = () => vi.waitFor(async () => expect(await tab.store.head()).not.toBe(null))

  const started = async () => {
    const next = new Tab(phone)
    const seen: string[][] = []
    next.client.onview = (view) => {
      next.view = view
      seen.push(next.rows)
    }
    await next.client.open()
    return { next, seen }
  }

  test('what the first screen needs is there before the boxes are', async () => {
    phone.brief = ({ notes = {} }) => ({ notes: Object.fromEntries(Object.entries(notes).map(([id, r]) => [id, { ...r, text: 'brief' }])) })
    await tab.note('hello')
    await tab.sync()
    await written()
    const n = await tab.note('waits')
    tab.kill()
    const { next, seen } = await started()
    expect([next.rows, next.entry(n)?.state]).toEqual([['brief'], 'unsent'])
    await next.client.load()
    expect(seen.map(String)).toEqual(['brief', ...seen.slice(1).map(() => 'hello')])
    expect(next.rows).toEqual(['hello'])
  })

  test('a round waits for the boxes: what comes is laid on all of it', async () => {
    phone.brief = () => ({ notes: {} })
    await tab.note('hello')
    await tab.sync()
    await written()
    tab.kill()
    peer.write('course:a', 'notes', 'x', { text: 'news' })
    const next = new Tab(phone)
    const { load } = next.store
    let opened = () => {}
    next.store.load = (mark) => new Promise<void>((go) => (opened = go)).then(() => load(mark))
    await next.client.open()
    const [round, pulls] = [next.sync(), () => peer.requests.filter((r) => r.includes('/pull')).length]
    const before = pulls()
    await new Promise((turn) => setImmediate(turn))
    expect(pulls()).toBe(before)
    opened()
    await round
    expect([next.rows.sort(), peer.diverged, pulls()]).toEqual([['hello', 'news'], 0, before + 1])
  })

  test('boxes that could not be opened are opened by a later round', async () => {
    await tab.note('hello')
    await tab.sync()
    await written()
    tab.kill()
    const next = new Tab(phone)
    const { load } = next.store
    next.store.load = () => Promise.reject(new StoreError('store.full'))
    await next.client.open()
    await next.sync()
    expect([next.view.phase, next.view.error]).toEqual(['failed', 'store.full'])
    next.store.load = load
    await next.sync()
    expect([next.view.phase, next.rows]).toEqual(['idle', ['hello']])
  })

  test('after news it is written anew, and one who is stopped on the way shows nothing more', async () => {
    await tab.sync()
    peer.write('course:a', 'notes', 'x', { text: 'news' })
    await tab.sync()
    await written()
    expect([...(await tab.store.head())!.boxes.values()]).toEqual([...tab.view.boxes.values()])
    tab.kill()
    const { next, seen } = await started()
    const loading = next.client.load()
    next.client.stop()
    const then = seen.length
    await loading
    expect(seen).toHaveLength(then)
  })
})

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
    expect(tab.entry(n)!.outcome).toMatchObject({ result: 'applied', seq: peer.seq })
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

  test('what has passed is in the boxes that are shown with it: nothing blinks', async () => {
    await tab.note('hello')
    const seen: string[] = []
    tab.client.onview = (view) => {
      tab.view = view
      seen.push([tab.entry(1)!.passed ? 'passed' : 'pending', ...tab.rows].join())
    }
    phone.now = new Date('2026-11-23T13:00:00Z') // with a look at all of it behind the pull
    await tab.sync()
    expect(new Set(seen)).toEqual(new Set(['pending', 'pending,hello', 'passed,hello']))
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
    await tab.client.settle(1, 'discard', 'not needed')
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

  test('everything anew, and nothing is left: the screen is empty too', async () => {
    peer.write('course:a', 'notes', 'x', { text: 'secret' })
    await tab.sync()
    peer.members.delete('course:a')
    peer.faults = [410]
    await tab.sync()
    expect([tab.view.boxes.size, (await tab.store.load()).boxes.size]).toEqual([0, 0])
  })

  test('a server that never gets further is not asked for ever', async () => {
    const stuck = { t: 'end', cursor: 'same', seq: 1, more: true, epoch: 'epoch001', at: '' }
    Object.assign(peer, { fetch: async () => new Response(JSON.stringify(stuck) + '\n') })
    const other = await new Phone(peer, 'u9').tab()
    await other.sync()
    expect([other.view.phase, other.view.error]).toEqual(['failed', 'sync.no_progress'])
  })
})

describe('a server put back from a backup', () => {
  const device = async () => (await tab.store.outbox()).counter.device

  test('the numbers stay, and what it has forgotten is sent again', async () => {
    await tab.note('before')
    await tab.sync()
    const restore = peer.backup()
    await tab.note('acknowledged, then forgotten')
    await tab.note('BAD stays in the tray')
    await tab.sync()
    const before = await device()
    restore()
    await tab.note('written since')
    await tab.sync()
    expect(peer.notes()).toEqual(['before', 'acknowledged, then forgotten', 'written since'])
    expect(tab.rows.sort()).toEqual(peer.notes().sort())
    expect([await device(), tab.view.outbox.map((e) => [e.n, e.state, e.passed])]).toEqual([before, [
      [1, 'received', true], [2, 'received', true], [3, 'refused', true], [4, 'received', true],
    ]])
    expect([tab.view.phase, (await tab.store.load()).marks.cursor !== '']).toEqual(['idle', true])
  })

  test('also when only the pull finds out, and when others wrote on past what this phone had seen', async () => {
    const restore = peer.backup()
    await tab.note('forgotten')
    await tab.sync()
    restore()
    for (let i = 0; i < 9; i++) peer.write('course:a', 'notes', 'o' + i, { text: 'other' + i })
    await tab.sync()
    expect([tab.rows.length, tab.view.phase, tab.rows.toSorted()]).toEqual([10, 'idle', peer.notes().toSorted()])
  })

  test('also when the reply to the push was the last it heard, and the cursor is older than the backup', async () => {
    const restore = peer.backup()
    await tab.note('forgotten')
    peer.faults = ['ok', 'down']
    await tab.sync()
    restore()
    for (let i = 0; i < 9; i++) peer.write('course:a', 'notes', 'o' + i, { text: 'other' + i })
    await tab.sync()
    expect([peer.notes().includes('forgotten'), tab.entry(1)!.passed, tab.rows.length]).toEqual([true, true, 10])
  })

  test('the number it was told last goes along, whoever wrote it', async () => {
    const told = async () => (await tab.store.outbox()).counter.seen
    peer.write('course:a', 'notes', 'o', { text: 'other' })
    await tab.sync()
    expect(await told()).toBe(`${peer.seq}.${peer.epochOf(peer.seq)}`)
  })

  test('also when nobody says so but the number that has to come first', async () => {
    await tab.note('one')
    const restore = peer.backup()
    await tab.note('two')
    await tab.sync()
    restore()
    peer.epochOf = () => 'epoch0001' // its tags are the same as ever
    await tab.note('three')
    peer.faults = ['ok', 'ok', 'ok', 'ok', 'down']
    await tab.sync()
    expect([peer.notes().toSorted(), tab.view.outbox.map((e) => e.state)]).toEqual([['one', 'three', 'two'], ['received', 'received', 'received']])
  })

  test('what a person had dealt with does not come back; what was done in part does', async () => {
    const restore = peer.backup()
    await tab.note('BAD')
    await tab.note('HALF')
    await tab.sync()
    for (const n of [1, 2]) await tab.client.settle(n, 'discard', 'no')
    await tab.sync()
    restore()
    await tab.sync()
    expect([peer.notes(), peer.kept(), tab.view.outbox.filter((e) => e.state === 'unsent' || e.spend)]).toEqual([['HALF'], [], []])
    expect(tab.view.outbox.slice(0, 2).map((e) => [e.state, e.resolved?.how])).toEqual([['refused', 'discard'], ['refused', 'discard']])
  })

  test('so old a backup that the receipts are gone: what is left goes under a new device, once', async () => {
    peer.now = () => phone.now
    for (const text of ['long ago', 'BAD']) await tab.note(text)
    const restore = peer.backup()
    await tab.sync()
    phone.now = new Date('2026-12-22T12:00:00Z')
    await tab.note('lately')
    await tab.sync()
    await tab.sync()
    expect(tab.view.outbox.map((e) => e.n)).toEqual([2, 3])
    const before = await device()
    restore()
    const n = await tab.note('today')
    await tab.note('after it', [n])
    await tab.sync()
    expect(peer.notes()).toEqual(['lately', 'today', 'after it']) // the rest is older than was promised
    expect(await device()).not.toBe(before)
    expect([...peer.decided.keys()].map((k) => Number(k.split('/')[1]))).toEqual([1, 2, 3, 4])
    expect([tab.view.phase, tab.view.outbox.map((e) => e.state)]).toEqual(['idle', ['refused', 'received', 'received', 'received']])
  })
})

describe('kept until a person has dealt with it', () => {
  const told = () => [...peer.decided.values()].filter((d) => d.name === 'sync.settle').map((d) => d.args)

  test('what nobody would take over is hers again', async () => {
    const n = await tab.note('BAD')
    await tab.sync()
    for (const item of peer.decided.values()) item.args = null // the server has no text of it
    await tab.client.settle(n, 'handed', 'please')
    expect(tab.entry(n)!.resolved).toMatchObject({ how: 'handed' })
    await tab.sync()
    expect([tab.entry(n)!.state, tab.entry(n)!.resolved, tab.entry(n)!.args]).toMatchObject(['refused', undefined, { text: 'BAD' }])
  })

  test('how she did is told to the server, in one with what replaces it', async () => {
    for (const text of ['BAD a', 'BAD b', 'HALF c', 'OVER d']) await tab.note(text)
    await tab.sync()
    expect(peer.kept()).toEqual(['HALF c', 'BAD b', 'BAD a'])
    const fresh = { id: 'x', name: 'note.add', args: { id: 'x', bucket: 'course:a', text: 'better' }, at: phone.now.toISOString() }
    await tab.client.add(fresh, { resolves: { n: 1, note: '' } })
    await tab.client.settle(2, 'handed', 'please')
    await tab.client.settle(3, 'discard', 'no')
    await tab.client.settle(4, 'seen', '')
    await tab.sync()
    expect(told()).toMatchObject([{ n: 1, how: 'resend' }, { n: 2, how: 'handed', note: 'please' }, { n: 3, how: 'discard' }, { n: 4, how: 'seen' }])
    expect([peer.kept(), peer.notes().includes('better')]).toEqual([['BAD b'], true])
    expect((await tab.client.kept()).items).toMatchObject([{ n: 2, handed: true, args: { text: 'BAD b' } }])
  })

  test('not its to do: the text goes from here to where somebody tends it', async () => {
    await tab.note('NOT MINE any more')
    await tab.sync()
    expect(tab.entry(1)).toMatchObject({ state: 'escrowed', args: {}, name: 'note.add', outcome: { reason: 'course.not_member' } })
    expect(peer.kept()).toEqual(['NOT MINE any more'])
    expect(JSON.stringify((await tab.store.load()).outbox)).not.toContain('NOT MINE')
  })

  test('an account that was closed still hands over what it has', async () => {
    await tab.note('last words')
    peer.active = false
    await tab.sync()
    expect([tab.view.phase, state(1), peer.kept(), tab.rows]).toEqual(['signed_out', 'escrowed', ['last words'], []])
  })

  test('over another’s: done, shown, and not forgotten until she has seen it', async () => {
    await tab.note('OVER')
    await tab.sync()
    peer.now = () => new Date('2027-11-22T12:00:00Z')
    await tab.sync()
    expect(tab.entry(1)).toMatchObject({ state: 'received', passed: true, outcome: { merged: [{ theirs: 'theirs', mine: 'OVER' }] } })
    await tab.client.settle(1, 'seen', '')
    await tab.sync()
    peer.now = () => new Date('2028-11-22T12:00:00Z')
    await tab.sync()
    expect(tab.view.outbox).toEqual([])
  })
})

describe('one builds on another', () => {
  test('done together; without the first, not at all', async () => {
    const a = await tab.note('a')
    await tab.note('b', [a])
    const bad = await tab.note('BAD')
    await tab.note('c', [bad])
    const gone = await tab.note('NOT MINE')
    await tab.note('d', [a, gone])
    await tab.sync()
    expect(tab.view.outbox.map((e) => [e.state, e.outcome!.reason])).toEqual([
      ['received', undefined], ['received', undefined], ['refused', 'window.after_end'], ['refused', 'sync.depends'],
      ['escrowed', 'course.not_member'], ['escrowed', 'sync.depends'],
    ])
  })

  test('it comes to the same when the first was answered before', async () => {
    const bad = await tab.note('BAD')
    await tab.sync()
    await tab.note('c', [bad])
    await tab.sync()
    expect(tab.entry(2)!.outcome).toMatchObject({ code: 'gone', reason: 'sync.depends' })
  })

  test('the first is not understood yet: both wait, and so does what comes after', async () => {
    peer.knows.delete('note.add')
    const a = await tab.note('a')
    await tab.note('b', [a])
    await tab.note('c')
    await tab.sync()
    expect(tab.view.outbox.map((e) => [e.state, e.outcome!.reason])).toEqual([['unsent', undefined], ['unsent', 'depends'], ['unsent', 'gap']])
    peer.knows.add('note.add')
    await tab.sync()
    expect(peer.notes()).toEqual(['a', 'b', 'c'])
  })
})

describe('the server breaks', () => {
  test('on one: after five times it goes to the tray, and the queue goes on', async () => {
    for (const text of ['a', 'FAIL b', 'c']) await tab.note(text)
    for (let i = 1; i < 5; i++) {
      await tab.sync()
      expect([tab.entry(2)!.tries ?? 0, state(2), peer.notes()]).toEqual([i, 'unsent', ['a']])
      expect([tab.view.phase, tab.view.error]).toEqual(['failed', 'server.failed'])
    }
    await tab.sync()
    expect([tab.entry(2), peer.notes(), tab.view.phase]).toMatchObject([
      { state: 'refused', args: { text: 'FAIL b' }, outcome: { code: 'failed', reason: 'server.failed' } }, ['a', 'c'], 'idle',
    ])
    expect(tab.entry(2)!.spend).toBeUndefined()
  })

  test('on all of it: nobody’s fault, however long it takes', async () => {
    await tab.note('a')
    peer.faults = Array.from({ length: 20 }, () => 500 as const)
    for (let i = 0; i < 10; i++) await tab.sync()
    expect([state(1), tab.entry(1)!.tries]).toEqual(['unsent', undefined])
    await tab.sync()
    expect(peer.notes()).toEqual(['a'])
  })

  test.each([['7', 7000], ['', 1000], ['86400', 300_000]])('and asks to be left alone: %s', async (header, wait) => {
    peer.retryAfter = header
    peer.faults = [500, 500]
    await tab.note('a')
    tab.waits = []
    await tab.sync()
    expect(tab.waits).toEqual([wait])
  })
})

describe('what is held and what should be', () => {
  const write = (text: string, bucket = 'course:a') => peer.write(bucket, 'notes', text, { text })

  test('a row lost on the way is missed at once, fetched, and counted', async () => {
    write('a')
    write('b')
    peer.faults = ['corrupt']
    await tab.sync()
    expect([tab.rows, tab.view.diverged, peer.checks, peer.diverged, tab.view.phase]).toEqual([['a', 'b'], 1, 1, 1, 'idle'])
    await tab.sync()
    expect(peer.checks).toBe(1)
  })

  test('once a day all of it is looked at', async () => {
    write('a')
    await tab.sync()
    peer.buckets.get('course:a')!.delete('notes/a') // behind everyone's back: no number tells
    await tab.sync()
    expect([tab.rows, peer.checks]).toEqual([['a'], 0])
    phone.now = new Date('2026-11-23T12:00:01Z')
    await tab.sync()
    await tab.sync()
    expect([tab.rows, tab.view.diverged, peer.checks]).toEqual([[], 1, 1])
  })

  test('a bucket that is nobody’s to hold goes; what changed since is left to the next pull', async () => {
    peer.join('course:b')
    write('secret', 'course:b')
    await tab.sync()
    peer.members.delete('course:b')
    phone.now = new Date('2026-11-24T12:00:00Z')
    let once = true
    peer.heard = (path) => path.endsWith('/check') && once && ((once = false), write('late'))
    await tab.sync()
    expect([[...tab.view.boxes.keys()], tab.rows, tab.view.diverged]).toEqual([['course:a'], ['late'], 1])
  })

  test('a check that finds no end of it: everything anew', async () => {
    for (let i = 0; i < 101; i++) peer.join('course:' + i)
    await tab.sync()
    for (let i = 0; i < 101; i++) peer.buckets.get('course:' + i)!.set('notes/x', { c: 'notes', id: 'x', seq: 1, d: { text: 'x' + i } })
    phone.now = new Date('2026-11-24T12:00:00Z')
    await tab.sync()
    expect([tab.rows.length, tab.view.diverged]).toEqual([101, 101])
  })

  test('a server that reckons wrong is asked once an hour, however many tabs there are', async () => {
    const coordinator = new Phone(peer, 'u2', () => false)
    const [a, b] = [await coordinator.tab(), await coordinator.tab()]
    peer.off = 1
    write('a')
    await a.sync()
    await Promise.all([...a.told, ...b.told])
    expect([a.rows, b.rows, a.view.phase, peer.checks]).toEqual([['a'], ['a'], 'idle', 2])
    write('b')
    await a.sync()
    await Promise.all([...a.told, ...b.told])
    expect([a.rows, b.rows, peer.checks]).toEqual([['a', 'b'], ['a', 'b'], 2])
    coordinator.now = new Date('2026-11-22T13:00:01Z')
    await a.sync()
    expect(peer.checks).toBe(3)
  })

  test('a check of what the server no longer knows: everything anew', async () => {
    write('a')
    peer.faults = ['corrupt', 410]
    await tab.sync()
    expect([tab.rows, tab.view.phase, tab.view.diverged]).toEqual([['a'], 'idle', 0])
  })

  test('a check that fails is tried again', async () => {
    write('a')
    peer.faults = ['corrupt', 500]
    await tab.sync()
    expect([tab.rows, tab.view.phase]).toEqual([[], 'failed'])
    await tab.sync()
    expect([tab.rows, tab.view.phase]).toEqual([['a'], 'idle'])
  })
})

describe('what the phone says of itself', () => {
  const said = async () => Object.fromEntries(peer.devices.get((await tab.store.outbox()).counter.device)!)

  test('how much it has not sent, since when, and what shape its rows have', async () => {
    await tab.note('a')
    phone.now = new Date('2026-11-22T12:10:00Z')
    await tab.note('b')
    peer.faults = ['ok', 'down']
    const heard: Record<string, string>[] = []
    peer.heard = async () => heard.push(await said())
    await tab.sync()
    expect(await said()).toMatchObject({ last: '2', unsent: '2', oldest: '2026-11-22T12:00:00.000Z', app: 'test', v: '2', schema: 'schema01' })
    await tab.sync()
    expect(await said()).toMatchObject({ last: '2', unsent: '0' })
  })

  test('a new shape is told, once; a newer protocol too', async () => {
    peer.schema = 'schema02'
    await tab.sync()
    expect([tab.view.marks.schema, tab.view.newer]).toEqual(['schema02', false])
    peer.schema = 'schema03'
    peer.v = 3
    await tab.sync()
    expect([tab.view.newer, (await said()).schema]).toEqual([true, 'schema02'])
    await tab.sync()
    expect([tab.view.newer, tab.view.phase, (await said()).schema]).toEqual([true, 'idle', 'schema03'])
  })

  test('too old to pull, it still sends what it has', async () => {
    peer.oldest = 3
    await tab.note('a')
    await tab.sync()
    expect([peer.notes(), state(1), tab.view.newer, tab.view.error]).toEqual([['a'], 'received', true, 'sync.version'])
  })

  test('a store that the browser threw away is noticed, told until it was heard, and shown until she knows', async () => {
    await tab.note('sent')
    await tab.sync()
    await tab.note('never sent')
    const { device } = (await tab.store.outbox()).counter
    phone.evict()
    tab = await phone.tab()
    expect(tab.view.evicted).toEqual({ device, last: 2 })
    peer.faults = ['down']
    await tab.sync()
    expect(peer.lost).toEqual([])
    await tab.sync()
    await tab.sync()
    expect([peer.lost, tab.rows]).toEqual([[device + '.2'], ['sent']])
    tab.kill()
    tab = await phone.tab()
    expect(tab.view.evicted).toMatchObject({ device, last: 2 })
    await tab.client.acknowledge()
    expect(tab.view.evicted).toBeNull()
    tab.kill()
    expect((await phone.tab()).view.evicted).toBeNull()
  })
})

describe('speed', () => {
  test('the next page is asked for while this one is stored; the screen is not told of every one', async () => {
    peer.pageRows = 1
    for (let i = 0; i < 20; i++) {
      peer.join('course:b' + i)
      peer.write('course:b' + i, 'notes', 'n', { text: 'n' + i })
    }
    const other = await new Phone(peer, 'u2').tab()
    const order: string[] = []
    peer.heard = (path) => order.push(path)
    const { commit } = other.store
    let shown = new Set<unknown>()
    other.client.onview = (view) => {
      other.view = view
      shown = shown.add(view.boxes)
    }
    other.store.commit = async (page) => {
      order.push('commit')
      await commit(page)
      order.push('stored')
    }
    await other.sync()
    const pages = order.filter((o) => o === 'stored').length
    expect([pages, other.rows.length]).toEqual([21, 20])
    expect(order.slice(0, 6)).toEqual(['/api/sync/pull', '/api/sync/pull', 'commit', 'stored', '/api/sync/pull', 'commit'])
    expect(shown.size).toBeLessThanOrEqual(7) // nothing, pages 1, 2, 4, 8, 16, all
  })

  test('nothing new is one request, and the boxes are the same', async () => {
    peer.write('course:a', 'notes', 'n', { text: 'n' })
    await tab.sync()
    const { boxes } = tab.view
    const asked = peer.requests.length
    await tab.sync()
    expect([peer.requests.length - asked, tab.view.boxes === boxes]).toEqual([1, true])
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

  test('what another tab wrote does not come over what this one has fetched meanwhile', async () => {
    const { load } = tab.store
    let go = () => {}
    const gate = new Promise<void>((ok) => (go = ok))
    tab.store.load = async () => {
      const saved = await load()
      await gate
      return saved
    }
    const reloading = tab.client.reload('boxes')
    peer.write('course:a', 'notes', 'x', { text: 'newer' })
    await tab.sync()
    go()
    await reloading
    expect([tab.rows, tab.view.marks.cursor]).toEqual([['newer'], (await load()).marks.cursor])
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
  test('stay for 14 days by the server’s clock, then go; the tray stays until settled', async () => {
    phone.now = new Date('2031-11-22T12:00:00Z') // whatever the phone's own says
    await tab.note('done')
    await tab.note('BAD')
    await tab.sync()
    const after = async (days: number) => {
      const now = new Date(Date.parse('2026-11-22T12:00:00Z') + days * 86_400_000 + 1)
      peer.now = () => now
      await tab.sync()
      return tab.view.outbox.filter((e) => e.name === 'note.add').map((e) => e.n)
    }
    expect(await after(13.9)).toEqual([1, 2])
    expect(await after(14)).toEqual([2])
    expect(await after(400)).toEqual([2])
    await tab.client.settle(2, 'discard', '')
    expect(await after(401)).toEqual([2])
    expect(await after(414.9)).toEqual([2])
    expect(await after(416)).toEqual([])
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
