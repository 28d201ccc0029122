import { beforeAll, describe, expect, it } from 'vitest'
import { language } from '../../i18n'
import type { Offer } from '../../state/types'
import { offersFor, openHours, mentionsIn, mentionText } from './offers'
import { contact } from './world.fixture'

const offer = (id: string, name: string, change: Partial<Offer> = {}): Offer => ({
  id, municipality: 'm', name, kind: 'community', about: '', place: '', weekdays: [], hours: '', phone: '', web: '', contact: '', drop_in: false, checked_on: '', active: true, ...change,
})
const all = [
  offer('a', 'Åben rådgivning', { kind: 'talk', weekdays: ['1', '2', '3', '4', '5'], hours: 'kl. 12–16' }),
  offer('b', 'Værestedet Kilden', { about: 'Kaffe og brætspil', weekdays: ['4', '1'], hours: 'kl. 10–15' }),
  offer('c', 'Østenvinden', { kind: 'culture', weekdays: ['3'] }),
  offer('d', 'Cykelholdet', { kind: 'nature' }),
  offer('e', 'Lukket', { active: false }),
]
const names = (wish = {}) => offersFor(all, { query: '', kind: '', day: '', ...wish }).map((o) => o.name)

beforeAll(() => language.whole())

describe('what the town offers', () => {
  it('stands in Danish order, without what is put away', () => {
    expect(names()).toEqual(['Cykelholdet', 'Værestedet Kilden', 'Østenvinden', 'Åben rådgivning'])
  })

  it('is found by a word anywhere, by what one looks for, and by the day', () => {
    expect(names({ query: 'kaffe' })).toEqual(['Værestedet Kilden'])
    expect(names({ query: 'ØSTEN' })).toEqual(['Østenvinden'])
    expect(names({ query: 'kultur' })).toEqual(['Østenvinden'])
    expect(names({ kind: 'talk' })).toEqual(['Åben rådgivning'])
    expect(names({ day: '3' }), 'one without days may be open').toEqual(['Cykelholdet', 'Østenvinden', 'Åben rådgivning'])
    expect(names({ day: '7', kind: 'community' })).toEqual([])
  })

  it('says when it is open', () => {
    expect(all.map(openHours)).toEqual(['mandag til fredag, kl. 12–16', 'mandag og torsdag, kl. 10–15', 'onsdag', '', ''])
  })
})

describe('what came up in the talks', () => {
  it('[O1] old talks have words only, and an offer that is gone still says so', () => {
    expect(mentionText('Værestedet', all)).toBe('Fortalt om: Værestedet')
    expect(mentionText({ offer: 'b', how: 'been', words: 'Det var rart' }, all)).toBe('Har været der: Værestedet Kilden, “Det var rart”')
    expect(mentionText({ offer: 'x', how: 'helped', words: '' }, all)).toBe('Hjulpet videre: et tilbud, der ikke er her mere')
  })

  it('is told once for each, as it was said last', () => {
    const talks = [
      { ...contact('2', 'reached', '2026-11-20'), offers: [{ offer: 'b', how: 'been' as const, words: '' }] },
      { ...contact('1', 'reached', '2026-11-10'), offers: ['Et kor', { offer: 'b', how: 'told' as const, words: '' }] },
    ]
    expect(mentionsIn(talks)).toEqual([{ offer: 'b', how: 'been', words: '' }, { offer: '', how: 'told', words: 'Et kor' }])
  })
})
