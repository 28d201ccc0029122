// What every store promises, whatever it may keep on the disk.
import { describe, expect, test } from 'vitest'
import type { SettleArgs } from './protocol'
import { NOTHING, type OutboxEntry, type PageWrite, type Store, StoreError } from './store'

export const note = (id: string, text = id) => ({ id, name: 'note.add', args: { text }, at: '2026-11-22T12:00:00.000Z' })

const same = (e: OutboxEntry) => e

export const pageWrite = (cursor: string, over: Partial<PageWrite> = {}): PageWrite => ({
  expect: '', fresh: true, from: new Map(), drop: [], ns: [], edit: same, seen: '5.e1',
  put: new Map([['course:a', { notes: { r: { id: 'r', _seq: 5, text: cursor } } }]]),
  marks: { ...NOTHING, cursor, seq: 5, at: '2026-11-22T12:00:00.000Z' },
  ...over,
})

export function storeContract(name: string, open: () => Promise<Store>, again: () => Store, keeps: boolean): void {
  describe(`store: ${name}`, () => {
    test('numbers are gapless and survive a restart', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await store.add(note(id))
      store.close()
      const next = again()
      expect((await next.add(note('d'))).n).toBe(4)
      expect((await next.outbox()).outbox.map((e) => [e.n, e.id, e.state])).toEqual([1, 2, 3, 4].map((n, i) => [n, 'abcd'[i], 'unsent']))
    })

    test('two tabs at once never share a number', async () => {
      const [a, b] = [await open(), again()]
      const made = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? a : b).add(note('n' + i))))
      expect(made.map((e) => e.n).sort((x, y) => x - y)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    })

    test('the same save twice is one entry', async () => {
      const store = await open()
      await store.add(note('a'))
      expect((await store.add(note('a'))).n).toBe(1)
      expect((await store.outbox()).outbox).toHaveLength(1)
    })

    test('the device id stays', async () => {
      const first = (await (await open()).load()).counter.device
      expect(first).toMatch(/^[a-z0-9]{15}$/)
      expect((await again().load()).counter.device).toBe(first)
    })

    test('a cursor stands only on all that lay before it', async () => {
      const store = await open()
      await store.moveCursor('made up')
      expect((await again().load()).marks.cursor).toBe('')
      await store.commit(pageWrite('c1'))
      await store.moveCursor('c1b', '2026-11-23T12:00:00.000Z')
      expect((await again().load()).marks).toMatchObject({ cursor: keeps ? 'c1b' : '', checked: '2026-11-23T12:00:00.000Z' })
      await store.empty()
      await store.commit(pageWrite('c2', { expect: 'c1b', fresh: false, put: new Map() }))
      expect((await again().load()).marks.cursor).toBe('')
    })

    test('a head is there as long as it is true of all that lies here', async () => {
      const [a, b] = [await open(), again()]
      const brief = (text: string) => () => new Map([['course:a', { notes: { r: { id: 'r', _seq: 5, text } } }]])
      const told = async () => (await again().head())?.boxes.get('course:a')?.notes?.r?.text
      const untouched = () => { throw new Error('asked for nothing') }
      await a.saveHead(brief('of nothing'))
      expect(await told()).toBe(undefined)
      await a.commit(pageWrite('c1'))
      await a.saveHead(brief('one'))
      expect(await told()).toBe(keeps ? 'one' : undefined)
      if (keeps) await a.saveHead(untouched)
      await b.load()
      await b.commit(pageWrite('c2', { expect: keeps ? 'c1' : '', fresh: false, put: new Map([['course:b', {}]]) }))
      expect(await told()).toBe(undefined)
      await a.saveHead(brief('what this tab knew'))
      expect(await told()).toBe(undefined)
      await b.saveHead(brief('two'))
      expect([await told(), (await again().head())?.marks.cursor]).toEqual(keeps ? ['two', 'c2'] : [undefined, undefined])
      await b.moveCursor('c2b')
      expect((await again().head())?.marks.cursor).toBe(keeps ? 'c2b' : undefined)
      await b.empty()
      expect(await told()).toBe(undefined)
    })

    test('saving a talk takes its draft and settles the one it replaces, in one', async () => {
      const store = await open()
      await store.add(note('old'))
      await store.saveDraft({ course: 'k', at: '', values: { note: 'half' } })
      await store.saveDraft({ course: 'other', at: '', values: {} })
      await store.add(note('new'), { draft: 'k', resolves: { n: 1, note: 'again' } })
      expect(await store.draft('k')).toBeNull()
      expect(await store.drafts()).toBe(1)
      const { outbox, counter } = await store.outbox()
      expect(outbox[0]!.resolved).toEqual({ how: 'resend', note: 'again', at: note('new').at })
      const told: SettleArgs = { user: '', device: counter.device, n: 1, how: 'resend', note: 'again' }
      expect(outbox.map((e) => [e.n, e.name, e.state])).toEqual([[1, 'note.add', 'unsent'], [2, 'note.add', 'unsent'], [3, 'sync.settle', 'unsent']])
      expect([outbox[2]!.args, counter.last]).toEqual([told, 3])
      expect((await store.add(note('new'))).n, 'the second try after a lost connection').toBe(2)
    })

    test('what a person settled is told to the server once, and not at all when it does not know it', async () => {
      const store = await open()
      for (const id of ['a', 'b']) await store.add(note(id))
      await store.edit([2], (e) => ({ ...e, state: 'refused', spend: true }))
      const how = { how: 'handed', note: 'n', at: note('a').at } as const
      for (const n of [1, 1, 2, 99]) await store.resolve(n, how)
      await store.resolve(1, { ...how, how: 'discard' })
      const { outbox, counter } = await again().load()
      expect(outbox.map((e) => [e.name, e.resolved?.how])).toEqual([['note.add', 'handed'], ['note.add', 'handed'], ['sync.settle', undefined]])
      expect(outbox[2]!.args).toEqual({ user: '', device: counter.device, n: 1, how: 'handed', note: 'n' })
    })

    test('rows and cursor lie on the disk together, or neither does', async () => {
      const store = await open()
      await store.commit(pageWrite('c1'))
      const { boxes, marks, counter } = await again().load()
      expect([[...boxes.entries()], marks.cursor]).toEqual(keeps ? [[...pageWrite('c1').put.entries()], 'c1'] : [[], ''])
      expect([marks.seq, counter.seen]).toEqual([5, '5.e1'])
    })

    test('a page drops what it left, and settles what it has passed', async () => {
      const store = await open()
      await store.add(note('a'))
      await store.add(note('b'))
      await store.commit(pageWrite('c1'))
      const edit = (e: OutboxEntry) => (e.n === 1 ? null : { ...e, passed: true as const })
      await store.commit(pageWrite('c2', { expect: 'c1', fresh: false, put: new Map(), drop: ['course:a'], ns: [1, 2], edit }))
      const { boxes, outbox } = await again().load()
      expect(boxes.size).toBe(0)
      expect(outbox.map((e) => [e.n, e.passed])).toEqual([[2, true]])
    })

    test('a page pulled from nothing replaces everything', async () => {
      const store = await open()
      await store.commit(pageWrite('c1', { put: new Map([['course:x', {}]]) }))
      await store.moveCursor('')
      expect((await again().load()).marks.cursor).toBe('')
      await store.commit(pageWrite('c2'))
      expect([...(await again().load()).boxes.keys()]).toEqual(keeps ? ['course:a'] : [])
    })

    test('after a restore all that was decided is to be sent again, under its old number, and nothing is pulled but from nothing', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c']) await store.add(note(id))
      await store.edit([1, 2], (e) => ({ ...e, state: 'received', outcome: { n: e.n, result: 'applied', at: e.at, seq: 4 } }), { sentAt: 'then', seen: '5.e1' })
      await store.commit(pageWrite('c1'))
      const before = (await store.outbox()).counter
      await store.revive()
      const { outbox, counter, marks } = await again().load()
      expect(outbox.map((e) => [e.n, e.id, e.state])).toEqual([[1, 'a', 'unsent'], [2, 'b', 'unsent'], [3, 'c', 'unsent']])
      expect([counter, marks.cursor]).toEqual([{ ...before, seen: '' }, ''])
    })

    test('a new device numbers the undecided anew, behind the rest, and whatever names them follows', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c', 'd']) await store.add({ ...note(id), ...(id === 'd' && { deps: [1, 2] }) })
      await store.edit([1, 3], (e) => ({ ...e, state: 'received' }))
      await store.edit([3], (e) => ({ ...e, spend: true }))
      await store.resolve(1, { how: 'seen', note: '', at: '' })
      await store.resolve(2, { how: 'seen', note: '', at: '' })
      const old = (await store.outbox()).counter.device
      await store.renumber('newdevice000000')
      const { outbox, counter } = await again().load()
      expect(outbox.map((e) => [e.n, e.id.length < 2 ? e.id : e.name, e.state, e.spend])).toEqual([
        [1, 'a', 'received', undefined], [3, 'c', 'received', undefined], [7, 'b', 'unsent', undefined], [8, 'd', 'unsent', undefined],
        [9, 'sync.settle', 'unsent', undefined], [10, 'sync.settle', 'unsent', undefined],
      ])
      expect(outbox[3]!.deps).toEqual([7])
      expect(outbox.slice(4).map((e) => e.args)).toMatchObject([{ device: old, n: 1 }, { device: 'newdevice000000', n: 1 }])
      expect(counter).toMatchObject({ device: 'newdevice000000', base: 6, last: 10 })
    })

    test('a store thrown away is known by the mark beside it, until the server and the person know', async () => {
      const mark = 'old000000000000.7'
      const first = await again().load(mark)
      expect(first.counter.evicted).toEqual({ device: 'old000000000000', last: 7 })
      const store = again()
      await store.evicted('told')
      expect((await store.load(mark)).counter.evicted).toEqual({ device: 'old000000000000', last: 7, told: true })
      await store.evicted('over')
      await store.evicted('over')
      expect((await again().load(mark)).counter).toEqual({ ...first.counter, evicted: undefined })
    })

    test('emptied, it still has what was not sent', async () => {
      const store = await open()
      await store.add(note('a'))
      await store.commit(pageWrite('c1'))
      await store.empty()
      const { boxes, marks, outbox } = await again().load()
      expect([boxes.size, marks.cursor, outbox.length]).toEqual([0, '', 1])
    })

    if (keeps) {
      test('a page asked for before another tab went on does not fit', async () => {
        const store = await open()
        await store.commit(pageWrite('c1'))
        await again().commit(pageWrite('c2', { expect: 'c1', fresh: false }))
        const late = store.commit(pageWrite('c2b', { expect: 'c1', fresh: false }))
        await expect(late).rejects.toEqual(new StoreError('store.moved'))
        expect((await store.load()).marks.cursor).toBe('c2')
      })
    }
  })
}
