// Servers and browsers that the benchmark starts, each bounded in time and ended by its own handle.
import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

export const ROOT = resolve(import.meta.dirname, '../..')
export const OUT = resolve(import.meta.dirname, '../.out')
const LONGEST = 20 * 60 // seconds that a server may live

const freePort = () => new Promise((found, fail) => {
  const probe = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => found(port))
  })
})

/** A program that serves on 127.0.0.1 and says `ready` when it does. */
export async function serve(program, args) {
  const port = await freePort()
  const child = spawn(program, [...args, `--http=127.0.0.1:${port}`, `--for=${LONGEST}s`], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const ended = new Promise((done) => child.once('error', done).once('exit', done))
  await new Promise((ready, fail) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        said = (said + text).slice(-20_000)
        if (/^ready$/m.test(said)) ready()
      })
    }
    void ended.then(() => fail(new Error(`${program} ended:\n${said}`)))
  })
  const url = `http://127.0.0.1:${port}`
  return {
    url, port, pid: child.pid, said: () => said,
    ask: async (path, body) => {
      const reply = await fetch(url + path, body === undefined ? {} : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
      if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`)
      return reply.json()
    },
    /** Resident memory now and at its highest, in MB. */
    memory: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return { rss: kilobytes(status, 'VmRSS') / 1024, peak: kilobytes(status, 'VmHWM') / 1024 }
    },
    stop: () => (child.kill(), ended),
  }
}

const kilobytes = (status, key) => Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(status)[1])

/** A program that ends by itself; its last line is JSON. */
export function run(program, args) {
  return new Promise((ok, fail) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (text) => (said += text))
    child.once('error', fail).once('exit', (code) => {
      if (code !== 0) fail(new Error(`${program} ${args[0]}: exit ${code}\n${said}`))
      else ok(JSON.parse(said.trim().split('\n').at(-1)))
    })
  })
}

let executable
export const browserPath = () => (executable ??= execFileSync(join(ROOT, 'scripts/browser.sh'), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim())
export const browserVersion = () => execFileSync(browserPath(), ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split(' ').slice(0, 2).join(' ')

/** A fresh Chromium with its own profile on the disk: IndexedDB is real, not an incognito one in memory. */
export async function browse(profile, url, slowdown = 1) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath(),
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-background-timer-throttling'],
  })
  const page = context.pages()[0] ?? (await context.newPage())
  const faults = []
  page.on('pageerror', (e) => faults.push(String(e)))
  // PouchDB asks for a checkpoint that is not there yet, and Chromium reports the 404.
  page.on('console', (m) => m.type() === 'error' && !m.text().startsWith('Failed to load resource') && faults.push(m.text()))
  const open = async () => {
    await page.goto(url)
    await page.waitForFunction(() => globalThis.bench !== undefined)
    const session = await context.newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown })
  }
  await open()
  return {
    page, faults, reopen: open,
    call: (name, ...args) => page.evaluate(([name, args]) => globalThis.bench[name](...args), [name, args]),
    disk: () => bytesIn(join(profile, 'Default/IndexedDB')),
    close: () => context.close(),
  }
}

function bytesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name)
    return sum + (entry.isDirectory() ? bytesIn(path) : statSync(path).size)
  }, 0)
}
