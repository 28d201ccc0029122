// The only door to the network for the app (sw.ts has its own).
import { later } from './clock'

/** status 0: nothing was answered (`network`, `timeout`). Otherwise the server's own code, or `http.<status>`. `wait`: Retry-After in ms. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly params: Record<string, unknown> = {},
    readonly wait = 0,
  ) {
    super(code)
    this.name = 'ApiError'
  }
}

export type Ask = { method?: 'PUT'; body?: unknown; token?: string; headers?: Record<string, string>; timeout?: number; signal?: AbortSignal }

export interface Http {
  /** A JSON reply, read whole. GET without a body, POST with one, or what it says. */
  json<T>(path: string, ask?: Ask): Promise<T>
  /** A body read as it comes. `timeout` covers the reading; 0 means none. */
  stream<T>(path: string, ask: Ask, read: (body: ReadableStream<Uint8Array>) => Promise<T>): Promise<T>
}

type Fetch = (input: string, init: RequestInit) => Promise<Response>

export function http(fetcher: Fetch = (url, init) => fetch(url, init)): Http {
  async function send<T>(path: string, ask: Ask, read: (r: Response) => Promise<T>): Promise<T> {
    const abort = new AbortController()
    let late = false
    const stop = () => abort.abort()
    if (ask.signal?.aborted) stop()
    ask.signal?.addEventListener('abort', stop)
    const { timeout = 30_000 } = ask
    const disarm = timeout > 0 ? later(timeout, () => ((late = true), stop())) : () => {}
    try {
      const reply = await fetcher(path, request(ask, abort.signal))
      if (!reply.ok) throw await refusal(reply)
      return await read(reply)
    } catch (e) {
      if (e instanceof ApiError) throw e
      throw new ApiError(0, late ? 'timeout' : 'network')
    } finally {
      disarm()
      ask.signal?.removeEventListener('abort', stop)
    }
  }
  return {
    json: <T>(path: string, ask: Ask = {}) => send(path, ask, (r) => r.json() as Promise<T>),
    stream: (path, ask, read) => send(path, ask, (r) => read(r.body ?? new Blob().stream())),
  }
}

function request(ask: Ask, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { ...ask.headers }
  if (ask.token) headers.Authorization = ask.token
  // Credentials stay out: the token is the only key, and a cookie would be a second one.
  const init: RequestInit = { headers, signal, cache: 'no-store', credentials: 'omit', redirect: 'error' }
  if (ask.body === undefined) return init
  headers['Content-Type'] = 'application/json'
  return { ...init, method: ask.method ?? 'POST', body: JSON.stringify(ask.body) }
}

async function refusal(reply: Response): Promise<ApiError> {
  const body: unknown = await reply.json().catch(() => null)
  const { code, params } = (body ?? {}) as { code?: unknown; params?: Record<string, unknown> }
  const wait = Number(reply.headers.get('Retry-After')) * 1000 || 0 // a date, as few send it, counts as none
  return new ApiError(reply.status, typeof code === 'string' ? code : `http.${reply.status}`, params, wait)
}
