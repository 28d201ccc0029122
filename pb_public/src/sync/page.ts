// One page of a pull: read whole or thrown away, then laid into the boxes.
import { lines } from './lines'
import type { EndLine, PullLine } from './protocol'
import type { Box } from './store'

export type Page = { changes: Exclude<PullLine, EndLine>[]; end: EndLine }

/** A connection that breaks off looks like a short reply: only the end line says that nothing is missing. */
export async function readPage(body: ReadableStream<Uint8Array>): Promise<Page> {
  const changes: Page['changes'] = []
  let end: EndLine | undefined
  for await (const text of lines(body)) {
    if (text.trim() === '') continue
    if (end) throw new Error('line after the end line')
    const line = JSON.parse(text) as PullLine
    if (line.t === 'end') end = line
    else changes.push(line)
  }
  if (!end) throw new Error('page without its end line')
  return { changes, end }
}

/** The boxes a page changes (null: gone), computed beside the old ones. */
export function applyPage(boxes: ReadonlyMap<string, Box>, page: Page): Map<string, Box | null> {
  const changed = new Map<string, Box | null>()
  let open: Box | undefined
  for (const line of page.changes) {
    if (line.t === 'bucket') {
      const before = changed.get(line.b) ?? boxes.get(line.b)
      open = line.full || !before ? {} : copy(before)
      changed.set(line.b, open)
    } else if (line.t === 'leave') {
      changed.set(line.b, null)
      open = undefined
    } else if (line.t === 'row' || line.t === 'gone') {
      if (!open) throw new Error('row outside a bucket')
      const rows = (open[line.c] ??= {})
      if (line.t === 'row') rows[line.id] = { ...line.d, id: line.id }
      else delete rows[line.id]
    } // a kind of line this build does not know is left alone
  }
  return changed
}

const copy = (box: Box): Box => Object.fromEntries(Object.entries(box).map(([c, rows]) => [c, { ...rows }]))
