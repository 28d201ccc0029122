// A phone opens with a code. What is on it is closed to everybody else, and nothing typed is lost for that.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { choose, enter, type Phone, unlock } from './support/phone'
import { root } from './support/paths'
import { expect, test } from './support/test'
import { addDays, code, id, today } from './support/world'

const dist = join(root, 'pb_public/dist')
const words = 'Alma har lært naboen at kende og låner hans græsslåmaskine.'
const arrived = "contacts WHERE note LIKE '%græsslåmaskine%'"

async function logAlma(phone: Phone): Promise<void> {
  await phone.open('Alma Prøvedal')
  await phone.log({ note: words, next: { on: addDays(today(), 3) } })
  await expect(phone.happened('græsslåmaskine')).toContainText('ikke sendt endnu')
}

const locked = (page: Page) => page.getByRole('heading', { name: 'Låst' })

/** Every file of the browser's profile, as bytes. */
function* filesOf(folder: string): Generator<{ name: string; bytes: Buffer }> {
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) yield { name: join(file.parentPath, file.name).slice(folder.length), bytes: readFileSync(join(file.parentPath, file.name)) }
  }
}

// But her own address, which the browser's password manager keeps for her.
test('nothing that is about a person can be read on the disk', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await maja.airplane(true)
  await logAlma(maja)
  await maja.page.getByRole('link', { name: 'Intet svar' }).click()
  await maja.page.getByRole('textbox', { name: 'Note' }).fill('Ringede forgæves, prøver i morgen hos søsteren.')
  await expect(maja.page.getByText('Kladden er gemt på telefonen', { exact: true })).toBeVisible()
  await maja.switchOff()

  const people = server.rows('SELECT name, phones FROM citizens') as { name: string; phones: string }[]
  const numbers = people.flatMap((p) => JSON.parse(p.phones) as string[]).map((n) => n.replace('+45', ''))
  const notes = (server.rows("SELECT note FROM contacts WHERE note <> ''") as { note: string }[]).map((r) => r.note.slice(0, 24))
  expect([people.length, numbers.length, notes.length].every((n) => n > 3)).toBe(true)
  const app = [...filesOf(dist)].map((f) => f.bytes.toString()).join()
  const secrets = [...people.map((p) => p.name), ...numbers, ...notes, 'græsslåmaskine', 'søsteren', 'Maja Mønster', code].filter((s) => !app.includes(s))
  expect(secrets.length).toBeGreaterThan(20)
  const found: string[] = []
  let all = 0
  for (const { name, bytes } of filesOf(maja.profile)) {
    all += bytes.length
    for (const secret of secrets) {
      for (const form of ['utf8', 'utf16le'] as const) if (bytes.includes(Buffer.from(secret, form))) found.push(`${secret} in ${name}`)
    }
  }
  expect(all).toBeGreaterThan(100_000)
  expect(found).toEqual([])
})

test('five wrong codes without network: the store is gone for good, and the unsent talk arrives all the same', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await server.stop()
  await logAlma(maja)
  await page.reload()
  for (const left of ['4 forsøg', '3 forsøg', '2 forsøg', '1 forsøg']) {
    await page.getByLabel(/^Kode for/).fill('000000')
    await expect(page.getByText(`Forkert kode. Du har ${left} tilbage.`)).toBeVisible()
  }
  await page.getByLabel(/^Kode for/).fill('000000')
  await expect(page.getByText('Adgangen på denne telefon er slettet.')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()

  await server.start()
  await page.reload() // nobody signs in
  await expect.poll(() => server.count(arrived)).toBe(1)
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).map((d) => d.name))).toEqual(['bindeled'])
  await enter(page, 'maja')
  await choose(page)
  await maja.open('Alma Prøvedal')
  await expect(maja.happened('græsslåmaskine')).toContainText('Modtaget hos kommunen kl.')
  expect(server.count(arrived)).toBe(1)
})

test('locked by itself: untouched, or out of sight, in every tab; a call holds it open', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.clock.install()
  await maja.reload()
  const other = await maja.context.newPage()
  await other.goto('/')
  await expect(other.getByRole('heading', { name: 'I dag', level: 1 }), 'the first tab opens the second').toBeVisible()

  await maja.open('Alma Prøvedal')
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('textbox', { name: 'Note' }).fill('midt i en sætni')
  await page.clock.fastForward('14:30')
  await expect(page.getByRole('textbox', { name: 'Note' })).toBeVisible()
  await page.clock.fastForward('01:00')
  await expect(locked(page)).toBeVisible()
  await expect(locked(other)).toBeVisible()
  await unlock(page)
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('midt i en sætni')
  await other.close()

  await maja.goto('/')
  const hide = (state: 'hidden' | 'visible') => page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
  await maja.open('Alma Prøvedal')
  await page.getByRole('link', { name: /^Ring/ }).evaluate((a) => {
    a.removeAttribute('href') // no phone to hand it to here
    ;(a as HTMLElement).click()
  })
  await hide('hidden')
  await page.clock.fastForward('50:00')
  await hide('visible')
  await expect(maja.heading('Alma Prøvedal')).toBeVisible()
  await hide('hidden')
  await page.clock.fastForward('16:00')
  await expect(locked(page)).toBeVisible()
})

test('a tab in use holds open the ones behind it; one that slept opens no other; a clock put back locks', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.clock.install()
  await maja.reload()
  const other = await maja.context.newPage()
  await other.goto('/')
  await expect(other.getByRole('heading', { name: 'I dag', level: 1 })).toBeVisible()
  await other.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  for (let minute = 0; minute < 8; minute++) {
    await page.mouse.click(1, 1)
    await page.clock.fastForward('01:00')
    await expect(maja.heading('I dag')).toBeVisible()
  }
  await expect(other.getByRole('heading', { name: 'I dag', level: 1 })).toBeVisible()
  await other.close()

  const passed = (minutes: number) => page.evaluate((m) => Date.now() + m * 60_000, minutes)
  await page.clock.setSystemTime(await passed(16)) // and no timer ran
  const third = await maja.context.newPage()
  await third.goto('/')
  await expect(locked(third)).toBeVisible()
  await expect(locked(page)).toBeVisible()
  await third.close()

  await unlock(page)
  await expect(maja.heading('I dag')).toBeVisible()
  await page.clock.setSystemTime(await passed(-60))
  await page.mouse.click(1, 1)
  await expect(locked(page)).toBeVisible()
})

test('a locked phone sends as soon as there is network, whether or not anybody looks', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await maja.airplane(true)
  await logAlma(maja)
  await maja.page.reload()
  await expect(locked(maja.page)).toBeVisible()
  await maja.airplane(false)
  await expect.poll(() => server.count(arrived)).toBe(1)
  await expect(locked(maja.page)).toBeVisible()
})

test('a phone that a backup has forgotten is not wiped: its owner sends what lies there, signed in', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.airplane(true)
  await logAlma(maja)
  await page.reload()
  const device = String(server.row(`SELECT id FROM devices WHERE user = '${id('maja')}'`).id)
  expect((await admin.send('DELETE', '/api/collections/devices/records/' + device)).status).toBe(204)
  await page.getByRole('button', { name: 'Jeg har glemt koden' }).click()
  await page.getByRole('button', { name: 'Luk det, og log ind igen' }).click()
  await maja.airplane(false)
  await enter(page, 'maja')
  await choose(page)
  await expect(maja.heading('Alma Prøvedal')).toBeVisible()
  await page.evaluate(() => window.dispatchEvent(new Event('online')))
  await expect.poll(() => server.count(arrived)).toBe(1)
})

test('a phone that was blocked shuts at the next contact; what it still sends is the coordinator\'s to judge', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.airplane(true)
  await logAlma(maja)
  const device = String(server.row(`SELECT id FROM devices WHERE user = '${id('maja')}'`).id)
  expect((await admin.change('devices', device, { revoked: true })).status).toBe(200)
  await page.route('**/api/sync/**', (route) => route.abort()) // the vault hears of it first
  await maja.airplane(false)
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()
  await expect.poll(() => server.count(`_sync_mut WHERE user = '${id('maja')}' AND result = 'escrowed' AND outcome LIKE '%sync.revoked%'`)).toBe(1)
  expect(server.count(arrived)).toBe(0)

  const karen = await phoneOf('karen')
  await karen.tab('Indbakke')
  await expect(karen.page.getByRole('article', { name: /Maja Mønster/ }).filter({ hasText: 'græsslåmaskine' })).toContainText('spærret')
})

test('people on one phone, without network: each her own code and her own courses, also where initials are the same', async ({ server, phoneOf, admin }) => {
  expect((await admin.change('users', id('karen'), { name: 'Mille Mynte' })).status).toBe(200)
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.goto('/')
  await page.getByRole('button', { name: 'Log ind som en anden' }).click()
  await enter(page, 'omar')
  await choose(page)
  await maja.upToDate()
  await page.goto('/')
  await page.getByRole('button', { name: 'Log ind som en anden' }).click()
  await enter(page, 'karen')
  await expect(page.getByText('Når den er låst, er du MM 2.')).toBeVisible()
  await choose(page)
  await maja.upToDate()
  await server.stop()
  await page.reload()
  await expect(page.getByLabel('Kode for MM 2')).toBeVisible()
  await page.getByRole('button', { name: 'Fortsæt som MM', exact: true }).click()
  await unlock(page)
  await maja.tab('Forløb')
  await expect(page.getByRole('link', { name: /Noor Eksempel/ })).toBeVisible()
  await page.goto('/')
  await page.getByRole('button', { name: 'Fortsæt som OO' }).click()
  await unlock(page)
  await maja.tab('Forløb')
  await expect(page.getByRole('link', { name: /Alma Prøvedal/ })).toBeVisible() // he stands in there
  await expect(page.getByRole('link', { name: /Noor Eksempel/ })).toHaveCount(0)
})

test('logged out with something unsent: it stays closed, is sent from there, and the code alone opens nothing', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await server.stop()
  await logAlma(maja)
  await maja.tab('Mere')
  await page.getByRole('button', { name: 'Log ud' }).click()
  await page.getByRole('button', { name: 'Log ud alligevel' }).click()
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()
  await server.start()
  await page.reload()
  await expect.poll(() => server.count(arrived)).toBe(1)
  await page.getByRole('button', { name: 'Fortsæt som MM' }).click()
  await page.getByLabel(/^Kode for/).fill(code)
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()
  await enter(page, 'maja')
  await expect(maja.heading('I dag')).toBeVisible()
  await maja.open('Alma Prøvedal')
  await expect(maja.happened('græsslåmaskine')).toContainText('Modtaget hos kommunen kl.')
})

test('logged out where the network hangs: who logs in next begins anew, and a log-in left standing goes', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.clock.install()
  await maja.reload()
  await page.route('**/api/vault/forget', () => {}) // never answered
  await maja.tab('Mere')
  await page.getByRole('button', { name: 'Log ud' }).click()
  await enter(page, 'maja')
  await expect(page.getByRole('heading', { name: 'Vælg en kode' })).toBeVisible()
  await page.clock.fastForward('15:30')
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()
  await enter(page, 'maja')
  await choose(page)
  await expect(maja.heading('I dag')).toBeVisible()
  const names = () => page.evaluate(async () => (await indexedDB.databases()).map((d) => d.name))
  await expect.poll(async () => (await names()).length, 'the entrances, and one store').toBe(2)
})

async function changeCode(phone: Phone, to: string): Promise<void> {
  const { page } = phone
  await phone.tab('Mere')
  await page.getByRole('link', { name: 'Sikkerhed' }).click()
  await page.getByRole('button', { name: 'Skift kode' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Den kode, du har nu').fill(code)
  await dialog.getByLabel('Ny kode').fill(to)
  await dialog.getByLabel('Koden en gang til').fill(to)
  await dialog.getByRole('button', { name: 'Skift kode' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Koden er skiftet.' })).toBeVisible()
}

test('another code; and a finger beside it, also without network', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja', server.url.replace('127.0.0.1', 'localhost')) // a passkey is a name's, not a number's
  const { page } = maja
  const cdp = await maja.context.newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal',
    hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, hasPrf: true } })
  await changeCode(maja, '820461')
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'Brug finger eller ansigt' }).click()
  await dialog.getByLabel('Den kode, du har nu').fill('820461')
  await dialog.getByRole('button', { name: 'Brug finger eller ansigt' }).click()
  await expect(page.getByText('Telefonen åbner også med finger eller ansigt.')).toBeVisible()

  await server.stop()
  await page.getByRole('button', { name: 'Lås nu' }).click()
  await expect(locked(page)).toBeVisible()
  await page.getByRole('button', { name: 'Lås op med finger eller ansigt' }).click()
  await expect(page.getByRole('heading', { name: 'Sikkerhed' })).toBeVisible()
  await page.reload()
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
  await page.getByRole('button', { name: 'Lås op med finger eller ansigt' }).click()
  await expect(locked(page)).toBeVisible()
  await unlock(page, '820461')
  await expect(page.getByRole('heading', { name: 'Sikkerhed' })).toBeVisible()
})

test('past the lease the store does not open without the server', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.clock.install()
  await maja.reload()
  await server.stop()
  await page.clock.fastForward('12:05:00')
  await expect(locked(page)).toBeVisible()
  await page.getByLabel(/^Kode for/).fill(code)
  await expect(page.getByText('Telefonen har været uden net for længe')).toBeVisible()
  await page.getByRole('button', { name: 'Akut' }).click() // that always opens
  await expect(page.getByRole('link', { name: 'Ring 112' })).toBeVisible()
  await page.getByRole('button', { name: 'Luk' }).click()
  await server.start()
  await unlock(page)
  await expect(maja.heading('I dag')).toBeVisible()
})

test('a server put back to before the code was changed: the right one costs nothing, and what is unsent arrives', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  const before = server.row(`SELECT id, pin_proof FROM devices WHERE user = '${id('maja')}'`)
  await page.clock.install()
  await maja.reload()
  await changeCode(maja, '820461')
  await server.stop()
  await logAlma(maja)
  await page.clock.fastForward('12:05:00')
  await expect(locked(page)).toBeVisible()

  await page.route('**/api/vault/send', (route) => route.abort()) // not yet
  await server.start()
  expect((await admin.change('devices', String(before.id), { pin_proof: before.pin_proof })).status).toBe(200)
  for (let i = 0; i < 5; i++) {
    await page.getByLabel(/^Kode for/).fill('820461')
    await expect(page.getByLabel(/^Kode for/)).toHaveValue('')
    await expect(page.getByText('Kommunen kender ikke denne kode')).toBeVisible()
  }
  expect(server.row(`SELECT tries, share <> '' AS share FROM devices WHERE id = '${before.id}'`)).toEqual({ tries: 0, share: 1 })
  await page.unroute('**/api/vault/send')
  await page.getByRole('button', { name: 'Jeg har glemt koden' }).click()
  await page.getByRole('button', { name: 'Luk det, og log ind igen' }).click()
  await expect.poll(() => server.count(arrived)).toBe(1)
  await enter(page, 'maja')
  await choose(page)
  await expect(maja.heading('Alma Prøvedal')).toBeVisible()
})
