// RxDB 17 on its free storage, with the settings its documentation recommends for speed: one instance, two
// indexes, batches of 1,000, and the screen as an indexed query.
import { createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb/plugins/core'
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication'
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie'
import { type Entry, offer, show, SHOWN, timed } from './screen'

const TOTAL = 10_000
const BATCH = 1_000
const text = (maxLength: number) => ({ type: 'string', maxLength }) as const

let db: RxDatabase<{ entries: RxCollection<Entry> }>
let replication: RxReplicationState<Entry, { seq: number }> | undefined
let stored = 0
let sent = 0
let changed = () => {}

const until = (ready: () => boolean) => new Promise<void>((ok) => {
  changed = () => ready() && ok()
  changed()
})

function replicate(): NonNullable<typeof replication> {
  const state = replicateRxCollection<Entry, { seq: number }>({
    replicationIdentifier: 'http',
    collection: db.entries,
    live: true,
    retryTime: 1_000,
    waitForLeadership: false,
    toggleOnDocumentVisible: false,
    pull: {
      batchSize: BATCH,
      handler: async (from, limit) => (await fetch(`/pull?since=${from?.seq ?? 0}&limit=${limit}`)).json(),
    },
    push: {
      batchSize: 100,
      handler: async (rows) =>
        (await fetch('/push', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(rows) })).json(),
    },
  })
  state.received$.subscribe(() => (stored++, changed()))
  state.sent$.subscribe(() => (sent++, changed()))
  state.error$.subscribe((e) => console.error(String(e)))
  return (replication = state)
}

async function screen(): Promise<void> {
  const found = await db.entries.find({ sort: [{ at: 'desc' }], limit: SHOWN }).exec()
  show(found.map((d) => d.toMutableJSON() as Entry))
}

offer({
  open: (_, shown) => timed(async () => {
    db = await createRxDatabase({ name: 'bench', storage: getRxStorageDexie(), multiInstance: false })
    await db.addCollections({
      entries: {
        schema: {
          version: 0,
          primaryKey: 'id',
          type: 'object',
          properties: {
            id: text(15), folder: text(15), at: text(24), by: text(15), direction: text(3), outcome: text(20),
            minutes: { type: 'number' }, topics: { type: 'array', items: { type: 'string' } }, note: { type: 'string' },
          },
          required: ['id', 'folder', 'at'],
          indexes: ['at', 'folder'],
        },
      },
    })
    if (shown) await screen()
  }),
  // It counts as usable with the last row stored: what RxDB does after that is not on this clock.
  first: async () => ({
    ms: await timed(async () => {
      replicate()
      await until(() => stored === TOTAL)
      await screen()
    }),
  }),
  settle: () => timed(async () => {
    replication!.reSync()
    await replication!.awaitInSync()
  }),
  again: async (expected) => ({
    ms: await timed(async () => {
      const before = stored
      replication!.reSync()
      if (expected > 0) await until(() => stored >= before + expected)
      else await replication!.awaitInSync()
      await screen()
    }),
  }),
  make: async (entries) => {
    await replication!.pause()
    return {
      ms: await timed(async () => {
        for (const e of entries) await db.entries.incrementalUpsert(e)
      }),
    }
  },
  push: async () => {
    sent = 0
    return {
      ms: await timed(async () => {
        await replication!.start()
        await until(() => sent === 100)
      }),
    }
  },
  holds: async (list) => {
    const found = await db.entries.findByIds(list.map((e) => e.id)).exec()
    return list.filter((e) => found.get(e.id)?.note === e.note).length
  },
})
