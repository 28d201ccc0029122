// PouchDB's own server, in memory: its fastest store, and only the parts that a PouchDB needs.
import { createRequire } from 'node:module'
import express from 'express'
import { body, listen, records } from './serve.mjs'

const require = createRequire(import.meta.url)
const PouchDB = require('pouchdb-core')
  .plugin(require('pouchdb-adapter-memory'))
  .plugin(require('pouchdb-replication'))
  .plugin(require('pouchdb-mapreduce'))
  .defaults({ adapter: 'memory' })

const app = express()
app.use('/db', require('express-pouchdb')(PouchDB, { mode: 'minimumForPouchDB', inMemoryConfig: true }))

const db = new PouchDB('entries')
const doc = ({ id, ...rest }, _rev) => ({ _id: id, ...(_rev && { _rev }), ...rest })
await db.bulkDocs(records().map((r) => doc(r)))

async function change(list) {
  const { rows } = await db.allDocs({ keys: list.map((r) => r.id) })
  const results = await db.bulkDocs(list.map((r, i) => doc(r, rows[i].value.rev)))
  if (results.some((r) => r.error)) throw new Error(JSON.stringify(results))
}

listen(async (request, reply, path) => {
  if (path.startsWith('/db')) return app(request, reply)
  if (path === '/bench/change') {
    await change(await body(request))
    return reply.end('{}')
  }
  if (path === '/bench/holds') {
    const list = await body(request)
    const { rows } = await db.allDocs({ keys: list.map((r) => r.id), include_docs: true })
    return reply.end(JSON.stringify({ count: list.filter((r, i) => rows[i].doc?.note === r.note).length }))
  }
  reply.statusCode = 404
  reply.end()
})
