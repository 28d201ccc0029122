// Runs the suites named on the command line (all of them when none is), shows what failed,
// and ends with one line for them all. A suite that cannot start counts as a failure,
// and so does a skipped or flaky test: nothing goes missing quietly.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goResults } from './goresults.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'bindeled-test-'))
const report = (name) => join(scratch, name + '.json')
const json = (name) => JSON.parse(readFileSync(report(name), 'utf8'))

// Our own code is watched for races; SQLite, translated from C, would take minutes.
const RACE = "-race '-gcflags=modernc.org/...=-race=false'"

/** Cheap ones first: a typing slip shows within seconds. */
const suites = {
  gofmt: () => check('bad=$(git ls-files "*.go" | xargs "$(go env GOROOT)/bin/gofmt" -l) && echo "$bad" && test -z "$bad"'),
  build: () => check('make --no-print-directory build'),
  vet: () => check('go vet ./...'),
  types: () => check('cd pb_public && npm run --silent check'),
  eslint: () => check('cd pb_public && npm run --silent lint'),
  vitest() {
    const run = sh(`cd pb_public && npm test --silent -- --reporter=default --reporter=json --outputFile.json=${report('vitest')}`)
    const { numPassedTests: passed, numTotalTests: total, testResults } = json('vitest')
    const broken = testResults.filter((f) => f.status === 'failed' && !f.assertionResults.some((t) => t.status === 'failed')).length
    return { ...run, passed, failed: total - passed + broken }
  },
  go() {
    const race = sh('command -v "$(go env CC)"').ok
    if (!race) console.log('no C compiler: Go tests run without -race')
    const run = sh(`CGO_ENABLED=${race ? 1 : 0} go test ${race ? RACE : ''} -json ./...`)
    return { ...run, ...goResults(run.stdout), text: undefined }
  },
  push: () => counted('node scripts/push.mjs'),
  model: () => counted('docs/model/verify.sh'),
  sim: () => counted('node sim/run.mjs --seeds 200'),
  crash: () => counted('node sim/crash.mjs'),
  e2e() {
    const browser = sh('scripts/browser.sh')
    if (!browser.ok) return { ...browser, passed: 0, failed: 1 }
    const env = { CHROMIUM: browser.stdout.trim(), PLAYWRIGHT_JSON_OUTPUT_FILE: report('e2e') }
    const run = sh('cd pb_public && npm run --silent e2e -- --reporter=list,json', env)
    const { stats, errors } = json('e2e')
    return { ...run, passed: stats.expected, failed: stats.unexpected + stats.flaky + stats.skipped + errors.length }
  },
}

function sh(command, env = {}) {
  const run = spawnSync('bash', ['-c', command], {
    encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', ...env },
  })
  return { ok: run.status === 0, stdout: run.stdout ?? '', text: `${run.stdout}${run.stderr}${run.error ?? ''}` }
}

/** One command, one yes or no. */
function check(command) {
  const run = sh(command)
  return { ...run, passed: run.ok ? 1 : 0, failed: run.ok ? 0 : 1 }
}

/** What counts for itself, and says so in its last line. */
function counted(command) {
  const run = sh(command)
  const [, passed, failed] = run.stdout.trimEnd().match(/(\d+) passed, (\d+) failed$/) ?? [0, 0, 1]
  return { ...run, passed: Number(passed), failed: Number(failed) }
}

function runSuite(name) {
  try {
    const result = suites[name]()
    // Green tests under a red exit, or no tests at all, are not a pass.
    if (result.failed === 0 && (!result.ok || result.passed === 0)) result.failed = 1
    return result
  } catch (error) {
    return { passed: 0, failed: 1, text: String(error) }
  }
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(suites)
const sum = { passed: 0, failed: 0 }
for (const name of names) {
  const began = performance.now()
  const { passed, failed, output, text } = runSuite(name)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (failed) console.log(`--- ${name}\n${(output ?? text ?? '').trimEnd()}`)
  console.log(`${failed ? 'FAIL' : 'ok  '} ${name.padEnd(8)} ${String(passed).padStart(5)} ok ${String(failed).padStart(4)} not ok ${seconds.padStart(8)} s`)
  sum.passed += passed
  sum.failed += failed
}
rmSync(scratch, { recursive: true })
console.log(`${sum.passed} passed, ${sum.failed} failed`)
process.exitCode = sum.failed ? 1 : 0
