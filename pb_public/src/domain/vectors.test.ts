// Runs testdata/vectors, as domain/vectors_test.go does.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { functions, only } from './vectors.table'

type Vector = { id: string; fn: string; name: string; why?: string; in: Record<string, unknown>; want: unknown }

const folder = new URL('../../../testdata/vectors/', import.meta.url)
const files = readdirSync(folder).filter((f) => f.endsWith('.json'))
const used = new Set<string>()

describe.each(files)('%s', (file) => {
  const content = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { about: string; cases: Vector[] }
  only(content, { about: '', cases: [{ id: '', fn: '', name: '', why: '', in: null, want: null }] }, file)

  for (const v of content.cases) {
    used.add(v.fn)
    test(`${v.fn} [${v.id}] ${v.name}`, () => {
      const f = functions[v.fn]
      if (!f) throw new Error(`no function ${v.fn}`)
      only(v.in, f.shape, v.name)
      expect(f.run(v.in)).toEqual(v.want)
    })
  }
})

test('every function of the table is run by a vector', () => {
  expect(files.length).toBeGreaterThan(0)
  expect(Object.keys(functions).filter((name) => !used.has(name))).toEqual([])
})
