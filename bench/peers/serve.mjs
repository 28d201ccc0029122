// What the peers' servers have in common: flags, the pages, and an end.
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'
import { parseArgs } from 'node:util'
import { records } from '../lib/records.mjs'

export { records }

const TYPES = { '.html': 'text/html', '.js': 'text/javascript' }

export const flags = parseArgs({ options: { http: { type: 'string' }, for: { type: 'string' }, web: { type: 'string' } } }).values

/** Answers `handle`, and with the pages what it passes by. */
export function listen(handle) {
  const [host, port] = flags.http.split(':')
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, reply) => {
    const path = new URL(request.url, 'http://peer').pathname
    if (extname(path) in TYPES) {
      reply.setHeader('Content-Type', TYPES[extname(path)])
      return reply.end(readFileSync(join(flags.web, normalize(path))))
    }
    return handle(request, reply, path)
  })
  server.listen(Number(port), host, () => console.log('ready'))
  setTimeout(() => process.exit(), Number.parseInt(flags.for, 10) * 1000).unref()
}

export async function body(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}
