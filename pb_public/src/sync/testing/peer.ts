// The other end of the wire for tests: a small server that keeps the protocol's promises, and a line that breaks them.
import type { Mutation, Outcome, PullLine, PushRequest } from '../protocol'

type Stored = { c: string; id: string; seq: number; d: Record<string, unknown> | null }
export type Fault = 'ok' | 'lost' | 'down' | 'cut' | 500 | 401 | 410

export class Peer {
  epoch = 'e1'
  seq = 0
  /** What the next requests meet, in order; then the line is good. */
  faults: Fault[] = []
  maxBody = 256_000
  pageRows = 1000
  knows = new Set(['note.add'])
  now = () => new Date('2026-11-22T12:00:00Z')
  readonly requests: string[] = []
  /** Called when a request has arrived. */
  heard: (path: string) => unknown = () => {}
  buckets = new Map<string, Map<string, Stored>>()
  members = new Map<string, { seq: number; active: boolean }>()
  decided = new Map<string, { body: string; outcome: Outcome }>()

  join(bucket: string): void {
    this.members.set(bucket, { seq: ++this.seq, active: true })
    if (!this.buckets.has(bucket)) this.buckets.set(bucket, new Map())
  }

  leave(bucket: string): void {
    this.members.set(bucket, { seq: ++this.seq, active: false })
  }

  write(bucket: string, c: string, id: string, d: Record<string, unknown> | null): void {
    if (!this.buckets.has(bucket)) this.buckets.set(bucket, new Map())
    this.buckets.get(bucket)!.set(c + '/' + id, { c, id, seq: ++this.seq, d })
  }

  notes(): string[] {
    return [...this.buckets.values()].flatMap((rows) => [...rows.values()].filter((r) => r.d).map((r) => String(r.d!.text)))
  }

  /** Back to an older backup, as a restored server is: less data, a new epoch. */
  backup(): () => void {
    const kept = structuredClone([this.buckets, this.members, this.decided, this.seq] as const)
    return () => {
      ;[this.buckets, this.members, this.decided, this.seq] = structuredClone(kept)
      this.epoch += '+'
    }
  }

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const url = new URL(path, 'https://peer.invalid')
    this.requests.push(url.pathname)
    this.heard(url.pathname)
    const fault = this.faults.shift()
    if (fault === 'down') throw new TypeError('no network')
    if (typeof fault === 'number') return problem(fault, { 401: 'auth.required', 410: 'sync.cursor', 500: 'server.failed' }[fault])
    const reply = url.pathname.endsWith('/push') ? this.#push(String(init.body)) : this.#pull(url.searchParams.get('cursor') ?? '')
    if (fault === 'lost') throw new TypeError('connection reset') // decided, but nobody hears
    if (fault !== 'cut') return reply
    const text = await reply.text()
    return new Response(text.slice(0, Math.floor(text.length / 2)))
  }

  #push(body: string): Response {
    if (body.length > this.maxBody) return problem(413, 'request.too_large')
    const { device, epoch, mutations } = JSON.parse(body) as PushRequest
    if (mutations.some((m) => JSON.stringify(m.args).includes('POISON'))) return problem(400, 'request.invalid')
    if (epoch !== this.epoch) return problem(409, 'sync.epoch', { epoch: this.epoch })
    const at = this.now().toISOString()
    return Response.json({ epoch: this.epoch, at, outcomes: mutations.map((m) => this.#decide(device, m, at)) })
  }

  #decide(device: string, m: Mutation, at: string): Outcome {
    const key = device + '/' + m.n
    const body = JSON.stringify([m.name, m.at, m.args])
    const seen = this.decided.get(key)
    if (seen && seen.body !== body) return { n: m.n, at, result: 'rejected', code: 'reuse', reason: 'sync.reuse' }
    if (seen && !(seen.outcome.result === 'unknown' && this.knows.has(m.name))) return { n: m.n, at, result: 'duplicate', first: seen.outcome }
    if (m.n > 1 && !this.decided.has(device + '/' + (m.n - 1))) return { n: m.n, at, result: 'deferred', reason: 'gap' }
    const outcome = this.#apply(m, at)
    this.decided.set(key, { body, outcome })
    return outcome
  }

  #apply(m: Mutation, at: string): Outcome {
    if (!this.knows.has(m.name)) return { n: m.n, at, result: 'unknown' }
    const { id, bucket, text } = m.args as { id?: string; bucket?: string; text?: string }
    if (!id || !bucket || text === undefined) return { n: m.n, at, result: 'rejected', code: 'args', reason: 'args.invalid' }
    if (text.startsWith('BAD')) return { n: m.n, at, result: 'rejected', code: 'rule', reason: 'window.after_end', rule: 'W5' }
    this.write(bucket, 'notes', id, { text })
    const refused = text.startsWith('HALF') ? [{ part: 'next', code: 'rule' as const, reason: 'window.after_end', rule: 'W5' }] : undefined
    return { n: m.n, at, result: 'applied', seq: this.seq, ...(refused && { refused }) }
  }

  /** Cursor: epoch|since|high|last bucket. */
  #pull(cursor: string): Response {
    const [epoch, a, b, last] = cursor === '' ? [this.epoch, '0', '', ''] : cursor.split('|')
    const since = Number(a)
    if (epoch !== this.epoch || since > this.seq) return problem(410, 'sync.cursor')
    const high = b ? Number(b) : this.seq
    const out: PullLine[] = []
    let rows = 0
    let next = [this.epoch, high, '', ''].join('|')
    let more = false
    let after = last ?? ''
    for (const bucket of [...this.members.keys()].sort()) {
      if (bucket <= after) continue
      const { seq, active } = this.members.get(bucket)!
      const stored = [...this.buckets.get(bucket)!.values()]
      if (active ? seq <= since && !stored.some((r) => r.seq > since) : seq <= since || since === 0) continue
      if (rows >= this.pageRows) {
        more = true
        next = [this.epoch, since, high, after].join('|')
        break
      }
      after = bucket
      rows++
      if (!active) {
        out.push({ t: 'leave', b: bucket })
        continue
      }
      const full = seq > since
      out.push({ t: 'bucket', b: bucket, full })
      for (const r of stored.filter((r) => full || r.seq > since)) {
        if (r.d) out.push({ t: 'row', c: r.c, id: r.id, seq: r.seq, d: r.d })
        else if (!full) out.push({ t: 'gone', c: r.c, id: r.id, seq: r.seq })
        rows++
      }
    }
    out.push({ t: 'end', cursor: next, seq: more ? since : high, more, epoch: this.epoch, at: this.now().toISOString() })
    return new Response(out.map((l) => JSON.stringify(l) + '\n').join(''))
  }
}

const problem = (status: number, code: string, params?: Record<string, unknown>) =>
  Response.json({ status, code, message: code, ...(params && { params }) }, { status })
