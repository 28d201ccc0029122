// Lines that break, servers that die, tabs and log-ins: every word arrives, and arrives once.
import { expect, test } from './support/test'
import { enter, unlock, type Phone } from './support/phone'
import { addDays, id, today } from './support/world'

const everyone = ['Alma Prøvedal', 'Noor Eksempel', 'Viggo Påfund', 'Saga Opdigtet', 'Elias Tænkt']
const wordsTo = (name: string): string => `Talte med ${name} fra toget.`
const arrived = "contacts WHERE note LIKE '%fra toget%'"

async function logAll(p: Phone): Promise<void> {
  for (const name of everyone) {
    await p.open(name)
    await p.log({ note: wordsTo(name), next: { on: addDays(today(), 3), part: 'aften' } })
    await expect(p.happened('fra toget')).toContainText('ikke sendt endnu')
  }
}

test('aeroplane mode: five talks on five courses, then the network', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await maja.airplane(true)
  await logAll(maja)
  expect(server.count(arrived)).toBe(0)
  await maja.restart() // with network
  await expect.poll(() => server.count(arrived)).toBe(5)
  await maja.upToDate()
  expect(server.rows(`SELECT note FROM ${arrived} ORDER BY rowid`).map((r) => r.note)).toEqual(everyone.map(wordsTo))
  expect(server.count(`appointments WHERE state = 'open' AND part_of_day = 'evening' AND "on" = '${addDays(today(), 3)}'`)).toBe(5)
})

test('a reply that is lost, from a server that dies after deciding: sent again, written once', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.airplane(true)
  await maja.open('Noor Eksempel')
  await page.getByRole('button', { name: 'Flyt' }).click()
  const dialog = page.getByRole('dialog', { name: 'Flyt' })
  await dialog.locator('input[type=date]').fill(addDays(today(), 4))
  await dialog.getByRole('button', { name: 'Gem' }).click()
  await expect(page.getByRole('status')).toContainText('Aftalen er flyttet. Gemt på telefonen.')
  await maja.open('Alma Prøvedal')
  await maja.log({ note: wordsTo('Alma Prøvedal'), next: { on: addDays(today(), 5) } })

  let decided: string | undefined
  await page.route('**/api/sync/push', async (route) => {
    decided = await (await route.fetch()).text()
    await server.kill()
    await route.abort()
  }, { times: 1 })
  await maja.airplane(false)
  await expect.poll(() => decided?.match(/"applied"/g)).toHaveLength(2)
  await expect(maja.happened('fra toget')).toContainText('ikke sendt endnu')
  expect(server.count(arrived), 'what was decided outlives the kill').toBe(1)

  await server.start()
  await sendNow(maja)
  await maja.open('Alma Prøvedal')
  await expect(maja.happened('fra toget')).toContainText('Modtaget hos kommunen kl.')
  expect(server.rows(`SELECT note FROM ${arrived}`)).toEqual([{ note: wordsTo('Alma Prøvedal') }])
  expect(server.rows(`SELECT state FROM appointments WHERE course = '${id('alma')}' ORDER BY state`)).toEqual([{ state: 'done' }, { state: 'open' }])
  expect(server.rows(`SELECT "on", state FROM appointments WHERE course = '${id('noor')}' ORDER BY state`)).toEqual(
    [{ on: today(), state: 'moved' }, { on: addDays(today(), 4), state: 'open' }])
  await maja.tab('I dag')
  await expect(page.getByRole('link', { name: /kræver handling/ }), 'nothing was taken for a second try').toHaveCount(0)
})

test('a server that is killed while it is being pushed to: all five arrive, each once', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.airplane(true)
  await logAll(maja)
  const sent = page.waitForRequest('**/api/sync/push')
  await maja.airplane(false)
  await sent
  await server.kill() // whether it had begun, was half way or done: nobody knows
  await server.start()
  await sendNow(maja)
  await expect.poll(() => server.count(arrived)).toBe(5)
  await maja.tab('I dag')
  await maja.upToDate()
  expect(server.rows(`SELECT DISTINCT note FROM ${arrived}`)).toHaveLength(5)
})

async function sendNow(p: Phone): Promise<void> {
  await p.tab('Mere')
  await p.page.getByRole('link', { name: /^Sendt og modtaget/ }).click()
  await p.page.getByRole('button', { name: 'Send nu' }).click()
}

test('from the second load on, every screen opens without network', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  await maja.reload()
  await maja.upToDate()
  await maja.airplane(true)
  for (const [path, title] of [
    ['/', 'I dag'], ['/forloeb', 'Forløb'], [`/forloeb/${id('alma')}`, 'Alma Prøvedal'], [`/forloeb/${id('alma')}/samtale?kind=reached`, 'Samtale'],
    ['/kraever-handling', 'Kræver handling'], ['/sendt', 'Sendt og modtaget'], ['/mere', 'Mere'], ['/tilbud', 'Tilbud'], [`/forloeb/${id('alma')}/bekymring`, 'Bekymring'],
  ] as const) {
    await maja.goto(path)
    await expect(maja.heading(title)).toBeVisible()
  }
  await maja.restart()
  await maja.airplane(true)
  await maja.reload()
  await expect(maja.heading('I dag')).toBeVisible()
})

test('two tabs: what one saves the other shows, and it is sent once', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const sent: string[] = []
  maja.context.on('request', (r) => { if (r.url().endsWith('/api/sync/push')) sent.push(r.postData() ?? '') })
  const other = await maja.context.newPage()
  await other.goto(`/forloeb/${id('elias')}`)
  await expect(other.getByRole('heading', { level: 1, name: 'Elias Tænkt' })).toBeVisible()
  await maja.page.bringToFront()

  await maja.open('Elias Tænkt')
  await maja.log({ note: wordsTo('Elias Tænkt'), next: { on: addDays(today(), 4) } })
  await expect(other.getByRole('listitem').filter({ hasText: 'fra toget' })).toContainText('Modtaget hos kommunen kl.')
  await expect(maja.happened('fra toget')).toContainText('Modtaget hos kommunen kl.')
  expect(server.count(arrived)).toBe(1)
  expect(sent.filter((body) => body.includes('fra toget'))).toHaveLength(1)
})

test('logged out at the municipality: the work goes from the locked phone, and she is asked to log in', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const secret = 'en-helt-ny-kode'
  expect((await admin.change('users', id('maja'), { password: secret, passwordConfirm: secret })).status).toBe(200)

  await maja.open('Alma Prøvedal')
  await maja.log({ note: wordsTo('Alma Prøvedal'), next: { on: addDays(today(), 5) } })
  await expect(maja.happened('fra toget')).toContainText('ikke sendt endnu')
  expect(server.count(arrived)).toBe(0)
  await maja.page.reload()
  await expect.poll(() => server.count(arrived)).toBe(1)
  await unlock(maja.page)
  await maja.tab('I dag')
  await maja.page.getByRole('link', { name: 'Log ind igen, så sendes det, der er gemt.' }).click()
  await enter(maja.page, 'maja', secret)
  await expect(maja.page.getByLabel('Adgangskode')).toHaveCount(0)
  await maja.open('Alma Prøvedal')
  await expect(maja.happened('fra toget')).toContainText('Modtaget hos kommunen kl.')
})

test('a store that the browser threw away: she is told, and so is the administrator', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.route('**/api/sync/push', (route) => route.abort())
  await maja.open('Alma Prøvedal')
  await maja.log({ note: wordsTo('Alma Prøvedal'), next: { on: addDays(today(), 3) } })
  await expect(maja.happened('fra toget')).toContainText('ikke sendt endnu')
  await page.goto('/api/health') // so that nobody holds the store open
  await page.evaluate((name) => new Promise((gone, not) => {
    const asked = indexedDB.deleteDatabase(name)
    asked.onsuccess = gone
    asked.onerror = asked.onblocked = not
  }), 'bindeled-' + String(server.row(`SELECT id FROM devices WHERE user = '${id('maja')}'`).id))
  await page.unroute('**/api/sync/push')

  await maja.goto('/')
  await page.getByRole('link', { name: 'Noget er blevet ryddet på telefonen. Se, hvad det betyder.' }).click()
  await expect(maja.heading('Sendt og modtaget')).toBeVisible()
  const said = page.getByText('Det, der ikke var sendt, kan være gået tabt.')
  await expect(said).toContainText('Kommunen har fået besked om det.')
  const { devices } = (await admin.send('GET', '/api/sync/devices')).body as { devices?: { lost: number }[] }
  expect(devices?.map((d) => d.lost).sort()).toEqual([0, 1])
  await page.getByRole('button', { name: 'Forstået' }).click()
  await expect(said).toHaveCount(0)
  await maja.restart()
  await maja.upToDate()
  expect(server.count(arrived)).toBe(0)
})

test('a full phone says so, keeps what it has, and goes on when there is room', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.evaluate(() => {
    document.body.dataset.full = 'yes'
    const { put } = IDBObjectStore.prototype
    IDBObjectStore.prototype.put = function (...args) {
      if (document.body.dataset.full) throw new DOMException('no room', 'QuotaExceededError')
      return put.apply(this, args)
    }
  })
  const alma = server.row(`SELECT id FROM citizens WHERE course = '${id('alma')}'`)
  expect((await admin.change('citizens', String(alma.id), { hopes: 'Noget nyt.' })).status).toBe(200)
  await page.getByRole('link', { name: 'Der er ikke plads på telefonen. Se, hvad du kan gøre.' }).click()
  await expect(page.getByRole('heading', { name: 'Der er ikke plads på telefonen' })).toBeVisible()
  await page.evaluate(() => delete document.body.dataset.full)
  await page.getByRole('button', { name: 'Send nu' }).click()
  await expect(page.getByText(/^Alt er modtaget hos kommunen/)).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Der er ikke plads på telefonen' })).toHaveCount(0)
})

test('a server that has moved on: what she saves is sent, and she is told to open Bindeled anew', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.route('**/api/sync/pull*', (route) => route.fulfill({ status: 426, json: { status: 426, code: 'sync.version', message: 'Upgrade Required', params: { min: 3, max: 3 } } }))
  await maja.open('Alma Prøvedal')
  await maja.log({ note: wordsTo('Alma Prøvedal'), next: { on: addDays(today(), 3) } })
  await expect.poll(() => server.count(arrived)).toBe(1)
  await maja.tab('Mere')
  await page.getByRole('link', { name: /^Sendt og modtaget/ }).click()
  await expect(page.getByRole('heading', { name: 'Kommunen har en nyere udgave af Bindeled' })).toBeVisible()
})
