import { beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../domain/date'
import { language } from '../../i18n'
import type { Appointment, World } from '../../state/types'
import { dueOf } from './facts'
import { paper } from './paper'
import { contact, course, facts, today } from './world.fixture'

beforeAll(() => language.whole())

const lists = (change: Partial<World> = {}) => {
  const f = facts(change)
  return paper(dueOf([f], today), () => f, today)
}
const talked = { courses: [{ ...course, state: 'active' as const }], contacts: [contact('a', 'reached', '2026-11-20 09:00:00.000Z')] }
const on = (day: string, more: Partial<Appointment> = {}): Partial<World> =>
  ({ ...talked, appointments: [{ id: 'p', course: 'c1', on: day, part_of_day: '', time: '', topic: 'Koret', state: 'open', done_by: '', ...more }] })

describe('the emergency list', () => {
  it('says who, which number, which day and one line of why', () => {
    expect([...lists(on(today, { time: '11:00' }))]).toEqual([['maja', [{ key: 'c1p', name: 'Birk Testesen', phones: '12 34 56 78', when: 'Søndag 22. november, kl. 11.00', why: 'Koret' }]]])
    expect(lists().get('maja')).toMatchObject([{ when: 'Senest søndag 22. november', why: 'Første samtale. Udskrevet torsdag' }])
    expect(lists(talked).get('maja')).toMatchObject([{ when: 'Ingen aftale', why: 'Mangler en ny aftale' }])
  })

  it('[U3] has what was missed, and the next seven days', () => {
    expect(lists(on(addDays(today, -3))).get('maja')).toMatchObject([{ when: 'Torsdag 19. november' }])
    expect(lists(on(addDays(today, 7))).size).toBe(1)
    expect(lists(on(addDays(today, 8))).size).toBe(0)
  })

  it('[C1 U6 U7] has nobody who is not to be called', () => {
    expect(lists({ ...talked, courses: [{ ...course, state: 'active', last_day: '2026-11-10' }] }).size).toBe(0)
    expect(lists({ ...talked, consents: [] }).size).toBe(0)
    expect(lists({ courses: [{ ...course, state: 'on_hold' }] }).size).toBe(0)
  })
})
