// The real server, as a child process: started, asked, killed with SIGKILL, put back from an older copy.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'

export type Reply = { status: number; headers: Record<string, string>; body: string }

export class Server {
  url = ''
  #child: ChildProcess | undefined
  #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(
    readonly program: string,
    readonly dir: string,
    readonly seconds: number,
  ) {}

  get down(): boolean {
    return this.#child === undefined
  }

  async start(...more: string[]): Promise<void> {
    const child = spawn(this.program, ['--dir', this.dir, '--for', this.seconds + 's', ...more], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child = child
    let said = ''
    this.url = await new Promise<string>((ready, fail) => {
      child.stderr.on('data', (text) => (said += text))
      child.stdout.on('data', (text) => {
        const url = /^ready (\S+) /m.exec((said += text))?.[1]
        if (url) ready(url)
      })
      child.once('exit', () => fail(new Error('the server ended: ' + said)))
    })
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child) return
    this.#child = undefined
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGKILL')
      await gone
    }
    this.#agent.destroy()
    this.#agent = new Agent({ keepAlive: true, maxSockets: 1 })
  }

  /** A copy of the data folder, taken while the process stands still. */
  copy(to: string): void {
    rmSync(to, { recursive: true, force: true })
    this.#child?.kill('SIGSTOP')
    cpSync(this.dir, to, { recursive: true })
    this.#child?.kill('SIGCONT')
  }

  /** Back to an older copy. */
  async putBack(from: string): Promise<void> {
    await this.kill()
    rmSync(this.dir, { recursive: true, force: true })
    cpSync(from, this.dir, { recursive: true })
  }

  /** null: no answer. */
  ask(path: string, method: string, headers: Record<string, string>, body?: string): Promise<Reply | null> {
    if (this.down) return Promise.resolve(null)
    return new Promise((answer) => {
      const asked = request(this.url + path, { method, headers, agent: this.#agent }, (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('error', () => answer(null))
        reply.on('end', () => {
          if (!reply.complete) return answer(null)
          answer({ status: reply.statusCode!, headers: reply.headers as Record<string, string>, body: Buffer.concat(parts).toString() })
        })
      })
      asked.on('error', () => answer(null))
      asked.end(body)
    })
  }
}
