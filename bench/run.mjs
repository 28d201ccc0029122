// The benchmark: this engine and its peers side by side, on one machine, in one go.
//
//   node bench/run.mjs                       everything, and docs/BENCHMARKS.md
//   ONLY=peers,latency node bench/run.mjs    parts: peers, latency, log, listeners, reconnect
//   RUNS=3 PEERS=ours,rxdb CPU=1 …           fewer repetitions, peers or speeds, to look at one thing
import { execFileSync } from 'node:child_process'
import { existsSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'

// The peers are fetched the first time, and when the list of them has changed.
const here = import.meta.dirname
const [installed, lock] = ['node_modules/.package-lock.json', 'package-lock.json'].map((f) => join(here, f))
if (!existsSync(installed) || statSync(installed).mtime < statSync(lock).mtime) {
  execFileSync('npm', ['ci', '--ignore-scripts', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: here, stdio: 'inherit' })
  utimesSync(installed, new Date(), new Date())
}
await import('./lib/main.mjs')
