import { describe, expect, test } from 'vitest'
import { applyPage, digest, type Page, readPage } from './page'
import type { PullLine } from './protocol'
import type { Box } from './store'

const END = { t: 'end', cursor: 'c1', seq: 9, epoch: 'e1', at: '2026-11-22T12:00:00.000Z' } as const
/** A row as it travels: its columns are named before it. */
const line = (c: string, id: string, seq: number, d: Record<string, unknown>, b?: string) =>
  [{ t: 'cols', c, k: Object.keys(d) }, { t: 'rows', ...(b && { b }), c, r: [[id, seq, ...Object.values(d)]] }] satisfies PullLine[]
const LINES: PullLine[] = [
  { t: 'bucket', b: 'course:a' },
  ...line('citizens', 'x', 8, { name: 'Åse Ærø 🙂' }),
  END,
]
const TEXT = LINES.map((l) => JSON.stringify(l) + '\n').join('')
const bytes = new TextEncoder().encode(TEXT)

const stream = (...parts: Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(c) {
      for (const p of parts) c.enqueue(p)
      c.close()
    },
  })

describe('reading a page', () => {
  test('whole, however the bytes are cut', async () => {
    for (let i = 0; i <= bytes.length; i++) {
      const page = await readPage(stream(bytes.slice(0, i), bytes.slice(i)))
      expect([...page.changes, page.end]).toEqual(LINES)
    }
  })

  test('cut short anywhere, it is thrown away', async () => {
    for (let i = 0; i < bytes.length - 1; i++) await expect(readPage(stream(bytes.slice(0, i))), `${i} bytes`).rejects.toThrow()
  })

  test('a line after the end line is nobody’s page', async () => {
    await expect(readPage(stream(bytes, bytes))).rejects.toThrow('after the end')
  })
})

describe('laying a page into the boxes', () => {
  const row = (id: string, seq: number, more = {}) => ({ id, _seq: seq, ...more })
  const before = new Map<string, Box>([
    ['course:a', { citizens: { x: row('x', 1, { name: 'A' }) }, contacts: { k: row('k', 2) } }],
    ['course:b', { citizens: { y: row('y', 3, { name: 'B' }) } }],
  ])
  const page = (...changes: Page['changes']): Page => ({ changes, end: END })

  test('full replaces the box, rows and gones change it, leave drops it', () => {
    const { changed } = applyPage(before, page(
      ...line('citizens', 'x', 10, { name: 'A2' }, 'course:a'),
      { t: 'gone', c: 'contacts', r: [['k', 11]] },
      { t: 'leave', b: 'course:b' },
      { t: 'bucket', b: 'course:c' },
      ...line('citizens', 'z', 12, { name: 'C' }),
    ))
    expect(Object.fromEntries(changed)).toEqual({
      'course:a': { citizens: { x: row('x', 10, { name: 'A2' }) }, contacts: {} },
      'course:b': null,
      'course:c': { citizens: { z: row('z', 12, { name: 'C' }) } },
    })
    expect(applyPage(before, page({ t: 'bucket', b: 'course:a' })).changed.get('course:a')).toEqual({})
  })

  test('the boxes before are not touched', () => {
    const copy = structuredClone(before)
    applyPage(before, page({ t: 'gone', b: 'course:a', c: 'citizens', r: [['x', 10]] }))
    expect(before).toEqual(copy)
  })

  test('left and joined again in one page: only what came after', () => {
    const { changed } = applyPage(before, page(
      { t: 'leave', b: 'course:a' },
      { t: 'bucket', b: 'course:a' },
      ...line('citizens', 'n', 10, { name: 'N' }),
    ))
    expect(changed.get('course:a')).toEqual({ citizens: { n: row('n', 10, { name: 'N' }) } })
  })

  test('boxes that do not hold what the server says are noticed; those that do are not', () => {
    const change = [...line('citizens', 'x', 10, {}, 'course:a'), { t: 'gone', b: 'course:b', c: 'citizens', r: [] }] satisfies Page['changes']
    const summed = (...sum: [number, number]) => applyPage(before, { changes: change, end: { ...END, sum } }).diverged
    expect(summed(3, 15)).toBe(false)
    expect(summed(3, 16)).toBe(true)
    expect(summed(4, 15)).toBe(true)
    expect(applyPage(before, page(...change)).diverged).toBe(false)
    expect(applyPage(before, { changes: [{ t: 'leave', b: 'course:a' }], end: { ...END, sum: [0, 0] } }).diverged).toBe(false)
    expect(digest(before.get('course:a')!)).toEqual([2, 3])
  })

  test('the column that rows leave out is the key of their bucket', () => {
    const { changed } = applyPage(before, page(
      { t: 'cols', c: 'contacts', k: ['by'], key: 'course' },
      { t: 'rows', b: 'course:a', c: 'contacts', r: [['k', 10, 'me']] },
      { t: 'bucket', b: 'course:c:d' },
      { t: 'rows', c: 'contacts', r: [['l', 11, 'you']] },
    ))
    expect(changed.get('course:a')!.contacts).toEqual({ k: row('k', 10, { course: 'a', by: 'me' }) })
    expect(changed.get('course:c:d')).toEqual({ contacts: { l: row('l', 11, { course: 'c:d', by: 'you' }) } })
  })

  test('the shape of the rows is remembered', () => {
    expect(applyPage(before, page({ t: 'schema', v: 3, hash: '1a2b3c4d' })).schema).toMatchObject({ v: 3, hash: '1a2b3c4d' })
  })

  test('a row that belongs nowhere is an error; a kind of line from the future is not', () => {
    expect(() => applyPage(before, page(...line('citizens', 'x', 1, {})))).toThrow('outside')
    expect(() => applyPage(before, page({ t: 'bucket', b: 'course:a' }, { t: 'rows', c: 'citizens', r: [['x', 1]] }))).toThrow('columns')
    expect(applyPage(before, page({ t: 'riddle', b: 'course:a' } as never)).changed.size).toBe(0)
  })
})
