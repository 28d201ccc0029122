import { ask, Handle } from './idb'

/** Who is signed in on this phone. Apart from the users' own stores, so that two can share one. */
export type SavedSession = { token: string; since: string; user: { id: string; name: string; role: string; municipality: string } }

export function sessionStore() {
  const db = new Handle('bindeled', { session: undefined })
  return {
    load: (): Promise<SavedSession | null> =>
      db.tx(['session'], 'readonly', async (tx) => (await ask(tx.objectStore('session').get('now'))) ?? null),
    save: (s: SavedSession) => db.tx(['session'], 'readwrite', async (tx) => void (await ask(tx.objectStore('session').put(s, 'now')))),
    clear: () => db.tx(['session'], 'readwrite', (tx) => ask(tx.objectStore('session').clear())),
  }
}
