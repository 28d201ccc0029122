// How the app feels on a cheap phone: 400 courses and 10,000 notes on the disk, the server stopped, the page slowed down.
//
//   node bench/app.mjs        medians of 7, and the app's part of docs/BENCHMARKS.md
//   RUNS=3 CPU=4 node bench/app.mjs
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { median } from './lib/figures.mjs'
import { browserPath, OUT, ROOT } from './lib/processes.mjs'

const RUNS = Number(process.env.RUNS ?? 7)
const SPEEDS = (process.env.CPU ?? '1,4,6').split(',').map(Number)
const COURSES = 400
const PIN = '493817'
const dir = join(OUT, 'app')
rmSync(dir, { recursive: true, force: true })
mkdirSync(dir, { recursive: true })

/** ms at 4× and 6×, as the design has them. */
const STEPS = {
  lock: ['lock screen, from the start of the page', 500, 1000],
  unlock: ['code given → due list', 500, 1000],
  course: ['a course is opened', 100, 150],
  long: ['a course with 300 talks is opened', 100, 150],
  save: ['a call is saved', 100, 200],
  key: ['a keystroke in the search', 60, 100],
}

const port = await new Promise((found) => {
  const probe = createServer().listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => found(port)) })
})
const url = `http://127.0.0.1:${port}`
const server = spawn(join(ROOT, 'bin/bindeled'), ['demo', `--http=127.0.0.1:${port}`, `--dir=${join(dir, 'data')}`, `--crowd=${COURSES}`], { stdio: ['ignore', 'ignore', 'inherit'] })
const ended = new Promise((done) => server.once('exit', done))
process.on('exit', () => server.kill('SIGKILL'))
for (let tries = 0; !(await fetch(url + '/api/health').then((r) => r.ok, () => false)); tries++) {
  if (tries > 240 || server.exitCode !== null) throw new Error('the server does not answer')
  await new Promise((on) => setTimeout(on, 500))
}

const context = await chromium.launchPersistentContext(join(dir, 'profile'), {
  executablePath: browserPath(), viewport: { width: 390, height: 844 }, locale: 'da-DK', timezoneId: 'Europe/Copenhagen',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const page = context.pages()[0] ?? (await context.newPage())
// From an event in the page to the frame that shows what came of it: seen from inside, without the way to the test and back.
await context.addInitScript(() => {
  globalThis.seen = (is) => new Promise((done) => {
    const look = () => (is() ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : requestAnimationFrame(look))
    look()
  })
})
await page.goto(url + '/')
await page.getByLabel('E-mail').fill('maja@demo.example')
await page.getByLabel('Adgangskode').fill('bindeled-demo')
await page.getByRole('button', { name: 'Log ind' }).click()
await page.getByLabel('Ny kode').fill(PIN)
await page.getByLabel('Koden en gang til').fill(PIN)
await page.getByRole('button', { name: 'Brug koden' }).click()
await page.getByRole('link', { name: /^Alt er modtaget hos kommunen/ }).waitFor({ timeout: 120_000 })
await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}))
await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
await page.evaluate(headWritten) // the last that is done while nothing else is going on
server.kill()
await ended

const cdp = await context.newCDPSession(page)
const figures = []
for (const cpu of SPEEDS) {
  const runs = []
  for (let run = 0; run < RUNS; run++) {
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpu })
    runs.push(await once())
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
    console.log(`${cpu}× ${run + 1}/${RUNS}  ` + Object.entries(runs.at(-1)).map(([k, v]) => `${k} ${Math.round(v)}`).join('  '))
  }
  figures.push({ cpu, ...Object.fromEntries(Object.keys(STEPS).map((k) => [k, median(runs.map((r) => r[k]))])) })
}
await context.close()

/** Until the head on the disk is of what lies there. */
async function headWritten() {
  const ask = (r) => new Promise((ok, no) => { r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error) })
  for (const began = performance.now(); performance.now() - began < 60_000; await new Promise((frame) => requestAnimationFrame(frame))) {
    for (const { name } of await indexedDB.databases()) {
      const db = await ask(indexedDB.open(name))
      if (db.objectStoreNames.contains('meta')) {
        const meta = db.transaction('meta').objectStore('meta')
        const [head, marks] = await Promise.all([ask(meta.get('head')), ask(meta.get('marks'))])
        if (head && head.last === marks?.last) return db.close()
      }
      db.close()
    }
  }
  throw new Error('no head was written')
}

async function once() {
  await page.goto(url + '/')
  const lock = await page.evaluate(() => globalThis.seen(() => document.querySelector('input.pin')))
  const unlock = await page.evaluate(async (pin) => {
    const input = document.querySelector('input.pin')
    input.value = pin
    const began = performance.now()
    input.dispatchEvent(new Event('input', { bubbles: true }))
    return (await globalThis.seen(() => document.querySelectorAll('.rows a').length > 5)) - began
  }, PIN)
  await page.waitForTimeout(1_000)
  await page.getByRole('button', { name: 'Søg' }).click()
  await page.getByRole('searchbox').fill('Kar')
  await page.waitForTimeout(500)
  const key = await page.evaluate(async () => {
    const input = document.querySelector('input[type=search]')
    const before = document.querySelectorAll('search .rows a').length
    input.value = 'Karla Ø'
    const began = performance.now()
    input.dispatchEvent(new Event('input', { bubbles: true }))
    return (await globalThis.seen(() => document.querySelectorAll('search .rows a').length !== before)) - began
  })
  const course = await page.evaluate(async () => {
    const link = document.querySelector('search .rows a')
    const began = performance.now()
    link.click()
    return (await globalThis.seen(() => document.querySelector('a[href^="tel:"]') && document.querySelectorAll('ol > li').length > 5)) - began
  })
  await page.getByRole('link', { name: 'Intet svar' }).click()
  await page.getByRole('textbox', { name: 'Note' }).fill('Prøver igen i eftermiddag.')
  await page.waitForTimeout(500)
  const save = await page.evaluate(async () => {
    const button = [...document.querySelectorAll('button')].find((b) => b.textContent.includes('Gem'))
    const began = performance.now()
    button.click()
    return (await globalThis.seen(() => document.body.innerText.includes('Prøver igen i eftermiddag.') && document.body.innerText.includes('ikke sendt endnu'))) - began
  })
  await page.getByRole('link', { name: 'I dag', exact: true }).click()
  await page.getByRole('button', { name: 'Søg' }).click()
  await page.getByRole('searchbox').fill('Agnes Opf')
  await page.waitForTimeout(500)
  const long = await page.evaluate(async () => {
    const link = document.querySelector('search .rows a')
    const began = performance.now()
    link.click()
    return (await globalThis.seen(() => document.querySelector('a[href^="tel:"]') && document.querySelectorAll('ol > li').length > 5)) - began
  })
  await page.waitForFunction(() => document.querySelectorAll('ol > li').length > 300) // the rest follows
  return { lock, unlock, course, long, save, key }
}

const bar = (cpu, step) => ({ 4: STEPS[step][1], 6: STEPS[step][2] })[cpu]
const ms = (n) => Math.round(n).toLocaleString('en')
const cell = (f, step) => `${ms(f[step])}${bar(f.cpu, step) ? ` (${ms(bar(f.cpu, step))})${f[step] > bar(f.cpu, step) ? ' **not met**' : ''}` : ''}`
const rows = Object.entries(STEPS).map(([step, [what]]) => `| ${what} | ${figures.map((f) => cell(f, step)).join(' | ')} |`)
const part = `## The app on a slow phone

Written by \`make bench-app\`. Medians of ${RUNS}, in ms, the bar in brackets: Chromium, server stopped, ${COURSES} courses with 10,000 notes sealed on
the disk, the page slowed down. *Code given → due list* has the 600,000 rounds of PBKDF2 in it; a list or a course is there with its first screenful.

| | ${figures.map((f) => f.cpu + '×').join(' | ')} |
| --- |${figures.map(() => ' --- |').join('')}
${rows.join('\n')}
`
console.log('\n' + part.replaceAll('**', ''))
if (RUNS >= 7 && SPEEDS.length > 2) {
  const file = join(ROOT, 'docs/BENCHMARKS.md')
  const [before, mine = ''] = existsSync(file) ? readFileSync(file, 'utf8').split('\n## The app on a slow phone') : ['# Benchmarks']
  const behind = /\n## [^]*/.exec(mine)?.[0] ?? ''
  writeFileSync(file, before.trimEnd() + '\n\n' + part + behind)
  console.log('written: docs/BENCHMARKS.md')
}
