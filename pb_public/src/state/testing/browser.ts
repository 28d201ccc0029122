// What a page has of its browser beside the disk, for tests without one: just as much as the door and the lock touch.
import { vi } from 'vitest'

export class Browser {
  readonly window = new EventTarget()
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  readonly storage = new Map<string, string>()
  /** How often the page was loaded anew. */
  reloads = 0
  readonly #channels: BroadcastChannel[] = []
  #held = false

  constructor() {
    const channels = this.#channels
    vi.stubGlobal('BroadcastChannel', class extends BroadcastChannel {
      constructor(name: string) {
        super(name)
        channels.push(this)
      }
    })
    vi.stubGlobal('window', this.window)
    vi.stubGlobal('document', this.document)
    vi.stubGlobal('location', { reload: () => void this.reloads++ })
    vi.stubGlobal('localStorage', { removeItem: (key: string) => void this.storage.delete(key) })
    vi.stubGlobal('navigator', { locks: { request: (_: string, __: object, job: (lock: object | null) => Promise<void>) => this.#lock(job) } })
  }

  /** Its pages hear nothing more of each other. */
  close(): void {
    for (const channel of this.#channels.splice(0)) channel.close()
    vi.unstubAllGlobals()
  }

  touch(): void {
    this.window.dispatchEvent(new Event('pointerdown'))
  }

  look(visibilityState: 'visible' | 'hidden'): void {
    this.document.visibilityState = visibilityState
    this.document.dispatchEvent(new Event('visibilitychange'))
  }

  async #lock(job: (lock: object | null) => Promise<void>): Promise<void> {
    if (this.#held) return job(null)
    this.#held = true
    try { await job({}) } finally { this.#held = false }
  }
}

/** What other tabs say, and what nobody waits for, comes when it comes. */
export async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  const late = performance.now() + 4000
  while (!(await is())) {
    if (performance.now() > late) throw new Error('it never came')
    await new Promise(setImmediate)
  }
}
