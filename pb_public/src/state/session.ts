// Signing in, and keeping it fresh.
import { ApiError, type Http } from '../lib/http'
import { now, stamp } from '../lib/clock'
import type { User } from './types'

/** Who is signed in. It lies closed in her entrance. */
export type SavedSession = { token: string; since: string; user: { id: string; name: string; role: string; municipality: string } }

/** Where it is noted, outside any store, that a person has one: the browser may throw a store away. */
export const witnessOf = (user: string): string => 'bindeled-' + user

type AuthReply = { token: string; record: Pick<User, 'id' | 'name' | 'role' | 'municipality'> }

const DAY = 24 * 3600_000

export async function signIn(http: Http, identity: string, password: string): Promise<SavedSession> {
  const body = { identity, password }
  try {
    return saved(await http.json<AuthReply>('/api/collections/users/auth-with-password', { body }))
  } catch (e) {
    // PocketBase says 400 without a code when address and password do not fit.
    if (e instanceof ApiError && e.code === 'http.400') throw new ApiError(400, 'auth.credentials')
    throw e
  }
}

/** A new token once a day, while the old one still opens. Without network the old one stays. */
export async function refreshed(http: Http, s: SavedSession): Promise<SavedSession> {
  if (now().getTime() - Date.parse(s.since) < DAY) return s
  try {
    return saved(await http.json<AuthReply>('/api/collections/users/auth-refresh', { body: {}, token: s.token }))
  } catch {
    return s // the next pull tells, if it is over
  }
}

function saved({ token, record: { id, name, role, municipality } }: AuthReply): SavedSession {
  return { token, since: stamp(), user: { id, name, role, municipality } }
}
