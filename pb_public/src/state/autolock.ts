// The phone locks by itself: some minutes out of sight, or untouched. A call suspends it, or each would end at the lock.
// The tabs lock together, so they are one phone here too: what one sees, all do.
import { later, now } from '../lib/clock'
import type { LockAfter } from '../vault/types'

type Word = { touched: number; called: number }

const MINUTE = 60_000
const CALL = 60 * MINUTE
const TOUCHES = ['pointerdown', 'keydown', 'input'] as const

/** Where no municipality has said anything yet, or what cannot be: minutes. */
const USUAL: LockAfter = { hidden: 5, idle: 15 }

export function lockOf(said = USUAL): LockAfter {
  const within = (minutes: number, usual: number) => (minutes >= 1 && minutes <= 60 ? minutes : usual)
  return { hidden: within(said.hidden, USUAL.hidden), idle: within(said.idle, USUAL.idle) }
}

/** A clock that was put back lengthens nothing. */
const since = (then: number): number => Math.abs(now().getTime() - then)

export class AutoLock {
  #touched = 0
  #hidden = 0
  #called = 0
  #cancel = () => {}
  readonly #tabs = new BroadcastChannel('bindeled-here')

  constructor(readonly after: () => LockAfter | undefined, readonly lock: () => void) {}

  watch(): void {
    const touch = () => {
      if (!this.#look()) this.#touched = now().getTime()
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
    this.#tabs.onmessage = ({ data }: MessageEvent<Word>) => {
      this.#touched = Math.max(this.#touched, data.touched)
      this.#called = Math.max(this.#called, data.called)
      if (this.#hidden > 0) this.#hidden = now().getTime()
    }
    this.#wait()
  }

  suspend(): void {
    this.#called = now().getTime()
    this.#tell()
  }

  due(): boolean {
    const after = this.after()
    if (!after || (this.#called > 0 && since(this.#called) < CALL)) return false
    return (this.#hidden > 0 && since(this.#hidden) >= after.hidden * MINUTE) || (this.#touched > 0 && since(this.#touched) >= after.idle * MINUTE)
  }

  #look(): boolean {
    const due = this.due()
    if (due) this.lock()
    return due
  }

  #tell(): void {
    this.#tabs.postMessage({ touched: this.#touched, called: this.#called } satisfies Word)
  }

  #wait(): void {
    this.#cancel()
    this.#cancel = later(MINUTE / 4, () => {
      if (!this.#look() && this.after() && document.visibilityState === 'visible') this.#tell()
      this.#wait()
    })
  }
}
