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

type Columns = Extract<PullLine, { t: 'cols' }>

const keyOf = (bucket: string) => bucket.slice(bucket.indexOf(':') + 1)

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
  const columns = new Map<string, Columns>()
  let schema: Laid['schema']
  let open: Box | undefined
  let bucket = ''
  for (const line of page.changes) {
    if ((line.t === 'rows' || line.t === 'gone') && line.b !== undefined) {
      bucket = line.b
      open = copy(changed.get(bucket) ?? boxes.get(bucket) ?? {})
      changed.set(bucket, open)
    }
    if (line.t === 'rows') lay(rowsOf(open, line.c), line, columns.get(line.c), keyOf(bucket))
    else if (line.t === 'gone') for (const [id] of line.r) delete rowsOf(open, line.c)[id]
    else if (line.t === 'bucket') {
      bucket = line.b
      open = {}
      changed.set(bucket, open)
    } else if (line.t === 'leave') {
      changed.set(line.b, null)
      open = undefined
    } else if (line.t === 'cols') columns.set(line.c, line)
    else if (line.t === 'schema') schema = line
    // a kind of line this build does not know is left alone
  }
  return { changed, diverged: !adds(changed.values(), page.end.sum), ...(schema && { schema }) }
}

function lay(rows: Record<string, Row>, { c, r }: Extract<PullLine, { t: 'rows' }>, columns: Columns | undefined, of: string): void {
  if (!columns) throw new Error('rows of ' + c + ' without columns')
  const { k, key } = columns
  for (const values of r) {
    const row: Row = { id: values[0], _seq: values[1] }
    if (key !== undefined) row[key] = of
    for (let i = 0; i < k.length; i++) row[k[i]!] = values[i + 2]
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
