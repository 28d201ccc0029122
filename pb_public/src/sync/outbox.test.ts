import { describe, expect, test } from 'vitest'
import { batchOf, failedOnce, gapIn, isPending, MAX_BYTES, needsPerson, passedBy, refusalsOf, revived, settleArgs, settled, unread, wire } from './outbox'
import type { Outcome } from './protocol'
import { readMark, report, seenOf } from './report'
import { type Counter, NOTHING, type OutboxEntry } from './store'

const AT = '2026-11-22T12:00:00.000Z'
const entry = (over: Partial<OutboxEntry> = {}): OutboxEntry => ({ id: 'i', n: 1, name: 'x', args: { text: 't' }, at: AT, state: 'unsent', ...over })
const outcome = (over: Partial<Outcome>): Outcome => ({ n: 1, result: 'applied', at: AT, ...over })
const refused = outcome({ seq: 5, refused: [{ part: 'next', code: 'rule', reason: 'r' }] })
const rejected = outcome({ result: 'rejected', code: 'rule', reason: 'r' })
const escrowed = outcome({ result: 'escrowed', code: 'forbidden', reason: 'sync.late' })
const merged = outcome({ result: 'merged', seq: 5, merged: [{ field: 'hopes', theirs: 'a', mine: 'b' }] })
const seen = { how: 'seen', note: '', at: AT } as const

describe('an outcome', () => {
  test.each([
    ['applied', outcome({ seq: 5 }), 'received', false],
    ['applied in part', refused, 'refused', true],
    ['over another’s', merged, 'received', true],
    ['rejected', rejected, 'refused', true],
    ['duplicate of applied', outcome({ result: 'duplicate', first: outcome({ seq: 5 }) }), 'received', false],
    ['duplicate of rejected', outcome({ result: 'duplicate', first: rejected }), 'refused', true],
    ['deferred', outcome({ result: 'deferred', reason: 'retry' }), 'unsent', false],
    ['unknown', outcome({ result: 'unknown' }), 'unsent', false],
    ['duplicate of unknown', outcome({ result: 'duplicate', first: outcome({ result: 'unknown' }) }), 'unsent', false],
  ])('%s', (_, reply, state, person) => {
    const after = settled(entry(), reply)
    expect([after.state, after.args, after.outcome!.result, needsPerson(after)]).toEqual([state, { text: 't' }, (reply.first ?? reply).result, person])
    expect(needsPerson({ ...after, resolved: seen })).toBe(false)
  })

  test.each([escrowed, outcome({ result: 'duplicate', first: escrowed })])('escrowed: the text is elsewhere now, the rest stays', (reply) => {
    const after = settled(entry(), reply)
    expect(after).toMatchObject({ name: 'x', at: AT, args: {}, state: 'escrowed', outcome: escrowed })
    expect([needsPerson(after), isPending(after), refusalsOf(after.outcome)]).toMatchObject([true, false, [{ code: 'forbidden', reason: 'sync.late' }]])
  })

  test('for a number that was only to be used up', () => {
    const e = entry({ state: 'refused', spend: true, outcome: rejected })
    expect(settled(e, outcome({ result: 'rejected', code: 'reuse' }))).toEqual({ ...e, spend: undefined })
    expect(settled(e, outcome({ result: 'deferred' }))).toBe(e)
  })

  test('the number that has to come first', () => {
    const reply = (o: Outcome) => ({ epoch: 'e', seq: 1, at: AT, outcomes: [outcome({}), o] })
    expect(gapIn(reply(outcome({ result: 'deferred', reason: 'gap', params: { next: 3 } })))).toBe(3)
    expect(gapIn(reply(outcome({ result: 'deferred', reason: 'depends', params: { n: 3 } })))).toBeUndefined()
  })
})

test('the server broke on it: five times, and it goes to the tray with its text', () => {
  let e = entry()
  for (let i = 1; i < 5; i++) expect(e = failedOnce(e, AT)).toEqual({ ...entry(), tries: i })
  e = failedOnce(e, AT)
  expect(e).toMatchObject({ args: { text: 't' }, state: 'refused', spend: true, outcome: { code: 'failed', reason: 'server.failed' } })
  expect(failedOnce(e, AT)).toBe(e)
})

describe('a restored server', () => {
  const kept = { name: 'x', args: { text: 't' }, n: 1 }
  test.each([
    ['received, passed', entry({ state: 'received', outcome: outcome({ seq: 5 }), passed: true }), 'unsent'],
    ['in the tray', entry({ state: 'refused', outcome: rejected }), 'unsent'],
    ['given up after five tries', entry({ state: 'refused', outcome: rejected, tries: 5 }), 'unsent'],
    ['done, and its refused part settled', entry({ state: 'refused', outcome: refused, resolved: seen }), 'unsent'],
    ['rejected, and settled', entry({ state: 'refused', outcome: rejected, resolved: seen }), 'spend'],
    ['escrowed', entry({ state: 'escrowed', outcome: escrowed, args: {} }), 'spend'],
  ])('%s', (_, e, want) => {
    const after = revived(e)
    if (want === 'spend') return expect(after).toEqual({ ...e, spend: true })
    expect(after).toMatchObject({ ...kept, state: 'unsent' })
    expect([after.outcome, after.passed, after.tries, after.resolved]).toEqual([undefined, undefined, undefined, e.resolved])
  })

  test('what is on its way anyway stays as it is', () => {
    for (const e of [entry(), entry({ state: 'refused', spend: true })]) expect(revived(e)).toBe(e)
  })
})

describe('a pull passes', () => {
  const received = entry({ state: 'received', outcome: outcome({ seq: 7 }) })
  const long = '2030-01-01T00:00:00Z'
  test('what it has reached, no more', () => {
    expect(passedBy(6, AT)(received)).toBe(received)
    expect(passedBy(7, AT)(received)).toEqual({ ...received, passed: true, since: AT })
    expect(passedBy(99, AT)(entry())!.passed).toBeUndefined()
  })

  test('old or not: never what is unsent, unseen or waits for a person', () => {
    const waiting = [
      entry(), received, entry({ state: 'refused', outcome: rejected, passed: true }), entry({ state: 'escrowed', outcome: escrowed, passed: true }),
      entry({ state: 'received', outcome: merged, passed: true }), entry({ state: 'refused', outcome: rejected, resolved: seen, spend: true }),
    ]
    for (const e of waiting) expect(passedBy(6, long)(passedBy(6, AT)(e)!)).not.toBeNull()
  })

  test('nobody’s any more: for 14 days from then on', () => {
    const told = entry({ name: 'sync.settle', state: 'refused', outcome: rejected })
    const dealtWith = entry({ state: 'escrowed', outcome: escrowed, passed: true, resolved: { ...seen, at: '2019-01-01T00:00:00Z' } }) // by a clock that was behind
    for (const e of [received, told, dealtWith]) {
      const receipt = passedBy(9, long)(e)!
      expect(receipt).toEqual({ ...e, passed: true, since: long })
      expect(passedBy(9, '2030-01-15T00:00:00Z')(receipt)).toBe(receipt)
      expect(passedBy(9, '2030-01-15T00:00:01Z')(receipt)).toBeNull()
    }
  })

  test('hers again: no receipt any more', () => {
    const back = entry({ state: 'refused', outcome: rejected, passed: true, since: AT })
    expect(passedBy(9, long)(back)).toEqual({ ...back, since: undefined })
  })
})

test('pending: what the boxes do not show yet', () => {
  expect(isPending(entry())).toBe(true)
  expect(isPending(entry({ state: 'received', outcome: outcome({ seq: 7 }) }))).toBe(true)
  expect(isPending(entry({ state: 'received', outcome: merged }))).toBe(true)
  expect(isPending(entry({ state: 'received', outcome: outcome({ seq: 7 }), passed: true }))).toBe(false)
  expect(isPending(entry({ state: 'refused', outcome: rejected }))).toBe(false)
})

describe('on the wire', () => {
  test('a batch is in order, behind what was sent, and small enough; one alone goes whatever its size', () => {
    const big = 'å'.repeat(MAX_BYTES / 4)
    const outbox = [1, 2, 3, 4].map((n) => entry({ n, args: { text: big } }))
    outbox[1]!.state = 'received'
    expect(batchOf(outbox, 0, 100).map((e) => e.n)).toEqual([1])
    expect(batchOf(outbox.map((e) => ({ ...e, args: {} })), 1, 100).map((e) => e.n)).toEqual([3, 4])
    expect(batchOf([entry({ args: { text: big + big + big } })], 0, 100)).toHaveLength(1)
  })

  test('what must be done first goes by its wire number; what is done, or another device’s, is left out', () => {
    const outbox = [
      entry({ n: 5 }), entry({ n: 7, state: 'received', outcome: outcome({ seq: 1 }) }), entry({ n: 8, state: 'refused', outcome: rejected }),
      entry({ n: 9 }), entry({ n: 10, deps: [5, 6, 7, 8, 9] }),
    ]
    expect(wire(outbox[4]!, 6, outbox)).toEqual({ n: 4, name: 'x', args: { text: 't' }, at: AT, deps: [2, 3] })
    expect(wire(entry({ deps: [] }), 0, [])).not.toHaveProperty('deps')
    expect(wire(entry({ spend: true, deps: [9] }), 0, outbox)).toEqual({ n: 1, name: 'x', args: {}, at: AT })
  })
})

describe('what the phone says of itself', () => {
  const counter: Counter = { device: 'k3f9k3f9k3f9k3f', base: 4, last: 9, sentAt: '', seen: '' }
  const read = (c = counter, outbox: OutboxEntry[] = []) => Object.fromEntries(new URLSearchParams(report('1.2', c, { ...NOTHING, schema: 's1' }, outbox)['Sync-Device']))

  test('in a header', () => {
    expect(read()).toEqual({ id: counter.device, last: '5', unsent: '0', app: '1.2', v: '2', schema: 's1' })
    expect(read(counter, [entry({ state: 'received' }), entry({ n: 8 }), entry({ n: 9, at: 'later' })])).toMatchObject({ unsent: '2', oldest: AT })
  })

  test('a lost store, until it was heard', () => {
    const evicted = { device: 'old000000000000', last: 7 }
    expect(read({ ...counter, evicted }).lost).toBe('old000000000000.7')
    expect(read({ ...counter, evicted: { ...evicted, told: true } }).lost).toBeUndefined()
  })

  test('a mark that is none of ours says nothing', () => {
    expect(readMark('old000000000000.7')).toEqual({ device: 'old000000000000', last: 7 })
    for (const bad of [null, undefined, '', 'x.7', 'old000000000000', 'old000000000000.-1']) expect(readMark(bad)).toBeNull()
  })

  test('the highest number it was told, and of even ones the later word', () => {
    expect([seenOf('', 0, 'a'), seenOf('57.a', 58, 'b'), seenOf('57.a', 57, 'b'), seenOf('57.a', 56, 'b')]).toEqual(['0.a', '58.b', '57.b', '57.a'])
  })

  test('how a person settled it, when the server knows it', () => {
    const how = { how: 'discard', note: 'x'.repeat(3000), at: AT } as const
    expect(settleArgs(entry({ n: 6 }), counter, how)).toEqual({ user: '', device: counter.device, n: 2, how: 'discard', note: 'x'.repeat(500) })
    expect(settleArgs(entry({ n: 4 }), counter, how)).toBeNull()
    expect(settleArgs(entry({ n: 6, spend: true }), counter, how)).toBeNull()
  })
})

test('words of another go with the bucket they are of; one’s own stay', () => {
  const merged = { n: 1, result: 'merged', at: AT, in: 'course:a', merged: [{ field: 'hopes', theirs: 'hers', mine: 'his' }] } as const
  const stale = { n: 2, result: 'rejected', at: AT, in: 'course:a', code: 'stale', reason: 'record.changed', params: { field: 'hopes', theirs: 'hers' } } as const
  const part = { n: 3, result: 'applied', at: AT, in: 'course:a', refused: [{ part: 'next', code: 'stale', reason: 'record.changed', params: { theirs: 'hers' } }] } as const
  for (const outcome of [merged, stale, part]) {
    const e = entry({ state: 'received', outcome: structuredClone(outcome) as never })
    expect(unread(e, (b) => b === 'course:a')).toBe(e)
    const after = unread(e, () => false)
    expect(JSON.stringify(after)).not.toContain('hers')
    expect(after.args).toEqual(e.args)
    expect(after.outcome).toMatchObject({ n: outcome.n, result: outcome.result })
    expect(unread(after, () => false)).toBe(after)
  }
})
