import { type Failure, isFailure, isRestored } from './failure'
import { batchOf, gapIn, isDue, MAX_COUNT, wire } from './outbox'
import type { PushReply, PushRequest } from './protocol'
import type { OutboxEntry } from './store'

/** The side of the client that pushing needs. Numbers are the wire's, but for `refuse`. */
export type PushSide = {
  readonly outbox: OutboxEntry[]
  readonly device: string
  readonly base: number
  readonly seen: string
  /** The phone's time, right or wrong: the server sets ours right by it. */
  clock(): string
  send(request: PushRequest): Promise<PushReply>
  settle(reply: PushReply): Promise<void>
  refuse(n: number, reason: string): Promise<void>
  /** The server broke on it; true when it is given up. */
  failed(n: number): Promise<boolean>
  revive(): Promise<void>
  renumber(): Promise<void>
}

/** Sends the outbox in order. Each turn gets further, halves the batch, gives one entry up or meets a restored server once: it ends. */
export async function push(side: PushSide): Promise<void> {
  let limit = MAX_COUNT
  let after = side.base
  let revived = false
  let renumbered = false

  const again = async (how: Promise<void>) => {
    await how
    after = side.base
  }

  /** Fewer, without the one, or not now. */
  async function without(e: Failure, batch: OutboxEntry[]): Promise<void> {
    const first = batch[0]!
    if (isRestored(e) && !revived) {
      revived = true
      await again(side.revive())
    } else if (isEnvelope(e) && batch.length > 1) limit = Math.ceil(batch.length / 2)
    else if (isEnvelope(e) && !first.spend) await side.refuse(first.n, e.code)
    else if (!(brokeOn(e) && (await side.failed(brokeOn(e)!)))) throw e
  }

  for (;;) {
    const batch = batchOf(side.outbox, after, limit)
    if (batch.length === 0) return
    const { device, base, seen } = side
    const mutations = batch.map((e) => wire(e, base, side.outbox))
    const reply = await side.send({ device, seen, clock: side.clock(), mutations }).catch((e: unknown) => {
      if (isFailure(e)) return e
      throw e
    })
    if (reply instanceof Error) {
      await without(reply, batch)
      continue
    }
    await side.settle(reply)
    const broke = reply.outcomes.find((o) => o.result === 'deferred' && o.reason === 'retry')
    // It broke on one behind others: asked for alone, it says on which.
    after = broke && broke.n > mutations[0]!.n ? base + broke.n - 1 : batch.at(-1)!.n
    limit = Math.min(MAX_COUNT, limit * 2)
    const gap = gapIn(reply)
    if (gap === undefined) continue
    const wanted = side.outbox.find((e) => e.n === base + gap)
    if (wanted && isDue(wanted)) continue // it waits, and so do these
    if (!revived) {
      revived = true // the server has forgotten what it decided
      await again(side.revive())
    } else if (!wanted && !renumbered) {
      renumbered = true // nor is it here any more
      await again(side.renumber())
    }
  }
}

/** 413, or a 400 of the server's own: not the 400 of some box on the way. */
const isEnvelope = (e: Failure) => e.status === 413 || (e.status === 400 && e.code.startsWith('request.'))

const brokeOn = (e: Failure): number | undefined =>
  e.code === 'server.failed' && typeof e.params.n === 'number' ? e.params.n : undefined
