import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { measure } from './budget.ts'
import { precacheList } from './service-worker.ts'

function dist(): string {
  const dir = mkdtempSync(join(tmpdir(), 'dist-'))
  mkdirSync(join(dir, 'assets'))
  const noise = Array.from({ length: 3000 }, (_, i) => ((i * 2654435761) >>> 0).toString(36)).join('')
  const files = {
    '.keep': '', 'sw.js': 'x', 'index.html': '<link rel="modulepreload" href="/assets/b.js"><script src="/assets/a.js"></script>',
    'icon.svg': '<svg/>', 'assets/a.js': noise, 'assets/b.js': noise, 'assets/lazy.js': noise, 'assets/a.css': 'a{}', 'assets/a.js.map': noise,
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}

test('the shell is cached as / because a redirected reply answers no navigation', () => {
  const list = precacheList(dist())
  expect(list.map(([url]) => url)).toEqual(['/assets/a.css', '/assets/a.js', '/assets/b.js', '/assets/lazy.js', '/icon.svg', '/'])
  expect(Object.fromEntries(list)).toMatchObject({ '/assets/a.js': '', '/': expect.stringMatching(/^.{12}$/) })
})

test('first load counts what the page itself names; the rest counts for the cache', () => {
  const [first, css, sw, all] = measure(dist()).map((s) => s.kb)
  expect(first! / all!).toBeCloseTo(2 / 3, 1)
  expect(css).toBeLessThan(0.1)
  expect(sw).toBeLessThan(0.1)
})
