import { ApiError } from '../lib/http'
import { batchOf, MAX_COUNT, wire } from './outbox'
import type { PushReply, PushRequest } from './protocol'
import type { OutboxEntry } from './store'

/** The side of the client that pushing needs. */
export type PushSide = {
  readonly outbox: OutboxEntry[]
  readonly device: string
  readonly base: number
  readonly epoch: string
  /** The phone's time, right or wrong: the server sets ours right by it. */
  clock(): string
  send(request: PushRequest): Promise<PushReply>
  settle(reply: PushReply): Promise<void>
  refuse(n: number, reason: string): Promise<void>
  newEpoch(epoch: string): Promise<void>
}

/** Sends the outbox in order. Each turn gets further, halves the batch, refuses one entry or meets a new server once: it ends. */
export async function push(side: PushSide): Promise<void> {
  let limit = MAX_COUNT
  let after = side.base
  let renewed = false
  while (side.epoch !== '') {
    const batch = batchOf(side.outbox, after, limit)
    const first = batch[0]
    if (!first) return
    try {
      const mutations = batch.map((e) => wire(e, side.base))
      await side.settle(await side.send({ device: side.device, epoch: side.epoch, clock: side.clock(), mutations }))
      after = batch.at(-1)!.n
      limit = Math.min(MAX_COUNT, limit * 2)
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      if (e.code === 'sync.epoch' && typeof e.params.epoch === 'string' && !renewed) {
        renewed = true
        await side.newEpoch(e.params.epoch)
        after = side.base
      } else if (isEnvelope(e) && batch.length > 1) limit = Math.ceil(batch.length / 2)
      else if (isEnvelope(e) && !first.spend) await side.refuse(first.n, e.code)
      else throw e
    }
  }
}

/** 413, or a 400 of the server's own: not the 400 of some box on the way. */
const isEnvelope = (e: ApiError) => e.status === 413 || (e.status === 400 && e.code.startsWith('request.'))
