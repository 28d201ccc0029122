// What is due travels sealed to the server while the store is shut: nobody needs to open it for a talk to arrive.
import { ApiError, type Http } from '../lib/http'
import type { Mail, Post, Waiting } from '../sync/outbox-idb'
import { sealTo } from './hpke'
import { base64url, fromBase64url } from './keys'
import type { Entrance, ServerKey } from './types'

const MOST = 100
const MOST_BYTES = 180_000 // the server reads 256 KB, and base64 is a third longer

/** Bound to its device and number: it opens as no other. */
const infoOf = (device: string, n: number): string => `bindeled outbox\n${device}\n${n}`

/** What is typed is sealed to the server's newest key. */
export const postTo = (key: () => ServerKey): Post => async (device, { n, name, args, at, deps = [], spend }, { base }): Promise<Mail> => {
  const { kid, key: server } = key()
  const before = deps.filter((dep) => dep > base).map((dep) => dep - base)
  const text = JSON.stringify({ n: n - base, name, args: spend ? {} : args, at, ...(before.length > 0 && { deps: before }) })
  return { kid, text: await sealTo(fromBase64url(server), infoOf(device, n - base), text) }
}

/**
 * Sends what waits, in order; `arrived` is told of each batch. What the server does not take stays: the store that is
 * opened again has it whole. One that never opens has nothing else, so there the server passes over what is missing, and
 * this over what the server cannot take.
 */
export async function sendMail(http: Http, entrance: Entrance, waiting: Waiting, clock: () => Date, arrived: (ns: number[]) => Promise<void>, token = ''): Promise<void> {
  const { device, base, last } = waiting.counter
  const rest = !entrance.pin
  let { seen } = waiting.counter
  let { mail } = waiting
  while (mail.length > 0) {
    const batch = batchOf(mail)
    const items = batch.map(({ n, mail }) => ({ n: n - base, kid: mail.kid, text: base64(mail.text) }))
    const body = { phone: entrance.phone, send: entrance.send, device, last: last - base, rest, seen, clock: clock().toISOString(), items }
    const reply = await http.json<{ taken: number[] }>('/api/vault/send', { body, ...(token && { token }) }).catch((e: unknown) => e)
    if (reply instanceof ApiError) {
      const n = Number(reply.params.n) + base
      if (reply.code === 'sync.restored' && seen) seen = '' // what that means is for whoever opens the store
      else if (rest && batch.some((m) => m.n === n)) mail = mail.filter((m) => m.n !== n)
      else throw reply
      continue
    }
    const { taken } = reply as { taken: number[] }
    await arrived(taken.map((n) => n + base))
    if (taken.length < batch.length) return // the rest waits for something
    mail = mail.slice(batch.length)
  }
}

function batchOf(mail: Waiting['mail']): Waiting['mail'] {
  let bytes = 0
  const end = mail.findIndex(({ mail: m }, i) => ((bytes += m.text.length + 60) > MOST_BYTES || i >= MOST) && i > 0)
  return mail.slice(0, end < 0 ? undefined : end)
}

/** As Go reads bytes in JSON. */
const base64 = (bytes: Uint8Array<ArrayBuffer>): string => {
  const text = base64url(bytes).replaceAll('-', '+').replaceAll('_', '/')
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}
