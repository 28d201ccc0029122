// The wire, as docs/SYNC-PROTOCOL.md describes it: both halves of the engine read it here.

/** `_seq` is the number under which the server last wrote it. */
export type Row = { id: string; _seq: number } & Record<string, unknown>

/** Of a bucket or box: how many rows, and the sum of their numbers. */
export type Digest = [rows: number, sum: number]

export type PullLine =
  | { t: 'schema'; v: number; hash: string }
  | { t: 'bucket'; b: string }
  | { t: 'cols'; c: string; k: string[]; key?: string }
  | { t: 'rows'; b?: string; c: string; r: [id: string, seq: number, ...values: unknown[]][] }
  | { t: 'gone'; b?: string; c: string; r: [id: string, seq: number][] }
  | { t: 'leave'; b: string }
  | EndLine

/** `sum`: of the buckets that the page has lines of, now that it is in. */
export type EndLine = { t: 'end'; cursor: string; seq: number; more?: boolean; sum?: Digest; epoch: string; at: string }

/** `deps`: numbers of the same device that must have been done first. */
export type Mutation = { n: number; name: string; args: unknown; at: string; deps?: number[] }

export type PushRequest = { device: string; seen: string; clock: string; mutations: Mutation[] }

/** `failed`: the phone's own word, for what the server broke on again and again. */
export type RejectCode = 'rule' | 'forbidden' | 'stale' | 'args' | 'gone' | 'reuse' | 'failed'

export type Refusal = {
  code: RejectCode
  reason: string
  rule?: string
  params?: Record<string, unknown>
}

/** Written over what another had written meanwhile. */
export type Clash = { field: string; theirs: unknown; mine: unknown }

export type Outcome = {
  n: number
  result: 'applied' | 'merged' | 'rejected' | 'escrowed' | 'duplicate' | 'deferred' | 'unknown'
  at: string
  seq?: number
  refused?: (Refusal & { part: string })[]
  merged?: Clash[]
  /** The bucket that the values of another, in `merged` or `params`, are of. */
  in?: string
  first?: Outcome
} & Partial<Refusal>

export type PushReply = { epoch: string; seq: number; at: string; outcomes: Outcome[] }

/** The mutation that tells how a person dealt with what was kept. `user`: whose, when another's. */
export const SETTLE = 'sync.settle'
export type How = 'resend' | 'discard' | 'handed' | 'release' | 'seen'
export type SettleArgs = { user: string; device: string; n: number; how: How; note: string }

/** What the server keeps with its text until somebody has dealt with it. */
export type Kept = {
  user: string; device: string; n: number; name: string; at: string; received: string
  result: Outcome['result']; outcome: Outcome; args: unknown; handed: boolean
}
export type KeptReply = { items: Kept[]; more?: boolean }

/** Of each user whose phones somebody looks after: the last contact, what was unsent then, and since when. */
export type TeamReply = { users: { user: string; seen: string; unsent: number; oldest: string }[] }

export type CheckRequest = { cursor: string; held: Record<string, Digest> }
export type CheckReply = { cursor: string; diverged: string[] }

/** Body of every refusal that concerns a whole request. */
export type ErrorBody = { status: number; code: string; message: string; params?: Record<string, unknown> }
