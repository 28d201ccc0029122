import { beforeAll, describe, expect, it } from 'vitest'
import { language } from '../../i18n'
import type { CrisisLine } from '../../state/types'
import { surety } from './crisis'
import { today } from './world.fixture'

const line = (change: Partial<CrisisLine> = {}): CrisisLine =>
  ({ id: 'a', name: 'Akuttilbud', kind: 'social', number: '+4512345600', hours: '', source: 'akut.example', verified_on: '2026-11-02', order: 1, ...change })

beforeAll(() => language.whole())

describe('a number on the action card', () => {
  it('[K1] says when it was checked', () => {
    expect(surety(line(), today)).toBe('Bekræftet 2. november')
  })

  it('[K2] is marked in words when it is old, or was never checked', () => {
    expect(surety(line({ verified_on: '2026-05-21' }), today)).toBe('Ikke bekræftet siden 21. maj. Nummeret kan være ændret')
    expect(surety(line({ verified_on: '' }), today)).toBe('Ikke bekræftet af kommunen')
  })
})
