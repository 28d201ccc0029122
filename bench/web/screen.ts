// The screen that every peer has to show before it counts as usable: the fifty newest entries.
export type Entry = { id: string; folder: string; at: string; by: string; direction: string; outcome: string; minutes: number; topics: string[]; note: string }

export const SHOWN = 50

export function show(entries: Entry[]): void {
  if (entries.length !== SHOWN) throw new Error(`${entries.length} entries to show`)
  document.body.replaceChildren(...entries.map((e) => {
    const line = document.createElement('p')
    line.textContent = `${e.at} ${e.outcome} ${e.minutes} ${e.note}`
    return line
  }))
  void document.body.offsetHeight // laid out, not only handed over
}

/** The newest of what lies in memory, in one pass. */
export function newest(entries: Iterable<Entry>): Entry[] {
  const top: Entry[] = []
  for (const e of entries) {
    if (top.length < SHOWN || e.at > top[SHOWN - 1]!.at) insert(top, e)
  }
  return top
}

/** The newest of lists that begin with their newest. */
export function merge(lists: Entry[][]): Entry[] {
  lists.sort((a, b) => (a[0]!.at < b[0]!.at ? 1 : -1))
  const top: Entry[] = []
  for (const list of lists) {
    if (top.length === SHOWN && list[0]!.at <= top[SHOWN - 1]!.at) break
    for (const e of list) {
      if (top.length === SHOWN && e.at <= top[SHOWN - 1]!.at) break
      insert(top, e)
    }
  }
  return top
}

function insert(top: Entry[], e: Entry): void {
  let i = top.length
  while (i > 0 && top[i - 1]!.at < e.at) i--
  top.splice(i, 0, e)
  if (top.length > SHOWN) top.pop()
}

/** What a page lets the driver call. Each returns milliseconds, or what took them. */
export type Bench = {
  /** Opens the store, and says how long it took until the screen showed what is held. */
  open(arg: unknown, shown: boolean): Promise<number>
  /** Everything from nothing, on the disk, and the screen. */
  first(): Promise<Figures>
  /** Whatever follows a first sync and must not be counted in the next measurement. */
  settle?(): Promise<number>
  /** What changed since; whoever has no better sign is told how many rows that is. */
  again(expected: number): Promise<Figures>
  /** Changes made here while there is no network. */
  make(entries: Entry[]): Promise<Figures>
  /** Until the server has them all and said so. */
  push(): Promise<Figures>
  /** How many of them are held just so. */
  holds(entries: Entry[]): Promise<number>
}
export type Figures = { ms: number; parts?: Record<string, number> }

export function offer(bench: Bench): void {
  Object.assign(globalThis, { bench })
}

export async function timed(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await job()
  return performance.now() - start
}
