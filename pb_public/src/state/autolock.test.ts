import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AutoLock, lockOf } from './autolock'
import { Browser, until } from './testing/browser'

const MINUTE = 60_000
let browser: Browser
let after: { hidden: number; idle: number } | undefined
let locks = 0
let lock: AutoLock
let other: BroadcastChannel

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: new Date('2026-11-22T12:00:00Z') })
  browser = new Browser()
  after = { hidden: 5, idle: 15 }
  locks = 0
  lock = new AutoLock(() => after, () => {
    locks++
    after = undefined // all is shut: there is nothing to lock
  })
  lock.watch()
  other = new BroadcastChannel('bindeled-here')
})
afterEach(() => {
  browser.close()
  vi.useRealTimers()
})

const pass = (minutes: number) => void vi.advanceTimersByTime(minutes * MINUTE)
/** The time goes on and nothing runs, as in a pocket. */
const sleep = (minutes: number) => void vi.setSystemTime(Date.now() + minutes * MINUTE)
const elsewhere = (word: { touched: number; called: number }) => other.postMessage(word)

describe('untouched', () => {
  test('it locks when the time is over, once, and not before', () => {
    pass(14.75)
    expect(locks).toBe(0)
    pass(0.25)
    expect(locks).toBe(1)
    pass(60)
    expect(locks).toBe(1)
  })

  test('a touch begins it anew', () => {
    pass(14)
    browser.touch()
    pass(14)
    expect(locks).toBe(0)
    pass(1)
    expect(locks).toBe(1)
  })

  test('a touch that comes too late opens nothing: the phone slept past its time', () => {
    sleep(16)
    browser.touch()
    expect([locks, lock.due()]).toEqual([1, false])
    after = { hidden: 5, idle: 15 }
    expect(lock.due(), 'nor does it count as one').toBe(true)
  })

  test('where nothing is open nothing is locked', () => {
    after = undefined
    pass(60)
    expect([locks, lock.due()]).toEqual([0, false])
  })
})

describe('out of sight', () => {
  test('it locks sooner', () => {
    browser.look('hidden')
    pass(4.75)
    expect(locks).toBe(0)
    pass(0.25)
    expect(locks).toBe(1)
  })

  test('looked at again in time, it begins anew', () => {
    browser.look('hidden')
    pass(4)
    browser.look('visible')
    pass(4)
    browser.look('hidden')
    pass(4)
    expect(locks).toBe(0)
  })

  test('slept past its time, it is locked before anything is seen', () => {
    browser.look('hidden')
    sleep(6)
    expect(lock.due(), 'another tab that asks is told').toBe(true)
    browser.look('visible')
    expect(locks).toBe(1)
  })

  test('a clock that is put back lengthens nothing', () => {
    browser.look('hidden')
    sleep(-6)
    browser.look('visible')
    expect(locks).toBe(1)
  })
})

describe('a call', () => {
  test('holds it open for an hour, in sight or not', () => {
    lock.suspend()
    browser.look('hidden')
    pass(59)
    expect(locks).toBe(0)
    pass(1)
    expect(locks).toBe(1)
  })
})

describe('another tab', () => {
  test('that is in use holds this one open, hidden as it is', async () => {
    browser.look('hidden')
    sleep(4)
    elsewhere({ touched: Date.now(), called: 0 })
    sleep(4)
    await until(() => !lock.due())
    pass(5)
    expect(locks).toBe(1)
  })

  test('that was touched last is when this one was', async () => {
    sleep(10)
    elsewhere({ touched: Date.now(), called: 0 })
    sleep(10)
    await until(() => !lock.due())
    sleep(5)
    expect(lock.due()).toBe(true)
  })

  test('from which somebody rang, too', async () => {
    elsewhere({ touched: 0, called: Date.now() })
    sleep(50)
    await until(() => !lock.due())
    sleep(10)
    expect(lock.due()).toBe(true)
  })

  test('hears that this one is open and looked at, and not when it is not', async () => {
    const heard: { touched: number }[] = []
    other.onmessage = ({ data }) => void heard.push(data as { touched: number })
    const touched = Date.now()
    pass(0.25)
    await until(() => heard.length > 0)
    expect(heard).toEqual([{ touched, called: 0 }])
    browser.look('hidden')
    pass(1)
    browser.look('visible')
    after = undefined // locked
    pass(0.25)
    lock.suspend() // this is told in any case, and comes after
    await until(() => heard.length > 1)
    expect(heard).toEqual([{ touched, called: 0 }, { touched, called: touched + 1.5 * MINUTE }])
  })
})

test.each([
  [undefined, 5, 15], [{ hidden: 0, idle: 0 }, 5, 15], [{ hidden: -1, idle: 61 }, 5, 15], [{ hidden: 1, idle: 60 }, 1, 60], [{ hidden: NaN, idle: 3 }, 5, 3],
])('what the municipality said, %o, is %i and %i minutes', (said, hidden, idle) => expect(lockOf(said)).toEqual({ hidden, idle }))
