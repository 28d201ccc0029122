// Plain PocketBase REST, as most apps begin: pages of 1,000, then whatever has a later `updated`. It keeps nothing
// on the disk, sees no deletion and loses rows that are written side by side; it is printed, not barred.
import { type Entry, newest, offer, show, timed } from './screen'

type Held = Entry & { updated: string }
const held = new Map<string, Held>()
let made: Entry[] = []
let token = ''
let latest = ''

const headers = () => ({ Authorization: token, 'Content-Type': 'application/json' })

async function page(number: number): Promise<number> {
  const query = new URLSearchParams({ page: String(number), perPage: '1000', skipTotal: '1', sort: 'updated,id' })
  if (latest !== '') query.set('filter', `updated > "${latest}"`)
  const reply = await fetch('/api/collections/entries/records?' + query, { headers: headers() })
  if (!reply.ok) throw new Error(String(reply.status))
  const { items } = (await reply.json()) as { items: Held[] }
  for (const item of items) held.set(item.id, item)
  return items.length
}

async function pull(): Promise<void> {
  for (let number = 1; (await page(number)) === 1000; number++);
  for (const e of held.values()) if (e.updated > latest) latest = e.updated
  show(newest(held.values()))
}

offer({
  open: async (arg) => {
    token = (arg as { token: string }).token
    return 0
  },
  first: async () => ({ ms: await timed(pull) }),
  again: async () => ({ ms: await timed(pull) }),
  make: async (entries) => ((made = entries), { ms: 0 }),
  push: async () => ({
    ms: await timed(async () => {
      for (const e of made) {
        const reply = await fetch('/api/collections/entries/records/' + e.id, { method: 'PATCH', headers: headers(), body: JSON.stringify(e) })
        if (!reply.ok) throw new Error(String(reply.status))
      }
    }),
  }),
  holds: async (list) => list.filter((e) => held.get(e.id)?.note === e.note).length,
})
