// What the list of calls needs of a box. It lies beside the boxes, so that the list is there before they are opened.
import type { Box } from '../sync/store'
import type { Contact } from './types'

const ROWS = ['municipalities', 'schemes', 'users', 'courses', 'citizens', 'consents', 'covers', 'flags']

/** null: nothing of it. The same list comes of the brief box as of the whole one. */
export function brief(_bucket: string, box: Box): Box | null {
  const rows: Box = Object.fromEntries(ROWS.flatMap((c) => (box[c] ? [[c, box[c]]] : [])))
  if (box.appointments) rows.appointments = only(box.appointments, (a) => a.state === 'open')
  if (box.contacts) rows.contacts = sinceTheyTalked(box.contacts)
  return Object.keys(rows).length > 0 ? rows : null
}

/** The last talk and what came after it, as it stands; what was said is for later. [S17] */
function sinceTheyTalked(rows: Box[string]): Box[string] {
  const all = Object.values(rows) as unknown as Contact[]
  const corrected = new Set(all.map((c) => c.amends))
  const stand = all.filter((c) => !corrected.has(c.id))
  const last = stand.filter((c) => c.outcome === 'reached').reduce((at, c) => (c.occurred_at > at ? c.occurred_at : at), '')
  return Object.fromEntries(stand.filter((c) => c.occurred_at >= last).map((c) => [c.id, { ...rows[c.id]!, note: '', topics: [], offers: [] }]))
}

const only = (rows: Box[string], is: (row: Box[string][string]) => boolean): Box[string] =>
  Object.fromEntries(Object.entries(rows).filter(([, row]) => is(row)))
