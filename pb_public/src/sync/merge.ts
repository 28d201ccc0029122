// How a change is laid over a record that others may have changed meanwhile. Pure; sync/merge.go is its twin, and both
// run testdata/merge.json.

export type Kind = 'append' | 'scalar' | 'guarded' | 'set' | 'state'
/** `merged`: mine stands over another's. `stale`: not written, what is there stays. */
export type How = 'clean' | 'same' | 'merged' | 'stale'
export type Merged = { value: unknown; how: How }

/** `was` is what the sender saw (null: she does not say), `now` what is there, `from` the states that `mine` may follow. */
export function merge(kind: Kind, was: unknown, now: unknown, mine: unknown, from: readonly string[] = []): Merged {
  if (kind === 'set') return mergeSet(was, now, mine)
  if (equal(now, mine)) return { value: now ?? null, how: 'same' }
  const clean: Merged = { value: mine ?? null, how: 'clean' }
  const stale: Merged = { value: now ?? null, how: 'stale' }
  switch (kind) {
    case 'append':
      return stale
    case 'scalar':
      return absent(was) || equal(now, was) ? clean : { ...clean, how: 'merged' }
    case 'guarded':
      return equal(now, was) ? clean : stale
    case 'state':
      return from.some((s) => s === now) ? clean : stale
  }
}

/** What I put in is in, what I took out is out; what others did with the rest stands. */
function mergeSet(was: unknown, now: unknown, mine: unknown): Merged {
  const [current, wanted] = [list(now), list(mine)]
  const before = absent(was) ? current : list(was)
  const value = current.filter((v) => !has(before, v) || has(wanted, v))
  for (const v of wanted) if (!has(before, v) && !has(value, v)) value.push(v)
  if (value.length === current.length && value.every((v) => has(current, v))) return { value: now ?? null, how: 'same' }
  return { value, how: 'clean' }
}

const absent = (v: unknown) => v === null || v === undefined
const list = (v: unknown): unknown[] => (Array.isArray(v) ? v : [])
const has = (values: unknown[], v: unknown) => values.some((x) => equal(x, v))

/** As JSON: absent is null, and the order of members does not count. */
function equal(a: unknown, b: unknown): boolean {
  if (absent(a) || absent(b)) return absent(a) && absent(b)
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [x, y] = [a, b] as Record<string, unknown>[]
  const keys = Object.keys(x!)
  return keys.length === Object.keys(y!).length && keys.every((k) => k in y! && equal(x![k], y![k]))
}
