// The goldens that the server writes: what it really says is what this half reads.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ApiError, http } from '../lib/http'
import { refusalsOf, settled, wire } from './outbox'
import { applyPage, readPage } from './page'
import type { PushReply, PushRequest } from './protocol'

const golden = (name: string) => readFileSync(new URL('../../../testdata/protocol/' + name, import.meta.url), 'utf8')
const line = (text: string, status = 200) => http(async () => new Response(text, { status }))

test('pull: a page lies in boxes, every row under its id', async () => {
  const text = golden('pull.ndjson')
  const page = await line(text).stream('/api/sync/pull', {}, readPage)
  const boxes = applyPage(new Map(), page)
  let bucket = ''
  for (const change of page.changes) {
    if (change.t === 'bucket') bucket = change.b
    else if (change.t === 'row') expect(boxes.get(bucket)![change.c]![change.id]).toMatchObject({ id: change.id })
  }
  expect(page.changes.length + 1).toBe(text.trimEnd().split('\n').length)
  expect([...boxes.keys()].every((b) => /^(municipality|course):[a-z0-9]{15}$/.test(b))).toBe(true)
  expect(page.end).toMatchObject({ more: false, epoch: 'EPOCH' })
  const course = boxes.get('course:alma00000000000')!
  expect(Object.keys(course).sort()).toEqual(expect.arrayContaining(['citizens', 'consents', 'contacts', 'courses']))
  expect(course.citizens!.borgeralma00000).toMatchObject({ id: 'borgeralma00000', name: 'Alma Prøvedal', phones: ['+4512345671'] })
})

describe('push', () => {
  const request = JSON.parse(golden('push-request.json')) as PushRequest
  const reply = JSON.parse(golden('push-reply.json')) as PushReply

  test('every outcome settles its entry', () => {
    const entries = request.mutations.map((m) => ({ ...m, id: 'i' + m.n, state: 'unsent' as const }))
    const after = entries.map((e, i) => settled(e, reply.outcomes[i]!))
    expect(after.map((e) => [e.n, e.state])).toEqual([[1, 'refused'], [2, 'refused'], [4, 'unsent'], [3, 'unsent'], [1, 'refused']])
    expect(refusalsOf(after[0]!.outcome)).toEqual([{ part: 'next', code: 'rule', reason: 'window.after_end', rule: 'W5', params: { last_day: '2026-11-27' } }])
    expect(refusalsOf(after[1]!.outcome)).toMatchObject([{ code: 'forbidden', reason: 'course.not_member', rule: 'A3' }])
    expect(after.map((e) => e.args)).toEqual(request.mutations.map((m) => m.args))
  })

  test('what goes over the wire has these members and no others', () => {
    const entry = { ...request.mutations[0]!, n: 8, id: 'local', state: 'unsent' as const, outcome: reply.outcomes[2] }
    expect(wire(entry, 7)).toEqual(request.mutations[0])
  })
})

test.each([['error-cursor.json', 410, 'sync.cursor'], ['error-guest.json', 401, 'auth.required']])('%s', async (file, status, code) => {
  const error = await line(golden(file), status).json('/x').catch((e: unknown) => e)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status, code })
})
