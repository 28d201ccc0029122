import { describe, expect, test } from 'vitest'
import { dueOf } from './facts'
import { course, facts, today, world } from './world.fixture'

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
