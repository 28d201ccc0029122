import { beforeEach, describe, expect, test, vi } from 'vitest'
import { http } from '../lib/http'
import type { Browser } from './browser'
import { type Me, Phone } from './phone'

const KEY = 'BOn-_w'
const bytes = (key: string) => Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0)).buffer
const maja: Me = { user: 'maja', phone: 'phone1', token: 'maja-token' }
const omar: Me = { user: 'omar', phone: 'phone2', token: 'omar-token' }

/** A browser's half: its one subscription, what it was allowed, what it remembers. */
class Phones implements Browser {
  can: Browser['can'] = 'yes'
  permission: NotificationPermission = 'default'
  answer: NotificationPermission = 'granted'
  lang = 'da'
  memory = new Map<string, string>()
  words = new EventTarget()
  sub: PushSubscription | null = null
  made = 0
  ends: number | null = null
  hangs = false
  refuses: Error | null = null
  #last: Promise<unknown> = Promise.resolve()

  ask = () => Promise.resolve((this.permission = this.answer))
  read = (key: string) => this.memory.get(key) ?? ''
  write = (key: string, value: string) => void (value ? this.memory.set(key, value) : this.memory.delete(key))
  inTurn<T>(job: () => Promise<T>): Promise<T> {
    const next = this.#last.then(job, job)
    this.#last = next.catch(() => {})
    return next
  }
  pushManager = () => Promise.resolve({
    getSubscription: () => Promise.resolve(this.sub),
    subscribe: (o: PushSubscriptionOptionsInit) => this.#subscribe(o),
  } as PushManager)

  #subscribe({ applicationServerKey, userVisibleOnly }: PushSubscriptionOptionsInit): Promise<PushSubscription> {
    if (this.hangs) return new Promise(() => {})
    if (this.refuses) return Promise.reject(this.refuses)
    const endpoint = `https://push.example/${++this.made}`
    const expirationTime = this.ends
    const sub = {
      endpoint, expirationTime, options: { applicationServerKey: bytes(String(applicationServerKey)), userVisibleOnly },
      toJSON: () => ({ endpoint, expirationTime, keys: { p256dh: 'p', auth: 'a' } }),
      unsubscribe: () => {
        this.sub = null
        return Promise.resolve(true)
      },
    }
    return Promise.resolve((this.sub = sub as never))
  }
}

/** What the server keeps: notify/routes.go in a few lines. */
class Desk {
  subs = new Map<string, { user: string; endpoint: string; lang: string; expires: string }>()
  on = true
  key = KEY
  down = false
  fault = ''
  testing = 202
  asked: string[] = []
  saved: unknown
  readonly http = http((url, init) => {
    const path = url.replace('/api/notify/', '')
    this.asked.push(`${init.method ?? 'GET'} ${path}`)
    return this.down ? Promise.reject(new TypeError('no network')) : Promise.resolve(this.#answer(path, init))
  })

  #answer(path: string, init: RequestInit): Response {
    const user = (init.headers as Record<string, string>).Authorization!.replace('-token', '')
    const body = JSON.parse(String(init.body ?? '{}')) as { phone: string; endpoint: string; lang: string; expires: string }
    if (path === 'key') return Response.json({ on: this.on, key: this.on ? this.key : '' })
    if (path === 'settings') return Response.json((this.saved = init.method === 'PUT' ? body : { on: true }))
    if (path === 'test') return Response.json({ code: this.testing === 429 ? 'notify.wait' : '' }, { status: this.testing })
    if (path === 'unsubscribe') this.subs.delete(body.phone)
    if (path === 'subscribe') {
      for (const [phone, s] of this.subs) if (s.endpoint === body.endpoint) this.subs.delete(phone)
      const { endpoint, lang, expires } = body
      this.subs.set(body.phone, { user, endpoint, lang, expires })
    }
    const s = this.subs.get(body.phone)
    const subscribed = s?.endpoint === body.endpoint && s.user === user
    return Response.json({ on: this.on, subscribed, expires: subscribed ? s.expires : '', fault: this.fault })
  }

  get told(): string[] { return [...this.subs].map(([phone, s]) => `${s.user} ${phone} ${s.endpoint.at(-1)}`) }
}

let browser: Phones
let desk: Desk
let me: Me | null
let phone: Phone

beforeEach(() => {
  browser = new Phones()
  desk = new Desk()
  me = maja
  phone = new Phone(desk.http, () => me, browser)
  return () => void vi.useRealTimers()
})

/** The next unlock, of whoever it is. */
const unlocked = (who: Me): Promise<void> => ((me = who), phone.reconcile())
const at = async () => (await phone.look()).at

describe('by her own tap', () => {
  test('on, then off again', async () => {
    expect(await at()).toBe('off')
    expect([await phone.turnOn(), desk.told]).toEqual([{ at: 'works', until: '' }, ['maja phone1 1']])
    expect(browser.sub!.options.userVisibleOnly).toBe(true)
    expect([(await phone.turnOff()).at, desk.told, browser.sub]).toEqual(['off', [], null])
    await unlocked(maja)
    expect(desk.told).toEqual([])
  })

  test('she is asked in the tap itself, before anything is waited for', () => {
    const asked = vi.spyOn(browser, 'ask')
    void phone.turnOn()
    expect(asked).toHaveBeenCalledOnce()
  })

  test.each([['denied', 'denied'], ['default', 'off']] as const)('she answers %s', async (answer, want) => {
    browser.answer = answer
    expect([(await phone.turnOn()).at, browser.made, desk.told]).toEqual([want, 0, []])
    await unlocked(maja)
    expect(browser.made).toBe(0)
    browser.permission = 'granted' // in the phone's settings
    expect([await at(), desk.told]).toEqual(['works', ['maja phone1 1']])
  })

  test('nothing is subscribed without it, whatever was allowed before', async () => {
    browser.permission = 'granted'
    await unlocked(maja)
    expect([await at(), browser.made]).toEqual(['off', 0])
  })
})

describe('how it stands', () => {
  test.each([['install'], ['']] as const)('a browser that can %s', async (can) => {
    browser.can = can
    expect([await at(), desk.asked]).toEqual([can || 'cannot', []])
    await phone.reconcile()
    expect([browser.made, desk.asked]).toEqual([0, []])
  })

  test('of the server: off, stopped, slow, out of reach', async () => {
    await phone.turnOn()
    for (const fault of ['stopped', 'slow']) {
      desk.fault = fault
      expect(await at()).toBe(fault)
    }
    desk.on = false
    expect(await at()).toBe('server')
    desk.down = true
    expect(await at()).toBe('offline')
    expect(browser.sub).not.toBeNull() // a bad line takes nothing away
  })

  test('a push service that never answers', async () => {
    vi.useFakeTimers()
    browser.hangs = true
    const look = phone.turnOn()
    await vi.advanceTimersByTimeAsync(20_000)
    expect((await look).at).toBe('failed')
    browser.hangs = false
    await unlocked(maja)
    expect(desk.told).toEqual(['maja phone1 1'])
  })

  test('a push service that refuses', async () => {
    browser.refuses = new DOMException('push service error', 'AbortError')
    expect((await phone.turnOn()).at).toBe('failed')
    browser.refuses = new DOMException('no', 'NotAllowedError')
    expect(await at()).toBe('denied')
  })

  test('one that ends is told of, and renewed in its last week', async () => {
    vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] })
    browser.ends = Date.parse('2026-12-22T12:00:00Z')
    expect(await phone.turnOn()).toEqual({ at: 'works', until: '2026-12-22T12:00:00.000Z' })
    vi.setSystemTime(new Date('2026-12-15T11:00:00Z'))
    await unlocked(maja)
    expect(browser.made).toBe(1)
    vi.setSystemTime(new Date('2026-12-15T13:00:00Z'))
    browser.ends = null
    await unlocked(maja)
    expect([await phone.look(), desk.told]).toEqual([{ at: 'works', until: '' }, ['maja phone1 2']])
  })
})

describe('at each unlock', () => {
  beforeEach(async () => void (await phone.turnOn()))

  test('the same stays, and the server hears that it is there, in her language', async () => {
    desk.asked = []
    browser.lang = 'en'
    await unlocked(maja)
    expect([desk.told, desk.asked, desk.subs.get('phone1')?.lang]).toEqual([['maja phone1 1'], ['GET key', 'POST status', 'POST subscribe'], 'en'])
  })

  test('one that the browser has lost is made anew', async () => {
    browser.sub = null
    await unlocked(maja)
    expect(desk.told).toEqual(['maja phone1 2'])
  })

  test('one that the server has let go of is made anew: its endpoint is dead', async () => {
    desk.subs.clear()
    await unlocked(maja)
    expect(desk.told).toEqual(['maja phone1 2'])
  })

  test('one under another key is made anew', async () => {
    desk.key = 'BNew'
    await unlocked(maja)
    expect([desk.told, browser.sub!.options.applicationServerKey]).toEqual([['maja phone1 2'], bytes('BNew')])
  })

  test('without network nothing changes', async () => {
    desk.down = true
    await expect(unlocked(maja)).rejects.toMatchObject({ code: 'network' })
    expect(browser.sub!.endpoint).toBe('https://push.example/1')
  })

  test('a phone whose permission was taken away makes nothing', async () => {
    browser.permission = 'denied'
    browser.sub = null
    await unlocked(maja)
    expect([browser.made, await at()]).toEqual([1, 'denied'])
  })
})

describe('a phone that two share', () => {
  beforeEach(async () => void (await phone.turnOn()))

  test('who does not want it hears nothing of the other’s; the other has it back at her turn', async () => {
    await unlocked(omar)
    expect([browser.sub, await at()]).toEqual([null, 'off'])
    await unlocked(maja)
    expect(desk.told).toEqual(['maja phone1 2'])
  })

  test('who wants it takes it over', async () => {
    me = omar
    await phone.turnOn()
    expect([desk.told, browser.made]).toEqual([['omar phone2 1'], 1])
    await unlocked(maja)
    expect([desk.told, browser.made]).toEqual([['maja phone1 1'], 1])
  })

  test('out of reach of the server it is nobody’s', async () => {
    me = omar
    await phone.turnOn()
    desk.down = true
    await unlocked(maja).catch(() => {})
    expect(browser.sub).toBeNull()
    desk.down = false
    await unlocked(maja)
    expect(desk.told).toContain('maja phone1 2')
  })

  test('what is still under way when the turn changes does nothing for the one before', async () => {
    browser.sub = null
    desk.subs.clear()
    const late = browser.inTurn(() => new Promise<void>((ok) => setImmediate(ok)))
    const hers = phone.reconcile()
    await unlocked(omar)
    await Promise.all([late, hers])
    expect([desk.told, browser.sub]).toEqual([[], null])
  })

  test('when her way in is erased it is silent; it is there again when she is', async () => {
    me = null
    await phone.silence()
    expect([browser.sub, browser.made]).toEqual([null, 1])
    await unlocked(maja)
    expect(desk.told).toEqual(['maja phone1 2'])
  })

  test('a log-out ends it, without network too; the next log-in asks anew', async () => {
    desk.down = true
    await phone.leave()
    expect([browser.sub, browser.memory.size]).toEqual([null, 0])
    desk.down = false
    await phone.turnOn()
    await phone.leave()
    expect([desk.told, await phone.asks()]).toEqual([[], true])
    await unlocked(maja)
    expect(desk.told).toEqual([])
  })
})

describe('whether she may be asked', () => {
  test('once: not where it cannot be, is there, was answered or is off', async () => {
    expect(await phone.asks()).toBe(true)
    phone.asked()
    expect(await phone.asks()).toBe(false)
    await phone.leave()
    expect(await phone.asks()).toBe(false)
    me = omar
    expect(await phone.asks()).toBe(true)
    await phone.turnOn()
    expect(await phone.asks()).toBe(false)
    me = { ...maja, user: 'karen' }
    browser.permission = 'denied'
    expect(await phone.asks()).toBe(false)
    browser.permission = 'granted'
    desk.on = false
    expect(await phone.asks()).toBe(false)
    desk.on = true
    browser.can = 'install'
    expect(await phone.asks()).toBe(true)
    browser.can = ''
    expect(await phone.asks()).toBe(false)
  })
})

describe('a test', () => {
  const word = (told: string) => browser.words.dispatchEvent(new MessageEvent('message', { data: { told } }))
  beforeEach(async () => void (await phone.turnOn()))

  test('has arrived when the worker says so, not before', async () => {
    vi.useFakeTimers()
    let came = ''
    const test = phone.test().then((t) => (came = t))
    await vi.advanceTimersByTimeAsync(5_000)
    word('/') // something else
    browser.words.dispatchEvent(new MessageEvent('message', { data: null }))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(came).toBe('')
    word('/beskeder')
    expect(await test).toBe('arrived')
  })

  test('that is faster than the server’s answer has arrived too', async () => {
    const test = phone.test()
    word('/beskeder')
    expect(await test).toBe('arrived')
  })

  test('that does not come is missing after half a minute', async () => {
    vi.useFakeTimers()
    const test = phone.test()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await test).toBe('missing')
  })

  test.each([[429, 'wait'], [404, 'failed'], [503, 'failed']] as const)('refused with %i', async (status, want) => {
    desk.testing = status
    expect(await phone.test()).toBe(want)
  })

  test('without network', async () => {
    desk.down = true
    expect(await phone.test()).toBe('offline')
  })
})

test('her own settings go as a PUT', async () => {
  const own = { off: false, without: ['time'], from: '', to: '', days: [], holidays: false }
  expect([await phone.settings(), await phone.save(own), desk.asked]).toEqual([{ on: true }, own, ['GET settings', 'PUT settings']])
})
