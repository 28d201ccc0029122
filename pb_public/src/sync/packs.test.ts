import 'fake-indexeddb/auto'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../lib/id'
import { CHUNK, FOLD, MANY, merge, type Pack, type Pile, planned, SLACK, SMALL } from './packs'
import { aesSeal, type Seal } from './seal'
import type { Box } from './store'
import { pageWrite } from './store.contract'
import { idbStore } from './store-idb'
import { freshDisk } from './testing/phone'
import { ask, Handle } from './idb'

const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
const row = (id: string, text: string) => ({ id, _seq: 1, text })
const box = (...rows: [id: string, text: string][]): Box => ({ notes: Object.fromEntries(rows.map(([id, text]) => [id, row(id, text)])) })

beforeEach(freshDisk)

/** All that lies on the disk, by number. */
async function disk(seal?: Seal): Promise<Map<number, string>> {
  const db = new Handle('bindeled-u1', {}, 2)
  const [keys, found] = await db.tx(['packs'], 'readonly', async (tx) => [await ask(tx.objectStore('packs').getAllKeys()), await ask(tx.objectStore('packs').getAll())])
  db.close()
  const texts = found.map((p: string | Uint8Array<ArrayBuffer>, i) => (typeof p === 'string' ? p : seal!.open(String(keys[i]), p)))
  return new Map((await Promise.all(texts)).map((text, i) => [keys[i] as number, text]))
}

describe('folding', () => {
  const empty: Pile = { last: 0, packs: [], waste: new Map(), sure: true }
  /** Pages of so many characters, each with a row of its own. */
  function pages(sizes: number[]): Pile {
    let pile = empty
    let boxes = new Map([['course:a', box(['first', ''])]])
    sizes.forEach((size, i) => {
      const from = boxes
      boxes = new Map([['course:a', { notes: { ...from.get('course:a')!.notes, ['r' + i]: row('r' + i, 'x'.repeat(size)) } }]])
      pile = planned(pile, { fresh: false, from, put: [...boxes], drop: [] }, new Map()).pile
    })
    return pile
  }
  const count = (...sizes: number[]) => pages(sizes).packs.length
  const times = (n: number, size: number) => Array.from({ length: n }, () => size)

  test('the small packs at the end become one when they are many', () => {
    expect(count(...times(MANY - 1, 10))).toBe(MANY - 1)
    expect(count(...times(MANY, 10))).toBe(1)
    expect(count(...times(MANY * 2 - 2, 10))).toBe(MANY - 1)
    expect(count(...times(MANY * 2 - 1, 10))).toBe(1)
  })

  test('or much together', () => {
    const quarter = FOLD / 4 - 200
    expect(count(...times(4, quarter))).toBe(4)
    expect(count(...times(4, quarter), 2000)).toBe(1)
  })

  test('those that are not small stay, and what lies below them', () => {
    expect(count(10, SMALL, 10, 10)).toBe(4)
    expect(count(10, SMALL, ...times(MANY, 10))).toBe(3)
    expect(pages([10, SMALL, 10]).packs.map((p) => p.small !== undefined)).toEqual([true, false, true])
  })

  test('keeps what they mean', () => {
    const a: Pack = { 'course:a': { rows: { notes: { x: row('x', '1'), y: null } } } }
    const b: Pack = { 'course:a': { rows: { notes: { x: null, y: row('y', '2') } } }, 'course:b': { full: true, rows: {} } }
    const c: Pack = { 'course:a': { full: true, rows: { notes: { z: row('z', '3') } } }, 'course:b': { rows: { notes: { q: null } } } }
    const before = structuredClone([a, b, c])
    expect(merge([a, b])).toEqual({ 'course:a': { rows: { notes: { x: null, y: row('y', '2') } } }, 'course:b': { full: true, rows: {} } })
    expect(merge([a, b, c])).toEqual({ 'course:a': c['course:a'], 'course:b': { full: true, rows: { notes: {} } } })
    expect(merge([merge([a, b]), c])).toEqual(merge([a, merge([b, c])]))
    expect([a, b, c]).toEqual(before)
  })
})

describe('on the disk', () => {
  test('a page is one record, whatever it touches; the next holds what changed', async () => {
    const store = idbStore('u1', () => true, newId)
    const from = new Map(Array.from({ length: 40 }, (_, i) => ['course:' + i, box(['x', 'old'], ['y', 'kept'])]))
    await store.commit(pageWrite('c1', { put: from }))
    const put = new Map([['course:7', { notes: { ...from.get('course:7')!.notes, x: row('x', 'new') } }]])
    await store.commit(pageWrite('c2', { expect: 'c1', fresh: false, from, put }))
    const texts = [...(await disk()).values()]
    expect(texts.map((t) => Object.keys(JSON.parse(t) as Pack).length)).toEqual([40, 1])
    expect(texts[1]).not.toMatch(/kept|full/)
  })

  test('what was folded is the last that was written, also over what was removed', async () => {
    const store = idbStore('u1', () => true, newId)
    let from = new Map<string, Box>([['course:a', box(['kept', 'k'])]])
    await store.commit(pageWrite('c0', { put: from }))
    for (let i = 1; i <= 3 * MANY; i++) {
      const put = new Map([['course:a', i % 3 === 0 ? box(['kept', 'k']) : box(['kept', 'k'], ['x', 'now ' + i])]])
      await store.commit(pageWrite('c' + i, { expect: 'c' + (i - 1), fresh: false, from, put }))
      from = put
      expect((await disk()).size).toBeLessThan(MANY)
      expect((await idbStore('u1', () => true, newId).load()).boxes).toEqual(from)
    }
  })

  test('a pack put in another’s place does not open: all is fetched anew', async () => {
    const store = idbStore('u1', () => true, newId, aesSeal(key))
    await store.commit(pageWrite('c1'))
    await store.commit(pageWrite('c2', { expect: 'c1', fresh: false }))
    expect((await store.load()).marks.cursor).toBe('c2')
    await new Handle('bindeled-u1', {}, 2).tx(['packs'], 'readwrite', async (tx) => {
      const packs = tx.objectStore('packs')
      packs.put(await ask(packs.get(1)), 2)
    })
    const { boxes, marks } = await idbStore('u1', () => true, newId, aesSeal(key)).load()
    expect([boxes.size, marks.cursor, (await disk()).size]).toEqual([0, '', 0])
  })

  test('a pack that is not whole: all is fetched anew', async () => {
    await idbStore('u1', () => true, newId).commit(pageWrite('c1'))
    await new Handle('bindeled-u1', {}, 2).tx(['packs'], 'readwrite', async (tx) => tx.objectStore('packs').put('{"course:a":', 1))
    const { boxes, marks } = await idbStore('u1', () => true, newId).load()
    expect([boxes.size, marks.cursor]).toEqual([0, ''])
  })

  test('another tab of the same cursor has folded or cleared: planned anew, not refused', async () => {
    const [a, b] = [idbStore('u1', () => true, newId), idbStore('u1', () => true, newId)]
    await a.commit(pageWrite('c1'))
    await b.empty()
    await a.commit(pageWrite('c2', { expect: 'c1', fresh: false, put: new Map([['course:b', box(['x', 'x'])]]) }))
    expect([...(await b.load()).boxes.keys()]).toEqual(['course:b'])
  })

  test('where only some may lie there, tabs that hold their own do not lay theirs under the other’s', async () => {
    const keep = (bucket: string) => bucket !== 'inbox:m'
    const [a, b] = [idbStore('u1', keep, newId), idbStore('u1', keep, newId)]
    const from = new Map([['course:a', box(['x', 'of both'], ['y', 'only of a'])]])
    await a.commit(pageWrite('c1', { put: new Map([...from, ['inbox:m', {}]]) }))
    await b.commit(pageWrite('c1', { put: new Map([['course:a', box(['x', 'of both'])], ['inbox:m', {}]]) }))
    const put = new Map([['course:a', { notes: { ...from.get('course:a')!.notes, x: row('x', 'newer') } }]])
    await a.commit(pageWrite('c2', { expect: 'c1', fresh: false, from, put }))
    const { boxes, marks } = await b.load()
    expect([boxes, marks.cursor]).toEqual([put, ''])
    expect([...(await disk()).values()].join()).not.toContain('of both')
  })

  test('much written over is written anew, in pieces', async () => {
    const store = idbStore('u1', () => true, newId)
    let from = new Map(Array.from({ length: 30 }, (_, i) => ['course:' + i, box(['x', 'x'.repeat(10_000)])]))
    await store.commit(pageWrite('c0', { put: from }))
    const counts: number[] = []
    for (let i = 1; i <= 45; i++) {
      const put = new Map([['course:' + (i % 30), box(['x', String(i).padEnd(10_000, '.')])]])
      await store.commit(pageWrite('c' + i, { expect: 'c' + (i - 1), fresh: false, from, put }))
      from = new Map([...from, ...put])
      counts.push((await disk()).size)
      expect(size(await disk())).toBeLessThanOrEqual(2 * JSON.stringify([...from]).length + SLACK)
    }
    expect(counts.filter((n, i) => n < counts[i - 1]!).length).toBeGreaterThan(1)
    expect(Math.max(...[...(await disk()).values()].map((t) => t.length))).toBeLessThan(CHUNK + 20_000)
    expect((await idbStore('u1', () => true, newId).load()).boxes).toEqual(from)
  })
})

const size = (packs: Map<number, string>) => [...packs.values()].reduce((n, text) => n + text.length, 0)

const bucket = fc.integer({ min: 0, max: 4 }).map((n) => 'course:' + n)
const changes = fc.array(fc.record({
  bucket,
  what: fc.constantFrom('full', ...Array.from({ length: 12 }, () => 'patch'), 'leave'),
  rows: fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(0, 1, 40, 900, 9000, 20_000)), { maxLength: 6 }), // 0: gone
}), { minLength: 0, maxLength: 4 })
const RUNS = Number(process.env.RUNS) || undefined
const step = fc.record({
  page: changes,
  before: fc.constantFrom(...Array.from({ length: 16 }, () => ''), 'reopen', 'reopen', 'other tab', 'other tab', 'no room', 'fresh'),
})

describe.each<[string, Seal | undefined]>([['plain', undefined], ['sealed', aesSeal(key)]])('whatever comes, %s', (_, seal) => {
  const seen = { folded: 0, anew: 0, moved: 0, reopened: 0, left: 0 }

  async function run(steps: typeof step extends fc.Arbitrary<infer T> ? T[] : never) {
    freshDisk()
    const open = () => idbStore('u1', () => true, newId, seal)
    let store = open()
    let other = open()
    let boxes = new Map<string, Box>()
    let cursor = ''
    let packs = new Map<number, string>()
    const age = new Map<string, number>()
    const left = new Set<string>()
    const canary = (b: string) => `<${b} ${age.get(b) ?? 0}>`
    const forget = (b: string) => {
      left.add(canary(b))
      age.set(b, (age.get(b) ?? 0) + 1)
      seen.left++
    }

    for (const [i, { page, before }] of steps.entries()) {
      if (before === 'reopen') {
        store.close()
        store = open()
        boxes = (await store.load()).boxes
        seen.reopened++
      }
      // It has the same boxes, and knows of the packs what it knew when it was last at it.
      if (before === 'other tab') [store, other] = [other, store]
      const fresh = cursor === '' || before === 'fresh'
      if (fresh) {
        for (const b of boxes.keys()) forget(b)
        await store.moveCursor('')
        cursor = ''
      }
      const from = new Map(fresh ? [] : boxes)
      const next = new Map(from)
      for (const { bucket: b, what, rows } of page) {
        if (what !== 'patch') from.delete(b)
        if (what === 'leave') {
          if (next.delete(b)) forget(b)
          continue
        }
        const was = what === 'patch' ? next.get(b) : undefined
        const notes = { ...was?.notes }
        for (const [id, length] of rows) {
          if (length === 0) delete notes['r' + id]
          else notes['r' + id] = row('r' + id, canary(b) + i + '.'.repeat(length))
        }
        next.set(b, { notes })
      }
      const put = new Map([...next].filter(([b, is]) => from.get(b) !== is))
      const drop = fresh ? [] : [...boxes.keys()].filter((b) => !next.has(b))
      const write = pageWrite('c' + i, { expect: cursor, fresh, from, put, drop })
      if (before === 'no room') {
        const real = IDBObjectStore.prototype.put
        IDBObjectStore.prototype.put = function (this: IDBObjectStore, value: unknown, k?: IDBValidKey) {
          if (k === 'marks') throw new DOMException('full', 'QuotaExceededError')
          return real.call(this, value, k)
        } as typeof real
        await expect(store.commit(write)).rejects.toMatchObject({ code: 'store.full' })
        IDBObjectStore.prototype.put = real
      }
      await store.commit(write)
      if (before === 'other tab' && !fresh) {
        await expect(other.commit(write)).rejects.toMatchObject({ code: 'store.moved' })
        seen.moved++
      }
      cursor = 'c' + i
      boxes = next

      const texts = await disk(seal)
      const all = [...texts.values()].join()
      for (const gone of left) expect(all).not.toContain(gone)
      expect(texts.size).toBeLessThanOrEqual(MANY + Math.ceil(2 * size(texts) / SMALL))
      expect(size(texts)).toBeLessThanOrEqual(2.2 * JSON.stringify([...boxes]).length + SLACK)
      if (texts.size < packs.size && size(texts) > size(packs)) seen.folded++
      if (page.every((p) => p.what === 'patch') && size(texts) < 0.7 * size(packs) && !fresh) seen.anew++
      packs = texts
      expect((await open().load()).boxes).toEqual(boxes)
    }

    if (steps.length === 0) return
    // Tidied up, nothing lies there that something was laid over.
    for (let steps = 0; await store.tidy(boxes); steps++) expect(steps).toBeLessThan(200)
    const texts = [...(await disk(seal)).values()].join()
    const live = JSON.stringify([...boxes])
    for (const [text] of texts.matchAll(/<[^>]+>\d+/g)) expect(live).toContain(text)
    expect((await open().load()).boxes).toEqual(boxes)
  }

  test('tidying steps back when another tab has written', async () => {
    freshDisk()
    const [one, two] = [idbStore('u1', () => true, newId, seal), idbStore('u1', () => true, newId, seal)]
    const box = (text: string): Box => ({ notes: { a: row('a', text) } })
    const first = new Map([['b:1', box('old')]])
    await one.commit(pageWrite('c1', { fresh: true, put: first }))
    await one.commit(pageWrite('c2', { expect: 'c1', from: first, put: new Map([['b:1', box('newer')]]) }))
    await two.load()
    await two.commit(pageWrite('c3', { expect: 'c2', from: new Map([['b:1', box('newer')]]), put: new Map([['b:1', box('newest')]]) }))
    expect(await one.tidy(new Map([['b:1', box('newer')]]))).toBe(false)
    expect((await two.load()).boxes.get('b:1')).toEqual(box('newest'))
  })

  test('the boxes are the model’s, and of what was left nothing lies anywhere', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 50, size: 'max' }), run), { numRuns: RUNS ?? 25, ...(!RUNS && { seed: 1 }) }) // the same each time, unless more are asked for
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0)
  }, 120_000)
})
