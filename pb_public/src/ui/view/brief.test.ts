import { describe, expect, test } from 'vitest'
import { brief } from '../../state/brief'
import type { Appointment, Contact, World } from '../../state/types'
import { worldOf } from '../../state/world'
import type { Box } from '../../sync/store'
import { dueOf, gather } from './facts'
import { dueRow } from './rows'
import { contact, today, world } from './world.fixture'

/** Numbers that come again for the same seed. */
function dice(seed: number): (sides: number) => number {
  let s = seed
  return (sides) => ((s = (s * 48271) % 2147483647), s % sides)
}

function madeUp(seed: number): Box {
  const d = dice(seed * 7919 + 1)
  const outcomes = ['reached', 'no_answer', 'wants_later', 'no_answer'] as const
  const contacts: Contact[] = []
  for (let i = 0; i < d(9); i++) {
    const amends = i > 0 && d(4) === 0 ? contacts.find((c) => !contacts.some((o) => o.amends === c.id)) : undefined
    const at = `2026-11-${String(10 + d(12))} 1${d(10)}:00:00.000Z`
    contacts.push({ ...contact('t' + i, outcomes[d(4)]!, amends && d(2) ? amends.occurred_at : at), amends: amends?.id ?? '', note: 'said', topics: ['sleep'] })
  }
  const states = ['open', 'done', 'moved', 'open'] as const
  const appointments: Appointment[] = Array.from({ length: d(4) }, (_, i) => ({
    id: 'a' + i, course: 'c1', on: `2026-11-${18 + d(10)}`, part_of_day: '', time: d(2) ? '10:00' : '', topic: 'Bolig', state: states[d(4)]!, done_by: '',
  }))
  const w: World = world({ contacts, appointments })
  return Object.fromEntries(Object.entries(w).map(([c, rows]) => [c, Object.fromEntries(rows.map((r) => [r.id, { _seq: 1, ...r }]))]))
}

const listOf = (box: Box) => {
  const courses = gather(worldOf(new Map([['course:c1', box]])), today)
  return dueOf(courses.values(), today).map((i) => dueRow(i, courses.get(i.course)!, today))
}

describe('the brief box', () => {
  test('gives the same list of calls as the whole one', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const whole = madeUp(seed)
      expect(listOf(brief('course:c1', whole)!), `seed ${seed}`).toEqual(listOf(whole))
    }
  })

  test('holds no note and no older talk', () => {
    const box = madeUp(1)
    box.contacts = Object.fromEntries([contact('old', 'reached', '2026-11-01 10:00:00.000Z'), contact('new', 'reached', '2026-11-09 10:00:00.000Z')].map((c) => [c.id, { _seq: 1, ...c, note: 'secret' }]))
    expect(Object.keys(brief('course:c1', box)!.contacts!)).toEqual(['new'])
    expect(JSON.stringify(brief('course:c1', box))).not.toContain('secret')
  })

  test('is none where the list needs nothing', () => {
    expect(brief('offers:m', { offers: { o: { id: 'o', _seq: 1 } } })).toBe(null)
  })
})
