// Builds the server and the phones' half, as they are or with one planted bug. The product itself has no switches:
// a bug replaces a piece of source text on its way into the build, and must find exactly that piece.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export const ROOT = resolve(import.meta.dirname, '..')
const modules = createRequire(join(ROOT, 'pb_public', 'package.json'))
const { rolldown } = await import(pathToFileURL(createRequire(modules.resolve('vite')).resolve('rolldown')).href)

/** The file with the bug in it. */
export function planted(bug) {
  const path = join(ROOT, bug.file)
  const text = readFileSync(path, 'utf8')
  const found = text.split(bug.from).length - 1
  if (found !== 1) throw new Error(`${bug.id}: ${bug.file} has the text to replace ${found} times`)
  return { path, text: text.replace(bug.from, () => bug.to) }
}

export function buildServer(out, dir, bugs = []) {
  const Replace = {}
  for (const bug of bugs.filter((b) => b.side === 'go')) {
    const { path, text } = planted(bug)
    Replace[path] = join(dir, bug.id + '.go.txt')
    writeFileSync(Replace[path], text)
  }
  writeFileSync(join(dir, 'overlay.json'), JSON.stringify({ Replace }))
  const args = ['build', '-buildvcs=false', '-overlay', join(dir, 'overlay.json'), '-o', out]
  const env = { ...process.env, GOTOOLCHAIN: 'auto', GOFLAGS: '-trimpath', CGO_ENABLED: '0' }
  const run = spawnSync('go', [...args, './sim/server'], { cwd: ROOT, env, encoding: 'utf8' })
  if (run.status !== 0) throw new Error('go build: ' + run.stderr)
  return out
}

export async function buildPhones(out, bugs = []) {
  const changed = new Map(bugs.filter((b) => b.side === 'ts').map(planted).map(({ path, text }) => [path, text]))
  const bundle = await rolldown({
    input: join(ROOT, 'sim/worker.ts'),
    platform: 'node',
    logLevel: 'silent',
    resolve: { modules: [join(ROOT, 'pb_public/node_modules')] },
    plugins: [{ name: 'planted', load: (id) => (changed.has(id) ? { code: changed.get(id), moduleType: 'ts' } : null) }],
  })
  await bundle.write({ file: out, format: 'esm' })
  return out
}

/** A data folder that every worker begins with. */
export function freshData(server, dir) {
  const run = spawnSync(server, ['--dir', dir, '--prepare'], { encoding: 'utf8' })
  if (run.status !== 0) throw new Error('no data folder: ' + run.stderr)
}
