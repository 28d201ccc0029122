// All that a seed decides. Nothing else in the simulation asks for chance.

export class Chance {
  #state: number
  constructor(seed: number) {
    this.#state = (seed * 0x9e3779b9) >>> 0
    for (let i = 0; i < 4; i++) this.next()
  }

  /** 0 ≤ x < 1 (mulberry32). */
  next = (): number => {
    let t = (this.#state = (this.#state + 0x6d2b79f5) >>> 0)
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  /** 0 ≤ n < below. */
  int = (below: number): number => Math.floor(this.next() * below)
  one = (of: number): boolean => this.int(of) === 0
  pick = <T>(from: readonly T[]): T => from[this.int(from.length)]!
  maybe = <T>(from: readonly T[]): T | undefined => (from.length ? this.pick(from) : undefined)

  weighted<T>(from: readonly (readonly [number, T])[]): T {
    let left = this.next() * from.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of from) if ((left -= weight) < 0) return value
    return from.at(-1)![1]
  }

  id = (): string => Array.from({ length: 15 }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[this.int(36)]).join('')
}
