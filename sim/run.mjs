// node sim/run.mjs [--seeds 200] [--from 1] [--seed N] [--twice] [--bugs] [--workers 2]
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BUGS } from './bugs.mjs'
import { buildPhones, buildServer, freshData, planted } from './build.mjs'

const ENOUGH = 40 // seeds within which a planted bug must be caught
const ROUND = 8
const given = process.argv.slice(2)
const flag = (name, fallback) => (given.includes('--' + name) ? Number(given[given.indexOf('--' + name) + 1]) : fallback)
const one = flag('seed', 0)
const from = one || flag('from', 1)
const count = one ? 1 : flag('seeds', 200)
const twice = given.includes('--twice') ? 2 : 1
const workers = Math.min(flag('workers', 2), count)
const scratch = mkdtempSync(join(tmpdir(), 'sim-'))
const children = new Set()
process.on('exit', () => {
  for (const child of children) child.kill()
  rmSync(scratch, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** Runs seeds with a worker or two, and tells of each as it ends. */
async function runSeeds(parts, seeds, each, more = {}) {
  const seconds = 60 + seeds.length * 10
  await Promise.all(Array.from({ length: Math.min(workers, seeds.length) }, (_, w) => {
    const dir = join(parts.dir, 'w' + w)
    mkdirSync(dir, { recursive: true })
    const work = { program: parts.server, fresh: parts.data, dir, seconds, seeds: seeds.filter((_, i) => i % workers === w), ...more }
    const child = spawn(process.execPath, [parts.phones, JSON.stringify(work)], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.add(child)
    createInterface(child.stdout).on('line', (line) => {
      if (child.killed) return // enough is known; its last line may be half a line
      each(JSON.parse(line), () => children.forEach((c) => c.kill()))
    })
    return new Promise((done) => child.once('exit', () => (children.delete(child), done())))
  }))
}

async function build(dir, bugs) {
  const server = buildServer(join(dir, 'server'), dir, bugs)
  const phones = await buildPhones(join(dir, 'phones.mjs'), bugs)
  const data = join(dir, 'fresh')
  freshData(server, data)
  return { dir, server, phones, data }
}

/** Every planted bug must be caught, by an invariant that is about it. Prints the table. */
async function plant() {
  const only = given[given.indexOf('--bugs') + 1]
  const bugs = BUGS.filter((b) => !only || only.startsWith('--') || b.id === only)
  bugs.forEach(planted) // a table that does not fit the source fails at once
  let caught = 0
  console.log(`${'bug'.padEnd(18)} ${'in'.padEnd(28)} seeds  by   what`)
  for (const bug of bugs) {
    const dir = join(scratch, bug.id)
    mkdirSync(dir)
    const parts = await build(dir, [bug])
    let first
    for (let from = 1; from <= ENOUGH && !first; from += ROUND) {
      const seeds = Array.from({ length: ROUND }, (_, i) => from + i)
      const found = []
      await runSeeds(parts, seeds, (r) => r.failure && found.push(r), { firstOnly: true })
      first = found.sort((a, b) => a.seed - b.seed)[0]
    }
    rmSync(dir, { recursive: true })
    const right = first && bug.caughtBy.includes(first.failure.invariant)
    if (right) caught++
    console.log(`${bug.id.padEnd(18)} ${bug.file.split('/').slice(-2).join('/').padEnd(28)} ${String(first?.seed ?? '> ' + ENOUGH).padStart(5)}  ${(first?.failure.invariant ?? '-').padEnd(4)} ${bug.what}${right ? '' : '   NOT CAUGHT'}`)
    if (first && !right) console.log('    ' + first.failure.message)
  }
  console.log(`${caught} passed, ${bugs.length - caught} failed`)
  return caught === bugs.length
}

if (given.includes('--bugs')) process.exit(await plant() ? 0 : 1)

const parts = await build(scratch)
const began = performance.now()
const seeds = Array.from({ length: count * twice }, (_, i) => from + Math.floor(i / twice))
let passed = 0
let failed = 0
let requests = 0
let made = 0
const hashes = new Map()
await runSeeds(parts, seeds, (r) => {
  requests += r.requests
  made += r.made
  if (hashes.has(r.seed) && hashes.get(r.seed) !== r.hash) r.failure ??= { invariant: 'replay', message: `it went another way the second time: ${hashes.get(r.seed)}, ${r.hash}` }
  hashes.set(r.seed, r.hash)
  if (one) console.log(r.trace.join('\n') + '\n')
  if (!r.failure) return void passed++
  failed++
  console.log(`seed ${r.seed}: ${r.failure.invariant} ${r.failure.message}`)
  if (!one) console.log((r.trace ?? []).slice(-12).map((l) => '    ' + l.slice(0, 200)).join('\n'))
  console.log(`    again: make sim SEED=${r.seed}\n`)
}, { trace: one > 0 })
const lost = seeds.length - passed - failed
if (lost > 0) {
  failed += lost
  console.log(`${lost} seeds never ended`)
}
console.log(`${seeds.length} seeds from ${from}: ${made} mutations, ${requests} requests, ${((performance.now() - began) / 1000).toFixed(1)} s`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
