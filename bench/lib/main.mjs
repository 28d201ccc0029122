// The parts of the benchmark, and the order they run in. See ../README.md for what can be set.
import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { buildPages, WEB } from './build.mjs'
import { countingProxy } from './proxy.mjs'
import { browse, OUT, ROOT, run, serve } from './processes.mjs'
import { changed, records } from './records.mjs'
import { report } from './report.mjs'

const list = (name, fallback) => (process.env[name] ?? fallback).split(',')
const RUNS = Number(process.env.RUNS ?? 5)
const PEERS = list('PEERS', 'ours,rxdb,pouch,rest')
const CPU = list('CPU', '1,6').map(Number)
const PARTS = list('ONLY', 'peers,latency,log,listeners,reconnect')

const scratch = mkdtempSync(join(tmpdir(), 'bench-'))
const all = records()
const say = (text) => console.log(text)

// ---- what is needed ----

function prepare() {
  mkdirSync(OUT, { recursive: true })
  writeFileSync(join(OUT, 'records.ndjson'), all.map((r) => JSON.stringify(r)).join('\n') + '\n')
  for (const program of ['server', 'phones']) {
    execFileSync('go', ['build', '-buildvcs=false', '-o', join(OUT, program), './bench/' + program],
      { cwd: ROOT, stdio: 'inherit', env: { ...process.env, GOTOOLCHAIN: 'auto', GOFLAGS: '-trimpath', CGO_ENABLED: '0' } })
  }
}

/** A filled data folder, made once per shape. */
const worlds = new Set()
function world(people, copies) {
  const dir = join(scratch, `world-${people}-${copies}`)
  if (worlds.has(dir)) return dir
  worlds.add(dir)
  execFileSync(join(OUT, 'server'), ['--dir', dir, '--fill', join(OUT, 'records.ndjson'), '--people', people, '--copies', copies], { stdio: 'inherit' })
  return dir
}

let serial = 0
const fresh = (name) => join(scratch, `${name}-${++serial}`)

/** The app on a copy of a world: what a run leaves behind, no other sees. */
async function app(from, ...more) {
  const dir = fresh('data')
  cpSync(from, dir, { recursive: true })
  const server = await serve(join(OUT, 'server'), ['--dir', dir, '--web', WEB, ...more])
  const users = await server.ask('/bench/users')
  return { ...server, users, stop: async () => (await server.stop(), rmSync(dir, { recursive: true })) }
}

const peer = (name) => serve(process.execPath, [join(ROOT, `bench/peers/${name}.mjs`), '--web', WEB])

// ---- the parts ----

const STEPS = ['first', 'nothing', 'delta', 'push']

/** One peer, once: first sync, nothing new, 100 changed there, 100 changed here, and a new start from the disk. */
async function once(name, slowdown, from) {
  const server = await (name === 'ours' || name === 'rest' ? app(from) : peer(name))
  const proxy = await countingProxy(server.port)
  const profile = fresh('profile')
  const browser = await browse(profile, `${proxy.url}/${name}.html`, slowdown)
  const out = {}
  try {
    const arg = server.users && { user: server.users[0].id, token: server.users[0].token }
    const step = async (key, job) => {
      proxy.take()
      if (server.users) await server.ask('/bench/times')
      const figures = await job()
      out[key] = { ...figures, ...proxy.take(), server: server.users && (await server.ask('/bench/times')) }
    }
    await browser.call('open', arg, false)
    await step('first', () => browser.call('first'))
    if (name !== 'rest') out.first.disk = browser.disk()
    if (name === 'rxdb') out.settle = { ms: await browser.call('settle') }
    await step('nothing', () => browser.call('again', 0))

    const there = changed(all, 100, 11)
    await server.ask('/bench/change', there)
    await step('delta', () => browser.call('again', 100))
    if (name === 'rxdb') await browser.call('settle')
    expect(await browser.call('holds', there), 100, `${name}: changes that arrived`)

    const here = changed(all, 100, 12)
    await step('make', () => browser.call('make', here))
    await step('push', () => browser.call('push'))
    expect((await server.ask('/bench/holds', here)).count, 100, `${name}: changes that were pushed`)

    if (name !== 'rest') {
      await browser.reopen()
      out.open = { ms: await browser.call('open', arg, true) }
    }
    expect(browser.faults.join('\n'), '', `${name}: faults of the page`)
    return out
  } finally {
    await browser.close()
    await proxy.close()
    await server.stop()
    rmSync(profile, { recursive: true, force: true })
  }
}

function expect(got, want, what) {
  if (got !== want) throw new Error(`${what}: ${got}, not ${want}`)
}

/** What 100 durable writes cost on this disk before anything is done with them, and who else is at work. */
function machine() {
  const path = fresh('disk')
  const file = openSync(path, 'w')
  const start = performance.now()
  for (let i = 0; i < 100; i++) {
    writeSync(file, Buffer.alloc(8192))
    fsyncSync(file)
  }
  const fsync = performance.now() - start
  closeSync(file)
  rmSync(path)
  return { fsync, load: loadavg()[0] }
}

/** All peers in turn, again and again: what else the machine does meets all of them. */
async function peers() {
  const from = world('2', '0')
  const runs = []
  for (let i = 0; i < RUNS; i++) {
    results.machine.push(machine())
    for (const cpu of CPU) {
      for (const name of PEERS) {
        const figures = await once(name, cpu, from)
        runs.push({ name, cpu, figures })
        say(`${i + 1}/${RUNS} ${cpu}× ${name.padEnd(6)}` + [...STEPS, 'make', 'open'].filter((s) => figures[s]).map((s) => ` ${s} ${Math.round(figures[s].ms)}`).join(''))
      }
    }
  }
  return runs
}

/** Two phones in two browsers: from the tap on save on one until it is on the other. */
async function latency() {
  const server = await app(world('2', '0'))
  const profiles = [fresh('profile'), fresh('profile')]
  const browsers = []
  try {
    for (const [i, profile] of profiles.entries()) {
      browsers.push(await browse(profile, `${server.url}/ours.html`))
      await browsers[i].call('open', { user: server.users[i].id, token: server.users[i].token }, false)
      await browsers[i].call('first')
    }
    const [writer, reader] = browsers.map((b) => b.page)
    await reader.evaluate(() => globalThis.phones.listen())
    const took = []
    const parts = () => Promise.all([writer, reader].map((page) => page.evaluate(() => globalThis.phones.parts())))
    for (let i = 0; i < 110; i++) {
      if (i === 10) await parts() // the first ones also compile
      const entry = { ...all[(i * 97) % all.length], note: `written ${i}` }
      await reader.evaluate((e) => globalThis.phones.expect(e), entry)
      await setTimeout(100) // or it would be told together with the one before
      const tapped = await writer.evaluate((e) => globalThis.phones.write(e), entry)
      took.push((await reader.evaluate(() => globalThis.phones.sight())) - tapped)
    }
    expect(browsers.flatMap((b) => b.faults).join('\n'), '', 'latency: faults of the pages')
    const [writes, reads] = await parts()
    return { took: took.slice(10), writes, reads }
  } finally {
    for (const browser of browsers) await browser.close()
    await server.stop()
    for (const profile of profiles) rmSync(profile, { recursive: true, force: true })
  }
}

const phones = (part, server, ...more) => run(join(OUT, 'phones'), [part, '--url', server.url, '--records', join(OUT, 'records.ndjson'), ...more])

/** The same delta from a log of 10,000 rows and from one of 1,000,000, in turn. */
async function log() {
  say('filling a log with 1,000,000 rows …')
  const small = await app(world('2', '0'))
  const large = await app(world('101', '99'))
  try {
    return await phones('delta', small, '--large', large.url, '--times', '100')
  } finally {
    await small.stop()
    await large.stop()
  }
}

/** A crowd on one server, with what it costs the server. */
async function crowd(part, from) {
  const server = await app(from)
  try {
    const idle = server.memory()
    return { ...(await phones(part, server, '--n', '1000')), idle, memory: server.memory(), times: await server.ask('/bench/times') }
  } finally {
    await server.stop()
  }
}

const listeners = () => crowd('listen', world('1002', '0'))
async function reconnect() {
  const runs = []
  for (let i = 0; i < Math.min(RUNS, 3); i++) runs.push(await crowd('reconnect', world('1002', '0')))
  return runs
}

const parts = { peers, latency, log, listeners, reconnect }

// ---- the run ----

const changes = changed(all, 100, 11).map((r) => JSON.stringify(r)).join('\n')
const results = {
  runs: RUNS, machine: [],
  bytes: Buffer.byteLength(all.map((r) => JSON.stringify(r)).join('')) / all.length,
  floor: gzipSync(changes).length / 100,
}
try {
  prepare()
  await buildPages(PEERS)
  for (const part of PARTS) {
    results[part] = await parts[part]()
    writeFileSync(join(OUT, 'results.json'), JSON.stringify(results))
  }
  results.machine.push(machine())
  report(results)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
