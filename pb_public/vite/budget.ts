// The build fails when the app outgrows what a cheap phone on a bad line can carry. Sizes are gzipped.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin, ResolvedConfig } from 'vite'
import { filesIn } from './files.ts'

export const LIMITS = { 'first-load JS': 45, CSS: 8, 'sw.js': 2, precache: 250 } // KB

export function budget(): Plugin {
  let config: ResolvedConfig
  return {
    name: 'budget',
    apply: 'build',
    configResolved(c) {
      config = c
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      handler() {
        const sizes = measure(config.build.outDir)
        const text = sizes.map((s) => `${s.name} ${s.kb.toFixed(1)}/${s.max}`).join(' · ')
        config.logger.info(`budget, KB gz: ${text}`)
        const over = sizes.filter((s) => s.kb > s.max)
        if (over.length) throw new Error('over budget: ' + over.map((s) => s.name).join(', '))
      },
    },
  }
}

export function measure(dir: string) {
  const files = filesIn(dir)
  const gz = (want: (url: string) => boolean) =>
    files.filter((f) => want(f.url)).reduce((sum, f) => sum + gzipSync(readFileSync(f.path)).length, 0) / 1000
  const html = readFileSync(join(dir, 'index.html'), 'utf8')
  const first = new Set([...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map((m) => m[1]))
  const sizes: Record<keyof typeof LIMITS, number> = {
    'first-load JS': gz((url) => first.has(url)),
    CSS: gz((url) => url.endsWith('.css')),
    'sw.js': gz((url) => url === '/sw.js'),
    precache: gz((url) => url !== '/sw.js'),
  }
  return Object.entries(LIMITS).map(([name, max]) => ({ name, max, kb: sizes[name as keyof typeof LIMITS] }))
}
