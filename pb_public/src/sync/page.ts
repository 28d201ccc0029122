// One page of a pull: read whole or thrown away, then laid into the boxes.
import type { Digest, EndLine, PullLine, Row } from './protocol'
import type { Box } from './store'

export type Page = { changes: Exclude<PullLine, EndLine>[]; end: EndLine }

/** A connection that breaks off looks like a short reply: only the end line says that nothing is missing. */
export async function readPage(body: ReadableStream<Uint8Array>): Promise<Page> {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await new Response(body).arrayBuffer())
  const changes: Page['changes'] = []
  let end: EndLine | undefined
  for (const part of text.split('\n')) {
    if (part.trim() === '') continue
    if (end) throw new Error('line after the end line')
    const line = JSON.parse(part) as PullLine
    if (line.t === 'end') end = line
    else changes.push(line)
  }
  if (!end) throw new Error('page without its end line')
  return { changes, end }
}

export type Laid = {
  /** The boxes the page changes (null: gone), beside the old ones. */
  changed: Map<string, Box | null>
  /** The boxes do not hold what the server says they hold now. */
  diverged: boolean
  schema?: { v: number; hash: string }
}

/** The page's rows go into the boxes, whose columns the page names once. */
export function applyPage(boxes: ReadonlyMap<string, Box>, page: Page): Laid {
  const changed: Laid['changed'] = new Map()
  const columns = new Map<string, string[]>()
  let schema: Laid['schema']
  let open: Box | undefined
  for (const line of page.changes) {
    if ((line.t === 'rows' || line.t === 'gone') && line.b !== undefined) {
      open = copy(changed.get(line.b) ?? boxes.get(line.b) ?? {})
      changed.set(line.b, open)
    }
    if (line.t === 'rows') lay(rowsOf(open, line.c), line, columns.get(line.c))
    else if (line.t === 'gone') for (const [id] of line.r) delete rowsOf(open, line.c)[id]
    else if (line.t === 'bucket') {
      open = {}
      changed.set(line.b, open)
    } else if (line.t === 'leave') {
      changed.set(line.b, null)
      open = undefined
    } else if (line.t === 'cols') columns.set(line.c, line.k)
    else if (line.t === 'schema') schema = line
    // a kind of line this build does not know is left alone
  }
  return { changed, diverged: !adds(changed.values(), page.end.sum), ...(schema && { schema }) }
}

function lay(rows: Record<string, Row>, { c, r }: Extract<PullLine, { t: 'rows' }>, columns: string[] | undefined): void {
  if (!columns) throw new Error('rows of ' + c + ' without columns')
  for (const values of r) {
    const row: Row = { id: values[0], _seq: values[1] }
    for (let i = 0; i < columns.length; i++) row[columns[i]!] = values[i + 2]
    rows[row.id] = row
  }
}

function adds(changed: Iterable<Box | null>, sum: Digest | undefined): boolean {
  if (!sum) return true
  let rows = 0
  let total = 0
  for (const box of changed) {
    const [n, s] = digest(box ?? {})
    rows += n
    total += s
  }
  return rows === sum[0] && total === sum[1]
}

function rowsOf(open: Box | undefined, collection: string): Record<string, Row> {
  if (!open) throw new Error('row outside a bucket')
  return (open[collection] ??= {})
}

export function digest(box: Box): Digest {
  const d: Digest = [0, 0]
  for (const rows of Object.values(box)) {
    for (const row of Object.values(rows)) {
      d[0]++
      d[1] += row._seq
    }
  }
  return d
}

const copy = (box: Box): Box => Object.fromEntries(Object.entries(box).map(([c, rows]) => [c, { ...rows }]))
