// Runs testdata/merge.json, as sync/merge_test.go does.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type How, type Kind, merge } from './merge'

type Case = { name: string; kind: Kind; was: unknown; now: unknown; mine: unknown; from?: string[]; value: unknown; how: How }

const cases = JSON.parse(readFileSync(new URL('../../../testdata/merge.json', import.meta.url), 'utf8')) as Case[]
const MUST = ['name', 'kind', 'was', 'now', 'mine', 'value', 'how']

describe('merge.json', () => {
  test('says only what is read', () => {
    expect(cases.length).toBeGreaterThanOrEqual(40)
    for (const c of cases) expect(Object.keys(c).filter((k) => k !== 'from').sort(), c.name).toEqual(MUST.toSorted())
    expect(new Set(cases.map((c) => c.name)).size).toBe(cases.length)
    expect(new Set(cases.map((c) => c.kind))).toEqual(new Set(['append', 'scalar', 'guarded', 'set', 'state']))
  })

  test.each(cases)('$kind: $name', ({ kind, was, now, mine, from, value, how }) => {
    expect(merge(kind, was, now, mine, from)).toEqual({ value, how })
  })
})

describe('whatever the values', () => {
  const value = fc.oneof(fc.constant(null), fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 2 }), fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')))
  const kinds = fc.constantFrom<Kind>('append', 'scalar', 'guarded', 'set', 'state')
  const sets = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'))

  test('none is invented, and stale leaves what is there', () => {
    fc.assert(fc.property(kinds.filter((k) => k !== 'set'), value, value, value, (kind, was, now, mine) => {
      const m = merge(kind, was, now, mine, ['a', 'b'])
      expect(m.value).toEqual(m.how === 'stale' || m.how === 'same' ? now : mine)
    }))
  })

  test('twice is as once', () => {
    fc.assert(fc.property(kinds, sets, sets, sets, (kind, was, now, mine) => {
      const once = merge(kind, was, now, mine, ['a'])
      if (once.how !== 'stale') expect(merge(kind, was, once.value, mine, ['a'])).toEqual({ value: once.value, how: 'same' })
    }))
  })

  test('two who change a set: the order in which they come does not count', () => {
    fc.assert(fc.property(sets, sets, sets, (was, a, b) => {
      const ab = merge('set', was, merge('set', was, was, a).value, b).value as string[]
      const ba = merge('set', was, merge('set', was, was, b).value, a).value as string[]
      expect(ab.toSorted()).toEqual(ba.toSorted())
    }))
  })
})
