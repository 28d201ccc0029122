// A phone is told that there is something to do: open, locked and with the app closed. What it says is testdata/push.golden.json, byte
// for byte what the server closes. No push service is ever reached: Chromium is handed the push by its own protocol, and the
// endpoint's name is longer than any name can be.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from '@playwright/test'
import { root } from './support/paths'
import { enter, choose, type Phone, unlock } from './support/phone'
import type { Server } from './support/server'
import { look } from './support/look'
import { expect, test } from './support/test'
import { id, today } from './support/world'

const payloads = JSON.parse(readFileSync(join(root, 'testdata/push.golden.json'), 'utf8')) as Record<string, string>
const endpoint = `https://${('x'.repeat(63) + '.').repeat(4)}push.services.mozilla.com/wpush/v2/`

type Shown = { title: string; body: string; tag: string; lang: string }
const locked = (page: Page) => page.getByRole('heading', { name: 'Låst' })
const state = (page: Page, name: string) => page.getByRole('heading', { level: 2, name, exact: true })
const allow = (context: BrowserContext, server: Server) => context.grantPermissions(['notifications'], { origin: server.url })

/** Hands pushes to the worker, from a page of its own that stays where it is. */
class Pushes {
  private constructor(readonly page: Page, private readonly send: (data: string) => Promise<void>) {}

  static async to(phone: Pick<Phone, 'context' | 'page'>, server: Server): Promise<Pushes> {
    const cdp = await phone.context.newCDPSession(phone.page)
    const registered = new Promise<string>((ok) => cdp.on('ServiceWorker.workerRegistrationUpdated', (e) => e.registrations[0] && ok(e.registrations[0].registrationId)))
    await cdp.send('ServiceWorker.enable')
    const registrationId = await registered
    return new Pushes(phone.page, async (data) => void (await cdp.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId, data })))
  }

  shown = (): Promise<Shown[]> => this.page.evaluate(async () =>
    (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag, lang }) => ({ title, body, tag, lang })))

  /** The protocol drops what comes while the worker starts: what is not shown soon is sent again. */
  async arrives(data: string, want: Partial<Shown>): Promise<void> {
    await expect(async () => {
      await this.send(data)
      await expect.poll(this.shown, { timeout: 1_500 }).toContainEqual(expect.objectContaining(want))
    }).toPass({ timeout: 15_000 })
  }
}

/** A tap on what is shown. The protocol has none: the worker is told as the browser tells it. */
const tap = (context: BrowserContext): Promise<void> => context.serviceWorkers()[0]!.evaluate(async () => {
  const sw = self as unknown as { registration: ServiceWorkerRegistration }
  const [notification] = await sw.registration.getNotifications()
  self.dispatchEvent(new (self as unknown as { NotificationEvent: new (type: string, init: object) => Event }).NotificationEvent('notificationclick', { notification }))
})

/** What Chromium lacks without a push service behind it; all that is ours is as it is. */
async function subscribable(context: BrowserContext): Promise<void> {
  await context.addInitScript((base) => {
    const manager = PushManager.prototype
    const b64 = (b: Uint8Array) => btoa(String.fromCharCode(...b)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
    const un64 = (s: string) => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
    type Kept = { endpoint: string; key: string; p256dh: string; auth: string }
    const made = (kept: Kept) => ({
      endpoint: kept.endpoint, expirationTime: null, options: { applicationServerKey: un64(kept.key).buffer },
      toJSON: () => ({ endpoint: kept.endpoint, expirationTime: null, keys: { p256dh: kept.p256dh, auth: kept.auth } }),
      unsubscribe: async () => (localStorage.removeItem('stub'), true),
    })
    manager.getSubscription = async () => {
      const kept = localStorage.getItem('stub')
      return kept ? made(JSON.parse(kept) as Kept) as unknown as PushSubscription : null
    }
    manager.subscribe = async (o) => {
      const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
      const kept: Kept = {
        endpoint: base + b64(crypto.getRandomValues(new Uint8Array(12))), key: String(o!.applicationServerKey),
        p256dh: b64(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))), auth: b64(crypto.getRandomValues(new Uint8Array(16))),
      }
      localStorage.setItem('stub', JSON.stringify(kept))
      return made(kept) as unknown as PushSubscription
    }
  }, endpoint)
}

const subscriptions = (server: Server) => server.rows('SELECT user, device, endpoint FROM push_subscriptions')

async function turnedOn(phone: Phone, server: Server): Promise<void> {
  await subscribable(phone.context)
  await allow(phone.context, server)
  await phone.goto('/beskeder')
  await phone.page.getByRole('button', { name: 'Slå til' }).click()
  await expect(state(phone.page, 'Telefonen får besked')).toBeVisible()
}

test('a locked phone is told, and it says nothing of anybody', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  await allow(context, server)
  await page.reload()
  await expect(locked(page)).toBeVisible()
  const pushes = await Pushes.to(maja, server)
  await pushes.arrives(payloads.morning!, { title: 'Du har opgaver i dag', body: '', tag: 'AbCdEfGh01234567', lang: 'da' })
  await pushes.arrives(payloads.en!, { title: 'You have tasks today', lang: 'en' }) // the same tag: in its place
  expect(await pushes.shown()).toHaveLength(1)
  await expect(locked(page)).toBeVisible()
})

test('whatever is pushed, something is shown', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await allow(maja.context, server)
  const pushes = await Pushes.to(maja, server)
  const clear = () => pushes.page.evaluate(async () => { for (const n of await (await navigator.serviceWorker.ready).getNotifications()) n.close() })
  for (const data of ['', 'no JSON', '[]', 'null', '7', '{"notification":null}', '{"notification":{"title":" "}}', '{"notification":{"title":null,"navigate":"http://[","tag":{},"lang":7,"app_badge":"x"}}']) {
    await clear()
    await expect.poll(pushes.shown).toEqual([])
    await pushes.arrives(data, { title: 'Du har en opgave' })
  }
})

test('the number on the icon is the push’s, and one that fails stops nothing', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await allow(maja.context, server)
  const pushes = await Pushes.to(maja, server)
  await pushes.arrives('{}', { title: 'Du har en opgave' })
  const worker = maja.context.serviceWorkers()[0]!
  await worker.evaluate(() => {
    const seen: number[] = []
    Object.assign(self, { seen })
    Object.assign(navigator, { setAppBadge: (n: number) => (seen.push(n), n === 3 ? Promise.reject(new Error('no icon')) : Promise.resolve()) })
  })
  await maja.page.evaluate(() => {
    const told: string[] = []
    Object.assign(window, { told })
    navigator.serviceWorker.addEventListener('message', (e: MessageEvent<{ told: string }>) => told.push(e.data.told))
  })
  const seen = () => worker.evaluate(() => (self as unknown as { seen: number[] }).seen)
  await pushes.arrives(payloads.notice!, { title: 'Du har en opgave' })
  await expect.poll(async () => (await seen()).at(-1)).toBe(3)
  await pushes.arrives(payloads.en!, { title: 'You have tasks today' })
  await expect.poll(async () => (await seen()).at(-1)).toBe(0)
  await expect.poll(() => maja.page.evaluate(() => (window as unknown as { told: string[] }).told)).toContain('/indbakke')
})

test('a tap goes to the right place, and nowhere else', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  await allow(context, server)
  const pushes = await Pushes.to(maja, server)
  await pushes.arrives(payloads.tray!, { title: 'Du har en opgave' })
  await tap(context)
  await expect(maja.heading('Kræver handling')).toBeVisible()
  expect(await pushes.shown()).toEqual([])

  for (const navigate of ['https://evil.example/kraever-handling', '//evil.example/x', 'javascript:alert(1)', '/_/']) {
    await maja.tab('Mere')
    await pushes.arrives(JSON.stringify({ notification: { title: navigate, navigate } }), { title: navigate })
    await tap(context)
    await expect.poll(pushes.shown).toEqual([])
    if (navigate === '/_/') await expect(maja.heading('Mere')).toBeVisible() // ours, and no screen
    else await expect(maja.heading('I dag')).toBeVisible()
    expect(context.pages()).toEqual([page])
  }

  await page.reload() // locked: there when it is opened
  await pushes.arrives(payloads.tray!, { title: 'Du har en opgave' })
  await tap(context)
  await unlock(page)
  await expect(maja.heading('Kræver handling')).toBeVisible()
})

test('a tap does not interrupt what she is writing', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  await allow(context, server)
  const pushes = await Pushes.to(maja, server)
  await maja.open('Alma Prøvedal')
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('textbox', { name: 'Note' }).fill('Midt i en sætning')
  await pushes.arrives(payloads.tray!, { title: 'Du har en opgave' })
  await tap(context)
  await expect(page.getByText('Skriv bare færdig.')).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Midt i en sætning')
})

test('with the app closed it is told, and a tap opens the app', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  await allow(context, server)
  await page.goto(server.url + '/afdeling/') // a page of the server's that is not the app
  const pushes = await Pushes.to(maja, server)
  await pushes.arrives(payloads.notice!, { title: 'Du har en opgave' })
  const opened = await context.serviceWorkers()[0]!.evaluate(async () => {
    const sw = self as unknown as { clients: { openWindow(path: string): Promise<null> } }
    const asked: string[] = []
    sw.clients.openWindow = (path) => (asked.push(path), Promise.resolve(null)) // only from a real tap
    Object.assign(self, { asked })
    return asked
  })
  expect(opened).toEqual([])
  await tap(context)
  await expect.poll(() => context.serviceWorkers()[0]!.evaluate(() => (self as unknown as { asked: string[] }).asked)).toEqual(['/indbakke'])
})

test('the page says how it stands: not asked, no network, refused, an iPhone', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  const standing = (permission: string) => context.addInitScript((p) => Object.defineProperty(Notification, 'permission', { get: () => p, configurable: true }), permission)
  await standing('default')
  await maja.goto('/')
  await page.getByRole('region', { name: 'Beskeder' }).getByRole('link', { name: 'Se hvordan' }).click()
  await expect(state(page, 'Telefonen får ikke besked')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Slå til' })).toBeVisible()
  await expect(page.getByText('Brug telefonens kalender')).toHaveCount(0)
  await look(page, 'Beskeder, not asked')
  expect(subscriptions(server)).toEqual([])

  await maja.airplane(true)
  await maja.reload()
  await expect(state(page, 'Det kan ikke ses uden net')).toBeVisible()
  await expect(page.getByText('kan kun ses og ændres med net')).toBeVisible()
  await maja.airplane(false)
  await page.getByRole('button', { name: 'Prøv igen' }).click()
  await expect(state(page, 'Telefonen får ikke besked')).toBeVisible()
  await expect(page.getByText('Hvad vil du have besked om?')).toBeVisible()

  await standing('denied')
  await maja.reload()
  await expect(state(page, 'Telefonen har sagt nej til beskeder')).toBeVisible()
  await look(page, 'Beskeder, refused')
  await context.addInitScript(() => {
    Object.defineProperty(navigator, 'userAgent', { get: () => 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Mobile/15E148 Safari/604.1' })
  })
  await maja.reload()
  await expect(state(page, 'Læg først Bindeled på hjemmeskærmen')).toBeVisible()
})

test('where it cannot be, the agreed calls go into the phone’s calendar, and nobody’s name does', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'denied' }))
  await maja.goto('/beskeder')
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Hent kalenderfil' }).click()])
  expect(download.suggestedFilename()).toBe('bindeled.ics')
  const text = readFileSync(await download.path(), 'utf8')
  const agreed = server.count(`appointments a JOIN courses c ON c.id = a.course WHERE a.state = 'open' AND c.state = 'active' AND c.mentor = '${id('maja')}' AND a."on" >= '${today()}'`)
  expect(agreed).toBeGreaterThan(2)
  expect(text.match(/^SUMMARY:Aftalt opkald\r$/gm)).toHaveLength(agreed)
  const people = server.rows('SELECT name, phones, course FROM citizens') as { name: string; phones: string; course: string }[]
  for (const { name, phones, course } of people) for (const secret of [name, ...name.split(' '), ...(JSON.parse(phones) as string[]), course]) expect(text).not.toContain(secret)
})

test('on by a tap, with a test that arrives, and off again', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await turnedOn(maja, server)
  expect(subscriptions(server)).toMatchObject([{ user: id('maja') }])
  expect(await page.getByRole('region', { name: 'Beskeder' }).count()).toBe(0)
  await look(page, 'Beskeder, on')

  const pushes = await Pushes.to(maja, server)
  await pushes.arrives('{}', { title: 'Du har en opgave' }) // awake, and no test
  await page.getByRole('button', { name: 'Send en prøve' }).click()
  await expect(page.getByText('Prøven er på vej.')).toBeVisible()
  await expect.poll(() => server.count("_push_outbox WHERE kind = 'test'")).toBe(1)
  await pushes.arrives(payloads.test!, { title: 'Beskeder virker på denne telefon' })
  await expect(page.getByText('Prøven er kommet.')).toBeVisible()
  await page.getByRole('button', { name: 'Send en prøve' }).click()
  await expect(page.getByText('Vent et minut')).toBeVisible()

  await page.getByRole('button', { name: 'Slå fra på denne telefon' }).click()
  await expect(state(page, 'Telefonen får ikke besked')).toBeVisible()
  expect(subscriptions(server)).toEqual([])
  await maja.goto('/')
  await maja.upToDate()
  await expect(page.getByRole('region', { name: 'Beskeder' })).toHaveCount(0) // she has said what she wants
})

test('a test that does not come says what to look for', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await turnedOn(maja, server)
  await page.clock.install()
  await maja.reload()
  await page.getByRole('button', { name: 'Send en prøve' }).click()
  await expect(page.getByText('Prøven er på vej.')).toBeVisible()
  await expect.poll(() => server.count("_push_outbox WHERE kind = 'test'")).toBe(1)
  await page.clock.fastForward(31_000)
  await expect(page.getByText('Prøven er ikke kommet endnu.')).toBeVisible()
})

test('a shared phone tells each of them only while it is her turn, and a log-out ends it', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await turnedOn(maja, server)
  const [hers] = subscriptions(server)

  // Omar takes it over.
  await page.goto('/')
  await page.getByRole('button', { name: 'Log ind som en anden' }).click()
  await enter(page, 'omar')
  await choose(page)
  await expect(maja.heading('I dag')).toBeVisible()
  await expect.poll(() => page.evaluate(() => localStorage.getItem('stub'))).toBeNull() // he has not said that he wants it
  await page.goto('/beskeder')
  await unlock(page)
  await page.getByRole('button', { name: 'Slå til' }).click()
  await expect(state(page, 'Telefonen får besked')).toBeVisible()
  expect(subscriptions(server)).toContainEqual(expect.objectContaining({ user: id('omar') }))

  // Back to Maja: the very subscription that was his.
  const his = subscriptions(server).find((s) => s.user === id('omar'))!
  await page.goto('/')
  await page.getByRole('button', { name: 'Fortsæt som MM' }).click()
  await unlock(page)
  await expect(maja.heading('I dag')).toBeVisible()
  await expect.poll(() => subscriptions(server)).toEqual([{ user: id('maja'), device: hers!.device, endpoint: his.endpoint }])

  await maja.tab('Mere')
  await page.getByRole('button', { name: 'Log ud' }).click()
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()
  await expect.poll(() => subscriptions(server)).toEqual([])
  expect(await page.evaluate(() => localStorage.getItem('stub'))).toBeNull()
})

test('a phone whose access is erased is told nothing more', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await turnedOn(maja, server)
  await page.reload()
  for (const left of ['4 forsøg', '3 forsøg', '2 forsøg', '1 forsøg']) {
    await page.getByLabel(/^Kode for/).fill('000000')
    await expect(page.getByText(`Forkert kode. Du har ${left} tilbage.`)).toBeVisible()
  }
  expect(await page.evaluate(() => localStorage.getItem('stub'))).not.toBeNull()
  await page.getByLabel(/^Kode for/).fill('000000')
  await expect(page.getByText('Adgangen på denne telefon er slettet.')).toBeVisible()
  await expect.poll(() => page.evaluate(() => localStorage.getItem('stub'))).toBeNull()
})

test('a subscription that the server or the browser has lost is there again after the next unlock', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  await turnedOn(maja, server)
  const [before] = subscriptions(server)
  await page.evaluate(() => localStorage.removeItem('stub'))
  await maja.reload()
  await expect.poll(() => subscriptions(server)[0]?.endpoint).not.toBe(before!.endpoint)
  expect(subscriptions(server)).toHaveLength(1)

  // At once, where the worker hears of it while a page is open.
  await page.evaluate(() => localStorage.removeItem('stub'))
  const second = subscriptions(server)[0]!.endpoint
  await context.serviceWorkers()[0]!.evaluate(() => { self.dispatchEvent(new (self as unknown as { ExtendableEvent: typeof Event }).ExtendableEvent('pushsubscriptionchange')) })
  await expect.poll(() => subscriptions(server)[0]?.endpoint).not.toBe(second)
})

test('what she wants to be told is her own, and saved', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.goto('/beskeder')
  const wish = page.getByRole('heading', { name: 'Hvad vil du have besked om?' }).locator('..')
  await expect(wish.getByLabel('når der kommer en besked fra en afdeling')).toHaveCount(0) // a coordinator's
  await wish.getByLabel('lidt før en aftalt tid').uncheck()
  await wish.getByRole('group', { name: 'Hvornår på dagen' }).getByRole('radio', { name: 'Mine egne' }).check()
  await wish.getByLabel('Fra', { exact: true }).fill('05:00')
  await wish.getByRole('button', { name: 'Gem' }).click()
  await expect(wish.getByText('Vælg tider mellem 6 og 22')).toBeVisible()
  await wish.getByLabel('Fra', { exact: true }).fill('09:30')
  await wish.getByRole('group', { name: 'Hvilke dage' }).getByRole('radio', { name: 'Mine egne' }).check()
  await wish.getByRole('checkbox', { name: 'fredag' }).uncheck()
  await look(page, 'Beskeder, her own')
  await wish.getByRole('button', { name: 'Gem' }).click()
  await expect(wish.getByText('Gemt. Det gælder på alle dine telefoner.')).toBeVisible()
  expect(server.row(`SELECT off, without, "from", "to", days, holidays FROM push_settings WHERE user = '${id('maja')}'`))
    .toEqual({ off: 0, without: '["time"]', from: '09:30', to: '16:00', days: '[1,2,3,4]', holidays: 0 })

  await maja.airplane(true)
  await wish.getByLabel('Ingen beskeder').check()
  await wish.getByRole('button', { name: 'Gem' }).click()
  await expect(wish.getByText('kan kun ses og ændres med net')).toBeVisible()
  await maja.airplane(false)
  await maja.reload()
  await expect(wish.getByLabel('Ingen beskeder')).not.toBeChecked()
  await expect(wish.getByLabel('lidt før en aftalt tid')).not.toBeChecked()
  await expect(wish.getByLabel('Fra', { exact: true })).toHaveValue('09:30')
})

test('I dag asks once, and takes no for an answer', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page, context } = maja
  await context.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'default' }))
  await maja.goto('/')
  const hint = page.getByRole('region', { name: 'Beskeder' })
  await expect(hint).toContainText('Vil du have besked, når du har opgaver?')
  await look(page, 'I dag asks')
  await hint.getByRole('button', { name: 'Nej tak' }).click()
  await expect(hint).toHaveCount(0)
  await maja.goto('/mere')
  await page.getByRole('link', { name: 'Beskeder' }).click()
  await expect(state(page, 'Telefonen får ikke besked')).toBeVisible() // the way is still there
  await maja.goto('/')
  await maja.upToDate()
  await expect(hint).toHaveCount(0)
})
