// What is due travels sealed to the server while the store is shut: nobody needs to open it for a talk to arrive.
import type { Http } from '../lib/http'
import type { Mail, Post, Waiting } from '../sync/outbox-idb'
import { sealTo } from './hpke'
import { base64url, fromBase64url } from './keys'
import type { Entrance, ServerKey } from './types'

const MOST = 100
const MOST_BYTES = 180_000 // the server reads 256 KB, and base64 is a third longer

/** Bound to its device and number: it opens as no other. */
const infoOf = (device: string, n: number): string => `bindeled outbox\n${device}\n${n}`

/** What is typed is sealed to the server's newest key. Without one yet there is no copy. */
export const postTo = (key: () => ServerKey): Post => async (device, { n, name, args, at, deps = [], spend }, { base }): Promise<Mail> => {
  const { kid, key: server } = key()
  const before = deps.filter((dep) => dep > base).map((dep) => dep - base)
  const text = JSON.stringify({ n: n - base, name, args: spend ? {} : args, at, ...(before.length > 0 && { deps: before }) })
  return { kid, text: await sealTo(fromBase64url(server), infoOf(device, n - base), text) }
}

/** Sends what waits, in order; `arrived` is told of each batch. What the server does not take stays. */
export async function sendMail(http: Http, entrance: Entrance, waiting: Waiting, clock: () => Date, arrived: (ns: number[]) => Promise<void>): Promise<void> {
  const { device, base, seen } = waiting.counter
  for (let from = 0; from < waiting.mail.length; ) {
    const batch = batchOf(waiting.mail, from)
    from += batch.length
    const items = batch.map(({ n, mail }) => ({ n: n - base, kid: mail.kid, text: base64(mail.text) }))
    const body = { phone: entrance.phone, send: entrance.send, device, seen, clock: clock().toISOString(), items }
    const { taken } = await http.json<{ taken: number[] }>('/api/vault/send', { body })
    await arrived(taken.map((n) => n + base))
    if (taken.length < batch.length) return // the rest waits for something
  }
}

function batchOf(mail: Waiting['mail'], from: number): Waiting['mail'] {
  let bytes = 0
  const end = mail.findIndex(({ mail: m }, i) => i >= from && ((bytes += m.text.length + 60) > MOST_BYTES || i - from >= MOST) && i > from)
  return mail.slice(from, end < 0 ? undefined : end)
}

/** As Go reads bytes in JSON. */
const base64 = (bytes: Uint8Array<ArrayBuffer>): string => {
  const text = base64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}
