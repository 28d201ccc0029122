import { expect, test } from 'vitest'
import { today } from './clock'
import { newId } from './id'

test('today is the day in Denmark, also just before and after midnight there', () => {
  expect(today(new Date('2026-11-22T22:59:59Z'))).toBe('2026-11-22')
  expect(today(new Date('2026-11-22T23:00:00Z'))).toBe('2026-11-23')
  expect(today(new Date('2026-06-30T22:00:00Z'))).toBe('2026-07-01')
})

test('ids are 15 of [a-z0-9], each letter as likely', () => {
  const ids = Array.from({ length: 4000 }, newId)
  expect(ids.every((id) => /^[a-z0-9]{15}$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(4000)
  const count = new Map<string, number>()
  for (const letter of ids.join('')) count.set(letter, (count.get(letter) ?? 0) + 1)
  expect(count.size).toBe(36)
  const mean = (4000 * 15) / 36
  for (const n of count.values()) expect(Math.abs(n - mean)).toBeLessThan(mean * 0.2) // eight sigma
})
