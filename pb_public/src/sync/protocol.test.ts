// The goldens that the server writes: what it really says is what this half reads.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ApiError, http } from '../lib/http'
import { gapIn, needsPerson, refusalsOf, settled, wire } from './outbox'
import { applyPage, readPage } from './page'
import type { KeptReply, PushReply, PushRequest } from './protocol'
import { seenOf } from './report'

const golden = (name: string) => readFileSync(new URL('../../../testdata/protocol/' + name, import.meta.url), 'utf8')
const line = (text: string, status = 200) => http(async () => new Response(text, { status }))

test('pull: a page lies in boxes, every row under its id', async () => {
  const text = golden('pull.ndjson')
  const page = await line(text).stream('/api/sync/pull', {}, readPage)
  const { changed: boxes, diverged } = applyPage(new Map(), page)
  expect(diverged).toBe(false)
  let bucket = ''
  for (const change of page.changes) {
    if (change.t === 'bucket') bucket = change.b
    else if (change.t === 'rows') for (const [id, seq] of change.r) expect(boxes.get(bucket)![change.c]![id]).toMatchObject({ id, _seq: seq })
  }
  expect(page.changes.length + 1).toBe(text.trimEnd().split('\n').length)
  expect([...boxes.keys()].every((b) => /^(municipality|course):[a-z0-9]{15}$/.test(b))).toBe(true)
  expect(page.end).toMatchObject({ epoch: 'EPOCH' })
  expect(page.end.more).toBeUndefined()
  const course = boxes.get('course:alma00000000000')!
  expect(Object.keys(course).sort()).toEqual(expect.arrayContaining(['citizens', 'consents', 'contacts', 'courses']))
  expect(course.citizens!.borgeralma00000).toMatchObject({ id: 'borgeralma00000', name: 'Alma Prøvedal', phones: ['+4512345671'] })
})

test('pull: bare rows lie in the boxes just the same', async () => {
  const laid = async (name: string) => applyPage(new Map(), await line(golden(name)).stream('/api/sync/pull', {}, readPage)).changed
  expect(golden('pull-bare.ndjson')).toContain('"key":"course"')
  expect(await laid('pull-bare.ndjson')).toEqual(await laid('pull.ndjson'))
})

describe('push', () => {
  const request = JSON.parse(golden('push-request.json')) as PushRequest
  const reply = JSON.parse(golden('push-reply.json')) as PushReply
  const entries = request.mutations.map((m) => ({ ...m, id: 'i' + m.n, state: 'unsent' as const }))

  test('every outcome settles its entry', () => {
    const after = entries.map((e, i) => settled(e, reply.outcomes[i]!))
    expect(after.map((e) => [e.n, e.state, needsPerson(e)])).toEqual([
      [1, 'refused', true], [2, 'received', true], [3, 'escrowed', true], [4, 'escrowed', true], [5, 'refused', true],
      [6, 'received', false], [8, 'unsent', false], [7, 'unsent', false], [1, 'refused', true],
    ])
    expect(refusalsOf(after[0]!.outcome)).toEqual([{ part: 'next', code: 'rule', reason: 'window.after_end', rule: 'W5', params: { last_day: '2026-11-27' } }])
    expect(after[1]!.outcome).toMatchObject({ result: 'merged', merged: [{ field: 'hopes', mine: 'Vil cykle til arbejde.' }] })
    expect(refusalsOf(after[2]!.outcome)).toMatchObject([{ code: 'forbidden', reason: 'course.not_member', rule: 'A3' }])
    expect(after.map((e) => e.args)).toEqual(request.mutations.map((m) => (m.n === 3 || m.n === 4 ? {} : m.args)))
    expect([seenOf(request.seen, reply.seq, reply.epoch), gapIn(reply)]).toEqual([reply.seq + '.EPOCH', 7])
  })

  test('what goes over the wire has these members and no others', () => {
    for (const [i, e] of entries.entries()) {
      const entry = { ...e, n: e.n + 7, deps: e.deps?.map((d) => d + 7), outcome: reply.outcomes[7] }
      expect(wire(entry, 7, entries.map((x) => ({ ...x, n: x.n + 7 })))).toEqual(request.mutations[i])
    }
  })
})

test('kept: whose, what, and why', () => {
  const { items } = JSON.parse(golden('kept.json')) as KeptReply
  expect(items.map((k) => [k.n, k.result])).toContainEqual([4, 'escrowed'])
  for (const k of items) expect(Object.keys(k).sort()).toEqual(['args', 'at', 'device', 'handed', 'n', 'name', 'outcome', 'received', 'result', 'user'])
})

test.each([['error-cursor.json', 410, 'sync.cursor'], ['error-restored.json', 409, 'sync.restored'], ['error-guest.json', 401, 'auth.required']])('%s', async (file, status, code) => {
  const error = await line(golden(file), status).json('/x').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status, code })
})
