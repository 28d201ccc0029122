// Runs the stories that look at screens and writes what axe found on each screen into docs/ACCESSIBILITY.md, between its two markers.
// The table is written only when every story is green: figures come from a run, never from a hand.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'docs/ACCESSIBILITY.md')
const scratch = mkdtempSync(join(tmpdir(), 'bindeled-access-'))
const told = join(scratch, 'axe.jsonl')
try {
  const run = spawnSync('npm', ['run', '--silent', 'e2e', '--', 'a11y.spec.ts', 'push.spec.ts', '--reporter=list'], { cwd: join(root, 'pb_public'), stdio: 'inherit', env: { ...process.env, BINDELED_AXE: told } })
  if (run.status !== 0) throw new Error('not written: a story is red')
  const screens = readFileSync(told, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  const browser = execFileSync(process.env.CHROMIUM || 'chromium', ['--version'], { encoding: 'utf8' }).match(/[\d.]+/)[0]
  const sum = (what) => screens.reduce((n, s) => n + s[what], 0)
  const table = [
    `${new Date().toISOString().slice(0, 10)}, axe-core ${screens[0].axe}, Chromium ${browser}: ${screens.length} screens and states, each four times. ${sum('violations')} violations, ${sum('incomplete')} places where axe could not tell.`,
    '', '| Screen or state | rules passed | violations | axe could not tell |', '|---|---:|---:|---:|',
    ...screens.map((s) => `| ${s.name} | ${s.rules} | ${s.violations} | ${s.incomplete} |`),
  ].join('\n')
  const text = readFileSync(page, 'utf8')
  const [from, to] = ['<!-- axe: written by make access -->', '<!-- /axe -->']
  if (!text.includes(from) || !text.includes(to)) throw new Error('the markers are gone from docs/ACCESSIBILITY.md')
  writeFileSync(page, text.slice(0, text.indexOf(from) + from.length) + '\n' + table + '\n' + text.slice(text.indexOf(to)))
  console.log(`docs/ACCESSIBILITY.md: ${screens.length} screens`)
} finally {
  rmSync(scratch, { recursive: true })
}
