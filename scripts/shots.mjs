// Pictures of the main screens, taken from a server of its own that is filled with the demo's people.
// Everything is done as a person does it, and each picture waits for what it is to show.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { admin, code, dayFromNow, halfAYearBefore, id, password, root, withBrowser, withServer } from './lib/people.mjs'

const folder = resolve(process.argv[2] ?? join(root, 'docs/img'))
const phone = { viewport: { width: 390, height: 844 }, locale: 'da-DK', timezoneId: 'Europe/Copenhagen', colorScheme: 'light', isMobile: true, hasTouch: true }
const desk = { ...phone, viewport: { width: 1280, height: 800 }, isMobile: false, hasTouch: false }

async function picture(page, name) {
  await page.mouse.move(0, 0)
  await page.screenshot({ path: join(folder, name + '.png'), animations: 'disabled', caret: 'hide' })
  console.log(name)
}

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()
const received = (page) => page.getByRole('link', { name: /^Alt er modtaget hos kommunen/ }).waitFor()

async function enter(page, who, shot) {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(`${who}@demo.example`)
  await page.getByLabel('Adgangskode').fill(password)
  await page.getByRole('button', { name: 'Log ind' }).click()
  await heading(page, 'Vælg en kode')
  if (shot) await picture(page, 'vaelg-kode')
  await page.getByLabel('Ny kode').fill(code)
  await page.getByLabel('Koden en gang til').fill(code)
  await page.getByRole('button', { name: 'Brug koden' }).click()
  await heading(page, 'I dag')
  await received(page)
}

async function tab(page, name) {
  await page.getByRole('navigation').getByRole('link', { name }).click()
  await heading(page, name)
}

async function open(page, name) {
  await tab(page, 'I dag')
  await page.getByRole('link', { name }).first().click()
  await heading(page, name)
}

async function writeTalk(page, { topics = [], note, on, part, topic }) {
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await heading(page, 'Samtale')
  for (const name of topics) await page.getByRole('checkbox', { name }).check()
  await page.getByRole('textbox', { name: 'Note' }).fill(note)
  await page.getByRole('radio', { name: 'Vi taler igen' }).check()
  if (on) await page.locator('input[type=date]').fill(on)
  await page.getByRole('radio', { name: part }).check()
  await page.getByRole('textbox', { name: /^Hvad kan I tale om/ }).fill(topic)
  await page.getByText('Kladden er gemt på telefonen').waitFor()
}

const save = (page) => page.getByRole('button', { name: 'Gem samtale' }).click()

async function mentor(context, url) {
  const page = await context.newPage()
  await page.goto(url)
  await heading(page, 'Log ind')
  await picture(page, 'log-ind')
  await enter(page, 'maja', true)
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await picture(page, 'i-dag')
  await page.emulateMedia({ colorScheme: 'dark' })
  await picture(page, 'i-dag-moerk')
  await page.emulateMedia({ colorScheme: 'light' })

  await page.getByRole('button', { name: 'Akut' }).click()
  await page.getByRole('link', { name: 'Ring 112' }).waitFor()
  await picture(page, 'akut')
  await page.getByRole('button', { name: 'Luk' }).click()

  await open(page, 'Birk Testesen')
  await page.getByText('Det, der er sket').waitFor()
  await picture(page, 'forloeb')

  // A talk in the evening, on a phone without network.
  await page.emulateMedia({ colorScheme: 'dark' })
  await writeTalk(page, {
    topics: ['Hvordan det går', 'Interesser og drømme'],
    note: 'Sover bedre. Vil gerne med til fællesspisning på torsdag, jeg sender adressen.',
    part: 'formiddag', topic: 'Hvordan fællesspisningen gik',
  })
  await context.setOffline(true)
  await page.getByText('Ingen forbindelse. Sendes, når der er net').waitFor()
  await page.evaluate(() => scrollTo(0, 0))
  await picture(page, 'samtale')
  await page.getByText('Hvad har I aftalt?').evaluate((title) => title.scrollIntoView())
  await picture(page, 'samtale-aftale')
  await page.emulateMedia({ colorScheme: 'light' })
  await save(page)
  await heading(page, 'Birk Testesen')
  await page.getByText('Gemt på telefonen, ikke sendt endnu').first().waitFor()
  await page.getByText('Håb og ønsker').evaluate((title) => title.closest('.card').scrollIntoView())
  await picture(page, 'gemt-paa-telefonen')

  // Meanwhile the municipality corrects a day, and what she agrees lies after the new end.
  const agreed = dayFromNow(4)
  await admin(url)('PATCH', 'courses', { discharge_date: halfAYearBefore(dayFromNow(2)) }, id('saga'))
  await open(page, 'Saga Opdigtet')
  await writeTalk(page, {
    note: 'Saga begynder på arbejde i næste uge og er spændt. Vi vil sige ordentligt farvel, når hun har prøvet den første dag.',
    on: agreed, part: 'eftermiddag', topic: 'Den første dag på arbejde',
  })
  await save(page)
  await heading(page, 'Saga Opdigtet')
  await page.getByText('Gemt på telefonen, ikke sendt endnu').first().waitFor()
  await context.setOffline(false)
  await tab(page, 'I dag')
  await page.getByRole('link', { name: '1 ting kræver handling' }).click()
  await page.getByText('I kan ikke aftale den dag', { exact: false }).waitFor()
  await picture(page, 'kraever-handling')

  await tab(page, 'Mere')
  await page.getByRole('link', { name: 'Sendt og modtaget' }).click()
  await page.getByText(/^Modtaget hos kommunen/).first().waitFor()
  await picture(page, 'sendt-og-modtaget')

  await tab(page, 'Tilbud')
  await picture(page, 'tilbud')
  await open(page, 'Noor Eksempel')
  await page.goto(page.url() + '/bekymring')
  await page.getByLabel(/^Kode for/).fill(code)
  await heading(page, 'Bekymring')
  await picture(page, 'bekymring')
  await page.goto(url + '/sikkerhed')
  await page.getByLabel(/^Kode for/).fill('000000')
  await page.getByText('Forkert kode.').waitFor()
  await picture(page, 'laast')
  await page.getByLabel(/^Kode for/).fill(code)
  await heading(page, 'Sikkerhed')
  await picture(page, 'sikkerhed')
  await page.emulateMedia({ colorScheme: 'dark' })
  await picture(page, 'sikkerhed-moerk')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.addInitScript(() => Object.defineProperty(Notification, 'permission', { get: () => 'default' }))
  await page.goto(url + '/beskeder')
  await page.getByLabel(/^Kode for/).fill(code)
  await page.getByRole('heading', { level: 2, name: 'Telefonen får ikke besked' }).waitFor()
  await picture(page, 'beskeder')
}

async function coordinator(context, url) {
  const page = await context.newPage()
  await page.goto(url)
  await enter(page, 'karen')
  await tab(page, 'Indbakke')
  await page.getByRole('link', { name: 'Rosa Rundt' }).waitFor()
  await picture(page, 'indbakke')
}

async function coordinatorsDesk(context, url) {
  const page = await context.newPage()
  await page.goto(url)
  await enter(page, 'karen')
  await tab(page, 'Indbakke')
  await page.getByRole('link', { name: 'Rosa Rundt' }).click()
  await page.getByRole('button', { name: 'Tag imod' }).waitFor()
  await picture(page, 'besked')
  await tab(page, 'Indbakke')
  await page.getByRole('link', { name: /^Se holdets/ }).first().click()
  await heading(page, 'Holdet')
  await picture(page, 'hold')
}

async function ward(context, url) {
  const page = await context.newPage()
  const answer = (question, text) => page.getByRole('group', { name: question }).getByRole('radio', { name: text, exact: true }).check()
  async function notice(serviceAct) {
    await page.goto(url + '/afdeling/')
    await page.getByLabel('Navn', { exact: true }).fill('Asta Opfundet')
    await page.getByLabel('Telefonnummer', { exact: true }).fill('12 34 56 60')
    await page.getByLabel('Udskrivningsdag', { exact: true }).fill(dayFromNow(0))
    await answer(/planlagt, eller er den sket/, 'Sket')
    for (const question of [/18 år eller ældre/, /psykisk lidelse/, /regionale psykiatri/, /egen bolig/]) await answer(question, 'Ja')
    await answer(/støtte efter serviceloven/, serviceAct)
    await answer(/anden lovgivning/, 'Nej')
    await answer(/Ønsker borgeren at blive kontaktet/, 'Ja')
    await answer(/^Hvordan sagde borgeren ja til at blive kontaktet/, 'Skriftligt')
    await answer(/Må afdelingen give oplysningerne videre/, 'Ja')
    await answer(/^Hvordan sagde borgeren ja til videregivelse/, 'Skriftligt')
  }
  const send = () => page.getByRole('button', { name: 'Send til kommunen' }).click()

  await page.goto(url + '/afdeling/')
  await page.getByLabel('Mailadresse').fill('ward@demo.example')
  await page.getByLabel('Adgangskode').fill(password)
  await page.getByRole('button', { name: 'Log ind' }).click()
  await page.getByRole('button', { name: 'Send til kommunen' }).waitFor()
  await notice('Nej')
  await page.getByRole('heading', { level: 1 }).scrollIntoViewIfNeeded()
  await page.mouse.move(0, 0)
  await picture(page, 'afdeling')
  await send()
  await page.getByText(/Modtaget hos kommunen/).waitFor()
  await picture(page, 'afdeling-kvittering')
  await notice('Ja')
  await send()
  await page.getByText('Borgeren er ikke i målgruppen').first().waitFor()
  await picture(page, 'afdeling-ikke-i-maalgruppen')
}

async function dashboard(context, url) {
  const page = await context.newPage()
  await page.goto(url + '/_/')
  await page.getByRole('textbox', { name: 'Email' }).fill('admin@demo.example')
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Login' }).click()
  await page.getByRole('complementary').getByText('courses', { exact: true }).click()
  await page.getByText('birk00000000000').first().waitFor()
  await picture(page, 'dashboard')
}

mkdirSync(folder, { recursive: true })
await withServer((url) => withBrowser(async (browser) => {
  for (const [story, as] of [[mentor, phone], [coordinator, phone], [coordinatorsDesk, desk], [ward, phone], [dashboard, desk]]) {
    const context = await browser.newContext(as)
    context.setDefaultTimeout(20_000)
    await story(context, url)
    await context.close()
  }
}))
