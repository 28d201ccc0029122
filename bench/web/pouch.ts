// PouchDB 9 on its IndexedDB adapter, batches of 1,000 instead of its 100. Its screen are the last fifty by id:
// the cheapest it can show, for an index by time would have to be built first.
import PouchDB from 'pouchdb-core'
import http from 'pouchdb-adapter-http'
import indexeddb from 'pouchdb-adapter-indexeddb'
import replication from 'pouchdb-replication'
import { type Entry, offer, show, SHOWN, timed } from './screen'

PouchDB.plugin(indexeddb).plugin(http).plugin(replication)

const BATCH = { batch_size: 1000, batches_limit: 10 }
const remote = new PouchDB(location.origin + '/db/entries')
let db: PouchDB.Database<Entry>

async function screen(): Promise<void> {
  const { rows } = await db.allDocs({ include_docs: true, descending: true, limit: SHOWN })
  show(rows.map((r) => ({ ...r.doc!, id: r.id })))
}

async function pull(): Promise<void> {
  const result = await db.replicate.from(remote, BATCH)
  if (!result.ok) throw new Error(JSON.stringify(result.errors))
  await screen()
}

offer({
  open: (_, shown) => timed(async () => {
    db = new PouchDB('entries', { adapter: 'indexeddb' })
    await db.info()
    if (shown) await screen()
  }),
  first: async () => ({ ms: await timed(pull) }),
  again: async () => ({ ms: await timed(pull) }),
  make: async (entries) => ({
    ms: await timed(async () => {
      for (const { id, ...e } of entries) {
        const { _rev } = await db.get(id)
        await db.put({ _id: id, _rev, ...e } as never)
      }
    }),
  }),
  push: async () => ({
    ms: await timed(async () => {
      const result = await db.replicate.to(remote, BATCH)
      if (result.docs_written !== 100) throw new Error(JSON.stringify(result))
    }),
  }),
  holds: async (list) => {
    const { rows } = await db.allDocs({ keys: list.map((e) => e.id), include_docs: true })
    return list.filter((e, i) => rows[i].doc?.note === e.note).length
  },
})
