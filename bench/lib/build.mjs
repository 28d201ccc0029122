// The pages, as an app would ship them: bundled and minified.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { OUT } from './processes.mjs'

export const WEB = join(OUT, 'web')

export async function buildPages(names) {
  mkdirSync(WEB, { recursive: true })
  await build({
    entryPoints: names.map((n) => resolve(import.meta.dirname, `../web/${n}.ts`)),
    outdir: WEB,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    logLevel: 'error',
  })
  for (const n of names) writeFileSync(join(WEB, n + '.html'), `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>${n}</title><script src="/${n}.js"></script>`)
}
