// What the vectors do not hold: the catalogue, its texts, and the two functions that only screens need.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { dateOf } from './date'
import { codes } from './errors'
import { showPhone } from './phone'
import { checkContact, daysLeft, isLate } from './window'

const golden = JSON.parse(readFileSync(new URL('../../../testdata/errors.golden.json', import.meta.url), 'utf8')) as { code: string; rule: string }[]

test('errors.ts is the catalogue of errors.go', () => {
  expect(Object.entries(codes).map(([code, rule]) => ({ code, rule })).sort((a, b) => (a.code < b.code ? -1 : 1))).toEqual(golden)
})

test.each([['da', 'da.later'], ['en']])('every code has a text in %s', async (...halves) => {
  const book: Record<string, string> = {}
  for (const half of halves) Object.assign(book, ...Object.values(await import(`../i18n/${half}.ts`) as object))
  expect(golden.map(({ code }) => `reason.${code}`).filter((key) => !book[key])).toEqual([])
})

test('each file names its twin', () => {
  for (const name of ['access', 'consent', 'course', 'crisis', 'date', 'due', 'errors', 'flag', 'holiday', 'offer', 'phone', 'taper', 'targetgroup', 'text', 'window']) {
    expect(readFileSync(new URL(`${name}.ts`, import.meta.url), 'utf8')).toMatch(new RegExp(`^// Mirrors domain/${name}\\.go`))
    expect(existsSync(new URL(`../../../domain/${name}.go`, import.meta.url))).toBe(true)
  }
})

test('[P1] a number is shown in pairs, a foreign one as it is', () => {
  expect(['+4512345678', '12345678', '+46701234567', 'ukendt', ''].map(showPhone)).toEqual(['12 34 56 78', '12 34 56 78', '+46701234567', 'ukendt', ''])
})

test('[W1] days left: none on the last day', () => {
  expect(['2027-05-20', '2027-05-22', '2027-05-23'].map((today) => daysLeft('2027-05-22', today))).toEqual([2, 0, -1])
})

test('[W8 W10] moments are also read as records keep them', () => {
  expect(dateOf('2026-11-22 23:30:00.000Z')).toBe('2026-11-23')
  expect(dateOf('')).toBe('')
  expect(isLate('2026-11-22 10:00:00.000Z', '2026-11-29 10:00:00.001Z')).toBe(true)
  expect(checkContact({ first: '2026-11-22', last: '2027-05-22' }, '2026-11-22', '2027-05-22 22:00:00.000Z', '2027-05-23 08:00:00.000Z')?.rule).toBe('W8')
})
