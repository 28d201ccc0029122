// The real server as a child process: stopped, killed and started again on the same port and folder.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { rowsTool, seeded, server } from './paths'

type Row = Record<string, string | number | null>

export class Server {
  private child: ChildProcess | undefined
  private said = ''

  private constructor(readonly folder: string, readonly address: string) {}

  /** A server with the demo's people, which it makes itself in an empty folder. */
  static async in(folder: string): Promise<Server> {
    const s = new Server(folder, `127.0.0.1:${await freePort()}`)
    await s.start()
    return s
  }

  /** The same on a copy of what the setup made, which starts faster. */
  static async copied(folder: string): Promise<Server> {
    cpSync(seeded(), folder, { recursive: true })
    return Server.in(folder)
  }

  get url(): string { return 'http://' + this.address }

  async start(): Promise<void> {
    const child = spawn(server, ['demo', `--http=${this.address}`, `--dir=${this.folder}`])
    this.child = child
    child.stdout.on('data', (text) => (this.said += text))
    child.stderr.on('data', (text) => (this.said += text))
    const ended = new Promise<never>((_, fail) => child.once('exit', () => fail(new Error('the server ended:\n' + this.said))))
    ended.catch(() => {}) // later it is ended on purpose
    await Promise.race([this.healthy(), ended])
  }

  stop(): Promise<void> { return this.end('SIGTERM') }
  kill(): Promise<void> { return this.end('SIGKILL') }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this
    this.child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
  }

  private async healthy(): Promise<void> {
    while (this.child) {
      const reply = await fetch(this.url + '/api/health').catch(() => undefined)
      if (reply?.ok) return
      await setTimeout(20) // between two questions
    }
  }

  /** What stands in SQLite, read from beside the server. */
  rows(query: string): Row[] {
    return JSON.parse(execFileSync(rowsTool(), [join(this.folder, 'data.db'), query], { encoding: 'utf8' })) as Row[]
  }

  /** The one row a query finds. */
  row(query: string): Row {
    const rows = this.rows(query)
    if (rows.length !== 1) throw new Error(`${rows.length} rows: ${query}`)
    return rows[0]!
  }

  count(from: string): number {
    return Number(this.row(`SELECT count(*) AS n FROM ${from}`).n)
  }

  /** Whether a piece of text lies anywhere in the folder, deleted or not. */
  holds(text: string): boolean {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
    return files.some((f) => readFileSync(join(f.parentPath, f.name)).includes(text))
  }
}

function freePort(): Promise<number> {
  return new Promise((found, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => found(port))
    })
  })
}
