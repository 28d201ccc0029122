// What a run says: to the terminal, and in docs/BENCHMARKS.md when every part was run.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { least, median, quantile } from './figures.mjs'
import { browserVersion, ROOT } from './processes.mjs'

const NAMES = { ours: '**Bindeled**', rxdb: 'RxDB 17', pouch: 'PouchDB 9', rest: 'plain REST' }

const ms = (n) => (n < 10 ? n.toFixed(1) : Math.round(n).toLocaleString('en'))
const both = (list) => `${ms(least(list))} / ${ms(median(list))}`
const kb = (n) => (n < 10_000 ? `${Math.round(n)} B` : `${Math.round(n / 1000).toLocaleString('en')} KB`)
const times = (n) => `${n.toFixed(1)}×`
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((r) => `| ${r.join(' | ')} |`).join('\n')

/** All values of one step of one peer. */
const of = (runs, name, cpu, step, key = 'ms') => runs.filter((r) => r.name === name && r.cpu === cpu && r.figures[step]).map((r) => r.figures[step][key])
const mid = (...args) => median(of(...args))

export function report(results) {
  const text = [bars(results), results.peers && sideBySide(results.peers), results.peers && ownTime(results.peers), others(results)].filter(Boolean).join('\n\n')
  console.log('\n' + text.replaceAll('**', ''))
  if (['peers', 'latency', 'log', 'listeners', 'reconnect'].every((part) => results[part])) {
    const file = join(ROOT, 'docs/BENCHMARKS.md')
    const app = /\n## The app on a slow phone[^]*/.exec(readFileSync(file, 'utf8'))?.[0] ?? '' // of bench/app.mjs
    writeFileSync(file, page(results, text).trimEnd() + '\n' + app)
    console.log('\nwritten: docs/BENCHMARKS.md')
  }
}

// ---- bars ----

function bars(r) {
  const rows = []
  const bar = (what, wanted, got, met, why = '') => rows.push([what, wanted, got, met ? 'met' : '**not met**' + (why && ': ' + why)])
  const profile = (step, cpu) => {
    const own = ownOf(r.peers, step, cpu)
    return `of ${ms(own.ms)} ms ` + [['server', own.server], ...own.parts].slice(0, 5).map(([part, t]) => `${part} ${ms(t)}`).join(', ')
  }
  const disk = `100 bare fsyncs took ${both(r.machine.map((m) => m.fsync))} ms here meanwhile`
  const speeds = r.peers ? [...new Set(r.peers.map((p) => p.cpu))] : []
  const barred = r.peers && ['ours', 'rxdb', 'pouch'].every((name) => r.peers.some((p) => p.name === name))
  const against = (step, cpu) => Math.min(mid(r.peers, 'rxdb', cpu, step), mid(r.peers, 'pouch', cpu, step)) / mid(r.peers, 'ours', cpu, step)
  if (barred) {
    for (const cpu of speeds) {
      const ratio = against('first', cpu)
      bar(`first sync, CPU ${cpu}×`, '≥ 8× faster', times(ratio), ratio >= 8, profile('first', cpu))
    }
    const nothing = { requests: mid(r.peers, 'ours', 1, 'nothing', 'requests'), down: mid(r.peers, 'ours', 1, 'nothing', 'down'), server: median(pulls(r.peers, 'nothing')) }
    bar('nothing new', '1 request, ≤ 300 B down, ≤ 10 ms of server time', `${nothing.requests} request, ${nothing.down} B, ${nothing.server.toFixed(1)} ms`,
      nothing.requests === 1 && nothing.down <= 300 && nothing.server <= 10)
    for (const cpu of speeds) {
      const ratio = against('delta', cpu)
      bar(`100 of 10,000 changed, CPU ${cpu}×`, '≥ 8× faster', times(ratio), ratio >= 8, profile('delta', cpu))
    }
    const bytes = mid(r.peers, 'ours', speeds[0], 'delta', 'down') / 100
    bar('100 of 10,000 changed', '≤ 80 B a record', `${bytes.toFixed(1)} B`, bytes <= 80, `gzip alone makes ${r.floor.toFixed(1)} B of each of these records`)
    for (const cpu of speeds) {
      const ratio = mid(r.peers, 'ours', cpu, 'push') / mid(r.peers, 'rxdb', cpu, 'push')
      bar(`100 mutations pushed, CPU ${cpu}×`, '≤ 2.5× of RxDB', times(ratio), ratio <= 2.5, `${profile('push', cpu)}; ${disk}`)
    }
  }
  if (r.latency) {
    const { took, writes, reads } = r.latency
    const each = (parts) => Object.entries(parts).map(([p, t]) => [p, t / took.length]).filter(([, t]) => t >= 0.5).sort((a, b) => b[1] - a[1]).map(([p, t]) => `${p} ${ms(t)}`).join(', ')
    bar('written here → visible there', 'p95 ≤ 50 ms', `p50 ${ms(quantile(took, 0.5))} ms, p95 ${ms(quantile(took, 0.95))} ms`, quantile(took, 0.95) <= 50,
      `on average here ${each(writes)}; there ${each(reads)}; ${disk}`)
  }
  if (r.log) {
    const ratio = median(r.log.large.changed) / median(r.log.small.changed)
    bar('delta from a log of 1,000,000 against 10,000', '≤ 1.2×', `${ratio.toFixed(2)}×`, ratio <= 1.2)
  }
  if (r.listeners) {
    const p99 = quantile(r.listeners.took, 0.99)
    bar('1,000 listeners, one write', 'p99 ≤ 50 ms', `${ms(p99)} ms`, p99 <= 50, `of it the write itself ${both(r.listeners.written)} ms; p50 ${ms(quantile(r.listeners.took, 0.5))} ms`)
    bar('1,000 listeners, memory of the server', '≤ 150 MB', `${ms(r.listeners.memory.rss)} MB, at most ${ms(r.listeners.memory.peak)} MB`, r.listeners.memory.rss <= 150)
  }
  if (r.reconnect) {
    const failed = r.reconnect.reduce((sum, c) => sum + c.failed, 0)
    bar('1,000 phones at once', 'all served, no error', `${failed} errors; p99 ${ms(median(r.reconnect.map((c) => quantile(c.took, 0.99))))} ms`, failed === 0)
  }
  return '## Bars\n\n' + table(['', 'bar', 'measured', ''], rows)
}

/** Server time of our pulls in a step. */
const pulls = (runs, step) => runs.filter((r) => r.name === 'ours').flatMap((r) => r.figures[step].server['/api/sync/pull'] ?? [])

// ---- tables ----

function sideBySide(runs) {
  const out = []
  for (const cpu of [...new Set(runs.map((r) => r.cpu))]) {
    const names = Object.keys(NAMES).filter((name) => runs.some((r) => r.name === name && r.cpu === cpu))
    const steps = [['first sync', 'first'], ['nothing new', 'nothing'], ['100 changed there', 'delta'], ['100 pushed', 'push'], ['100 made offline', 'make'], ['start from the disk', 'open']]
    const rows = steps.map(([label, step]) => [label, ...names.map((n) => (of(runs, n, cpu, step).length && !(n === 'rest' && step === 'make') ? both(of(runs, n, cpu, step)) : '–'))])
    out.push(`### CPU ${cpu}× (ms, least / median)\n\n` + table(['', ...names.map((n) => NAMES[n])], rows))
  }
  const names = Object.keys(NAMES).filter((name) => runs.some((r) => r.name === name))
  const wire = (step) => names.map((n) => {
    const [down, up, requests] = ['down', 'up', 'requests'].map((key) => median(runs.filter((r) => r.name === n).map((r) => r.figures[step][key])))
    return `${kb(down)} / ${kb(up)} / ${requests}`
  })
  out.push('### On the wire, headers and all (down / up / requests)\n\n' + table(['', ...names.map((n) => NAMES[n])], [
    ['first sync', ...wire('first')], ['nothing new', ...wire('nothing')], ['100 changed there', ...wire('delta')], ['100 pushed', ...wire('push')],
    ['on the disk after the first sync', ...names.map((n) => {
      const disk = runs.filter((r) => r.name === n && r.figures.first.disk).map((r) => r.figures.first.disk)
      return disk.length ? `${(median(disk) / 1e6).toFixed(1)} MB` : '–'
    })],
  ]))
  return '## Side by side\n\n' + out.join('\n\n')
}

/** What one step of ours took, on the server and in each part on the phone: medians, the largest first. */
function ownOf(runs, step, cpu) {
  const here = runs.filter((r) => r.name === 'ours' && r.cpu === cpu).map((r) => r.figures[step])
  const parts = [...new Set(here.flatMap((f) => Object.keys(f.parts)))]
  const server = (f) => Object.entries(f.server).filter(([path]) => path.startsWith('/api/sync')).flatMap(([, t]) => t).reduce((a, b) => a + b, 0)
  return {
    ms: median(here.map((f) => f.ms)),
    server: median(here.map(server)),
    parts: parts.map((p) => [p, median(here.map((f) => f.parts[p] ?? 0))]).filter(([, t]) => t >= 0.5).sort((a, b) => b[1] - a[1]),
  }
}

function ownTime(runs) {
  const speeds = [...new Set(runs.filter((r) => r.name === 'ours').map((r) => r.cpu))]
  const rows = ['first', 'nothing', 'delta', 'make', 'push'].flatMap((step) => speeds.map((cpu) => {
    const own = ownOf(runs, step, cpu)
    return [step, `${cpu}×`, ms(own.ms), ms(own.server), own.parts.map(([p, t]) => `${p} ${ms(t)}`).join(' · ')]
  }))
  return rows.length === 0 ? '' : '## Where our time goes (ms, medians)\n\n' +
    'Pages are fetched while the one before is sealed and stored, so the parts overlap. `server` is the sum over the requests.\n\n' +
    table(['step', 'CPU', 'in all', 'server', 'on the phone'], rows)
}

function others(r) {
  const rows = []
  if (r.latency) rows.push(['written here → visible there, 100 samples', `p50 ${ms(quantile(r.latency.took, 0.5))} · p95 ${ms(quantile(r.latency.took, 0.95))} · most ${ms(Math.max(...r.latency.took))} ms`])
  for (const [key, label] of [['small', '10,000'], ['large', '1,000,000']]) {
    if (r.log) rows.push([`log of ${label}: 100 changed, nothing new`, `${ms(median(r.log[key].changed))} ms, ${ms(median(r.log[key].nothing))} ms`])
  }
  if (r.listeners) {
    rows.push(['1,000 listeners, 20 writes', `p50 ${ms(quantile(r.listeners.took, 0.5))} · p99 ${ms(quantile(r.listeners.took, 0.99))} · most ${ms(Math.max(...r.listeners.took))} ms; the write itself ${ms(median(r.listeners.written))} ms`])
    rows.push(['memory of the server: idle → with 1,000 listeners', `${ms(r.listeners.idle.rss)} → ${ms(r.listeners.memory.rss)} MB, at most ${ms(r.listeners.memory.peak)} MB`])
  }
  for (const c of r.reconnect ?? []) {
    rows.push(['1,000 phones at once: push, pull', `p50 ${ms(quantile(c.took, 0.5))} · p99 ${ms(quantile(c.took, 0.99))} ms; all in ${ms(c.all)} ms with the listening begun; server at most ${ms(c.memory.peak)} MB`])
  }
  return rows.length ? '## Many\n\n' + table(['', ''], rows) : ''
}

// ---- the page ----

const page = (r, text) => `# Benchmarks

Written by \`make bench\`; nothing here is typed by hand. ${r.runs} repetitions, all peers in turn within each, so that whatever else the machine
does meets all of them. Read ratios first: the machine is shared, and its load was ${least(r.machine.map((m) => m.load)).toFixed(1)} to ${Math.max(...r.machine.map((m) => m.load)).toFixed(1)} while this ran.

- Machine: ${availableParallelism()} shared cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux; 100 writes of 8 KB with an fsync each take ${both(r.machine.map((m) => m.fsync))} ms (least / median); ${browserVersion()}, Node ${process.versions.node}. Everything on loopback.
- 10,000 invented call-log entries of ${Math.round(r.bytes)} bytes in 400 folders, the same at every run. Fresh server, fresh browser profile and real
  IndexedDB on the disk each time. A TCP proxy between browser and server counts bytes with headers, and requests.
- CPU 6× is Chromium's own slow-down of the page, about a cheap phone. The servers are not slowed.
- **Bindeled**: the product's \`sync\` and \`pb_public/src/sync\` as they are, SQLite with \`synchronous=FULL\`, the memberships checked on every pull,
  each bucket sealed with AES-GCM before it is stored.
- **RxDB 17.6**: Dexie storage, one instance, two indexes, live HTTP replication with batches of 1,000 from a Node endpoint that holds all in
  memory, gzips, and has neither accounts nor rules. It replicates both ways from the start, as an app that writes needs; pulling alone, its first
  sync was a quarter faster when tried. First sync counts until the last row is stored; what it does after is waited for, off the clock.
- **PouchDB 9**: IndexedDB adapter, batches of 1,000 (its own 100 are slower), from express-pouchdb in memory. Its screen are fifty documents by id.
- **Plain REST**: PocketBase's own list, pages of 1,000, then \`updated >\`. It keeps nothing on the disk and misses rows; printed, not barred.
- First sync ends when all rows are stored and the fifty newest are laid out on the screen. *100 changed* are any 100 of the 10,000, in some 90
  folders. *Pushed* counts until the server has answered for all 100 edits made offline: for Bindeled 100 durable transactions with a rule each,
  for RxDB and PouchDB writes to memory. Writes that are waited for elsewhere come 100 ms apart. *Start from the disk* is a new page until the screen shows.

${text}
`
