import { describe, expect, test } from 'vitest'
import type { OutboxEntry } from '../sync/store'
import { again, depsOf, draftOf, entriesOf, entryOf, pendingOf, trayOf } from './entries'
import type { Entry, MutationArgs } from './types'

const AT = '2026-11-22T12:00:00.000Z'
const next = { appointment: 'p1', on: '2026-12-01', part_of_day: '', time: '', topic: '' }
const talk = { contact: 'k1', course: 'a', occurred_at: AT, outcome: 'reached', note: 'her words', appointment: '', next }
const refusal = { code: 'rule', reason: 'window.after_end', rule: 'W5', params: { last_day: '2026-11-30' } } as const
const made = (over: Partial<OutboxEntry>): OutboxEntry => ({ id: 'i', n: 1, name: 'contact.log', args: talk, at: AT, state: 'unsent', ...over })
const partly = made({ state: 'refused', outcome: { n: 1, result: 'applied', at: AT, seq: 4, refused: [{ part: 'next', ...refusal }] } })
const wholly = made({ n: 2, state: 'refused', outcome: { n: 2, result: 'rejected', at: AT, ...refusal } })
const asEntry = (e: OutboxEntry) => e as unknown as Entry

describe('the tray', () => {
  test('has her text whole and what stood in the way', () => {
    const tray = trayOf([partly, wholly, made({ n: 3 })])
    expect(tray.map((t) => [t.entry.n, t.refusals[0]!.part, t.refusals[0]!.reason])).toEqual([[1, 'next', 'window.after_end'], [2, undefined, 'window.after_end']])
    expect(tray[1]!.entry.args).toEqual(talk)
  })

  test('loses what a person settled; the receipt stays', () => {
    const settled = { ...wholly, resolved: { how: 'discard' as const, note: 'n', at: AT } }
    expect([trayOf([settled]), entriesOf([settled]).length]).toEqual([[], 1])
  })
})

test('entries come newest first, and a record finds the last try that made it', () => {
  const entries = entriesOf([wholly, made({ n: 5, state: 'received' })])
  expect(entries.map((e) => e.n)).toEqual([5, 2])
  expect(entryOf(entries, 'k1')!.n).toBe(5)
  expect(entryOf(entries, 'p1')!.n).toBe(5)
  expect(entryOf(entries, 'elsewhere')).toBeUndefined()
})

test('[S12] a correction waits for the talk it corrects, makes a record of its own, and has a draft of its own', () => {
  const amend = { contact: 'k2', course: 'a', amends: 'k1', note: 'other words' }
  expect(depsOf(amend, entriesOf([made({ n: 4 })]))).toEqual([4])
  const refused = made({ n: 5, name: 'contact.amend', args: amend, state: 'refused', outcome: { n: 5, result: 'rejected', at: AT, ...refusal } })
  expect(entryOf(entriesOf([refused]), 'k2')!.n).toBe(5)
  const sent = again(asEntry(refused)).args as MutationArgs['contact.amend']
  expect([sent.amends, sent.note, sent.contact === 'k2']).toEqual(['k1', 'other words', false])
  expect([draftOf('contact.log', talk), draftOf('contact.amend', amend), draftOf('course.take', { course: 'a' })]).toEqual(['a', 'k1', undefined])
})

test('replayed: what is not decided, or decided and not yet pulled; never what was refused whole', () => {
  expect(pendingOf([partly, wholly, made({ n: 3 }), { ...partly, n: 4, passed: true }]).map((e) => e.n)).toEqual([1, 3])
})

describe('sending again', () => {
  test('refused whole: the same words, new ids', () => {
    const sent = again(asEntry(wholly))
    const args = sent.args as MutationArgs['contact.log']
    expect(sent).toMatchObject({ name: 'contact.log', args: { course: 'a', note: 'her words', next: { on: '2026-12-01' } } })
    expect([args.contact, args.next!.appointment]).not.toContain('k1')
    expect(args.next!.appointment).not.toBe('p1')
  })

  test('edited: the edited words', () => {
    const args = { ...talk, next: { ...next, on: '2026-11-29' } } as Entry['args']
    expect(again(asEntry(wholly), args).args).toMatchObject({ next: { on: '2026-11-29' } })
  })

  test('the talk itself was taken in: only the part that was not goes again', () => {
    expect(again(asEntry(partly))).toMatchObject({ name: 'appointment.move', args: { course: 'a', appointment: '', next: { on: '2026-12-01' } } })
    const ended = { ...talk, next: undefined, end: { reason: 'completed', told_resume: 'yes' } } as Entry['args']
    expect(again(asEntry(partly), ended)).toEqual({ name: 'course.close', args: { course: 'a', reason: 'completed', told_resume: 'yes' } })
  })
})

describe('what an entry builds on', () => {
  const accept = made({ n: 3, name: 'notice.accept', args: { notice: 'n', course: 'c', mentor: 'm', override_reason: '' } })
  const entries = (...outbox: OutboxEntry[]) => entriesOf(outbox)

  test('what made the course or the appointment that it names, oldest first', () => {
    const args = { contact: 'k2', course: 'c', appointment: 'p1', note: 'a' }
    expect(depsOf(args, entries(made({ n: 2 }), accept, made({ n: 4, args: { ...talk, contact: 'k9', next: undefined } })))).toEqual([2, 3])
  })

  test('nothing that is decided, and nothing that it only has in common', () => {
    expect(depsOf({ course: 'c' }, entries({ ...accept, state: 'received' }))).toEqual([])
    expect(depsOf({ course: 'a' }, entries(made({})))).toEqual([])
    expect(depsOf({ course: undefined }, entries(made({ args: {} })))).toEqual([])
  })
})

test('what is escrowed has no text, needs a person, and is no longer replayed', () => {
  const escrowed = made({ state: 'escrowed', args: {}, outcome: { n: 1, result: 'escrowed', at: AT, code: 'forbidden', reason: 'sync.late' } })
  expect(trayOf([escrowed])).toMatchObject([{ entry: { args: {} }, refusals: [{ code: 'forbidden', reason: 'sync.late' }] }])
  expect([pendingOf([escrowed]), entryOf(entriesOf([escrowed]), 'k1')]).toEqual([[], undefined])
})

test('written over another’s: done, and still something to look at', () => {
  const merged = made({ state: 'received', passed: true, outcome: { n: 1, result: 'merged', at: AT, seq: 4, merged: [{ field: 'hopes', theirs: 'a', mine: 'b' }] } })
  expect(trayOf([merged])).toMatchObject([{ entry: { n: 1 }, refusals: [] }])
  expect(trayOf([{ ...merged, resolved: { how: 'seen', note: '', at: AT } }])).toEqual([])
})

test('how she settled something is no entry of its own', () => {
  const told = made({ n: 9, name: 'sync.settle', args: { user: '', device: 'd', n: 1, how: 'discard', note: '' }, state: 'refused' })
  expect([entriesOf([told]), pendingOf([told]), trayOf([told])]).toEqual([[], [], []])
})
