import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiError, http } from './http'

afterEach(() => void vi.useRealTimers())

const answer = (body: string, init?: ResponseInit) => http(async () => new Response(body, init))

describe('a refusal', () => {
  test.each([
    ['the server’s own', '{"status":409,"code":"sync.epoch","params":{"epoch":"e2"}}', 409, 'sync.epoch', { epoch: 'e2' }],
    ['PocketBase’s, without a code', '{"status":400,"message":"Failed.","data":{}}', 400, 'http.400', {}],
    ['of something on the way', '<html>', 502, 'http.502', {}],
  ])('%s', async (_, body, status, code, params) => {
    await expect(answer(body, { status }).json('/x')).rejects.toEqual(new ApiError(status, code, params))
    await answer(body, { status }).json('/x').catch((e: ApiError) => expect([e.status, e.code, e.params]).toEqual([status, code, params]))
  })
})

test.each([['17', 17_000], ['', 0], ['Wed, 21 Oct 2026 07:28:00 GMT', 0]])('asked to be left alone: %s', async (header, wait) => {
  await expect(answer('', { status: 503, headers: { 'Retry-After': header } }).json('/x')).rejects.toMatchObject({ status: 503, wait })
})

test('no answer is not a refusal', async () => {
  const door = http(async () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(door.json('/x')).rejects.toMatchObject({ status: 0, code: 'network' })
  await expect(answer('half a repl').json('/x')).rejects.toMatchObject({ status: 0, code: 'network' })
})

test('an answer that does not come, or does not end, is given up', async () => {
  vi.useFakeTimers()
  const never = http((_, { signal }) => new Promise((_ok, no) => signal!.addEventListener('abort', () => no(new DOMException('', 'AbortError')))))
  const late = expect(never.json('/x', { timeout: 1000 })).rejects.toMatchObject({ status: 0, code: 'timeout' })
  await vi.advanceTimersByTimeAsync(1000)
  await late
})

test('the token goes in the header and nowhere else; no cookies', async () => {
  const seen: [string, RequestInit][] = []
  const door = http(async (url, init) => (seen.push([url, init]), Response.json({})))
  await door.json('/a', { token: 'secret', body: { x: 1 } })
  await door.json('/b')
  expect(seen[0]).toMatchObject(['/a', { method: 'POST', body: '{"x":1}', credentials: 'omit', headers: { Authorization: 'secret', 'Content-Type': 'application/json' } }])
  expect(seen[1]![1].method ?? 'GET').toBe('GET')
})
