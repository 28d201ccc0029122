// Every screen at every size, in both schemes and both languages, with long names and 0, 1 and 400 courses: each looked at by
// script, all put on sheets for the eye. Single pictures lie in the folder that is named at the end.
//
//   node scripts/looks.mjs           the sheets in docs/img, and what is wrong
//   node scripts/looks.mjs da        one language, no sheets
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admin, code, dayFromNow, halfAYearBefore, id, password, root, withBrowser, withServer } from './lib/people.mjs'
import { wrong } from './lib/wrong.mjs'

const only = process.argv[2]
const folder = mkdtempSync(join(tmpdir(), 'bindeled-looks-'))
const sizes = [{ width: 360, height: 740 }, { width: 390, height: 844 }, { width: 1280, height: 800 }]
const schemes = { light: 'lys', dark: 'moerk' }
/** The narrowest phone, with letters twice as large. */
const large = { width: 320, height: 640 }
/** A phone that lies down. */
const lying = { width: 740, height: 360 }
/** As wide apart as WCAG 1.4.12 lets a reader set them. */
const apart = '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }'

const pictures = [] // { sheet, name, file }
const faults = new Map() // what → where
const small = new Map()

function found(where, { faults: bad, small: little }) {
  for (const [list, into] of [[bad, faults], [little, small]]) for (const what of list) into.set(what, [...(into.get(what) ?? []), where])
}

/** The browser's own setting for how large letters are. */
async function letters(page, times) {
  const browser = await page.context().newCDPSession(page)
  await browser.send('Page.setFontSizes', { fontSizes: { standard: 16 * times, fixed: 13 * times } })
  await browser.detach()
}

const spread = (page, css) => page.evaluate((css) => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  document.adoptedStyleSheets = [sheet]
}, css)

/** One screen as it stands, in all sizes and both schemes. */
async function look(page, lang, name) {
  await page.mouse.move(0, 0)
  const top = await page.evaluate(() => scrollY)
  async function as(size, scheme, sheet) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    await page.evaluate((top) => scrollTo(0, top), top && 1e6)
    const where = `${sheet}: ${name}`
    found(where, await page.evaluate(wrong))
    const file = join(folder, `${sheet}-${name.replace(/\W+/g, '-').toLowerCase()}.png`)
    await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' })
    pictures.push({ sheet, name, file, size })
  }
  for (const size of sizes) for (const scheme in schemes) await as(size, scheme, `ark-${size.width}-${schemes[scheme]}-${lang}`)
  await letters(page, 2)
  await as(large, 'light', `ark-320-stor-${lang}`)
  await letters(page, 1)
  await page.setViewportSize(lying)
  found(`lying down, ${lang}: ${name}`, await page.evaluate(wrong))
  await page.setViewportSize(sizes[1])
  await spread(page, apart)
  found(`letters apart, ${lang}: ${name}`, await page.evaluate(wrong))
  await spread(page, '')
  await page.evaluate((top) => scrollTo(0, top), top)
}

/** To a screen without loading the page anew, which would lock it. */
async function go(page, path, ready = 'main h1') {
  await page.evaluate((href) => {
    const link = Object.assign(document.createElement('a'), { href })
    document.body.append(link)
    link.click()
    link.remove()
  }, path)
  await page.waitForFunction((path) => location.pathname + location.search === path && document.activeElement?.matches('main h1'), path)
  await page.locator(ready).first().waitFor()
}

const received = (page) => page.locator('a.dot:not(.wait, .stop)').waitFor()

async function enter(page, who, shown = () => {}) {
  await page.locator('input[type=email]').waitFor()
  await shown('Log ind')
  await page.locator('input[type=email]').fill(`${who}@demo.example`)
  await page.locator('input[type=password]').fill(password)
  await page.locator('form button').click()
  await page.locator('.pin').nth(1).waitFor()
  await shown('Vælg en kode')
  await page.locator('.pin').first().fill(code)
  await page.locator('.pin').nth(1).fill(code)
  await page.locator('form button').click()
  await received(page)
}

/** A talk in which everything is filled in. */
async function write(page, course, on = '') {
  await go(page, `/forloeb/${id(course)}/samtale?kind=reached`, 'textarea')
  for (const topic of ['wellbeing', 'interests']) await page.locator(`input[value=${topic}]`).check()
  await page.locator('textarea').fill('Sover bedre. Vil gerne med til fællesspisning på torsdag, jeg sender adressen.')
  await page.locator('input[value=again]').check()
  if (on) await page.locator('input[type=date]').fill(on)
  await page.locator('input[value=morning]').check()
  await page.locator('.card input[type=text]').last().fill('Hvordan fællesspisningen gik')
}

async function mentor(page, lang, url) {
  const shown = (name) => look(page, lang, name)
  await page.goto(url)
  await enter(page, 'maja', shown)
  await shown('I dag')
  await page.locator('.tools .btn.late').click()
  await page.locator('.number').first().waitFor()
  await shown('Akut')
  await page.keyboard.press('Escape')
  await go(page, '/forloeb', '.row')
  await shown('Forløb, liste')
  await go(page, `/forloeb/${id('birk')}`, 'ol')
  await shown('Forløb')
  await write(page, 'birk')
  await page.evaluate(() => scrollTo(0, 0))
  await shown('Samtale')
  await page.evaluate(() => scrollTo(0, 1e6))
  await shown('Samtale, nederst')
  await go(page, `/forloeb/${id('viggo')}/samtale?kind=no_answer`, 'textarea')
  await shown('Intet svar')
  await go(page, `/forloeb/${id('noor')}/bekymring`, 'textarea')
  await shown('Bekymring')

  // What she agrees lies after an end the municipality has moved meanwhile.
  await write(page, 'saga', dayFromNow(4))
  await page.context().setOffline(true)
  await admin(url)('PATCH', 'courses', { discharge_date: halfAYearBefore(dayFromNow(2)) }, id('saga'))
  await page.locator('.savebar button').click()
  await page.locator('ol').waitFor()
  await page.context().setOffline(false)
  await go(page, '/')
  await page.locator('.banner.late').click()
  await page.locator('article, .card').first().waitFor()
  await shown('Kræver handling')
  for (const [path, ready, name] of [['/sendt', '.rows', 'Sendt og modtaget'], ['/noedliste', '.call', 'Nødliste'], ['/tilbud', '.rows', 'Tilbud'], ['/mere', '.rows', 'Mere'], ['/beskeder', 'h2', 'Beskeder'], ['/sikkerhed', '.facts', 'Sikkerhed']]) {
    await go(page, path, ready)
    await shown(name)
  }
  await page.locator('.btn.main').click()
  await page.locator('.pin').fill('000000')
  await page.locator('.problem').waitFor()
  await shown('Låst')
}

async function coordinator(page, lang, url) {
  await page.goto(url)
  await enter(page, 'karen')
  await look(page, lang, 'Koordinator, I dag')
  await go(page, '/indbakke', '.row')
  await look(page, lang, 'Indbakke')
  await go(page, `/indbakke/${id('rosa')}`, '.facts')
  await look(page, lang, 'Besked')
  await go(page, '/hold', '.columns section')
  await look(page, lang, 'Holdet')
}

const few = { tom: 'Tom Tomsen', ene: 'Ene Enesen' }

/** Mentors with no course and with one. */
async function newcomers(url) {
  const ask = admin(url)
  for (const who in few)
    await ask('POST', 'users', { id: id(who), email: `${who}@demo.example`, password, passwordConfirm: password, verified: true, name: few[who], role: 'mentor', municipality: id('proevekoebing'), active: true })
  await ask('PATCH', 'courses', { mentor: id('ene') }, id('elias'))
  return Object.keys(few)
}

async function newcomer(page, lang, url, who, n) {
  await page.goto(url)
  await enter(page, who)
  await look(page, lang, `${n} forløb, I dag`)
  await go(page, '/forloeb')
  await look(page, lang, `${n} forløb, liste`)
  await go(page, '/noedliste')
  await look(page, lang, `${n} forløb, Nødliste`)
}

const hyphens = 'Anne-Margrethe Charlotte-Amalie Prøve-Brandenborg-Østergaard'
const unbroken = 'Opfundetsteinhausenbergerdorffs'

/** Names as long as they come. */
async function lengthen(url) {
  const ask = admin(url)
  for (const [who, name] of [['alma', hyphens], ['noor', `Noor ${unbroken}`], ['birk', `Birk-${unbroken} Testesen`]]) await ask('PATCH', 'citizens', { name }, ('borger' + who).padEnd(15, '0').slice(0, 15))
  await ask('PATCH', 'users', { name: `Maja-Magdalena Prøvemønster-Lundsgaard ${unbroken}` }, id('maja'))
  await ask('PATCH', 'offers', { name: `Værestedet ${unbroken}, Nørre-Kilden i Prøvekøbing og omegn` }, id('kilden'))
}

async function longNames(page, lang, url) {
  await page.goto(url)
  await enter(page, 'maja')
  await look(page, lang, 'Lange navne, I dag')
  await go(page, '/forloeb', '.row')
  await look(page, lang, 'Lange navne, liste')
  for (const who of ['alma', 'birk']) {
    await go(page, `/forloeb/${id(who)}`, 'ol')
    await look(page, lang, `Lange navne, ${who}`)
  }
  await go(page, `/forloeb/${id('noor')}/samtale?kind=reached`, 'textarea')
  await page.locator('.field select').selectOption(id('kilden'))
  await look(page, lang, 'Lange navne, Samtale')
  for (const path of ['noedliste', 'tilbud', 'mere']) {
    await go(page, `/${path}`, '.rows')
    await look(page, lang, `Lange navne, ${path}`)
  }
}

async function longNamesAtHold(page, lang, url) {
  await page.goto(url)
  await enter(page, 'karen')
  await go(page, '/hold', '.columns section')
  await look(page, lang, 'Lange navne, Holdet')
}

async function many(page, lang, url) {
  await page.goto(url)
  await enter(page, 'maja')
  await look(page, lang, '400 forløb, I dag')
  await page.locator('.tools .link').click()
  await page.locator('input[type=search]').fill('ulla')
  await page.locator('.rows').waitFor()
  await look(page, lang, '400 forløb, Søg')
  await go(page, '/forloeb', '.row')
  await look(page, lang, '400 forløb, liste')
  await go(page, `/forloeb/${id('c00001')}`, 'ol')
  await look(page, lang, '400 forløb, Forløb')
  await go(page, '/noedliste', '.call')
  await look(page, lang, '400 forløb, Nødliste')
}

async function as(browser, lang, story, ...rest) {
  const context = await browser.newContext({ viewport: sizes[1], locale: lang === 'da' ? 'da-DK' : 'en-GB', timezoneId: 'Europe/Copenhagen', colorScheme: 'light', serviceWorkers: 'block' })
  context.setDefaultTimeout(20_000)
  await context.addInitScript((lang) => localStorage.setItem('lang', lang), lang)
  await story(await context.newPage(), lang, ...rest)
  await context.close()
}

async function sheet(browser, name) {
  const shown = pictures.filter((p) => p.sheet === name)
  const { size } = shown[0]
  const wide = size.width > 1000
  const [columns, width] = wide ? [7, 224] : [15, 84]
  const context = await browser.newContext({ viewport: { width: columns * (width + 8) + 8, height: 100 } })
  const page = await context.newPage()
  await page.goto('file://' + folder)
  await page.setContent(`<!doctype html><style>
    body { margin: 4px; background: #8a8f92; font: 10px/1.4 system-ui, sans-serif; color: #fff; display: grid; grid-template-columns: repeat(${columns}, ${width}px); gap: 6px 8px; }
    figure { margin: 0 } img { display: block; width: ${width}px; border-radius: 4px } figcaption { white-space: nowrap; overflow: hidden }
  </style>${shown.map((p) => `<figure><figcaption>${p.name}</figcaption><img src="file://${p.file}"></figure>`).join('')}`, { waitUntil: 'load' })
  await page.screenshot({ path: join(root, 'docs/img', name + '.png'), fullPage: true })
  await context.close()
}

const tell = (title, list) => {
  if (list.size) console.log(`\n${title}`)
  for (const [what, where] of list) console.log(`  ${what}  (${where.length}×, ${where[0]})`)
}

await withBrowser(async (browser) => {
  for (const lang of ['da', 'en'].filter((l) => !only || l === only)) {
    await withServer(async (url) => {
      await as(browser, lang, mentor, url)
      await as(browser, lang, coordinator, url)
      for (const [n, who] of (await newcomers(url)).entries()) await as(browser, lang, newcomer, url, who, n)
      await lengthen(url)
      await as(browser, lang, longNames, url)
      await as(browser, lang, longNamesAtHold, url)
    })
    await withServer((url) => as(browser, lang, many, url), '--crowd=400')
  }
  mkdirSync(join(root, 'docs/img'), { recursive: true })
  if (!only) for (const name of new Set(pictures.map((p) => p.sheet))) if (name !== 'ark-320-stor-en') await sheet(browser, name)
})
tell('Smaller than the 48 px the house aims for (WCAG asks for 24):', small)
tell('Wrong:', faults)
console.log(`\n${pictures.length} pictures in ${folder}, ${faults.size} faults`)
process.exitCode = faults.size ? 1 : 0
