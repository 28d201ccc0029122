// Once per run: the tool that reads rows, and a folder with the demo's people to copy from.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, rowsTool, seeded, server } from './paths'
import { Server } from './server'

export default async function setup(): Promise<void> {
  if (!existsSync(server)) throw new Error('no server at ' + server + ': run make build')
  process.env.BINDELED_E2E = mkdtempSync(join(tmpdir(), 'bindeled-e2e-'))
  execFileSync('go', ['build', '-o', rowsTool(), './e2e/rows'], { cwd: root, stdio: 'inherit', env: { ...process.env, GOTOOLCHAIN: 'auto' } })
  const first = await Server.in(seeded())
  await first.stop()
}
