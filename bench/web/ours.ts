// The product's own engine and store, as they are, sealed on the disk. What is measured beside it is where the time goes.
import { later, now } from '../../pb_public/src/lib/clock'
import { type Http, http } from '../../pb_public/src/lib/http'
import { newId } from '../../pb_public/src/lib/id'
import { SyncClient, type View } from '../../pb_public/src/sync/client'
import { listen } from '../../pb_public/src/sync/nudge'
import { aesSeal, type Seal } from '../../pb_public/src/sync/seal'
import type { Box, Store } from '../../pb_public/src/sync/store'
import { idbStore } from '../../pb_public/src/sync/store-idb'
import { type Entry, type Figures, merge, newest, offer, show, timed } from './screen'

let client: SyncClient
let view: View
let token = ''
let parts: Record<string, number> = {}
let changed = () => {}

const add = (part: string, ms: number) => (parts[part] = (parts[part] ?? 0) + ms)

/** How long at least one job of a kind was under way: what runs side by side counts once. */
const busy = new Map<string, { jobs: number; since: number }>()
async function clocked<T>(part: string, job: () => Promise<T>): Promise<T> {
  const now = busy.get(part) ?? { jobs: 0, since: 0 }
  busy.set(part, now)
  if (now.jobs++ === 0) now.since = performance.now()
  try {
    return await job()
  } finally {
    if (--now.jobs === 0) add(part, performance.now() - now.since)
  }
}

function clockedAll<T extends object>(kind: string, target: T): T {
  return new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => clocked(`${kind}.${String(key)}`, async () => (value as (...a: unknown[]) => unknown).apply(of, args))
    },
  })
}

/** Of a page: until it answers, and from there until it is parsed. */
const clockedHttp = (inner: Http): Http => ({
  json: (path, ask) => clocked('http.' + path.split('/').at(-1)!, () => inner.json(path, ask)),
  async stream(path, ask, read) {
    const start = performance.now()
    return inner.stream(path, ask, (body) => {
      add('page.wait', performance.now() - start)
      return clocked('page.read', () => read(body))
    })
  },
})

/** The newest of each box. A box that did not change is the same object, so only what changed is looked through again. */
const tops = new WeakMap<Box, Entry[]>()

function top(box: Box): Entry[] {
  let known = tops.get(box)
  if (!known) tops.set(box, (known = newest(Object.values(box.entries ?? {}) as unknown as Entry[])))
  return known
}

function screen(): void {
  const start = performance.now()
  show(merge([...view.boxes.values()].map(top)))
  add('screen', performance.now() - start)
}

async function measured(job: () => Promise<unknown>): Promise<Figures> {
  parts = {}
  const ms = await timed(job)
  return { ms, parts: { ...parts } }
}

async function sync(): Promise<void> {
  await client.sync()
  if (view.phase !== 'idle') throw new Error(`${view.phase}: ${view.error}`)
}

const until = (ready: () => boolean) => new Promise<void>((ok) => {
  changed = () => ready() && ok()
  changed()
})

async function open({ user, token: mine }: { user: string; token: string }): Promise<void> {
  token = mine
  const key = await crypto.subtle.importKey('raw', new Uint8Array(32).fill(7), 'AES-GCM', false, ['encrypt', 'decrypt'])
  const seal = clockedAll<Seal>('seal', aesSeal(key))
  const store = clockedAll<Store>('store', idbStore(user, () => true, newId, seal))
  const tabs = new BroadcastChannel('bench')
  client = new SyncClient({
    http: clockedHttp(http()), store, token: () => token, now, random: Math.random, later, newId, idle: (job) => later(5_000, job), // as the product has it
    report: () => ({ app: 'bench' }),
    mark: { read: () => localStorage.getItem('bench'), write: (mark) => localStorage.setItem('bench', mark) },
    lock: (job) => navigator.locks.request('bench', job),
    tell: (what) => tabs.postMessage(what),
  })
  client.onview = (v) => ((view = v), changed())
  await client.open()
}

offer({
  open: (arg, shown) => timed(async () => {
    await open(arg as { user: string; token: string })
    if (shown) screen()
  }),
  first: () => measured(async () => {
    await sync()
    screen()
  }),
  again: () => measured(async () => {
    await sync()
    screen()
  }),
  make: (list) => measured(async () => {
    for (const e of list) await client.add({ id: newId(), name: 'entry.put', args: e, at: now().toISOString() })
  }),
  // On the clock until all are received; the pull that brings them back comes after.
  push: async () => {
    let cycle = Promise.resolve()
    const figures = await measured(async () => {
      cycle = client.sync()
      await until(() => view.outbox.every((e) => e.state === 'received'))
    })
    await cycle
    return figures
  },
  holds: async (list) => list.filter((e) => view.boxes.get('folder:' + e.folder)?.entries?.[e.id]?.note === e.note).length,
})

// Two phones: one writes, the other listens and sees.
const clock = () => performance.timeOrigin + performance.now()
let sight: Promise<number>

Object.assign(globalThis, {
  phones: {
    listen: () => void listen(http(), later, token, () => void client.sync(), new AbortController().signal),
    expect: (e: Entry) => {
      sight = until(() => view.boxes.get('folder:' + e.folder)?.entries?.[e.id]?.note === e.note).then(clock)
    },
    sight: () => sight,
    /** What took the time since the last question. */
    parts: () => {
      const taken = parts
      parts = {}
      return taken
    },
    /** A tap on save, and when it was. */
    write: async (e: Entry) => {
      const start = clock()
      await client.add({ id: newId(), name: 'entry.put', args: e, at: now().toISOString() })
      void client.sync()
      return start
    },
  },
})
