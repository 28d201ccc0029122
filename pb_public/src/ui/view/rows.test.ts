import { describe, expect, it } from 'vitest'
import type { Appointment, World } from '../../state/types'
import { dueOf } from './facts'
import { dueRow } from './rows'
import { contact, course, facts, today } from './world.fixture'

const rows = (change: Partial<World> = {}) => {
  const f = facts(change)
  return dueOf([f], today).map((i) => ({ group: i.group, ...dueRow(i, f, today) }))
}
const talked = { courses: [{ ...course, state: 'active' as const }], contacts: [contact('a', 'reached', '2026-11-20 09:00:00.000Z')] }
const appointment = (on: string, more: Partial<Appointment> = {}): Appointment => ({ id: 'p', course: 'c1', on, part_of_day: '', time: '', topic: '', state: 'open', done_by: '', ...more })

describe('a line of the list of calls says why now', () => {
  it('[U1] the first talk, with its deadline and the attempts', () => {
    const attempts = [contact('a', 'no_answer', '2026-11-20 09:15:00.000Z'), contact('b', 'no_answer', '2026-11-21 15:40:00.000Z')]
    expect(rows({ contacts: attempts })).toMatchObject([
      { group: 'today', name: 'Birk Testesen', end: 'ring senest i dag', tone: 'tag soon', why: 'Første samtale. Udskrevet torsdag. 2\u00a0forsøg uden svar' },
    ])
  })

  it('[U3] an appointment that was missed stays, and says since when', () => {
    expect(rows({ ...talked, appointments: [appointment('2026-11-21', { time: '10:00', topic: 'Værestedet' })] }))
      .toMatchObject([{ group: 'overdue', end: 'i går kl. 10', tone: 'tag late', why: 'Værestedet' }])
  })

  it('[U3] today by the clock or the part of the day, later by the day', () => {
    const end = (a: Appointment) => rows({ ...talked, appointments: [a] })[0]!.end
    expect(end(appointment(today, { time: '11:00' }))).toBe('kl. 11.00')
    expect(end(appointment(today, { part_of_day: 'afternoon' }))).toBe('eftermiddag')
    expect(end(appointment(today))).toBe('i løbet af dagen')
    expect(end(appointment('2026-11-24', { time: '09:30' }))).toBe('tirsdag kl. 9.30')
  })

  it('[U5] nothing agreed is something to do', () => {
    expect(rows(talked)).toMatchObject([{ group: 'today', why: 'Mangler en ny aftale' }])
  })

  it('[U6] a course that is over waits to be closed', () => {
    expect(rows({ ...talked, courses: [{ ...course, state: 'active', last_day: '2026-11-10' }] }))
      .toMatchObject([{ group: 'overdue', end: 'sluttede 10. november', why: 'Forløbet er slut og skal lukkes' }])
  })

  it('[U7] a consent that has run out', () => {
    const consents = [{ id: 'k', course: 'c1', scope: 'contact' as const, form: 'oral' as const, text_version: '', taken_by: '', given_on: '2025-11-20', expires_on: '2026-11-20', withdrawn_on: '' }]
    expect(rows({ ...talked, consents })).toMatchObject([{ group: 'overdue', why: 'Samtykket er udløbet' }])
  })

  it('the closing talk says when the course ends', () => {
    expect(rows({ ...talked, courses: [{ ...course, state: 'active', last_day: '2026-11-27' }], appointments: [appointment(today, { time: '14:00' })] }))
      .toMatchObject([{ end: 'afsluttende samtale', why: 'Kl. 14.00. Forløbet slutter fredag 27. november' }])
  })
})
