import { describe, expect, test } from 'vitest'
import { dueOf, gather, gatherer } from './facts'
import { contact, course, facts, today, world } from './world.fixture'

describe('[W11] a hold that runs and will extend the window', () => {
  const held = { ...course, state: 'on_hold' as const, started_on: '2026-05-20', discharge_date: '2026-05-20', held_from: '2026-11-10', last_day: '2026-11-17' }
  const scheme = { ...world().schemes[0]!, kind: 'discharge_mentor' as const, hold_extends_window: true }
  const of = (change = {}) => facts({ courses: [held], schemes: [{ ...scheme, ...change }] })

  test('is not over, and its last day moves along', () => {
    expect([of().state, of().window.last, dueOf([of()], today)]).toEqual(['on_hold', '2026-11-29', []])
  })

  test('where the scheme does not extend it, it is over and on the list', () => {
    const f = of({ hold_extends_window: false })
    expect([f.state, f.window.last, dueOf([f], today)[0]?.kind]).toEqual(['expired', '2026-11-17', 'ended'])
  })
})

describe('what was gathered before', () => {
  const two = world({ courses: [course, { ...course, id: 'c2' }], contacts: [contact('t1', 'reached', '2026-11-20 10:00:00.000Z')] })
  const added = (w: typeof two, ...more: typeof two.contacts) => ({ ...w, contacts: [...w.contacts, ...more] })
  const later = contact('t2', 'no_answer', '2026-11-21 10:00:00.000Z')

  test('stays where nothing has changed, and only there', () => {
    const gather = gatherer()
    const before = gather(two, today)
    const after = gather(added(two, later), today)
    expect([after.get('c2') === before.get('c2'), after.get('c1') === before.get('c1')]).toEqual([true, false])
    expect([before.get('c1')!.contacts.length, after.get('c1')!.contacts.length, after.get('c1')!.attempts]).toEqual([1, 2, 1])
    expect(gather(two, '2026-11-23').get('c2')).not.toBe(after.get('c2'))
  })

  test('never shows in what comes: step by step is the same as at once', () => {
    const gatherStep = gatherer()
    const corrected = { ...contact('t3', 'reached', '2026-11-21 10:00:00.000Z'), amends: 't2' }
    const worlds = [
      two, added(two, later), added(two, later, corrected), added(two, corrected, later), { ...two, contacts: [] }, added(two, later),
      { ...two, citizens: [{ ...two.citizens[0]!, name: 'Nyt Navn' }] }, { ...two, courses: [course] }, two, { ...two, schemes: [] },
    ]
    for (const w of worlds) expect(gatherStep(w, today)).toEqual(gather(w, today))
  })
})
