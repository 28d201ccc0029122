import { beforeAll, describe, expect, it } from 'vitest'
import { language } from '../../i18n'
import { contact, facts, today } from '../view/world.fixture'
import { TalkForm } from './talk.svelte'

const now = new Date('2026-11-22T10:20:00Z')
const ids = () => { let n = 0; return () => `id${++n}` }
const open = { id: 'p', course: 'c1', on: today, part_of_day: '' as const, time: '', topic: '', state: 'open' as const, done_by: '' }

beforeAll(() => language.whole())

describe('a talk that is being written', () => {
  it('[S11] must be agreed upon when the two have talked, and need not when nobody answered', () => {
    expect(new TalkForm('reached', now).problems(now)).toHaveProperty('agreed')
    const missed = new TalkForm('no_answer', now)
    expect(missed.ready(facts(), now, today)).toBe(true)
    expect(missed.args(facts({ appointments: [open] }), ids())).toMatchObject({ outcome: 'no_answer', appointment: 'p', occurred_at: '2026-11-22T10:20:00.000Z' })
    expect(missed.args(facts(), ids())).not.toHaveProperty('next')
  })

  it('carries what was agreed', () => {
    const form = new TalkForm('reached', now)
    form.agreed = 'again'
    form.next.set({ on: '2026-11-27', part: 'exact', time: '09:30', topic: ' Cykling ' })
    expect(form.ready(facts(), now, today)).toBe(true)
    expect(form.args(facts(), ids()).next).toEqual({ appointment: 'id2', on: '2026-11-27', part_of_day: '', time: '09:30', topic: 'Cykling' })
    form.agreed = 'end'
    expect(form.problems(now)).toMatchObject({ reason: expect.any(String), told: expect.any(String) })
    Object.assign(form, { reason: 'completed', told: 'not_reached' })
    expect(form.args(facts(), ids())).toMatchObject({ end: { reason: 'completed', told_resume: 'not_reached' } })
    expect(form.args(facts(), ids())).not.toHaveProperty('next')
  })

  it('[W5] warns of a day past the end, and leaves it to the server when the phone itself is past it', () => {
    const { next } = new TalkForm('reached', now)
    const { window } = facts()
    next.on = '2027-05-20'
    expect(next.dayProblem(window, today)).toContain('19. maj 2027')
    expect(next.dayProblem(window, '2027-05-20')).toBe('')
    expect(next.doubt(window, '2027-05-20')).toContain('19. maj 2027')
  })

  it('[W9] does not take a time that has not come', () => {
    const form = new TalkForm('no_answer', now)
    form.wall = '2026-11-22T12:00'
    expect(form.problems(now)).toHaveProperty('when')
    form.wall = '2026-11-21T16:40'
    expect(form.at).toBe('2026-11-21T15:40:00.000Z')
    expect(form.problems(now)).toEqual({})
  })

  it('[S12] told anew: the old words to begin with, and the time only where it is put right', () => {
    const stood = { ...contact('k', 'wants_later', '2026-11-21 15:40:20.000Z'), topics: ['wellbeing'], minutes: 7, note: 'Sover', offers: ['o'] }
    const form = TalkForm.of(stood)
    expect(form.amends(stood, 'k2')).toEqual({
      contact: 'k2', course: 'c1', amends: 'k', direction: 'out', outcome: 'wants_later', minutes: 7, topics: [], needs_now: false, note: 'Sover', offers: ['o'],
    })
    form.what = 'reached'
    form.wall = '2026-11-20T16:40'
    expect(form.amends(stood, 'k2')).toMatchObject({ outcome: 'reached', topics: ['wellbeing'], occurred_at: '2026-11-20T15:40:00.000Z' })
  })

  it('comes back from its draft as it was', () => {
    const form = new TalkForm('reached', now)
    Object.assign(form, { note: 'Sover bedre', topics: ['wellbeing'], agreed: 'again', needsNow: true })
    form.next.set({ on: '2026-11-27', part: 'morning' })
    const back = new TalkForm('no_answer', new Date('2026-11-23T10:00:00Z'))
    back.restore(JSON.parse(JSON.stringify(form.snapshot())))
    expect(back.snapshot()).toEqual(form.snapshot())
  })
})
