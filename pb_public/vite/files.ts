import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What a build hands to browsers: no dotfiles, no source maps. */
export function filesIn(dir: string): { path: string; url: string }[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((f) => f.isFile() && !f.name.startsWith('.') && !f.name.endsWith('.map'))
    .map((f) => join(f.parentPath, f.name))
    .sort()
    .map((path) => ({ path, url: '/' + relative(dir, path) }))
}
