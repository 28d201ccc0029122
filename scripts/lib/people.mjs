// What the pictures need: a server of their own with the demo's people, a browser, and the administrator's hand.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../..')
const { chromium } = createRequire(join(root, 'pb_public/package.json'))('@playwright/test')

const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync']
export const password = 'bindeled-demo'
export const code = '493817'
export const id = (name) => name.padEnd(15, '0').slice(0, 15)

const civil = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Copenhagen' })
export const dayFromNow = (n) => civil.format(new Date(Date.now() + n * 86_400_000))

/** The same day half a year before, or that month's last. */
export function halfAYearBefore(day) {
  const [y, m, d] = day.split('-').map(Number)
  const last = new Date(Date.UTC(y, m - 6, 0)).getUTCDate()
  return new Date(Date.UTC(y, m - 7, Math.min(d, last))).toISOString().slice(0, 10)
}

const freePort = () => new Promise((found, fail) => {
  const probe = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
    const { port } = probe.address()
    probe.close(() => found(port))
  })
})

/** The server, once it answers; its folder goes when it stops. */
async function serve(...more) {
  const data = mkdtempSync(join(tmpdir(), 'bindeled-pictures-'))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(join(root, 'bin/bindeled'), ['demo', `--http=${address}`, `--dir=${data}`, ...more])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text))
  const ended = new Promise((done) => child.once('exit', done).once('error', done))
  let gone = false
  void ended.then(() => (gone = true))
  const stop = async () => {
    child.kill()
    await ended
    rmSync(data, { recursive: true, force: true })
  }
  const url = `http://${address}`
  while (!(await fetch(url + '/api/health').catch(() => undefined))?.ok) {
    if (gone) {
      await stop()
      throw new Error('the server ended:\n' + said)
    }
    await new Promise((turn) => setImmediate(turn))
  }
  return { url, stop }
}

/** What is done with a server is done before it stops, whatever happens. */
export async function withServer(work, ...more) {
  const server = await serve(...more)
  try { return await work(server.url) } finally { await server.stop() }
}

export async function withBrowser(work) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || undefined, args, env: { ...process.env, LANGUAGE: 'da' } })
  try { return await work(browser) } finally { await browser.close() }
}

/** The administrator at the dashboard's own REST: admin(url)('PATCH', 'courses', { … }, id). */
export function admin(url) {
  const send = (method, path, body, token = '') =>
    fetch(url + path, { method, headers: { Authorization: token, 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) })
  const entry = send('POST', '/api/collections/_superusers/auth-with-password', { identity: 'admin@demo.example', password }).then((reply) => reply.json())
  return async (method, collection, body, record = '') => {
    const reply = await send(method, `/api/collections/${collection}/records${record && '/' + record}`, body, (await entry).token)
    const said = await reply.json()
    if (!reply.ok) throw new Error(`${collection} ${record}: ${reply.status} ${JSON.stringify(said)}`)
    return said
  }
}
