import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import { type ApiError, http } from '../lib/http'
import { newId } from '../lib/id'
import { waitingIn } from '../sync/outbox-idb'
import { aesSeal } from '../sync/seal'
import { note } from '../sync/store.contract'
import { idbStore, storeHandle } from '../sync/store-idb'
import { freshDisk } from '../sync/testing/phone'
import { base64url } from '../vault/keys'
import { postTo } from '../vault/mail'
import type { Entrance } from '../vault/types'
import { sendWaiting } from './waiting'

type Body = { phone: string; send: string; rest: boolean; items: { n: number }[] }
const shut = { phone: 'p1', send: 's1', pin: {} } as Entrance
const lost = { ...shut, pin: null }
const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
const server = (await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])).publicKey
const point = base64url(new Uint8Array(await crypto.subtle.exportKey('raw', server)))

const opened = () => idbStore('p1', () => true, newId, aesSeal(key), postTo(() => ({ kid: 'k1', key: point })))
let asked: Body[]
let tokens: (string | undefined)[]

beforeEach(async () => {
  freshDisk()
  asked = []
  tokens = []
  const store = opened()
  for (const text of ['one', 'two', 'three']) await store.add(note(text))
  store.close() // locked
})

/** A server that takes what it is told to. */
const sending = (entrance: Entrance, takes: (b: Body) => number[] = (b) => b.items.map((i) => i.n), token = '') =>
  sendWaiting(http((_, init) => {
    const body = JSON.parse(String(init.body)) as Body
    asked.push(body)
    tokens.push((init.headers as Record<string, string>).Authorization)
    return Promise.resolve(Response.json({ taken: takes(body) }))
  }), entrance, token)

const waits = async () => {
  const db = storeHandle('p1')
  const ns = (await waitingIn(db))?.mail.map((m) => m.n)
  db.close()
  return ns
}
const stores = async () => (await indexedDB.databases()).map((d) => d.name)

test('what waits in a shut store is sent, once, and the store stays for whoever opens it', async () => {
  expect(await sending(shut)).toBe(true)
  expect(asked).toMatchObject([{ phone: 'p1', send: 's1', rest: false, items: [{ n: 1 }, { n: 2 }, { n: 3 }] }])
  expect(await sending(shut)).toBe(true)
  expect([asked.length, await waits()]).toEqual([1, []])
  const store = opened()
  expect((await store.load()).outbox.map((e) => [e.n, e.state])).toEqual([[1, 'unsent'], [2, 'unsent'], [3, 'unsent']]) // it asks for the outcomes
  store.close()
})

test('what the server does not take stays for the next time', async () => {
  expect(await sending(shut, () => [1])).toBe(true)
  expect(await waits()).toEqual([2, 3])
  await sending(shut)
  expect(asked.map((b) => b.items.map((i) => i.n))).toEqual([[1, 2, 3], [2, 3]])
})

test('of a store that nothing opens any more nothing is left when all has arrived, and not before', async () => {
  expect(await sending(lost, () => [1, 2])).toBe(true)
  expect([await waits(), await stores()]).toEqual([[3], ['bindeled-p1']])
  expect(await sending(lost)).toBe(false)
  expect([asked.map((b) => b.rest), await stores()]).toEqual([[true, true], []])
})

test('one that holds nothing goes at once, and nobody is asked', async () => {
  await sending(shut)
  expect(await sending(lost)).toBe(false)
  expect([asked.length, await stores()]).toEqual([1, []])
})

test('without network nothing is lost', async () => {
  const none = http(() => Promise.reject(new TypeError('no network')))
  for (const entrance of [shut, lost]) expect(await sendWaiting(none, entrance, '').catch((e: ApiError) => e.status)).toBe(0)
  expect(await waits()).toEqual([1, 2, 3])
})

test('its owner speaks for it where she is signed in, and nobody else', async () => {
  await sending(shut, () => [1], 'hers')
  await sending(shut)
  expect(tokens).toEqual(['hers', undefined])
})
