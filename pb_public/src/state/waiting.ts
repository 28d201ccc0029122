// Sends what waits in a store that is shut, and clears away one that will never open again.
import { now } from '../lib/clock'
import type { Http } from '../lib/http'
import { arrivedIn, waitingIn } from '../sync/outbox-idb'
import { storeHandle } from '../sync/store-idb'
import { sendMail } from '../vault/mail'
import type { Entrance } from '../vault/types'

/** false: nothing is left of it. */
export async function sendWaiting(http: Http, entrance: Entrance, token: string): Promise<boolean> {
  const db = storeHandle(entrance.phone)
  try {
    const waiting = await waitingIn(db)
    if (waiting && waiting.mail.length > 0) {
      await sendMail(http, entrance, waiting, now, async (ns) => {
        const taken = new Set(ns)
        await arrivedIn(db, waiting.mail.filter((m) => taken.has(m.n)))
      }, token)
    }
    if (entrance.pin || ((await waitingIn(db))?.mail.length ?? 0) > 0) return true
    await db.destroy()
    return false
  } finally {
    db.close()
  }
}
