// How the boxes lie on the disk: in packs, holding what a page changed (adr 9). Later lies on top of earlier. Pure.
import type { Row } from './protocol'
import type { Box } from './store'

/** The rows of a bucket that changed; null: gone. `full`: nothing below counts. */
type Part = { full?: true; rows: Record<string, Record<string, Row | null>> }
export type Pack = Record<string, Part>

/** A pack on the disk. What a small one holds is kept at hand, to be folded. */
type Known = { n: number; size: number; buckets: string[]; small?: Pack }
type Written = Known & { text: string }
/** Characters that something has been laid over, by bucket. */
type Waste = Map<string, number>

/** `last`: the number given last; every change of the pile takes one. `sure`: what the page was laid on is what lies here. */
export type Pile = { last: number; packs: Known[]; waste: Waste; sure: boolean }
export type Change = { fresh: boolean; from: ReadonlyMap<string, Box>; put: [string, Box][]; drop: string[] }
export type Plan = { pile: Pile; write: Written[]; remove: number[] }

export const SMALL = 16_384 // characters
export const FOLD = 65_536
export const MANY = 16
export const CHUNK = 131_072
export const SLACK = 65_536

/** The packs on top of each other, and what of them is covered. */
export function merge(packs: Iterable<Pack>, waste: Waste = new Map()): Pack {
  const out: Pack = {}
  for (const pack of packs) {
    for (const [bucket, part] of Object.entries(pack)) {
      const below = out[bucket]
      if (part.full || !below) {
        if (below) spend(waste, bucket, lengthOf(below.rows))
        out[bucket] = { ...part, rows: Object.fromEntries(Object.entries(part.rows).map(([c, rows]) => [c, { ...rows }])) }
      } else spend(waste, bucket, lay(below, part))
    }
  }
  return out
}

function lay(below: Part, { rows }: Part): number {
  let spent = 0
  for (const [c, changed] of Object.entries(rows)) {
    const into = (below.rows[c] ??= {})
    for (const [id, row] of Object.entries(changed)) {
      if (into[id] !== undefined) spent += rowLength(id, into[id])
      if (row) into[id] = row
      else {
        spent += rowLength(id, row)
        if (below.full) delete into[id]
        else into[id] = null
      }
    }
  }
  return spent
}

/** All that lies on the disk: the lowest of a bucket is always full. */
export function pileOf(last: number, found: { n: number; size: number; pack: Pack }[], sure: boolean): { pile: Pile; boxes: Map<string, Box> } {
  const waste: Waste = new Map()
  const parts = merge(found.map((f) => f.pack), waste)
  const boxes = new Map(Object.entries(parts).map(([bucket, part]) => [bucket, part.rows as Box]))
  return { boxes, pile: { last, sure, waste, packs: found.map(({ n, size, pack }) => known(n, size, pack)) } }
}

/** Which packs have to be opened before the change can be planned. */
export const toOpen = (pile: Pile, change: Change): number[] => {
  const leaving = leave(pile, change)
  return change.fresh ? [] : numbers(pile.packs.filter((p) => !p.small && names(p, leaving)))
}

/** What has to be written so that the disk holds the page's boxes, and of a bucket that leaves nothing. */
export function planned(pile: Pile, change: Change, opened: ReadonlyMap<number, Pack>): Plan {
  const under: Pile = change.fresh ? { last: pile.last, packs: [], waste: new Map(), sure: true } : pile
  const leaving = leave(under, change)
  const waste: Waste = new Map(under.waste)
  for (const bucket of leaving) waste.delete(bucket)
  const write: Written[] = []
  const packs = under.packs.flatMap<Known>((p) => {
    if (!names(p, leaving)) return [p]
    const rest = Object.entries(p.small ?? opened.get(p.n)!).filter(([bucket]) => !leaving.has(bucket))
    if (rest.length === 0) return []
    write.push(written(p.n, Object.fromEntries(rest)))
    return [write.at(-1)!]
  })

  const top: Pack = {}
  for (const [bucket, box] of change.put) {
    const { part, spent } = partOf(under.sure ? change.from.get(bucket) : undefined, box)
    if (part) top[bucket] = part
    spend(waste, bucket, spent)
  }
  const n = under.last + 1
  if (Object.keys(top).length > 0) {
    const pieces = cut(n, Object.entries(top))
    if (pieces.length === 1) pieces[0] = folded(packs, pieces[0]!)
    write.push(...pieces)
    packs.push(...pieces)
  }
  if (under.sure && 2 * sum(waste.values()) > sum(packs.map((p) => p.size)) + SLACK) {
    const anew = cut(n, live(packs, change).map(([bucket, rows]) => [bucket, { full: true, rows }]))
    return { pile: pileFrom(anew, anew.at(-1)?.n ?? n, new Map(), true), write: anew, remove: numbers(under.packs) }
  }
  const stays = new Set(numbers(packs))
  const remove = numbers(under.packs).filter((x) => !stays.has(x))
  const changed = write.length + remove.length > 0
  return { pile: pileFrom(packs, changed ? Math.max(n, packs.at(-1)?.n ?? 0) : under.last, waste, under.sure), write: write.filter((w) => stays.has(w.n)), remove }
}

/**
 * The oldest pack that holds rows something has been laid over, as a change that writes those boxes whole: what a person
 * withdrew is not to lie on below, and no start reads twice what counts once.
 */
export function untidy(pile: Pile, boxes: ReadonlyMap<string, Box>): Change | null {
  const spoilt = (bucket: string) => (pile.waste.get(bucket) ?? 0) > 0
  const pack = pile.sure && pile.packs.find((p) => p.buckets.some(spoilt))
  if (!pack) return null
  const put: Change['put'] = []
  const drop: string[] = []
  const from = new Map(boxes)
  for (const bucket of pack.buckets.filter(spoilt)) {
    const box = boxes.get(bucket)
    if (box) put.push([bucket, box])
    else drop.push(bucket)
    from.delete(bucket)
  }
  return { fresh: false, from, put, drop }
}

/** Nothing stays of what is dropped, nor below what is written whole: also a bucket left and joined again comes so. */
const leave = (pile: Pile, { drop, put, from }: Change) =>
  new Set([...drop, ...put.map(([bucket]) => bucket).filter((bucket) => !pile.sure || !from.has(bucket))])

/** The page's pack, with the small ones right below it when they have become many, or much together: those go from `packs`. */
function folded(packs: Known[], one: Written): Written {
  const run = packs.slice(packs.findLastIndex((p) => !p.small) + 1)
  if (!one.small || run.length === 0 || (run.length + 1 < MANY && sum(run.map((p) => p.size)) + one.size < FOLD)) return one
  packs.length -= run.length
  return written(one.n, merge([...run.map((p) => p.small!), one.small]))
}

/** What has changed is another object: pages are laid into copies. */
function partOf(was: Box | undefined, is: Box): { part?: Part; spent: number } {
  if (!was) return { part: { full: true, rows: is }, spent: 0 }
  const rows: Part['rows'] = {}
  let spent = 0
  // Most rows of most boxes did not change: nothing is made for those.
  const change = (c: string, id: string, row: Row | null, before: Row | undefined) => {
    ;(rows[c] ??= {})[id] = row
    if (before) spent += rowLength(id, before)
    if (!row) spent += rowLength(id, row)
  }
  for (const c in was) for (const id in was[c]) if (!is[c]?.[id]) change(c, id, null, was[c][id])
  for (const c in is) {
    if (!was[c]) rows[c] = {}
    for (const id in is[c]) if (was[c]?.[id] !== is[c][id]) change(c, id, is[c][id]!, was[c]?.[id])
  }
  return Object.keys(rows).length > 0 ? { part: { rows }, spent } : { spent }
}

function live(packs: Known[], { put, from }: Change): [string, Box][] {
  const anew = new Map(put)
  const buckets = new Set(packs.flatMap((p) => p.buckets))
  return [...buckets].flatMap((bucket) => {
    const box = anew.get(bucket) ?? from.get(bucket)
    return box ? [[bucket, box]] : []
  })
}

/** What is large is several packs: the rewriting of one is bounded so. */
function cut(n: number, parts: [string, Part][]): Written[] {
  const out: Written[] = []
  let from = 0
  let texts: string[] = []
  let size = 0
  parts.forEach(([bucket, part], i) => {
    size += texts[texts.push(JSON.stringify(bucket) + ':' + JSON.stringify(part)) - 1]!.length + 1
    if (size < CHUNK && i < parts.length - 1) return
    const text = '{' + texts.join(',') + '}'
    out.push({ ...known(n + out.length, text.length, Object.fromEntries(parts.slice(from, i + 1))), text })
    from = i + 1
    texts = []
    size = 0
  })
  return out
}

const known = (n: number, size: number, pack: Pack): Known => ({ n, size, buckets: Object.keys(pack), ...(size < SMALL && { small: pack }) })
function written(n: number, pack: Pack): Written {
  const text = JSON.stringify(pack)
  return { ...known(n, text.length, pack), text }
}
const pileFrom = (packs: Known[], last: number, waste: Waste, sure: boolean): Pile =>
  ({ last, waste, sure, packs: packs.map(({ n, size, buckets, small }) => ({ n, size, buckets, ...(small && { small }) })) })

const names = (p: Known, buckets: Set<string>) => buckets.size > 0 && p.buckets.some((b) => buckets.has(b))
const numbers = (packs: Known[]) => packs.map((p) => p.n)
const sum = (all: Iterable<number>) => [...all].reduce((a, b) => a + b, 0)
const spend = (waste: Waste, bucket: string, chars: number) => void (chars > 0 && waste.set(bucket, (waste.get(bucket) ?? 0) + chars))
const lengthOf = (rows: Part['rows']) => JSON.stringify(rows).length
const rowLength = (id: string, row: Row | null) => id.length + 4 + JSON.stringify(row).length
