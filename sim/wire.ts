// Everything between a phone and the server: requests and replies wait here until the scheduler lets them go on,
// and do not always arrive as they were sent. What a user is sent is read for words that are not for them.
import type { Reply } from './server'
import type { Stage } from './stage'
import type { Tab } from './phone'

export type Fault =
  | 'drop' | 'lose' | 'twice' | 'late' | 'cut' | 'torn' | 'page' | 401 | 413 | 429 | 500 | 503 | 'after 502'
  | 'die begin' | 'die inside' | 'die between' | 'die committed' | 'die end'

export type Call = {
  tab: Tab; path: string; init: RequestInit
  answer: (r: Response) => void; fail: (e: Error) => void
  fault?: Fault; asked: boolean; held: boolean; reply?: () => void
}

const CANARY = /<([a-z0-9]{15})>/g

export class Wire {
  calls: Call[] = []
  requests = 0

  constructor(readonly stage: Stage) {}

  fetch(tab: Tab, path: string, init: RequestInit): Promise<Response> {
    return new Promise((answer, fail) => {
      if (tab.dead) return
      const call: Call = { tab, path, init, answer, fail, asked: false, held: false }
      this.calls.push(call)
      init.signal?.addEventListener('abort', () => {
        if (this.#end(call)) fail(new DOMException('aborted', 'AbortError'))
      })
    })
  }

  forget(tab: Tab): void {
    this.calls = this.calls.filter((c) => c.tab !== tab)
  }

  release(): void {
    for (const c of this.calls) c.held = false
  }

  /** What the server said before now is not heard any more. */
  sever(): void {
    for (const c of this.calls) if (c.asked) c.reply = () => c.fail(new TypeError('connection reset'))
  }

  #end(call: Call): boolean {
    const at = this.calls.indexOf(call)
    if (at >= 0) this.calls.splice(at, 1)
    return at >= 0
  }

  /** The next step of a call: to the server, or back. */
  async step(call: Call): Promise<void> {
    if (call.asked) {
      this.#end(call)
      return call.reply!()
    }
    call.asked = true
    call.fault = this.stage.fault(call.tab, call.path, String(call.init.body ?? ''))
    const { fault } = call
    this.stage.say(`${call.tab.name} ${what(call)}${fault ? ' [' + fault + ']' : ''}`)
    const lost = () => call.fail(new TypeError('no network'))
    if (fault === 'drop') return void (call.reply = lost)
    if (typeof fault === 'number') return void (call.reply = () => call.answer(problem(fault, call.path)))
    if (fault === 'page') return void (call.reply = () => call.answer(new Response('<html>Log på Wi-Fi</html>')))
    const die: Record<string, string> = fault?.startsWith('die') ? { 'X-Sim-Die': fault.slice(4) } : {}
    let reply = await this.#ask(call, die)
    if (fault === 'twice') reply = (await this.#ask(call, {})) ?? reply
    if (!reply) {
      await this.stage.died()
      return void (call.reply = lost)
    }
    call.held = fault === 'late'
    call.reply = () => {
      if (fault === 'lose') lost()
      else if (fault === 'after 502') call.answer(new Response('Bad Gateway', { status: 502 }))
      else {
        this.stage.heard(call, reply)
        call.answer(response(reply, fault, this.stage))
      }
    }
  }

  async #ask(call: Call, more: Record<string, string>): Promise<Reply | null> {
    this.requests++
    const headers = { ...(call.init.headers as Record<string, string>), ...this.stage.clockHeader(), ...more }
    const reply = await this.stage.server.ask(call.path, call.init.method ?? 'GET', headers, call.init.body as string | undefined)
    if (reply) {
      this.stage.say(`  ${reply.status} ${summary(reply.body)}`)
      this.#read(call, reply.body)
    }
    return reply
  }

  /** I6: not a byte to whoever is outside the bucket. */
  #read(call: Call, body: string): void {
    const { person } = call.tab.phone
    if (call.path.startsWith('/api/sync/kept') && person.chief) return
    const may = this.stage.world.boardsOf(person.id)
    const others = body.replace(/"mine":"[^"]*"/g, '') // her own words come back to her
    for (const [word, board] of others.matchAll(CANARY)) {
      if (!may.has(board!)) this.stage.broken('I6', `${word} was sent to ${person.name}, who has no seat there: ${call.path} answered ${around(body, word)}`)
    }
  }
}

const around = (text: string, word: string): string => text.slice(Math.max(0, text.indexOf(word) - 200), text.indexOf(word) + 100)

export const words = (text: string): string[] => [...text.matchAll(CANARY)].map((m) => m[1]!)

const problem = (status: number, path: string): Response => {
  const code = { 401: 'auth.required', 413: 'request.too_large', 500: 'server.failed', 503: 'server.failed' }[status]
  const headers: Record<string, string> = status === 429 ? { 'Retry-After': '2' } : {}
  return Response.json({ status, ...(code && { code }), message: path }, { status, headers })
}

function response({ status, body, headers }: Reply, fault: Fault | undefined, stage: Stage): Response {
  const init = { status, headers: { 'Content-Type': headers['content-type'] ?? '' } }
  if (fault !== 'cut' && fault !== 'torn') return new Response(body, init)
  // Where it breaks off is told in lines: their length is not the seed's to say.
  const lines = body.split('\n').filter((l) => l !== '')
  const whole = lines.slice(0, stage.chance.int(lines.length)).map((l) => l + '\n').join('')
  const torn = whole + (stage.chance.one(2) ? '' : lines[whole.split('\n').length - 1]!.slice(0, 9))
  if (fault === 'cut') return new Response(torn, init)
  const bytes = new TextEncoder().encode(torn)
  let sent = false
  return new Response(new ReadableStream({
    pull(c) {
      if (sent) return c.error(new TypeError('terminated'))
      sent = true
      if (bytes.length) c.enqueue(bytes)
    },
  }), init)
}

type Sent = { n: number; name: string; args: { mid?: string }; deps?: number[] }
export const mutationsOf = (init: RequestInit): Sent[] => (JSON.parse(String(init.body)) as { mutations: Sent[] }).mutations

function what({ path, init }: Call): string {
  if (!path.endsWith('/push')) return path.split('?')[0]!.slice('/api/sync/'.length)
  return 'push ' + mutationsOf(init).map((m) => `${m.n}:${m.name} ${m.args.mid ?? ''}${m.deps ? '←' + m.deps : ''}`).join(', ')
}

/** A reply in a few words that are the same whenever the seed is run. */
function summary(body: string): string {
  const lines = body.split('\n').filter((l) => l !== '')
  const parsed = lines.map((l) => {
    try {
      return JSON.parse(l) as { t?: string; outcomes?: { result: string; reason?: string; first?: { result: string } }[]; code?: string; diverged?: string[]; items?: unknown[] }
    } catch {
      return {}
    }
  })
  const [first] = parsed
  if (first?.outcomes) return first.outcomes.map((o) => o.result + (o.first ? ' of ' + o.first.result : '') + (o.reason ? ' ' + o.reason : '')).join(', ')
  if (first?.code) return first.code
  if (first?.diverged) return `${first.diverged.length} differ`
  if (first?.items) return `${first.items.length} kept`
  const count = (t: string) => parsed.filter((l) => l.t === t).length
  return ['bucket', 'rows', 'gone', 'leave', 'end'].map((t) => `${count(t)} ${t}`).join(' ')
}
