// A TCP proxy that counts what goes over the wire: every byte with its headers, and the requests.
import { connect, createServer } from 'node:net'

const REQUEST = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+) HTTP\/1\.1\r\n/

export async function countingProxy(port) {
  let count = zero()
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true })
    client.on('data', (chunk) => {
      count.up += chunk.length
      // HTTP/1.1 without pipelining: a request begins where a chunk begins.
      const request = REQUEST.exec(chunk.toString('latin1', 0, 2048))
      if (request) count.requests.push(`${request[1]} ${request[2].split('?')[0]}`)
    })
    upstream.on('data', (chunk) => (count.down += chunk.length))
    client.pipe(upstream).pipe(client)
    for (const [one, other] of [[client, upstream], [upstream, client]]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
  })
  await new Promise((up, no) => server.once('error', no).listen(0, '127.0.0.1', up))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** What came over since the last time. */
    take() {
      const taken = count
      count = zero()
      return { up: taken.up, down: taken.down, requests: taken.requests.length, paths: taken.requests }
    },
    close: () => new Promise((done) => server.close(done)),
  }
}

const zero = () => ({ up: 0, down: 0, requests: [] })
