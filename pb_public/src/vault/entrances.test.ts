import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import { aesSeal } from '../sync/seal'
import { freshDisk } from '../sync/testing/phone'
import { entranceStore } from './entrances'
import { Desk } from './testing/desk'
import type { Entrance } from './types'
import { Vault } from './vault'

const PIN = '493817'
const now = () => new Date('2026-11-22T12:00:00Z')
const of = (phone: string, more: Partial<Entrance> = {}) => ({ phone, tries: 0, pin: {}, ...more }) as Entrance

beforeEach(freshDisk)

test('what is kept opens the same store when the phone is switched on again', async () => {
  const first = await new Vault(new Desk().http, entranceStore(), now).make({ id: 'u1', label: 'MM' }, 'token', PIN, 'the session')
  const closed = await aesSeal(first.key).close('x', 'Alma')
  const down = new Desk()
  down.down = true
  const shelf = entranceStore()
  const [entrance] = await shelf.all()
  const again = await new Vault(down.http, shelf, now).open(entrance!, PIN)
  expect([again.session, await aesSeal(again.key).open('x', closed)]).toEqual(['the session', 'Alma'])
  expect(entrance!.device.extractable).toBe(false)
})

test('one person’s is kept and dropped beside another’s', async () => {
  const shelf = entranceStore()
  await shelf.save(of('p1'))
  await shelf.save(of('p2'))
  await shelf.save(of('p1', { tries: 3 }))
  expect((await entranceStore().all()).map((e) => [e.phone, e.tries])).toEqual([['p1', 3], ['p2', 0]])
  await shelf.drop('p1')
  await shelf.drop('p9')
  expect((await entranceStore().all()).map((e) => e.phone)).toEqual(['p2'])
})

test('whose turn it is: nobody’s at first, whoever opened last, nobody’s after a log-out', async () => {
  const shelf = entranceStore()
  expect(await shelf.current()).toBe('')
  await shelf.choose('p1')
  await shelf.choose('p2')
  expect(await entranceStore().current()).toBe('p2')
  await shelf.choose('')
  expect(await entranceStore().current()).toBe('')
})

test('five tabs that try at once count to five', async () => {
  await entranceStore().save(of('p1'))
  const counted = await Promise.all([1, 2, 3, 4, 5].map(() => entranceStore().edit('p1', (e) => ({ ...e, tries: e.tries + 1 }))))
  expect(counted.map((e) => e?.tries)).toEqual([1, 2, 3, 4, 5])
  expect((await entranceStore().all())[0]?.tries).toBe(5)
})

test('a change that fails leaves it as it was', async () => {
  const shelf = entranceStore()
  await shelf.save(of('p1'))
  await expect(shelf.edit('p1', () => { throw new Error('no') })).rejects.toThrow()
  expect((await shelf.edit('p1', (e) => e))?.tries).toBe(0)
})

test('a wiped one is changed no more, and stays to be sent from; one that is gone does not come back', async () => {
  const shelf = entranceStore()
  await shelf.save(of('p1'))
  await shelf.edit('p1', (e) => ({ ...e, pin: null }))
  expect(await shelf.edit('p1', (e) => ({ ...e, tries: 1 }))).toBeNull()
  expect((await shelf.all()).map((e) => [e.pin, e.tries])).toEqual([[null, 0]])
  await shelf.drop('p1')
  expect(await shelf.edit('p1', (e) => ({ ...e, tries: 1 }))).toBeNull()
  expect(await shelf.all()).toEqual([])
})
