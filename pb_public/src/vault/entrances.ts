// Where the ways in lie: beside the stores, open, and so without a name or a key in them.
import { ask, Handle } from '../sync/idb'
import type { Entrance } from './types'

const LAYOUT = { entrances: { keyPath: 'phone' }, now: undefined }

export function entranceStore() {
  const db = new Handle('bindeled', LAYOUT, 2)
  return {
    all: (): Promise<Entrance[]> => db.tx(['entrances'], 'readonly', (tx) => ask<Entrance[]>(tx.objectStore('entrances').getAll())),
    save: (e: Entrance): Promise<void> => db.tx(['entrances'], 'readwrite', async (tx) => void tx.objectStore('entrances').put(e)),
    edit: (phone: string, change: (now: Entrance) => Entrance): Promise<Entrance | null> =>
      db.tx(['entrances'], 'readwrite', async (tx) => {
        const now = await ask<Entrance | undefined>(tx.objectStore('entrances').get(phone))
        if (!now?.pin) return null
        const after = change(now)
        if (after !== now) tx.objectStore('entrances').put(after)
        return after
      }),
    drop: (phone: string): Promise<void> => db.tx(['entrances'], 'readwrite', async (tx) => void tx.objectStore('entrances').delete(phone)),
    /** Whose turn it is: the phone of the entrance used last. '' after a log-out. */
    current: (): Promise<string> => db.tx(['now'], 'readonly', async (tx) => (await ask<string | undefined>(tx.objectStore('now').get('phone'))) ?? ''),
    choose: (phone: string): Promise<void> => db.tx(['now'], 'readwrite', async (tx) => void tx.objectStore('now').put(phone, 'phone')),
  }
}
