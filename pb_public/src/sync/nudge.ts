// Server-sent events over fetch: EventSource cannot send the Authorization header.
import type { Http } from '../lib/http'
import { lines } from './lines'

const SILENCE = 70_000 // the server pings every 25 s; after that the line is dead

type Later = (ms: number, job: () => void) => () => void

/** Reads until the stream ends or falls silent. The caller opens the next one. */
export async function listen(http: Http, later: Later, token: string, onEvent: (name: string) => void, signal: AbortSignal): Promise<void> {
  const abort = new AbortController()
  const stop = () => abort.abort()
  signal.addEventListener('abort', stop)
  let disarm = later(SILENCE, stop)
  try {
    await http.stream('/api/sync/events', { token, timeout: 0, signal: abort.signal }, async (body) => {
      let name = ''
      for await (const line of lines(body)) {
        disarm()
        disarm = later(SILENCE, stop)
        if (line.startsWith('event:')) name = line.slice(6).trim()
        else if (line.trim() === '' && name !== '') {
          onEvent(name)
          name = ''
        }
      }
    })
  } finally {
    disarm()
    signal.removeEventListener('abort', stop)
  }
}
