// The other end of the wire for tests: a small server that keeps the protocol's promises, and a line that breaks them.
import type { CheckRequest, Clash, Digest, Kept, Mutation, Outcome, PullLine, PushRequest, SettleArgs } from '../protocol'

type Stored = { c: string; id: string; seq: number; d: Record<string, unknown> | null }
type Decided = { body: string; name: string; args: unknown; outcome: Outcome; settled?: string; handed?: boolean }
/** `High` and `after` while a round is under way; `tag` is the epoch of the higher number. */
type Cursor = { since: number; high: number; tag: string; after: string; afresh: string[] }

/** `corrupt`: of the next page with rows one is lost on the way, and it looks whole all the same. */
export type Fault = 'ok' | 'lost' | 'down' | 'cut' | 'corrupt' | 500 | 401 | 410

export class Peer {
  seq = 0
  marks: { seq: number; tag: string }[] = []
  #lives = 0
  #corrupt = false
  /** What the next requests meet, in order; then the line is good. */
  faults: Fault[] = []
  retryAfter = ''
  maxBody = 256_000
  pageRows = 1000
  oldest = 2
  schema = 'schema01'
  v = 2
  active = true
  knows = new Set(['note.add', 'sync.settle'])
  /** Texts that the server breaks on. */
  breaks = (text: string | undefined) => text?.startsWith('FAIL') === true
  now = () => new Date('2026-11-22T12:00:00Z')
  readonly requests: string[] = []
  /** What phones said of themselves, last. */
  readonly devices = new Map<string, URLSearchParams>()
  readonly lost: string[] = []
  checks = 0
  diverged = 0
  /** Called when a request has arrived. */
  heard: (path: string) => unknown = () => {}
  buckets = new Map<string, Map<string, Stored>>()
  members = new Map<string, { seq: number; active: boolean }>()
  decided = new Map<string, Decided>()

  constructor() {
    this.boot()
  }

  /** A new life: a new epoch. */
  boot(): void {
    this.marks.push({ seq: ++this.seq, tag: 'epoch' + String(++this.#lives).padStart(4, '0') })
  }

  epochOf = (seq: number): string => this.marks.findLast((m) => m.seq <= seq)?.tag ?? ''
  #gave = (seq: number, tag: string) => seq <= this.seq && this.epochOf(seq) === tag

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

  /** Texts that are kept until somebody has dealt with them. */
  kept = (result?: Outcome['result']): string[] =>
    this.#kept().filter((k) => !result || k.result === result).map((k) => String((k.args as { text?: string }).text))

  /** Back to an older backup, as a restored server is: less data, another life. */
  backup(): () => void {
    const taken = structuredClone([this.buckets, this.members, this.decided, this.seq, this.marks] as [Peer['buckets'], Peer['members'], Peer['decided'], number, Peer['marks']])
    return () => {
      ;[this.buckets, this.members, this.decided, this.seq, this.marks] = structuredClone(taken)
      this.boot()
    }
  }

  readonly fetch = async (path: string, init: RequestInit): Promise<Response> => {
    const url = new URL(path, 'https://peer.invalid')
    this.requests.push(url.pathname)
    this.heard(url.pathname)
    const fault = this.faults.shift()
    if (fault === 'down') throw new TypeError('no network')
    if (typeof fault === 'number') return problem(fault, { 401: 'auth.required', 410: 'sync.cursor', 500: 'server.failed' }[fault], {}, this.retryAfter)
    const said = new URLSearchParams(new Headers(init.headers).get('Sync-Device') ?? '')
    this.#contact(said)
    const reply = this.#answer(url, said, init.body === undefined ? '' : String(init.body))
    if (fault === 'lost') throw new TypeError('connection reset') // decided, but nobody hears
    this.#corrupt ||= fault === 'corrupt'
    if (fault !== 'cut' && !this.#corrupt) return reply
    const text = await reply.text()
    if (fault === 'cut') return new Response(text.slice(0, Math.floor(text.length / 2)))
    const less = text.replace(/^{"t":"rows".*\n/m, '')
    this.#corrupt = less === text
    return new Response(less, { status: reply.status })
  }

  #answer(url: URL, said: URLSearchParams, body: string): Response {
    if (url.pathname === '/api/sync/push') return this.#push(body)
    if (!this.active) return problem(403, 'auth.inactive')
    if (url.pathname === '/api/sync/check') return this.#check(JSON.parse(body) as CheckRequest)
    if (url.pathname === '/api/sync/kept') return Response.json({ items: this.#kept() })
    return this.#pull(url.searchParams.get('cursor') ?? '', url.searchParams.get('seen') ?? '', said)
  }

  #contact(said: URLSearchParams): void {
    this.devices.set(said.get('id')!, said)
    if (said.has('lost')) this.lost.push(said.get('lost')!)
  }

  #saw(seen: string): boolean {
    const [seq, tag] = seen.split('.')
    return seen === '' || this.#gave(Number(seq), tag!)
  }

  #push(body: string): Response {
    if (body.length > this.maxBody) return problem(413, 'request.too_large')
    const { device, seen, clock, mutations, ...rest } = JSON.parse(body) as PushRequest
    if (Object.keys(rest).length > 0 || !clock || mutations.length === 0 || mutations.length > 100) return problem(400, 'request.invalid')
    if (mutations.some((m) => JSON.stringify(m.args).includes('POISON'))) return problem(400, 'request.invalid')
    if (mutations.some((m) => m.deps?.some((d) => d < 1 || d >= m.n))) return problem(400, 'request.mutation')
    if (!this.#saw(seen)) return problem(409, 'sync.restored')
    const at = this.now().toISOString()
    const outcomes: Outcome[] = []
    for (const [i, m] of mutations.entries()) {
      if (!this.breaks((m.args as { text?: string }).text)) outcomes.push(this.#decide(device, m, at))
      else if (i === 0) return problem(503, 'server.failed', { n: m.n })
      else {
        for (const { n } of mutations.slice(i)) outcomes.push({ n, at, result: 'deferred', reason: 'retry' })
        break
      }
    }
    return Response.json({ epoch: this.epochOf(this.seq), seq: this.seq, at, outcomes })
  }

  #decide(device: string, m: Mutation, at: string): Outcome {
    const of = (n: number) => this.decided.get(device + '/' + n)
    const body = JSON.stringify([m.name, m.at, m.args])
    const seen = of(m.n)
    if (seen && seen.body !== body) return { n: m.n, at, result: 'rejected', code: 'reuse', reason: 'sync.reuse' }
    if (seen && !(seen.outcome.result === 'unknown' && this.knows.has(m.name))) return { n: m.n, at, result: 'duplicate', first: seen.outcome }
    if (m.n > 1 && !of(m.n - 1)) {
      let next = m.n - 1
      while (next > 1 && !of(next - 1)) next--
      return { n: m.n, at, result: 'deferred', reason: 'gap', params: { next } }
    }
    for (const n of m.deps ?? []) {
      const result = of(n)?.outcome.result ?? 'unknown'
      if (result === 'unknown') return { n: m.n, at, result: 'deferred', reason: 'depends', params: { n } }
      const why = { n: m.n, at, reason: 'sync.depends', params: { n } }
      if (result === 'rejected') return this.#note(device, m, body, { ...why, result, code: 'gone' })
      if (result === 'escrowed') return this.#note(device, m, body, { ...why, result, code: 'forbidden' })
    }
    return this.#note(device, m, body, this.#apply(m, at))
  }

  /** Takes a number, also for a refusal: a server put back to before it is known by that. */
  #note(device: string, m: Mutation, body: string, outcome: Outcome): Outcome {
    const seq = ++this.seq
    const noted = outcome.seq === undefined ? outcome : { ...outcome, seq }
    this.decided.set(device + '/' + m.n, { body, name: m.name, args: m.args, outcome: noted })
    return noted
  }

  #apply(m: Mutation, at: string): Outcome {
    const out = (o: Partial<Outcome>): Outcome => ({ n: m.n, at, result: 'applied', ...o })
    if (!this.active) return out({ result: 'escrowed', code: 'forbidden', reason: 'sync.inactive' })
    if (!this.knows.has(m.name)) return out({ result: 'unknown' })
    if (m.name === 'sync.settle') return out(this.#settle(m.args as SettleArgs))
    const { id, bucket, text } = m.args as { id?: string; bucket?: string; text?: string }
    if (!id || !bucket || text === undefined) return out({ result: 'rejected', code: 'args', reason: 'args.invalid' })
    if (text.startsWith('BAD')) return out({ result: 'rejected', code: 'rule', reason: 'window.after_end', rule: 'W5' })
    if (text.startsWith('NOT MINE')) return out({ result: 'escrowed', code: 'forbidden', reason: 'course.not_member', rule: 'A3' })
    this.write(bucket, 'notes', id, { text })
    const refused = [{ part: 'next', code: 'rule' as const, reason: 'window.after_end', rule: 'W5' }]
    const merged: Clash[] = [{ field: 'text', theirs: 'theirs', mine: text }]
    return out({
      ...(text.startsWith('HALF') && { refused }), ...(text.startsWith('OVER') && { result: 'merged' as const, merged }), seq: this.seq,
    })
  }

  #settle({ device, n, how, note, user, ...rest }: SettleArgs): Partial<Outcome> {
    const item = this.decided.get(device + '/' + n)
    if (!item || Object.keys(rest).length > 0 || note === undefined || user !== '') return { result: 'rejected', code: 'gone', reason: 'record.gone' }
    if (how === 'handed' && item.args === null) return { result: 'rejected', code: 'gone', reason: 'record.gone' }
    if (how === 'handed') item.handed = true
    else if (!item.settled && item.outcome.result !== 'escrowed') Object.assign(item, { settled: how, args: null })
    return { seq: this.seq }
  }

  #kept(): Kept[] {
    const waits = (d: Decided) => !d.settled && d.name !== 'sync.settle' && (d.outcome.refused || ['rejected', 'escrowed'].includes(d.outcome.result))
    return [...this.decided].filter(([, d]) => waits(d)).map(([key, { name, args, outcome, handed = false }]) => {
      const [device, n] = key.split('/')
      return { user: 'u1', device: device!, n: Number(n), name, at: outcome.at, received: outcome.at, result: outcome.result, outcome, args, handed }
    }).reverse()
  }

  /** By how much the sums are wrong. */
  off = 0
  #digest = (bucket: string): Digest =>
    [...this.buckets.get(bucket)!.values()].reduce<Digest>(([n, s], r) => (r.d ? [n + 1, s + r.seq] : [n, s]), [0, this.off])

  #changed(bucket: string, since: number): boolean {
    return this.members.get(bucket)!.seq > since || [...this.buckets.get(bucket)!.values()].some((r) => r.seq > since)
  }

  #check({ cursor, held }: CheckRequest): Response {
    this.checks++
    const from = read(cursor)
    if (!from || from.high) return problem(410, 'sync.cursor')
    if (!this.#gave(from.since, from.tag)) return problem(409, 'sync.restored')
    const afresh = Object.keys(held).filter((b) => !this.members.has(b))
    for (const [bucket, { active }] of this.members) {
      const same = active ? String(held[bucket]) === String(this.#digest(bucket)) : !held[bucket]
      if (!same && !this.#changed(bucket, from.since)) afresh.push(bucket)
    }
    this.diverged += afresh.length
    return Response.json({ cursor: afresh.length > 100 ? '' : JSON.stringify({ ...from, afresh }), diverged: afresh })
  }

  #pull(at: string, seen: string, said: URLSearchParams): Response {
    if (Number(said.get('v')) < this.oldest) return problem(426, 'sync.version', { min: this.oldest, max: this.v })
    const from = at === '' ? { since: 0, high: 0, tag: '', after: '', afresh: [] } : read(at)
    if (!from) return problem(410, 'sync.cursor')
    if (!this.#saw(seen) || (at !== '' && !this.#gave(Math.max(from.since, from.high), from.tag))) return problem(409, 'sync.restored')
    const high = from.high || this.seq
    const tag = this.epochOf(high)
    const out: PullLine[] = []
    if (said.get('schema') !== this.schema) out.push({ t: 'schema', v: this.v, hash: this.schema })
    let rows = 0
    let after = from.after
    let next: Cursor = { since: high, high: 0, tag, after: '', afresh: [] }
    for (const bucket of [...new Set([...this.members.keys(), ...from.afresh])].sort()) {
      if (bucket <= from.after || !this.#concerns(bucket, from)) continue
      if (rows >= this.pageRows) {
        next = { ...from, high, tag, after }
        break
      }
      after = bucket
      rows += this.#bucket(bucket, from, out)
    }
    const more = next.high > 0
    const named = new Set(out.flatMap((l) => ('b' in l && l.b && l.t !== 'leave' ? [l.b] : [])))
    const sums = [...named].map((b) => this.#digest(b))
    const sum: Digest = [sums.reduce((n, d) => n + d[0], 0), sums.reduce((n, d) => n + d[1], 0)]
    out.push({ t: 'end', cursor: JSON.stringify(next), seq: next.since, ...(more && { more }), ...(sums.length > 0 && { sum }), epoch: tag, at: this.now().toISOString() })
    return new Response(out.map((l) => JSON.stringify(l) + '\n').join(''))
  }

  #concerns(bucket: string, { since, afresh }: Cursor): boolean {
    if (afresh.includes(bucket)) return true
    const { seq, active } = this.members.get(bucket)!
    return active ? this.#changed(bucket, since) : seq > since && since > 0
  }

  #bucket(b: string, { since, afresh }: Cursor, out: PullLine[]): number {
    const member = this.members.get(b)
    if (!member?.active) return out.push({ t: 'leave', b }), 1
    const full = member.seq > since || afresh.includes(b)
    const before = out.length
    if (full) out.push({ t: 'bucket', b })
    for (const r of this.buckets.get(b)!.values()) {
      if (!full && r.seq <= since) continue
      if (r.d) {
        if (!out.some((l) => l.t === 'cols' && l.c === r.c)) out.push({ t: 'cols', c: r.c, k: Object.keys(r.d) })
        out.push({ t: 'rows', ...(full ? {} : { b }), c: r.c, r: [[r.id, r.seq, ...Object.values(r.d)]] })
      } else if (!full) out.push({ t: 'gone', b, c: r.c, r: [[r.id, r.seq]] })
    }
    return out.length - before
  }
}

function read(cursor: string): Cursor | null {
  try {
    return JSON.parse(cursor) as Cursor
  } catch {
    return null
  }
}

const problem = (status: number, code: string, params: Record<string, unknown> = {}, retryAfter = '') =>
  Response.json({ status, code, message: code, params }, { status, headers: retryAfter ? { 'Retry-After': retryAfter } : {} })
