// What the simulation knows of the server's world without asking the engine: who has a seat where, and until when.
import type { Person } from './phone'

export const canary = (board: string): string => `<${board}>`
const DAY = 86_400_000

export class World {
  readonly people: Person[] = []
  boards: string[] = []
  /** board → user → last day, '' for no end. */
  #seats = new Map<string, Map<string, string>>()
  broken = false
  wide = false

  constructor(readonly clock: () => number) {}

  day(after = 0): string {
    return new Date(this.clock() + after * DAY).toISOString().slice(0, 10)
  }

  seat(board: string, user: string, until: string | null): void {
    const seats = this.#seats.get(board) ?? new Map<string, string>()
    if (until === null) seats.delete(user)
    else seats.set(user, until)
    this.#seats.set(board, seats)
  }

  drop(board: string): void {
    this.boards = this.boards.filter((b) => b !== board)
    this.#seats.delete(board)
  }

  boardsOf(user: string): Set<string> {
    const today = this.day()
    const open = (until: string | undefined) => until !== undefined && (until === '' || until >= today)
    return new Set(this.boards.filter((b) => open(this.#seats.get(b)?.get(user))))
  }

  /** As it is, for when the server is put back to this moment. */
  keep(): () => void {
    const kept = structuredClone([this.boards, this.#seats] as const)
    const active = this.people.map((p) => p.active)
    return () => {
      ;[this.boards, this.#seats] = structuredClone(kept)
      this.people.forEach((p, i) => (p.active = active[i]!))
    }
  }
}
