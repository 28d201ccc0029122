import { describe, expect, test } from 'vitest'
import { applyPage, digest, type Page, readPage } from './page'
import type { PullLine } from './protocol'
import type { Box } from './store'

const END = { t: 'end', cursor: 'c1', seq: 9, epoch: 'e1', at: '2026-11-22T12:00:00.000Z' } as const
const LINES: PullLine[] = [
  { t: 'bucket', b: 'course:a', full: true },
  { t: 'row', c: 'citizens', id: 'x', seq: 8, d: { name: 'Åse Ærø 🙂' } },
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
      { t: 'bucket', b: 'course:a' },
      { t: 'row', c: 'citizens', id: 'x', seq: 10, d: { name: 'A2' } },
      { t: 'gone', c: 'contacts', id: 'k', seq: 11 },
      { t: 'leave', b: 'course:b' },
      { t: 'bucket', b: 'course:c', full: true },
      { t: 'row', c: 'citizens', id: 'z', seq: 12, d: { name: 'C' } },
    ))
    expect(Object.fromEntries(changed)).toEqual({
      'course:a': { citizens: { x: row('x', 10, { name: 'A2' }) }, contacts: {} },
      'course:b': null,
      'course:c': { citizens: { z: row('z', 12, { name: 'C' }) } },
    })
    expect(applyPage(before, page({ t: 'bucket', b: 'course:a', full: true })).changed.get('course:a')).toEqual({})
  })

  test('the boxes before are not touched', () => {
    const copy = structuredClone(before)
    applyPage(before, page({ t: 'bucket', b: 'course:a' }, { t: 'gone', c: 'citizens', id: 'x', seq: 10 }))
    expect(before).toEqual(copy)
  })

  test('left and joined again in one page: only what came after', () => {
    const { changed } = applyPage(before, page(
      { t: 'leave', b: 'course:a' },
      { t: 'bucket', b: 'course:a', full: true },
      { t: 'row', c: 'citizens', id: 'n', seq: 10, d: { name: 'N' } },
    ))
    expect(changed.get('course:a')).toEqual({ citizens: { n: row('n', 10, { name: 'N' }) } })
  })

  test('a box that does not hold what the server says is named; one that does is not', () => {
    const sum = (b: string, n: number, s: number) => ({ t: 'sum', b, n, s }) as const
    const change = [{ t: 'bucket', b: 'course:a' }, { t: 'row', c: 'citizens', id: 'x', seq: 10, d: {} }] as const
    expect(applyPage(before, page(...structuredClone(change), sum('course:a', 2, 12))).diverged).toEqual([])
    expect(applyPage(before, page(...structuredClone(change), sum('course:a', 2, 13))).diverged).toEqual(['course:a'])
    expect(applyPage(before, page(...structuredClone(change), sum('course:a', 3, 12))).diverged).toEqual(['course:a'])
    expect(applyPage(before, page(sum('course:b', 1, 3))).diverged).toEqual([])
    expect(digest(before.get('course:a')!)).toEqual([2, 3])
  })

  test('the shape of the rows is remembered', () => {
    expect(applyPage(before, page({ t: 'schema', v: 3, hash: '1a2b3c4d' })).schema).toMatchObject({ v: 3, hash: '1a2b3c4d' })
  })

  test('a row that belongs nowhere is an error; a kind of line from the future is not', () => {
    expect(() => applyPage(before, page({ t: 'row', c: 'citizens', id: 'x', seq: 1, d: {} }))).toThrow('outside')
    expect(applyPage(before, page({ t: 'riddle', b: 'course:a' } as never)).changed.size).toBe(0)
  })
})
