import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { codes } from '../domain/errors'
import { da as first } from './da'
import { later } from './da.later'
import { en } from './en'
import { clock, dateName, language, list, longDay, moment, nearDay, roughClock, t, tn, toInstant, wallClock, week, when } from './index'

const da = { ...first, ...later }
const reasons = Object.keys(codes)

/** Whole words with their endings. "sagt" is another word than "sag". */
const forbidden = {
  da: [/henvis\p{L}*/iu, /visit(?:er|at)\p{L}*/iu, /klient\p{L}*/iu, /patient\p{L}*/iu, /sag(?:en|ens|er|erne|ernes|s)?/iu,
    /diagnos\p{L}*/iu, /højrisiko\p{L}*/iu, /risikoscore\p{L}*/iu, /synkroniser\p{L}*/iu, /record\p{L}*/iu],
  en: [/refer(?:ral|rals|red|s|ring)?/i, /patients?/i, /clients?/i, /cases?/i, /diagnos\w*/i, /high[- ]risk/i, /risk score\w*/i, /sync\w*/i],
}
const word = (re: RegExp): RegExp => new RegExp(`(?<!\\p{L})(?:${re.source})(?!\\p{L})`, 'iu')
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort()

beforeAll(() => language.whole())
afterEach(() => language.choose('da'))

describe('the two books', () => {
  it('have the same keys with the same holes', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(da).sort())
    expect(Object.keys(da)).toHaveLength(Object.keys(first).length + Object.keys(later).length)
    for (const [key, text] of Object.entries(da)) expect(holes(en[key as keyof typeof da]), key).toEqual(holes(text))
  })

  it('say nothing on the first screen that is fetched later', () => {
    const sources: Record<string, string> = import.meta.glob('../**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true })
    const read = new Set<string>()
    const follow = (file: string): void => {
      const source = [file, file + '.ts', file + '/index.ts'].find((f) => f in sources)
      if (!source || read.has(source) || source.includes('i18n/')) return
      read.add(source)
      for (const [, path] of sources[source]!.matchAll(/^\s*import (?!type).*'(\.[^']+)'$/gm)) follow(new URL(path!, 'file:///' + source.replace('../', '')).pathname.replace('/', '../'))
    }
    follow('../ui/App.svelte')
    expect(read).toContain('../ui/view/sync.ts')
    for (const file of read) for (const [, key] of sources[file]!.matchAll(/\bt[nx]?\([^)]*?'([\w.]+)'/g)) expect(later, `${file}: ${key}`).not.toHaveProperty([key!])
  })

  it('leave nothing empty and shout nowhere', () => {
    for (const text of [...Object.values(da), ...Object.values(en)]) {
      expect(text.trim()).not.toBe('')
      expect(text).not.toContain('!')
    }
  })

  it('use no word that does not belong on the screen', () => {
    for (const [key, text] of Object.entries(da)) for (const re of forbidden.da) expect(text, key).not.toMatch(word(re))
    for (const [key, text] of Object.entries(en)) for (const re of forbidden.en) expect(text, key).not.toMatch(word(re))
  })

  it('the check itself tells sag from sagt', () => {
    expect('sagerne').toMatch(word(forbidden.da[4]!))
    expect('har sagt').not.toMatch(word(forbidden.da[4]!))
    expect('henvises').toMatch(word(forbidden.da[0]!))
  })

  it('have a text for every reason the domain can give', () => {
    expect(reasons.length).toBeGreaterThan(30)
    for (const code of reasons) expect(da, code).toHaveProperty([`reason.${code}`])
  })
})

describe('dates, times and phones', () => {
  it('read as people say them in Danish', () => {
    expect(longDay('2026-11-27')).toBe('fredag 27. november')
    expect(dateName('2027-11-19', '2026-11-22')).toBe('19. november 2027')
    expect(clock('09:30')).toBe('kl. 9.30')
    expect(roughClock('16:00')).toBe('kl. 16')
    expect([nearDay('2026-11-21', '2026-11-22'), nearDay('2026-11-23', '2026-11-22'), nearDay('2026-11-19', '2026-11-22'), nearDay('2026-11-02', '2026-11-22')])
      .toEqual(['i går', 'i morgen', 'torsdag', '2. november'])
    expect(list(['a', 'b', 'c'])).toBe('a, b og c')
  })

  it('and in English', async () => {
    await language.choose('en')
    expect(t('nav.today')).toBe('Today')
    expect(longDay('2026-11-27')).toBe('Friday 27 November')
    expect(clock('14:02')).toBe('at 14:02')
    expect(nearDay('2026-11-21', '2026-11-22')).toBe('yesterday')
  })

  it('show moments in Copenhagen, from both forms', () => {
    expect(when('2026-11-22 13:02:11.000Z', '2026-11-22')).toBe('kl. 14.02')
    expect(when('2026-11-20T09:16:00Z', '2026-11-22')).toBe('fredag kl. 10.16')
    expect(when('2026-07-01T22:30:00Z', '2026-07-02')).toBe('kl. 0.30')
    expect(moment('2026-11-22 13:02:11.000Z').toISOString()).toBe('2026-11-22T13:02:11.000Z')
  })

  it('count weeks as the calendar does', () => {
    expect([week('2026-11-22'), week('2026-12-31'), week('2027-01-03'), week('2027-01-04'), week('2024-12-30')]).toEqual([47, 53, 53, 1, 1])
  })

  it('turn what a person types into a moment, summer and winter', () => {
    expect(toInstant('2026-11-22T14:02')).toBe('2026-11-22T13:02:00.000Z')
    expect(toInstant('2026-07-01T00:30')).toBe('2026-06-30T22:30:00.000Z')
    expect(toInstant('')).toBe('')
    expect(wallClock('2026-06-30T22:30:00.000Z')).toBe('2026-07-01T00:30')
  })

  it('count one and many', () => {
    expect(tn('due.attempts', 1)).toBe('1 forsøg uden svar')
    expect(tn('sync.unsent', 3, { when: 'i går kl. 16' })).toBe('3 ting er ikke sendt. Den ældste er fra i går kl. 16.')
    expect(t('course.call', { phone: '12 34 56 78' })).toBe('Ring 12 34 56 78')
  })
})
