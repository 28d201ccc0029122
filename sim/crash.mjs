// node sim/crash.mjs: the server is killed with SIGKILL again and again while people push, and then its disk refuses to
// be written through (fsync fails, by strace). What was acknowledged must be there afterwards, and nothing twice.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { buildServer, freshData } from './build.mjs'

const KILLS = 24
const PUSHERS = 6
const FAULTS = 6
const RUN = 'crash0'
const LIFE = 120 // seconds that a server may live

const scratch = mkdtempSync(join(tmpdir(), 'crash-'))
const program = buildServer(join(scratch, 'server'), scratch)
const data = join(scratch, 'data')
freshData(program, data)
let server
process.on('exit', () => {
  server?.kill()
  rmSync(scratch, { recursive: true, force: true })
})

/** Starts it, perhaps through another program, and waits until it serves. */
async function start(...through) {
  const [name, ...args] = [...through, program, '--dir', data, '--for', LIFE + 's']
  const child = spawn(name, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const gone = new Promise((done) => child.once('exit', done))
  let said = ''
  const [url, pid] = await new Promise((ready, fail) => {
    child.stderr.on('data', (text) => (said += text))
    child.stdout.on('data', (text) => {
      const found = /^ready (\S+) (\d+)$/m.exec((said += text))
      if (found) ready([found[1], Number(found[2])])
    })
    child.once('exit', () => fail(new Error('the server ended: ' + said)))
  })
  const kill = () => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (e) {
      if (e.code !== 'ESRCH') throw e
    }
    return gone
  }
  return (server = { url, kill, agent: new Agent({ keepAlive: true }) })
}

/** null: no answer. */
function ask(path, body, headers = {}) {
  const { url, agent } = server
  return new Promise((answer) => {
    const asked = request(url + path, { method: body ? 'POST' : 'GET', agent, headers: { 'X-Sim': 'x-sim', 'Content-Type': 'application/json', ...headers } }, (reply) => {
      let text = ''
      reply.on('data', (part) => (text += part))
      reply.on('error', () => answer(null))
      reply.on('end', () => answer(reply.complete ? { status: reply.statusCode, body: text } : null))
    })
    asked.on('error', () => answer(null))
    asked.end(body && JSON.stringify(body))
  })
}

const id = (name) => (RUN + name).padEnd(15, '0')
const board = id('b')
const people = Array.from({ length: PUSHERS }, (_, i) => ({ id: id('u' + i), device: id('d' + i), next: 1, made: 0, seen: '' }))
const acknowledged = new Set()
let pushed = 0
let failed = 0
let refused = 0 // with an answer

/** Pushes one batch after the other, and sends again what was not answered. */
async function push(person, over) {
  while (!over.now) {
    const mutations = Array.from({ length: 1 + (person.made++ % 5) }, (_, i) => {
      const n = person.next + i
      const mid = `${person.id}-${n}`
      return { n, name: 'card.add', at: '2026-11-22T08:00:00.000Z', args: { mid, id: `${RUN}${person.id[7]}${String(n).padStart(8, '0')}`, board, needs: '', text: `<${board}> ${mid}` } }
    })
    pushed++
    const reply = await ask('/api/sync/push', { device: person.device, seen: person.seen, clock: '', mutations }, { Authorization: person.token })
    if (reply?.status !== 200) {
      failed++
      if (reply) refused++
      await pause(5)
      continue
    }
    const { epoch, seq, outcomes } = JSON.parse(reply.body)
    person.seen = `${seq}.${epoch}`
    for (const o of outcomes) {
      const { result } = o.first ?? o
      if (result === 'deferred') break
      if (result !== 'applied') throw new Error(`${person.id} ${o.n}: ${JSON.stringify(o)}`)
      acknowledged.add(`${person.id}-${o.n}`)
      person.next = o.n + 1
    }
  }
}

/** Lets all of them push, ends the server at a moment in the middle of it, and waits until they have noticed. */
async function killed(moment) {
  const over = { now: false }
  const all = Promise.all(people.map((p) => push(p, over)))
  await Promise.race([moment(), all])
  await server.kill()
  over.now = true
  await all
}

/** Until a fault has been met and a little has come after it; a slow disk takes its time. */
async function fault(before) {
  const end = performance.now() + 10_000
  while (refused === before && performance.now() < end) await pause(20)
  await pause(300)
}

/** What the server that is started anew has: throws when it is not what it should be. */
async function inspect(when) {
  const state = JSON.parse((await ask('/sim/state?run=' + RUN)).body)
  const done = state.deeds.map((d) => d.mid)
  const there = new Set(done)
  const missing = [...acknowledged].filter((mid) => !there.has(mid))
  const cards = new Set(state.cards.map((c) => c.text.split(' ')[1]))
  const without = done.filter((mid) => !cards.has(mid))
  const sound = (await ask('/sim/sound')).body.trim()
  const wrong = [
    missing.length && `${missing.length} acknowledged and not there, as ${missing[0]}`,
    done.length !== there.size && `${done.length - there.size} done twice`,
    (without.length || cards.size !== there.size) && `${cards.size} cards for ${there.size} deeds`,
    sound !== '["ok"]' && `the file is broken: ${sound}`,
  ].filter(Boolean)
  if (wrong.length) throw new Error(`${when}: ${wrong.join('; ')}`)
  return there.size
}

let passed = 0
let broken = 0
/** One count in the last line. */
async function part(name, job) {
  const began = performance.now()
  try {
    console.log(`ok    ${name}: ${await job()}, ${((performance.now() - began) / 1000).toFixed(1)} s`)
    passed++
  } catch (e) {
    console.log(`FAIL  ${name}: ${e.message}`)
    broken++
  }
}

await part('SIGKILL under load', async () => {
  await start()
  const orders = [...people.map((p) => ({ op: 'user', id: p.id })), { op: 'make', coll: 'boards', values: { id: board, title: 'b' } },
    ...people.map((p) => ({ op: 'seat', board, user: p.id, on: true, values: { until: '' } }))]
  const tokens = JSON.parse((await ask('/sim/do', orders)).body)
  for (const p of people) p.token = tokens[p.id]
  let there = 0
  for (let i = 1; i <= KILLS; i++) {
    await killed(() => pause(30 + Math.random() * 500))
    await start()
    there = await inspect(`after kill ${i}`)
  }
  await server.kill()
  return `${KILLS} kills, ${pushed} requests of which ${failed} unanswered, ${acknowledged.size} acknowledged, ${there} there, none twice, file sound`
})

const strace = spawnSync('strace', ['-f', '-o', '/dev/null', '-e', 'trace=fsync', 'true'])
if (strace.status !== 0) {
  console.log(`NOT RUN  fsync that fails: ${strace.error ? 'there is no strace' : 'strace may not trace here'}`)
} else {
  await part('fsync that fails', async () => {
    let there = 0
    const before = pushed
    for (let i = 1; i <= FAULTS; i++) {
      const every = 3 + 4 * i
      await start('strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fsync,fdatasync', '-e', `inject=fsync,fdatasync:error=EIO:when=${40 + every}+${every}`)
      await killed(() => fault(refused))
      await start()
      there = await inspect(`after faults ${i}`)
      await server.kill()
    }
    if (refused === 0) throw new Error('no fault was met')
    return `${FAULTS} runs, ${pushed - before} requests of which ${refused} were answered with 5xx, ${acknowledged.size} acknowledged, ${there} there, none twice, file sound`
  })
}
console.log(`${passed} passed, ${broken} failed`)
process.exit(broken > 0 ? 1 : 0)
