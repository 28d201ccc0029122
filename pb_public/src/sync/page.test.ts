import { describe, expect, test } from 'vitest'
import { applyPage, type Page, readPage } from './page'
import type { PullLine } from './protocol'
import type { Box } from './store'

const END = { t: 'end', cursor: 'c1', seq: 9, more: false, epoch: 'e1', at: '2026-11-22T12:00:00.000Z' } as const
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
  const before = new Map<string, Box>([
    ['course:a', { citizens: { x: { id: 'x', name: 'A' } }, contacts: { k: { id: 'k' } } }],
    ['course:b', { citizens: { y: { id: 'y', name: 'B' } } }],
  ])
  const page = (...changes: Page['changes']): Page => ({ changes, end: END })

  test('full replaces the box, rows and gones change it, leave drops it', () => {
    const changed = applyPage(before, page(
      { t: 'bucket', b: 'course:a', full: false },
      { t: 'row', c: 'citizens', id: 'x', seq: 10, d: { name: 'A2' } },
      { t: 'gone', c: 'contacts', id: 'k', seq: 11 },
      { t: 'leave', b: 'course:b' },
      { t: 'bucket', b: 'course:c', full: true },
      { t: 'row', c: 'citizens', id: 'z', seq: 12, d: { name: 'C' } },
    ))
    expect(Object.fromEntries(changed)).toEqual({
      'course:a': { citizens: { x: { id: 'x', name: 'A2' } }, contacts: {} },
      'course:b': null,
      'course:c': { citizens: { z: { id: 'z', name: 'C' } } },
    })
    expect(applyPage(before, page({ t: 'bucket', b: 'course:a', full: true })).get('course:a')).toEqual({})
  })

  test('the boxes before are not touched', () => {
    const copy = structuredClone(before)
    applyPage(before, page({ t: 'bucket', b: 'course:a', full: false }, { t: 'gone', c: 'citizens', id: 'x', seq: 10 }))
    expect(before).toEqual(copy)
  })

  test('left and joined again in one page: only what came after', () => {
    const changed = applyPage(before, page(
      { t: 'leave', b: 'course:a' },
      { t: 'bucket', b: 'course:a', full: true },
      { t: 'row', c: 'citizens', id: 'n', seq: 10, d: { name: 'N' } },
    ))
    expect(changed.get('course:a')).toEqual({ citizens: { n: { id: 'n', name: 'N' } } })
  })

  test('a row that belongs nowhere is an error; a kind of line from the future is not', () => {
    expect(() => applyPage(before, page({ t: 'row', c: 'citizens', id: 'x', seq: 1, d: {} }))).toThrow('outside')
    expect(applyPage(before, page({ t: 'digest', b: 'course:a' } as never)).size).toBe(0)
  })
})
