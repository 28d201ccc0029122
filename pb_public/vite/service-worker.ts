// Builds src/sw.ts after the app, with the list of the app's files as a constant.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { build, type Plugin, type ResolvedConfig } from 'vite'
import { filesIn } from './files.ts'

export function serviceWorker(entry = 'src/sw.ts'): Plugin {
  let config: ResolvedConfig
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(c) {
      config = c
    },
    closeBundle: {
      sequential: true,
      async handler() {
        const list = precacheList(config.build.outDir)
        await build({
          configFile: false,
          logLevel: 'warn',
          publicDir: false,
          define: { __PRECACHE__: JSON.stringify(list), __VERSION__: JSON.stringify(sha(JSON.stringify(list))) },
          build: {
            outDir: config.build.outDir,
            emptyOutDir: false,
            target: config.build.target || undefined,
            modulePreload: false,
            rolldownOptions: { input: entry, output: { entryFileNames: 'sw.js', format: 'iife' } },
          },
        })
      },
    },
  }
}

/** The shell is cached as `/`: the server answers /index.html with a redirect, which no navigation may use. */
export function precacheList(dir: string): [string, string][] {
  return filesIn(dir)
    .filter((f) => f.url !== '/sw.js')
    .map((f) => [f.url === '/index.html' ? '/' : f.url, f.url.startsWith('/assets/') ? '' : sha(readFileSync(f.path))])
}

const sha = (b: Buffer | string) => createHash('sha256').update(b).digest('base64url').slice(0, 12)
