import { describe, expect, it, vi } from 'vitest'
import { addDays } from '../../domain/date'
import { badge, toCall } from './badge'
import { dueOf } from './facts'
import { contact, course, facts, today } from './world.fixture'

const open = (id: string, on: string) => ({ id, course: 'c1', on, part_of_day: '' as const, time: '', topic: '', state: 'open' as const, done_by: '' })
const due = (...days: number[]) => dueOf([facts({
  courses: [{ ...course, state: 'active' }], contacts: [contact('a', 'reached', '2026-11-20 09:00:00.000Z')], appointments: days.map((n) => open(`p${n}`, addDays(today, n))),
})], today)

describe('the badge', () => {
  it('[U3] counts whom one has to call: late or today, each once', () => {
    const count = (...days: number[]) => toCall(due(...days), () => true)
    expect([count(-1), count(0), count(-1, 0), count(1), count(1, 0)]).toEqual([1, 1, 1, 0, 1])
  })

  it('leaves out what is not one’s own to call', () => {
    expect(toCall(due(0), () => false)).toBe(0)
  })

  it('is taken away at none, and does nothing where there is no such thing', () => {
    const setAppBadge = vi.fn(() => Promise.resolve()), clearAppBadge = vi.fn(() => Promise.reject(new Error('not allowed')))
    badge(3, { setAppBadge, clearAppBadge })
    badge(0, { setAppBadge, clearAppBadge })
    badge(2, {})
    expect([setAppBadge.mock.calls, clearAppBadge.mock.calls.length]).toEqual([[[3]], 1])
  })
})
