// What the phone keeps. Confirmed rows lie in boxes, one per bucket; what the mentor did lies in the outbox.
import type { Mutation, Outcome, Row } from './protocol'

/** All rows of one bucket, by collection and id. Dropping a bucket is dropping its box. */
export type Box = Record<string, Record<string, Row>>

/** How far the boxes have come. The cursor is worth something only together with every box. */
export type Marks = { cursor: string; seq: number; epoch: string; at: string; restored: boolean }
export const NOTHING: Marks = { cursor: '', seq: 0, epoch: '', at: '', restored: false }

/** Local numbers never repeat; on the wire they count from 1 per device, so `n - base` travels. */
export type Counter = { device: string; base: number; last: number; sentAt: string }

export type OutboxEntry = Mutation & {
  id: string
  state: 'unsent' | 'received' | 'refused'
  outcome?: Outcome
  /** A pull has brought what it wrote: the boxes show it now. */
  passed?: true
  /** Refused before the server could count it: its number must still be used up. */
  spend?: true
  resolved?: { how: 'resend' | 'discard'; note: string; at: string }
}

export type NewMutation = { id: string; name: string; args: unknown; at: string }
/** What else happens in the moment a mutation is saved. */
export type Along = { draft?: string; resolves?: { n: number; note: string } }

/** null drops the entry; the same object leaves it as it is. */
export type Edit = (e: OutboxEntry) => OutboxEntry | null

export type PageWrite = {
  /** The cursor the page was asked with: it fits on nothing else. */
  expect: string
  /** Pulled from nothing: all that lay there goes. */
  fresh: boolean
  put: Map<string, Box>
  drop: string[]
  /** Every bucket held afterwards. */
  held: string[]
  marks: Marks
}

export type Draft = { course: string; at: string; values: Record<string, unknown> }

export type Saved = { boxes: Map<string, Box>; marks: Marks; counter: Counter; outbox: OutboxEntry[] }

/** Each method is one transaction: it happens whole, or not at all. */
export interface Store {
  load(): Promise<Saved>
  outbox(): Promise<{ outbox: OutboxEntry[]; counter: Counter }>
  /** Gives the mutation the next number, gapless also between tabs. */
  add(m: NewMutation, along?: Along): Promise<OutboxEntry>
  edit(ns: number[], edit: Edit, sentAt?: string): Promise<void>
  /** Rows, cursor and what the page means for the outbox. */
  commit(page: PageWrite, edit: Edit): Promise<void>
  /** The next pull starts from nothing. The boxes stay until it has something better. */
  forgetCursor(): Promise<void>
  /** A new device id: whatever is not decided, and what `revive` names, is numbered anew behind the rest. */
  renumber(device: string, epoch: string, revive: number[], restored: boolean): Promise<void>
  drafts(): Promise<number>
  draft(course: string): Promise<Draft | null>
  saveDraft(d: Draft): Promise<void>
  dropDraft(course: string): Promise<void>
  /** Confirmed rows leave the phone; outbox and drafts stay. */
  empty(): Promise<void>
  destroy(): Promise<void>
  close(): void
}

/** `store.full` no room · `store.moved` another tab was faster · `store.failed` anything else. */
export class StoreError extends Error {
  constructor(
    readonly code: 'store.full' | 'store.moved' | 'store.failed',
    cause?: unknown,
  ) {
    super(code, { cause })
    this.name = 'StoreError'
  }
}
