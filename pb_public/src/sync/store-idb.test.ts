import 'fake-indexeddb/auto'
import { IDBDatabase, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../lib/id'
import { ask, Handle } from './idb'
import type { Store } from './store'
import { note, pageWrite, storeContract } from './store.contract'
import { aesSeal } from './seal'
import { idbStore } from './store-idb'
import { freshDisk } from './testing/phone'

const all = () => idbStore('u1', () => true, newId)
const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
const sealed = () => idbStore('u1', () => true, newId, aesSeal(key))
const none = () => idbStore('u1', () => false, newId)

beforeEach(freshDisk)
afterEach(() => void vi.restoreAllMocks())

const opened = (make: () => Store) => async () => {
  const store = make()
  await store.load()
  return store
}
storeContract('all on the disk', opened(all), all, true)
storeContract('all on the disk, sealed', opened(sealed), sealed, true)
storeContract('rows in memory only', opened(none), none, false)

describe('IndexedDB', () => {
  test('a page is there whole or not at all, whichever write fails', async () => {
    const second = pageWrite('c2', { expect: 'c1', fresh: false, drop: ['course:b'], put: new Map([['course:a', {}], ['course:c', {}]]), ns: [1], edit: (e) => ({ ...e, passed: true }) })
    const outcomes = new Set<string>()
    for (const make of [all, sealed]) for (let k = 1; k <= 8; k++) {
      freshDisk()
      const store = make()
      await store.add(note('a'))
      await store.commit(pageWrite('c1', { put: new Map([['course:a', {}], ['course:b', {}]]) }))
      const before = await make().load()
      crashAt(k)
      const done = await store.commit(second).then(() => true, () => false)
      vi.restoreAllMocks()
      const after = await make().load()
      if (!done) expect(after).toEqual(before)
      else expect([after.marks.cursor, [...after.boxes.keys()], after.outbox[0]!.passed]).toEqual(['c2', ['course:a', 'course:c'], true])
      outcomes.add(String(done))
    }
    expect(outcomes).toEqual(new Set(['false', 'true'])) // the crash walked off the end: every write was tried
  })

  test('a head under another key is none', async () => {
    const store = sealed()
    await store.commit(pageWrite('c1'))
    await store.saveHead(() => new Map([['course:a', {}]]))
    expect((await sealed().head())?.boxes.has('course:a')).toBe(true)
    const other = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    expect(await idbStore('u1', () => true, newId, aesSeal(other)).head()).toBe(null)
  })

  test('of a bucket that may not lie here nothing lies in the head', async () => {
    await all().commit(pageWrite('c1', { put: new Map([['inbox:m', {}], ['course:a', {}]]) }))
    const some = idbStore('u1', (bucket) => bucket !== 'inbox:m', newId)
    await some.load()
    await some.saveHead(() => new Map([['inbox:m', {}], ['course:a', {}]]))
    expect((await all().head())?.boxes.has('inbox:m')).not.toBe(true)
  })

  test('a number is used up only together with its entry', async () => {
    for (let k = 1; k <= 3; k++) {
      freshDisk()
      crashAt(k)
      const done = await all().add(note('a')).then(() => true, () => false)
      vi.restoreAllMocks()
      const { outbox, counter } = await all().outbox()
      expect([outbox.length, counter.last]).toEqual(done ? [1, 1] : [0, 0])
    }
  })

  test('a connection that was killed is opened again, once, and nothing is written twice', async () => {
    const store = all()
    await store.add(note('a'))
    const killed = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
      throw new DOMException('connection lost', 'InvalidStateError')
    })
    expect((await store.add(note('b'))).n).toBe(2)
    expect(killed).toHaveBeenCalledTimes(2)
    killed.mockImplementation(() => {
      throw new DOMException('gone for good', 'UnknownError')
    })
    await expect(store.add(note('c'))).rejects.toMatchObject({ code: 'store.failed' })
    vi.restoreAllMocks()
    expect((await store.outbox()).outbox.map((e) => e.id)).toEqual(['a', 'b'])
  })

  test('no room is said as such', async () => {
    const store = all()
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await expect(store.add(note('a'))).rejects.toMatchObject({ code: 'store.full' })
  })

  test('what was typed is written strictly; a page only when it says something of it', async () => {
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const store = all()
    await store.add(note('a'))
    expect(spy.mock.calls.at(-1)).toEqual([['meta', 'outbox'], 'readwrite', { durability: 'strict' }])
    await store.commit(pageWrite('c1'))
    expect(spy.mock.calls.at(-1)).toEqual([['meta', 'packs'], 'readwrite', { durability: 'relaxed' }])
    await store.commit(pageWrite('c2', { expect: 'c1', ns: [1], edit: (e) => ({ ...e, passed: true }) }))
    expect(spy.mock.calls.at(-1)).toEqual([['meta', 'outbox', 'packs'], 'readwrite', { durability: 'strict' }])
  })

  test('a write that fails after it was asked for takes the page with it', async () => {
    const store = all()
    await store.commit(pageWrite('c1'))
    const add = IDBObjectStore.prototype.add
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, value: unknown) {
      return add.call(this as never, value, 1) as never // it is there already: the request fails, not the call
    })
    await expect(store.commit(pageWrite('c2', { expect: 'c1', fresh: false, put: new Map([['course:b', {}]]) }))).rejects.toMatchObject({ code: 'store.failed' })
    vi.restoreAllMocks()
    expect((await all().load()).marks.cursor).toBe('c1')
  })

  test('sealed, nothing of a row, a talk or a draft can be read on the disk', async () => {
    const store = sealed()
    await store.commit(pageWrite('c1', { put: new Map([['course:a', { notes: { r: { id: 'r', _seq: 5, text: 'Alma Prøvedal' } } }]]) }))
    await store.add(note('a', 'Alma fortalte'))
    await store.saveDraft({ course: 'k', at: '2026-11-22T12:00:00.000Z', values: { note: 'Alma vil' } })
    expect(await store.draft('k')).toMatchObject({ values: { note: 'Alma vil' } })
    const lying = await new Handle('bindeled-u1', {}, 2).tx(['meta', 'packs', 'outbox', 'drafts'], 'readonly', (tx) =>
      Promise.all([...tx.objectStoreNames].map((name) => ask<unknown[]>(tx.objectStore(name).getAll()))))
    const text = JSON.stringify(lying, (_, v: unknown) => (v instanceof Uint8Array ? new TextDecoder().decode(v) : v))
    expect(text).toMatch('"closed":')
    expect(text).not.toMatch(/Alma|note/)
  })

  test('what was closed under another key does not open, and nothing of it is gone', async () => {
    const store = sealed()
    await store.add(note('a'))
    await store.commit(pageWrite('c1'))
    const other = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
    await expect(idbStore('u1', () => true, newId, aesSeal(other)).load()).rejects.toMatchObject({ code: 'store.failed' })
    expect((await sealed().load()).outbox.map((e) => e.id)).toEqual(['a'])
  })

  test('an entry in another’s place does not open', async () => {
    const store = sealed()
    for (const id of ['a', 'b']) await store.add(note(id))
    await new Handle('bindeled-u1', {}, 2).tx(['outbox'], 'readwrite', async (tx) => {
      const first = await ask<{ closed: Uint8Array }>(tx.objectStore('outbox').get(1))
      tx.objectStore('outbox').put({ ...(await ask<object>(tx.objectStore('outbox').get(2))), closed: first.closed })
    })
    await expect(sealed().outbox()).rejects.toMatchObject({ code: 'store.failed' })
  })

  test('what is due has a copy for the server, until it is decided', async () => {
    const posted: number[] = []
    const store = idbStore('u1', () => true, newId, aesSeal(key), (device, e) => {
      posted.push(e.n)
      return Promise.resolve({ kid: 'k1', text: new TextEncoder().encode(`${device} ${e.n}`) })
    })
    const mail = () => new Handle('bindeled-u1', {}, 2).tx(['outbox'], 'readonly', async (tx) =>
      (await ask<{ n: number; mail?: { kid: string } }[]>(tx.objectStore('outbox').getAll())).map((l) => [l.n, l.mail?.kid]))
    await store.add(note('a'))
    await store.add(note('b'))
    await store.edit([1, 2], (e) => ({ ...e, tries: 1 })) // says the same: the copy stays
    expect([await mail(), posted]).toEqual([[[1, 'k1'], [2, 'k1']], [1, 2]])
    await store.edit([1], (e) => ({ ...e, state: 'received' }))
    expect(await mail()).toEqual([[1, undefined], [2, 'k1']])
    await store.renumber('other0000000000')
    expect([await mail(), posted]).toEqual([[[1, undefined], [3, 'k1']], [1, 2, 3]])
  })

  test('a mentor become coordinator: rows that may no longer lie there go, the outbox stays', async () => {
    const mentor = all()
    await mentor.add(note('a'))
    await mentor.commit(pageWrite('c1'))
    const saved = await none().load()
    expect([saved.boxes.size, saved.marks.cursor, saved.outbox.length]).toEqual([0, '', 1])
    expect((await all().load()).boxes.size).toBe(0)
  })

  test('what an older build left is taken over; its boxes are fetched anew', async () => {
    const counter = { device: 'old000000000000', base: 0, last: 1, sentAt: '' }
    const stores = { meta: undefined, boxes: undefined, outbox: { keyPath: 'n' }, drafts: { keyPath: 'course' } }
    const old = new Handle('bindeled-u1', stores)
    await old.tx(Object.keys(stores), 'readwrite', async (tx) => {
      tx.objectStore('meta').put(counter, 'counter')
      tx.objectStore('meta').put({ cursor: 'v1', seq: 9, epoch: 'e1', at: 'then', restored: false }, 'marks')
      tx.objectStore('boxes').put('{"notes":{"r":{"id":"r","text":"old"}}}', 'course:a')
      tx.objectStore('outbox').put({ ...note('a'), n: 1, state: 'unsent' })
      tx.objectStore('drafts').put({ course: 'k', at: '', values: {} })
    })
    const store = all() // the old tab is still open
    const saved = await store.load('other0000000000.5')
    expect(saved.counter).toEqual({ ...counter, seen: '' })
    expect([saved.marks, saved.boxes.size, saved.outbox.map((e) => e.n), await store.drafts()]).toMatchObject([{ cursor: '', seq: 9, at: 'then', schema: '' }, 0, [1], 1])
    await store.commit(pageWrite('c1'))
    expect((await all().load()).marks.cursor).toBe('c1')
    const names = await new Handle('bindeled-u1', {}, 2).tx(['meta'], 'readonly', async (tx) => [...tx.db.objectStoreNames])
    expect(names).toEqual(['drafts', 'meta', 'outbox', 'packs'])
  })

  test('two people on one phone do not meet', async () => {
    await all().add(note('a'))
    expect((await idbStore('u2', () => true, newId).outbox()).outbox).toEqual([])
  })
})

/** The k-th write from now on fails, as if the process ended there. */
function crashAt(k: number): void {
  let calls = 0
  for (const name of ['put', 'delete', 'clear'] as const) {
    const real = IDBObjectStore.prototype[name] as (...args: unknown[]) => IDBRequest
    vi.spyOn(IDBObjectStore.prototype, name).mockImplementation(function (this: IDBObjectStore, ...args: unknown[]) {
      if (++calls === k) throw new Error('crash')
      return real.apply(this, args)
    } as never)
  }
}
