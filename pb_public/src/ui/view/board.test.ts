import { beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../domain/date'
import { language } from '../../i18n'
import type { World } from '../../state/types'
import { board, deadline } from './board'
import { dueOf, gather } from './facts'
import { silent } from './phones'
import { contact, course, facts, today, world } from './world.fixture'

beforeAll(() => language.whole())

const many = (n: number): World => {
  const w = world()
  const of = (i: number) => ({ ...course, id: `c${i}`, mentor: ['', 'maja', 'omar', 'gone'][i % 4]!, state: i % 2 ? ('active' as const) : ('awaiting' as const) })
  return {
    ...w,
    courses: Array.from({ length: n }, (_, i) => of(i)),
    consents: Array.from({ length: n }, (_, i) => ({ ...w.consents[0]!, id: `k${i}`, course: `c${i}` })),
    contacts: Array.from({ length: n }, (_, i) => ({ ...contact(`t${i}`, i % 2 ? 'reached' : 'no_answer', '2026-11-20 09:00:00.000Z'), course: `c${i}` })),
    appointments: Array.from({ length: n }, (_, i) => ({ id: `p${i}`, course: `c${i}`, on: addDays(today, (i % 3) - 1), part_of_day: '' as const, time: '', topic: '', state: 'open' as const, done_by: '' })),
  }
}
const of = (w: World, mentors: string[] = []) => {
  const courses = gather(w, today)
  return board(courses.values(), dueOf(courses.values(), today), mentors)
}

describe('the board', () => {
  it('[U3 U4] has every open course once, with its mentor, by state; and who has none', () => {
    const { columns, unassigned } = of(many(12), ['maja', 'eva'])
    expect(columns.map((c) => [c.mentor, c.open, c.states, c.overdue])).toEqual([
      ['maja', 3, [['active', 3]], 1], ['eva', 0, [], 0], ['omar', 3, [['awaiting', 3]], 1], ['gone', 3, [['active', 3]], 1],
    ])
    expect([unassigned.open, unassigned.items.length], 'without a mentor all of it is shown').toEqual([3, 3])
    expect(columns[0]!.items.map((i) => i.group), 'after the first talk only what is late').toEqual(['overdue'])
    expect(columns[2]!.items.map((i) => i.group), 'before it, all').toEqual(['overdue', 'today', 'next'])
  })

  it('leaves closed courses out, and shows a course with two appointments once', () => {
    const w = many(4)
    w.courses = w.courses.map((c) => (c.id === 'c1' ? { ...c, state: 'closed' as const } : c))
    w.appointments.push({ ...w.appointments[2]!, id: 'again', on: addDays(today, -3) })
    const { columns } = of(w)
    expect(columns.find((c) => c.mentor === 'maja')).toBeUndefined()
    expect(columns.find((c) => c.mentor === 'omar')).toMatchObject({ open: 1, overdue: 1, items: [{ appointment: 'again' }] })
  })

  it('[U1] says how long there is for a first talk, in hours on the last day', () => {
    // Discharged on 19 November: the third day ends with the 22nd, the seventh with the 26th.
    const at = (moment: string) => deadline(facts(), new Date(moment), moment.slice(0, 10))
    expect(at('2026-11-20T12:00:00Z')).toEqual({ text: 'frist søndag', tone: '' })
    expect(at('2026-11-22T18:10:00Z')).toEqual({ text: 'når fristen om 5 timer', tone: 'tag soon' })
    expect(at('2026-11-22T22:30:00Z').text).toBe('når fristen om 1 time')
    expect(at('2026-11-22T23:00:00Z')).toEqual({ text: 'frist overskredet', tone: 'tag late' })
    expect(at('2026-11-26T20:00:00Z').text).toBe('frist overskredet, sidste frist om 3 timer')
    expect(at('2026-11-26T23:00:00Z').text).toBe('begge frister overskredet')
  })
})

describe('[A9] silent phones', () => {
  const now = new Date('2026-11-22T11:00:00Z')
  const one = (over = {}) => ({ user: 'maja', seen: '2026-11-21T15:00:00.000Z', unsent: 3, oldest: '2026-11-21T14:00:00Z', ...over })
  const said = (...users: ReturnType<typeof one>[]) => silent(users, (u) => u, (u) => u !== 'ward', now, today).map((s) => s.text)

  it('with unsent work, and since when', () => {
    expect(said(one())).toEqual(['Maja har 3 ting, der ikke er sendt. Telefonen var sidst på nettet i går kl. 16.'])
    expect(said(one({ unsent: 1, seen: '2026-11-22T08:05:00Z' }))).toEqual(['Maja har 1 ting, der ikke er sendt. Telefonen var sidst på nettet i dag kl. 9.05.'])
  })

  it('not while one is sending; without unsent work only after some days, where there are courses', () => {
    expect(said(one({ seen: '2026-11-22T10:50:00Z' }), one({ unsent: 0 }), one({ unsent: 0, seen: '2026-11-18T15:00:00Z', user: 'ward' }))).toEqual([])
    expect(said(one({ unsent: 0, seen: '2026-11-18T15:00:00Z', user: 'omar' }), one())).toEqual([
      'Maja har 3 ting, der ikke er sendt. Telefonen var sidst på nettet i går kl. 16.', 'Telefonen hos Omar har ikke været på nettet siden onsdag kl. 16.'])
  })
})
