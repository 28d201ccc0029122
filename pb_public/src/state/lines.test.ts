import { beforeAll, describe, expect, it } from 'vitest'
import type { Http } from '../lib/http'
import { keptLines, newLines } from './lines'
import type { CrisisLine } from './types'

const line = (id = 'a'): CrisisLine => ({ id, name: 'Akuttilbud', kind: 'social', number: '+4512345600', hours: '', source: '', verified_on: '2026-11-02', order: 1 })

describe('the numbers that are kept', () => {
  const asked: string[] = []
  const answering = (lines: CrisisLine[] | Error): Http => ({
    json: async <T>(path: string) => {
      asked.push(path)
      if (lines instanceof Error) throw lines
      return { lines } as T
    },
    stream: () => Promise.reject(new Error('not asked for')),
  })

  beforeAll(() => {
    const held = new Map<string, string>()
    Object.assign(globalThis, { localStorage: { getItem: (k: string) => held.get(k) ?? null, setItem: (k: string, v: string) => void held.set(k, v) } })
  })

  it('stay when there is no network, and are of the municipality last worked in', async () => {
    expect(keptLines()).toEqual([])
    expect(await newLines(answering([line()]), 'm1')).toEqual([line()])
    expect(await newLines(answering(new Error('network')))).toEqual([line()])
    expect(asked.at(-1)).toBe('/api/directory/crisis-lines?municipality=m1')
    expect(await newLines(answering([line('b')]))).toEqual([line('b')])
    expect(keptLines().map((l) => l.id)).toEqual(['b'])
  })

  it('are none rather than something else', () => {
    localStorage.setItem('crisis-lines', '{"lines":7}')
    expect(keptLines()).toEqual([])
  })
})
