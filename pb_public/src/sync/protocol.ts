// The wire, as docs/SYNC-PROTOCOL.md describes it. Types only: both halves of the engine read them here.

export type Row = { id: string } & Record<string, unknown>

export type PullLine =
  | { t: 'bucket'; b: string; full: boolean }
  | { t: 'row'; c: string; id: string; seq: number; d: Record<string, unknown> }
  | { t: 'gone'; c: string; id: string; seq: number }
  | { t: 'leave'; b: string }
  | EndLine

export type EndLine = { t: 'end'; cursor: string; seq: number; more: boolean; epoch: string; at: string }

export type Mutation = { n: number; name: string; args: unknown; at: string }

export type PushRequest = { device: string; epoch: string; clock: string; mutations: Mutation[] }

export type RejectCode = 'rule' | 'forbidden' | 'stale' | 'args' | 'gone' | 'reuse'

export type Refusal = {
  code: RejectCode
  reason: string
  rule?: string
  params?: Record<string, unknown>
}

export type Outcome = {
  n: number
  result: 'applied' | 'rejected' | 'duplicate' | 'deferred' | 'unknown'
  at: string
  seq?: number
  refused?: (Refusal & { part: string })[]
  first?: Outcome
} & Partial<Refusal>

export type PushReply = { epoch: string; at: string; outcomes: Outcome[] }

/** Body of every refusal that concerns a whole request. */
export type ErrorBody = { status: number; code: string; message: string; params?: Record<string, unknown> }
