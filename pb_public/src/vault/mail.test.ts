import { expect, test } from 'vitest'
import { type ApiError, http } from '../lib/http'
import type { Waiting } from '../sync/outbox-idb'
import { base64url } from './keys'
import { postTo, sendMail } from './mail'
import type { Entrance } from './types'

const entrance = { phone: 'p1', send: 's1', pin: {} } as Entrance
const lost = { ...entrance, pin: null }
const counter = { device: 'd1', base: 10, last: 400, sentAt: '', seen: '7.e1' }
const clock = () => new Date('2026-11-22T12:00:00Z')
const waiting = (sizes: number[]): Waiting =>
  ({ counter, mail: sizes.map((size, i) => ({ n: 11 + i, v: 1, mail: { kid: 'k', text: new Uint8Array(size).fill(65) } })) })

type Body = { phone: string; send: string; device: string; last: number; rest: boolean; seen: string; items: { n: number; kid: string; text: string }[] }
type Refusal = { status: number; code: string; params?: object }
async function sent(w: Waiting, taken: (b: Body) => number[] | Refusal, from = entrance): Promise<{ bodies: Body[]; arrived: number[]; failed?: string }> {
  const bodies: Body[] = []
  const arrived: number[] = []
  const door = http((_, init) => {
    bodies.push(JSON.parse(String(init.body)) as Body)
    const reply = taken(bodies.at(-1)!)
    return Promise.resolve(Array.isArray(reply) ? Response.json({ taken: reply }) : Response.json(reply, reply))
  })
  const failed = await sendMail(door, from, w, clock, (ns) => Promise.resolve(void arrived.push(...ns))).then(() => undefined, (e: ApiError) => e.code)
  return { bodies, arrived, failed }
}
const all = (b: Body) => b.items.map((i) => i.n)

test('in order, by the numbers of the wire, and told as the phone counts', async () => {
  const { bodies, arrived } = await sent(waiting([3, 4]), all)
  expect(bodies).toMatchObject([{ phone: 'p1', send: 's1', device: 'd1', last: 390, rest: false, seen: '7.e1', items: [{ n: 1, kid: 'k', text: 'QUFB' }, { n: 2, text: 'QUFBQQ==' }] }])
  expect(arrived).toEqual([11, 12])
})

test('never more than the server reads at once', async () => {
  const { bodies, arrived } = await sent(waiting(Array.from({ length: 250 }, () => 1000)), all)
  expect(bodies.map((b) => b.items.length)).toEqual([100, 100, 50])
  expect(arrived).toHaveLength(250)
  const large = await sent(waiting([150_000, 150_000, 10, 200_000]), all)
  expect(large.bodies.map((b) => b.items.length)).toEqual([1, 2, 1])
  for (const b of large.bodies) expect(JSON.stringify(b).length).toBeLessThan(270_000)
})

test('what the server does not take waits, and what is behind it', async () => {
  const { bodies, arrived } = await sent(waiting(Array.from({ length: 150 }, () => 10)), (b) => all(b).slice(0, 7))
  expect([bodies.length, arrived]).toEqual([1, [11, 12, 13, 14, 15, 16, 17]])
})

test('a server put back from a backup takes what it can', async () => {
  const { bodies, arrived } = await sent(waiting([3]), (b) => (b.seen ? { status: 409, code: 'sync.restored' } : all(b)))
  expect([bodies.map((b) => b.seen), arrived]).toEqual([['7.e1', ''], [11]])
})

test('what nobody can read holds up what is behind it until the store is opened, and for ever nothing', async () => {
  const bent = (b: Body) => (all(b).includes(2) ? { status: 400, code: 'vault.sealed', params: { n: 2 } } : all(b))
  const shut = await sent(waiting([3, 3, 3]), bent)
  expect([shut.bodies.length, shut.arrived, shut.failed]).toEqual([1, [], 'vault.sealed'])
  const gone = await sent(waiting([3, 3, 3]), bent, lost)
  expect([gone.bodies.map((b) => b.rest), gone.arrived, gone.failed]).toEqual([[true, true], [11, 13], undefined])
  const odd = await sent(waiting([3]), () => ({ status: 400, code: 'vault.sealed', params: { n: 99 } }), lost)
  expect([odd.bodies.length, odd.failed]).toEqual([1, 'vault.sealed'])
})

test('nothing of a talk can be read in its copy, and a number that is given up travels bare', async () => {
  const server = (await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])).publicKey
  const key = base64url(new Uint8Array(await crypto.subtle.exportKey('raw', server)))
  const post = postTo(() => ({ kid: 'k1', key }))
  const entry = { id: 'e', n: 12, name: 'contact.log', args: { note: 'Alma' }, at: '2026-11-22T12:00:00Z', state: 'unsent' as const }
  const [whole, bare] = [await post('d1', entry, counter), await post('d1', { ...entry, spend: true }, counter)]
  expect(new TextDecoder().decode(whole.text)).not.toMatch(/Alma|contact/)
  expect(whole.text.length - bare.text.length).toBe('"note":"Alma"'.length)
})
