import { beforeAll, describe, expect, it } from 'vitest'
import { language } from '../../i18n'
import { standsFor } from './facts'
import { timeline } from './timeline'
import { contact, course, facts } from './world.fixture'

beforeAll(() => language.whole())

const first = { ...contact('a', 'no_answer', '2026-11-20 09:15:00.000Z'), note: 'Intet svar' }
const second = { ...first, id: 'b', amends: 'a', outcome: 'reached' as const, note: 'Vi talte kort', received_at: '2026-11-22 13:02:00.000Z' }
const third = { ...second, id: 'c', amends: 'b', by: 'karen', note: 'Vi talte', received_at: '' }
const other = contact('d', 'no_answer', '2026-11-21 09:15:00.000Z')

describe('[S17] what was corrected', () => {
  const f = facts({ contacts: [third, first, other, second], courses: [{ ...course, state: 'active' }] })

  it('counts as it stands, once', () => {
    expect(f.contacts.map((c) => c.id)).toEqual(['d', 'c'])
    expect([f.reached, f.attempts]).toEqual([true, 1])
    expect(['a', 'b', 'c', 'd', 'e'].map((id) => standsFor(f, id)?.id)).toEqual(['c', 'c', 'c', 'd', undefined])
  })

  it('shows what stands as the talk of whoever had it, with who corrected it and what it said before', () => {
    const [, event] = timeline(f, undefined, [])
    expect(event).toMatchObject({ title: 'Vi talte', note: 'Vi talte', by: 'maja', record: 'c', amended: { at: '', by: 'karen' } })
    expect(event!.amended!.before.map((e) => e.note)).toEqual(['Vi talte kort', 'Intet svar'])
  })

  it('says nothing of a correction where there is none, and names nobody who corrected herself', () => {
    expect(timeline(facts({ contacts: [other] }), undefined, [])[0]).not.toHaveProperty('amended')
    expect(timeline(facts({ contacts: [first, second] }), undefined, [])[0]!.amended).toMatchObject({ at: '2026-11-22 13:02:00.000Z', by: '' })
  })
})
