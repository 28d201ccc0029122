// The phone locks by itself: some minutes out of sight, or untouched. A call suspends it, or each would end at the lock.
import { later, now } from '../lib/clock'

type After = { hidden: number; idle: number }

const MINUTE = 60_000
const CALL = 60 * MINUTE
const TOUCHES = ['pointerdown', 'keydown', 'input'] as const

export class AutoLock {
  #touched = 0
  #hidden = 0
  #until = 0 // suspended
  #cancel = () => {}

  constructor(readonly after: () => After | undefined, readonly lock: () => void) {}

  watch(): void {
    const touch = () => {
      if (!this.#over()) this.#touched = now().getTime()
    }
    touch()
    for (const what of TOUCHES) window.addEventListener(what, touch, { capture: true, passive: true })
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') this.#hidden = now().getTime()
      else {
        this.#look() // a timer may have slept as long as the page did
        this.#hidden = 0
      }
    })
    this.#wait()
  }

  suspend(): void {
    this.#until = now().getTime() + CALL
  }

  #over(): boolean {
    const after = this.after()
    if (!after) return false
    const at = now().getTime()
    if (this.#hidden > 0 && at >= this.#until && at - this.#hidden >= after.hidden * MINUTE) return true
    return this.#touched > 0 && at >= this.#until && at - this.#touched >= after.idle * MINUTE
  }

  #look(): void {
    if (this.#over()) this.lock()
  }

  #wait(): void {
    this.#cancel()
    this.#cancel = later(MINUTE / 4, () => {
      this.#look()
      this.#wait()
    })
  }
}
