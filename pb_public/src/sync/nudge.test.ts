import { afterEach, expect, test, vi } from 'vitest'
import { later } from '../lib/clock'
import { http } from '../lib/http'
import { listen } from './nudge'

afterEach(() => void vi.useRealTimers())

/** A stream in the test's hand; it breaks when the request is aborted, as a real one does. */
function line() {
  let out!: ReadableStreamDefaultController<Uint8Array>
  const seen: RequestInit[] = []
  const door = http(async (_, init) => {
    seen.push(init)
    const body = new ReadableStream<Uint8Array>({ start: (c) => void (out = c) })
    init.signal!.addEventListener('abort', () => out.error(new DOMException('', 'AbortError')))
    return new Response(body)
  })
  return { door, seen, say: (text: string) => out.enqueue(new TextEncoder().encode(text)), end: () => out.close() }
}

test('events are heard however they are cut; comments are not events', async () => {
  const { door, say, end, seen } = line()
  const heard: string[] = []
  const done = listen(door, later, 'token', (name) => heard.push(name), new AbortController().signal)
  await Promise.resolve()
  for (const part of [': hello\n\n', 'event: nud', 'ge\ndata: {"seq":4}\n', '\n: ping\n\nevent: revoked\ndata: {}\n\n']) say(part)
  end()
  await done
  expect(heard).toEqual(['nudge', 'revoked'])
  expect(seen[0]!.headers).toMatchObject({ Authorization: 'token' })
})

test('a line without pings is dead', async () => {
  vi.useFakeTimers()
  const { door, say } = line()
  const done = listen(door, later, 't', () => {}, new AbortController().signal)
  const ended = expect(done).rejects.toMatchObject({ status: 0 })
  await vi.advanceTimersByTimeAsync(60_000)
  say(': ping\n\n')
  await vi.advanceTimersByTimeAsync(60_000)
  await vi.advanceTimersByTimeAsync(10_000)
  await ended
})

test('the caller hangs up', async () => {
  const { door } = line()
  const abort = new AbortController()
  const done = listen(door, later, 't', () => {}, abort.signal)
  abort.abort()
  await expect(done).rejects.toMatchObject({ status: 0 })
})
