import 'fake-indexeddb/auto'
import { IDBDatabase, IDBObjectStore } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../lib/id'
import type { Store } from './store'
import { note, pageWrite, storeContract } from './store.contract'
import { idbStore, sessionStore } from './store-idb'
import { freshDisk } from './testing/phone'

const all = () => idbStore('u1', () => true, newId)
const none = () => idbStore('u1', () => false, newId)

beforeEach(freshDisk)
afterEach(() => void vi.restoreAllMocks())

const opened = (make: () => Store) => async () => {
  const store = make()
  await store.load()
  return store
}
storeContract('all on the disk', opened(all), all, true)
storeContract('rows in memory only', opened(none), none, false)

describe('IndexedDB', () => {
  test('a page is there whole or not at all, whichever write fails', async () => {
    const second = pageWrite('c2', { expect: 'c1', fresh: false, drop: ['course:b'], put: new Map([['course:a', {}], ['course:c', {}]]), held: ['course:a', 'course:c'] })
    const outcomes = new Set<string>()
    for (let k = 1; k <= 8; k++) {
      freshDisk()
      const store = all()
      await store.add(note('a'))
      await store.commit(pageWrite('c1', { put: new Map([['course:a', {}], ['course:b', {}]]), held: ['course:a', 'course:b'] }), (e) => e)
      const before = await all().load()
      crashAt(k)
      const done = await store.commit(second, (e) => ({ ...e, passed: true })).then(() => true, () => false)
      vi.restoreAllMocks()
      const after = await all().load()
      if (!done) expect(after).toEqual(before)
      else expect([after.marks.cursor, [...after.boxes.keys()], after.outbox[0]!.passed]).toEqual(['c2', ['course:a', 'course:c'], true])
      outcomes.add(String(done))
    }
    expect(outcomes).toEqual(new Set(['false', 'true'])) // the crash walked off the end: every write was tried
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

  test('what was typed is written strictly', async () => {
    const spy = vi.spyOn(IDBDatabase.prototype, 'transaction')
    await all().add(note('a'))
    expect(spy.mock.calls.at(-1)).toEqual([['meta', 'outbox', 'drafts'], 'readwrite', { durability: 'strict' }])
  })

  test('a mentor become coordinator: rows that may no longer lie there go, the outbox stays', async () => {
    const mentor = all()
    await mentor.add(note('a'))
    await mentor.commit(pageWrite('c1'), (e) => e)
    const saved = await none().load()
    expect([saved.boxes.size, saved.marks.cursor, saved.outbox.length]).toEqual([0, '', 1])
    expect((await all().load()).boxes.size).toBe(0)
  })

  test('two people on one phone do not meet', async () => {
    await all().add(note('a'))
    expect((await idbStore('u2', () => true, newId).outbox()).outbox).toEqual([])
  })

  test('a session is kept until cleared', async () => {
    const session = { token: 't', since: '2026-11-22T12:00:00.000Z', user: { id: 'u1', name: 'N', role: 'mentor', municipality: 'm' } }
    await sessionStore().save(session)
    expect(await sessionStore().load()).toEqual(session)
    await sessionStore().clear()
    expect(await sessionStore().load()).toBeNull()
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
