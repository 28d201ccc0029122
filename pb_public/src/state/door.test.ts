import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newId } from '../lib/id'
import { aesSeal } from '../sync/seal'
import { note } from '../sync/store.contract'
import { idbStore } from '../sync/store-idb'
import { freshDisk } from '../sync/testing/phone'
import { base64url } from '../vault/keys'
import { postTo } from '../vault/mail'
import { Desk } from '../vault/testing/desk'
import type { VaultError } from '../vault/types'
import type { Open } from '../vault/vault'
import { Door, type Gate, initialsOf, labelOf } from './door'
import { type SavedSession, witnessOf } from './session'
import { Browser, until } from './testing/browser'

const PIN = '493817'
const point = base64url(new Uint8Array(await crypto.subtle.exportKey('raw', (await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])).publicKey)))
let browser: Browser
let desk: Desk

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T12:00:00Z') })
  freshDisk()
  browser = new Browser()
  desk = new Desk()
})
afterEach(() => {
  browser.close()
  vi.useRealTimers()
})

/** A page with the app in it. */
class Page {
  gates: Gate[] = []
  opened: { session: SavedSession; open: Open } | null = null
  due = false
  readonly door = new Door(desk.http, {
    gate: (g) => void this.gates.push(g),
    open: (session, open) => Promise.resolve(void (this.opened = { session, open })),
    shut: () => Promise.resolve(void (this.opened = null)),
    due: () => this.due,
  })

  get gate(): Gate { return this.gates.at(-1)! }
  get who(): string { return this.opened?.session.user.id ?? 'nobody' }
  get at(): string { return this.gate.at }
  code = (job: Promise<unknown>) => job.then(() => 'done', (e: VaultError) => (e.left ? `${e.code} ${e.left}` : e.code))
}

async function started(): Promise<Page> {
  const page = new Page()
  await page.door.start()
  return page
}

/** She logs in and chooses her code. */
async function enrolled(who = 'maja.mentor', pin = PIN, page = new Page()): Promise<Page> {
  await page.door.start()
  await page.door.login(who + '@demo.example', 'a password')
  await page.door.choose(pin)
  return page
}

/** The page is gone, and another comes. */
async function reloaded(): Promise<Page> {
  browser.close()
  browser = new Browser()
  return started()
}

async function type(open: Open, ...notes: string[]): Promise<void> {
  const store = idbStore(open.entrance.phone, () => true, newId, aesSeal(open.key), postTo(() => ({ kid: 'k', key: point })))
  for (const text of notes) await store.add(note(text))
  store.close()
}

const stores = async () => (await indexedDB.databases()).map((d) => d.name).sort()

describe('in', () => {
  test('the first time with a password and a code of her own; after a reload with the code, without network', async () => {
    const first = await enrolled()
    expect(first.gates.map((g) => g.at)).toEqual(['out', 'choose', 'open'])
    const closed = await aesSeal(first.opened!.open.key).close('x', 'Alma')

    const page = await reloaded()
    desk.down = true
    expect(page.gate).toEqual({ at: 'locked', who: { phone: 'phone0', label: 'MM', finger: false }, known: [] })
    expect([await page.code(page.door.unlock('000000')), page.at]).toEqual(['vault.wrong 4', 'locked'])
    await page.door.unlock(PIN)
    expect([page.at, page.who, await aesSeal(page.opened!.open.key).open('x', closed)]).toEqual(['open', 'maja.mentor', 'Alma'])
    expect(page.door.session?.token).toBe('token')
  })

  test('nothing locks by itself while nobody is in; a log-in left standing does, and what the municipality said counts where it can', async () => {
    const page = await started()
    expect(page.door.lockAfter).toBeUndefined()
    await page.door.login('maja.mentor@demo.example', 'a password')
    expect(page.door.lockAfter).toEqual({ hidden: 5, idle: 15 })
    desk.lock = { hidden: 0, idle: 7 }
    await page.door.choose(PIN)
    expect(page.door.lockAfter).toEqual({ hidden: 5, idle: 7 })
  })

  test('somebody else has a store of her own, and a number where the initials are the same', async () => {
    await enrolled()
    const page = await enrolled('mille.mynte', '118822')
    expect(page.who).toBe('mille.mynte')
    const again = await reloaded()
    expect(again.gate).toMatchObject({ at: 'locked', who: { label: 'MM 2' }, known: [{ phone: 'phone0', label: 'MM' }] })
    again.door.turnTo('phone0')
    expect(again.gate).toMatchObject({ at: 'locked', who: { label: 'MM' }, known: [{ label: 'MM 2' }] })
    expect(await again.code(again.door.unlock('118822'))).toBe('vault.wrong 4')
    await again.door.unlock(PIN)
    expect(again.who).toBe('maja.mentor')
    again.door.turnTo('')
    expect(again.gate).toMatchObject({ at: 'out', known: [{ label: 'MM' }, { label: 'MM 2' }] })
  })

  test('a log-in for a store that is here asks for its code', async () => {
    await enrolled()
    const page = await reloaded()
    page.door.turnTo('')
    await page.door.login('maja.mentor@demo.example', 'a password')
    expect(page.at).toBe('locked')
    await page.door.unlock(PIN)
    expect([page.at, desk.phones.size]).toEqual(['open', 1])
  })
})

describe('the wrong code', () => {
  test('five times: out, and it is known why; what is unsent is sent, and nothing is left', async () => {
    await type((await enrolled()).opened!.open, 'one', 'two')
    const page = await reloaded()
    browser.storage.set(witnessOf('maja.mentor'), '{}')
    for (let i = 0; i < 4; i++) await page.code(page.door.unlock('000000'))
    expect(await page.code(page.door.unlock('000000'))).toBe('vault.wiped')
    expect(page.gate).toEqual({ at: 'out', known: [], note: 'wiped' })
    expect([...browser.storage.keys()]).toEqual([]) // it was not lost
    await until(() => desk.sent.length > 0)
    await page.door.sendMail() // the one under way is over, or this one does it
    await until(async () => (await stores()).length === 1)
    expect(desk.sent).toEqual([1, 2])
    expect((await reloaded()).gate).toEqual({ at: 'out', known: [], note: '' })
  })

  test('given up: the same, on purpose', async () => {
    await type((await enrolled()).opened!.open, 'one')
    const page = await reloaded()
    desk.down = true
    await page.door.giveUp()
    expect(page.gate).toMatchObject({ at: 'out', note: 'wiped' })
    const next = await reloaded()
    expect(next.gate).toEqual({ at: 'out', known: [], note: 'wiped' })
    desk.down = false
    await next.door.sendMail()
    expect([desk.sent, await stores()]).toEqual([[1], ['bindeled']])
  })

  test('five times where an open phone asks for it: locked', async () => {
    const page = await enrolled()
    for (let i = 0; i < 4; i++) expect(await page.code(page.door.change('000000', '118822'))).toMatch('vault.wrong')
    expect([await page.code(page.door.change('000000', '118822')), browser.reloads, page.opened]).toEqual(['vault.wiped', 1, null])
  })
})

describe('tabs', () => {
  test('one that is open opens the next, and locks it', async () => {
    const first = await enrolled()
    const second = await started()
    await until(() => second.at === 'open')
    expect(second.who).toBe('maja.mentor')
    await first.door.lock()
    await until(() => browser.reloads === 2)
    expect([first.opened, second.opened]).toEqual([null, null])
  })

  test('one that slept past its time opens none, and is locked by the asking', async () => {
    const first = await enrolled()
    first.due = true
    const second = await started()
    await until(() => browser.reloads > 0)
    expect([first.opened, second.at]).toEqual([null, 'locked'])
  })

  test('when another’s turn comes in one, the other shuts', async () => {
    const first = await enrolled()
    const second = await started()
    await until(() => second.at === 'open')
    await second.door.login('omar.oest@demo.example', 'a password')
    await second.door.choose('118822')
    await until(() => browser.reloads > 0)
    expect([first.opened, second.who]).toEqual([null, 'omar.oest'])
  })
})

describe('out', () => {
  test('with nothing unsent: the way in is gone, and the server is told', async () => {
    const page = await enrolled()
    await page.door.leave(true)
    expect(page.gate).toEqual({ at: 'out', known: [], note: '' })
    await until(() => desk.asked.includes('/api/vault/forget'))
    expect((await reloaded()).gate).toMatchObject({ at: 'out', note: '' })
  })

  test('with something unsent: it stays closed, is sent, and takes both the code and the password', async () => {
    const page = await enrolled()
    await type(page.opened!.open, 'one')
    await page.door.leave(false)
    expect(page.gate).toMatchObject({ at: 'out', known: [{ label: 'MM' }] })
    await page.door.sendMail()
    expect(desk.sent).toEqual([1])

    page.door.turnTo('phone0')
    await page.door.unlock(PIN)
    expect([page.at, page.door.session, page.door.lockAfter]).toEqual(['out', null, { hidden: 5, idle: 15 }])
    await page.door.login('maja.mentor@demo.example', 'a password')
    expect([page.at, page.who, desk.phones.size]).toEqual(['open', 'maja.mentor', 1])
  })

  test('blocked from afar: shut at the next contact', async () => {
    const page = await enrolled()
    browser.storage.set(witnessOf('maja.mentor'), '{}')
    await page.door.renew()
    expect(page.at).toBe('open')
    desk.revoke()
    await page.door.renew()
    expect([browser.reloads, page.opened, browser.storage.size]).toEqual([1, null, 0])
    expect((await reloaded()).gate).toMatchObject({ at: 'out', note: 'wiped' })
  })

  test('a share past its time goes from a phone that is locked', async () => {
    await enrolled()
    const page = await reloaded()
    vi.setSystemTime(new Date('2026-11-23T00:01:00Z'))
    await page.door.upkeep()
    vi.setSystemTime(new Date('2026-11-22T12:00:00Z')) // put back
    desk.down = true
    expect(await page.code(page.door.unlock(PIN))).toBe('vault.offline')
    desk.down = false
    await page.door.unlock(PIN)
    expect(page.at).toBe('open')
  })
})

test.each([['Maja Mentor', 'MM'], ['Åse Marie Ærø', 'ÅÆ'], ['omar', 'O'], ['  ', '']])('initials of %s', (name, want) => expect(initialsOf(name)).toBe(want))

test.each([
  [[], 'MM'], [['KK'], 'MM'], [['MM'], 'MM 2'], [['MM', 'MM 2', 'KK 2'], 'MM 3'], [['MM 2'], 'MM'],
])('where %j are on the phone, Mette Maj is %s', (taken, want) => expect(labelOf('Mette Maj', taken)).toBe(want))
