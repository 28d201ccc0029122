import { describe, expect, test } from 'vitest'
import { batchOf, isPending, MAX_BYTES, passedBy, settled } from './outbox'
import type { Outcome } from './protocol'
import type { OutboxEntry } from './store'

const AT = '2026-11-22T12:00:00.000Z'
const now = new Date(AT)
const entry = (over: Partial<OutboxEntry> = {}): OutboxEntry => ({ id: 'i', n: 1, name: 'x', args: { text: 't' }, at: AT, state: 'unsent', ...over })
const outcome = (over: Partial<Outcome>): Outcome => ({ n: 1, result: 'applied', at: AT, ...over })

describe('an outcome', () => {
  test.each([
    ['applied', outcome({ seq: 5 }), 'received'],
    ['applied in part', outcome({ seq: 5, refused: [{ part: 'next', code: 'rule', reason: 'r' }] }), 'refused'],
    ['rejected', outcome({ result: 'rejected', code: 'stale', reason: 'r' }), 'refused'],
    ['duplicate of applied', outcome({ result: 'duplicate', first: outcome({ seq: 5 }) }), 'received'],
    ['duplicate of rejected', outcome({ result: 'duplicate', first: outcome({ result: 'rejected', code: 'rule' }) }), 'refused'],
    ['deferred', outcome({ result: 'deferred', reason: 'retry' }), 'unsent'],
    ['unknown', outcome({ result: 'unknown' }), 'unsent'],
    ['duplicate of unknown', outcome({ result: 'duplicate', first: outcome({ result: 'unknown' }) }), 'unsent'],
  ])('%s', (_, reply, state) => {
    const after = settled(entry(), reply)
    expect([after.state, after.args, after.outcome!.result]).toEqual([state, { text: 't' }, (reply.first ?? reply).result])
  })
})

describe('a pull passes', () => {
  const received = entry({ state: 'received', outcome: outcome({ seq: 7 }) })
  test('what it has reached, no more', () => {
    expect(passedBy(6, now)(received)).toBe(received)
    expect(passedBy(7, now)(received)).toEqual({ ...received, passed: true })
    expect(passedBy(99, now)(entry())!.passed).toBeUndefined()
  })

  test('old or not: never what is unsent, unseen or in the tray', () => {
    const later = new Date('2030-01-01')
    for (const e of [entry(), received, entry({ state: 'refused', outcome: outcome({ result: 'rejected' }), passed: true })]) {
      expect(passedBy(6, later)(e)).not.toBeNull()
    }
  })
})

test('pending: what the boxes do not show yet', () => {
  expect(isPending(entry())).toBe(true)
  expect(isPending(entry({ state: 'received', outcome: outcome({ seq: 7 }) }))).toBe(true)
  expect(isPending(entry({ state: 'received', outcome: outcome({ seq: 7 }), passed: true }))).toBe(false)
  expect(isPending(entry({ state: 'refused', outcome: outcome({ result: 'rejected' }) }))).toBe(false)
})

test('a batch is in order, behind what was sent, and small enough; one alone goes whatever its size', () => {
  const big = 'å'.repeat(MAX_BYTES / 4)
  const outbox = [1, 2, 3, 4].map((n) => entry({ n, args: { text: big } }))
  outbox[1]!.state = 'received'
  expect(batchOf(outbox, 0, 100).map((e) => e.n)).toEqual([1])
  expect(batchOf(outbox.map((e) => ({ ...e, args: {} })), 1, 100).map((e) => e.n)).toEqual([3, 4])
  expect(batchOf([entry({ args: { text: big + big + big } })], 0, 100)).toHaveLength(1)
})
