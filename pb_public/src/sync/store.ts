// What the phone keeps. Confirmed rows lie in boxes, one per bucket; what the mentor did lies in the outbox.
import type { How, Mutation, Outcome, Row } from './protocol'

/** All rows of one bucket, by collection and id. Dropping a bucket is dropping its box. */
export type Box = Record<string, Record<string, Row>>

/** How far the boxes have come. The cursor is worth something only together with every box. */
export type Marks = {
  cursor: string; seq: number; at: string
  /** The server's declaration that the rows have their shape from, and its protocol. */
  schema: string; v: number
  /** When the boxes were last compared with the server's sums. */
  checked: string
}
export const NOTHING: Marks = { cursor: '', seq: 0, at: '', schema: '', v: 0, checked: '' }

/**
 * Local numbers never repeat; on the wire they count from 1 per device, so `n - base` travels.
 * `seen` is the highest number the server ever told, with its epoch: `57.k3f9…`.
 */
export type Counter = { device: string; base: number; last: number; sentAt: string; seen: string; evicted?: Evicted }

/** A store that the browser threw away. `told`: the server knows; `over`: the person does. */
export type Evicted = { device: string; last: number; told?: true; over?: true }

export type Resolved = { how: Exclude<How, 'release'>; note: string; at: string }

/** `deps` are local numbers here. */
export type OutboxEntry = Mutation & {
  id: string
  state: 'unsent' | 'received' | 'refused' | 'escrowed'
  outcome?: Outcome
  /** How often the server broke on it. */
  tries?: number
  /** A pull has brought what it wrote: the boxes show it now. */
  passed?: true
  /** From when on it is but a receipt, by the server's clock. */
  since?: string
  /** Not to be done, but its number must be used up: it travels without its args. */
  spend?: true
  resolved?: Resolved
}

export type NewMutation = { id: string; name: string; args: unknown; at: string; deps?: number[] }
/** What else happens in the moment a mutation is saved. */
export type Along = { draft?: string; resolves?: { n: number; note: string } }

/** null drops the entry; the same object leaves it as it is. */
export type Edit = (e: OutboxEntry) => OutboxEntry | null

export type PageWrite = {
  /** The cursor the page was asked with: it fits on nothing else. */
  expect: string
  /** Pulled from nothing: all that lay there goes. */
  fresh: boolean
  /** The boxes before the page, but those that come whole. A row that is the same object in `put` did not change. */
  from: ReadonlyMap<string, Box>
  put: Map<string, Box>
  drop: string[]
  marks: Marks
  seen: string
  /** The entries for which the page means something, and what. */
  ns: number[]
  edit: Edit
}

export type Draft = { course: string; at: string; values: Record<string, unknown> }

export type Held = { boxes: Map<string, Box>; marks: Marks }
export type Outbox = { outbox: OutboxEntry[]; counter: Counter }

/** Each method is one transaction: it happens whole, or not at all. */
export interface Store {
  /** `mark` is what lies outside the store: with it and no counter, the store was thrown away. */
  load(mark?: string | null): Promise<Held & Outbox>
  outbox(): Promise<Outbox>
  /** Gives the mutation the next number, gapless also between tabs. */
  add(m: NewMutation, along?: Along): Promise<OutboxEntry>
  /** A person dealt with it; the server is told when it knows it. */
  resolve(n: number, how: Resolved): Promise<void>
  /** `told`: what the server said beside it. */
  edit(ns: number[], edit: Edit, told?: { sentAt: string; seen: string }): Promise<void>
  /** Rows, cursor and what the page means for the outbox. */
  commit(page: PageWrite): Promise<void>
  /** One step of clearing away what lies below newer rows, for `boxes` as they are held; true: there is more. */
  tidy(boxes: ReadonlyMap<string, Box>): Promise<boolean>
  /** What the first screen needs of the boxes, as long as it is true of all that lies here; else null. */
  head(): Promise<Held | null>
  /** Kept for the next start, unless there is one that is true. `brief` is asked if it is needed. */
  saveHead(brief: () => ReadonlyMap<string, Box>): Promise<void>
  /** The next pull starts there; '' is from nothing. The boxes stay until it has something better. */
  moveCursor(cursor: string, checked?: string): Promise<void>
  /** The server was put back from a backup: all that was decided is to be sent again, and all rows anew. */
  revive(): Promise<void>
  /** A new device id: what is unsent is numbered anew behind the rest. */
  renumber(device: string): Promise<void>
  /** What is known of a lost store: the server was told, or the person is done with it. */
  evicted(step: 'told' | 'over'): Promise<void>
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
