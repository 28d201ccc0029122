import { beforeAll, describe, expect, it } from 'vitest'
import { language } from '../../i18n'
import type { Flag } from '../../state/types'
import { dueOf } from '../view/facts'
import { dueRow } from '../view/rows'
import { timeline } from '../view/timeline'
import { course, facts, today } from '../view/world.fixture'
import { FlagForm } from './flag.svelte'

const now = new Date('2026-11-22T10:20:00Z')
const flag = (change: Partial<Flag> = {}): Flag => ({
  id: 'f1', course: 'c1', by: 'maja', at: '2026-11-20 09:16:00.000Z', received_at: '2026-11-20 09:17:00.000Z', note: 'Lød træt', handed_to: 'Lægevagten', warm: true,
  follow_up: '2026-11-23', state: 'open', done: '', closed_by: '', closed_at: '', ...change,
})

beforeAll(() => language.whole())

describe('a concern that is being written', () => {
  it('needs a word, and no more', () => {
    const form = new FlagForm(now)
    expect(form.problems(now)).toHaveProperty('note')
    form.note = ' Lød meget træt. '
    expect(form.problems(now)).toEqual({})
    expect(form.args('c1', '2026-11-23', today, () => 'f1')).toEqual({
      flag: 'f1', course: 'c1', at: '2026-11-22T10:20:00.000Z', note: 'Lød meget træt.', handed_to: '', warm: false, follow_up: '2026-11-23',
    })
    form.soon = 'today'
    expect(form.args('c1', '2026-11-23', today, () => 'f1').follow_up).toBe(today)
  })

  it('[W9] does not take a time that has not come', () => {
    const form = new FlagForm(now)
    Object.assign(form, { note: 'x', wall: '2026-11-22T12:00' })
    expect(form.problems(now)).toHaveProperty('when')
  })

  it('comes back from its draft as it was', () => {
    const form = new FlagForm(now)
    Object.assign(form, { note: 'Ord', handedTo: 'Egen læge', warm: true, soon: 'today' })
    const back = new FlagForm(new Date('2026-11-23T10:00:00Z'))
    back.restore(JSON.parse(JSON.stringify(form.snapshot())))
    expect(back.snapshot()).toEqual(form.snapshot())
  })
})

describe('a concern on the list', () => {
  const rows = (change: Partial<Flag>, state: 'awaiting' | 'closed' = 'awaiting') => {
    const f = facts({ flags: [flag(change)], courses: [{ ...course, state }] })
    return dueOf([f], today).map((i) => ({ group: i.group, ...dueRow(i, f, today) }))
  }

  it('[F4] stands first, and says what is to happen; a weekend is told', () => {
    expect(rows({})[0]).toMatchObject({ group: 'flag', name: 'Birk Testesen', end: 'ring senest i morgen', why: 'Bekymring fra fredag kl. 10.16. Ingen på arbejde før da' })
    expect(rows({})).toHaveLength(2)
  })

  it('[F4] stays when the contact did not come, also on a closed course', () => {
    expect(rows({ follow_up: '2026-11-21' }, 'closed')).toMatchObject([{ group: 'flag', end: 'frist var i går', tone: 'tag late', why: 'Bekymring fra fredag kl. 10.16' }])
  })

  it('[F3] goes when it is closed, and both stay in what has happened', () => {
    const closed = { state: 'closed' as const, done: 'Talt med egen læge', closed_by: 'karen', closed_at: '2026-11-21 09:00:00.000Z' }
    expect(rows(closed).map((r) => r.group)).toEqual(['today'])
    expect(timeline(facts({ flags: [flag(closed)] }), undefined, []).slice(0, 2)).toMatchObject([
      { title: 'Bekymringen er afsluttet', by: 'karen', note: 'Talt med egen læge' },
      { title: 'Bekymring', by: 'maja', note: 'Lød træt', lines: ['Har taget over: Lægevagten. Mentoren har selv talt med dem', 'Næste kontakt senest mandag 23. november'] },
    ])
  })
})
