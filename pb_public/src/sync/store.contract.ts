// What every store promises, whatever it may keep on the disk.
import { describe, expect, test } from 'vitest'
import { NOTHING, type PageWrite, type Store, StoreError } from './store'

export const note = (id: string, text = id) => ({ id, name: 'note.add', args: { text }, at: '2026-11-22T12:00:00.000Z' })

export const pageWrite = (cursor: string, over: Partial<PageWrite> = {}): PageWrite => ({
  expect: '', fresh: true, drop: [], held: ['course:a'],
  put: new Map([['course:a', { notes: { r: { id: 'r', text: cursor } } }]]),
  marks: { ...NOTHING, cursor, seq: 5, epoch: 'e1', at: '2026-11-22T12:00:00.000Z' },
  ...over,
})

const same = <T>(e: T) => e

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

    test('saving a talk takes its draft and settles the one it replaces, in one', async () => {
      const store = await open()
      await store.add(note('old'))
      await store.saveDraft({ course: 'k', at: '', values: { note: 'half' } })
      await store.saveDraft({ course: 'other', at: '', values: {} })
      await store.add(note('new'), { draft: 'k', resolves: { n: 1, note: 'again' } })
      expect(await store.draft('k')).toBeNull()
      expect(await store.drafts()).toBe(1)
      expect((await store.outbox()).outbox[0]!.resolved).toEqual({ how: 'resend', note: 'again', at: note('new').at })
    })

    test('rows and cursor lie on the disk together, or neither does', async () => {
      const store = await open()
      await store.commit(pageWrite('c1'), same)
      const { boxes, marks } = await again().load()
      expect([[...boxes.keys()], marks.cursor]).toEqual(keeps ? [['course:a'], 'c1'] : [[], ''])
      expect(marks.epoch).toBe('e1')
    })

    test('a page drops what it left, and settles what it has passed', async () => {
      const store = await open()
      await store.add(note('a'))
      await store.add(note('b'))
      await store.commit(pageWrite('c1'), same)
      const left = pageWrite('c2', { expect: 'c1', fresh: false, put: new Map(), drop: ['course:a'], held: [] })
      await store.commit(left, (e) => (e.n === 1 ? null : { ...e, passed: true }))
      const { boxes, outbox } = await again().load()
      expect(boxes.size).toBe(0)
      expect(outbox.map((e) => [e.n, e.passed])).toEqual([[2, true]])
    })

    test('a page pulled from nothing replaces everything', async () => {
      const store = await open()
      await store.commit(pageWrite('c1', { put: new Map([['course:x', {}]]), held: ['course:x'] }), same)
      await store.forgetCursor()
      expect((await again().load()).marks.cursor).toBe('')
      await store.commit(pageWrite('c2'), same)
      expect([...(await again().load()).boxes.keys()]).toEqual(keeps ? ['course:a'] : [])
    })

    test('a new device numbers the undecided anew, behind the rest', async () => {
      const store = await open()
      for (const id of ['a', 'b', 'c', 'd']) await store.add(note(id))
      await store.edit([1, 3], (e) => ({ ...e, state: 'received' }))
      await store.renumber('newdevice000000', 'e2', [3], true)
      const { outbox, counter, marks } = await again().load()
      expect(outbox.map((e) => [e.n, e.id, e.state])).toEqual([[1, 'a', 'received'], [5, 'b', 'unsent'], [6, 'c', 'unsent'], [7, 'd', 'unsent']])
      expect(counter).toMatchObject({ device: 'newdevice000000', base: 4, last: 7 })
      expect(marks).toMatchObject({ epoch: 'e2', restored: true })
    })

    test('emptied, it still has what was not sent', async () => {
      const store = await open()
      await store.add(note('a'))
      await store.commit(pageWrite('c1'), same)
      await store.empty()
      const { boxes, marks, outbox } = await again().load()
      expect([boxes.size, marks.cursor, outbox.length]).toEqual([0, '', 1])
    })

    if (keeps) {
      test('a page asked for before another tab went on does not fit', async () => {
        const store = await open()
        await store.commit(pageWrite('c1'), same)
        await again().commit(pageWrite('c2', { expect: 'c1', fresh: false }), same)
        const late = store.commit(pageWrite('c2b', { expect: 'c1', fresh: false }), same)
        await expect(late).rejects.toEqual(new StoreError('store.moved'))
        expect((await store.load()).marks.cursor).toBe('c2')
      })
    }
  })
}
