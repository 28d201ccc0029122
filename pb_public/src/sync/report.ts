// The header Sync-Device: how this phone stands, so that the server can tell a silent one with unsent work.
import type { Counter, Marks, OutboxEntry } from './store'

/** Of the protocol. */
export const VERSION = 2

export function report(app: string, { device, base, last, evicted }: Counter, marks: Marks, outbox: OutboxEntry[]): Record<string, string> {
  const unsent = outbox.filter((e) => e.state === 'unsent')
  const said = new URLSearchParams({ id: device, last: String(last - base), unsent: String(unsent.length) })
  if (unsent[0]) said.set('oldest', unsent[0].at)
  said.set('app', app)
  said.set('v', String(VERSION))
  said.set('schema', marks.schema)
  if (evicted && !evicted.told) said.set('lost', markOf(evicted.device, evicted.last))
  return { 'Sync-Device': said.toString() }
}

/** What lies outside the store, to tell that there was one. */
export const markOf = (device: string, last: number): string => `${device}.${last}`

export function readMark(mark: string | null | undefined): { device: string; last: number } | null {
  const [, device, last] = /^([a-z0-9]{15})\.(\d{1,15})$/.exec(mark ?? '') ?? []
  return device && last ? { device, last: Number(last) } : null
}

/** `57.k3f9…`: the higher number, the later word where they are even. */
export const seenOf = (seen: string, seq: number, epoch: string): string => (seq >= Number.parseInt(seen || '0', 10) ? `${seq}.${epoch}` : seen)
