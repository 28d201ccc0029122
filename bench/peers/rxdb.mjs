// RxDB's HTTP replication needs an endpoint of the app's own. This is the leanest there can be: all in memory, no
// accounts, no rules, nothing durable.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { body, listen, records } from './serve.mjs'

const zip = promisify(gzip)
const docs = new Map() // id → { doc, seq }, in the order of seq
let seq = 0

function write(doc) {
  docs.delete(doc.id)
  docs.set(doc.id, { doc, seq: ++seq })
}

async function send(request, reply, value) {
  const text = JSON.stringify(value)
  reply.setHeader('Content-Type', 'application/json')
  if (text.length < 1024 || !/gzip/.test(request.headers['accept-encoding'] ?? '')) return reply.end(text)
  reply.setHeader('Content-Encoding', 'gzip')
  reply.end(await zip(text))
}

const since = (from, limit) => (from >= seq ? [] : [...docs.values()].filter((d) => d.seq > from).slice(0, limit))

const same = (a, b) => JSON.stringify(a, Object.keys(a).sort()) === JSON.stringify(b, Object.keys(b).sort())

for (const record of records()) write({ ...record, _deleted: false })

listen(async (request, reply, path) => {
  const query = new URL(request.url, 'http://peer').searchParams
  switch (path) {
    case '/pull': {
      const found = since(Number(query.get('since')), Number(query.get('limit')))
      return send(request, reply, { documents: found.map((d) => d.doc), checkpoint: { seq: found.at(-1)?.seq ?? Number(query.get('since')) } })
    }
    case '/push': {
      const conflicts = []
      for (const { newDocumentState, assumedMasterState } of await body(request)) {
        const now = docs.get(newDocumentState.id)?.doc
        if (now && !(assumedMasterState && same(now, assumedMasterState))) conflicts.push(now)
        else write(newDocumentState)
      }
      return send(request, reply, conflicts)
    }
    case '/bench/change':
      for (const record of await body(request)) write({ ...record, _deleted: false })
      return send(request, reply, {})
    case '/bench/holds':
      return send(request, reply, { count: (await body(request)).filter((r) => docs.get(r.id)?.doc.note === r.note).length })
  }
  reply.statusCode = 404
  reply.end()
})
