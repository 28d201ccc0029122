// The worker: the app's own files from the cache, everything else left alone. No other logic lives here.
/** [url, hash]; the hash is '' where the name itself carries it. Written in by vite/service-worker.ts. */
declare const __PRECACHE__: [string, string][]
declare const __VERSION__: string

const sw = self as unknown as ServiceWorkerGlobalScope
const NAME = 'app-' + __VERSION__
// PocketBase says Vary: Origin, and module scripts send one: the same file all the same.
const MATCH = { ignoreVary: true }
const NOT_OURS = ['/api/', '/_/', '/afdeling/'] // server pages and data: never cached, never answered here

sw.addEventListener('install', (e) => e.waitUntil(fill()))
sw.addEventListener('activate', (e) => e.waitUntil(activate()))

// A new build waits until a person lets it in: a half-written note must not meet new code.
sw.addEventListener('message', (e) => {
  if (e.data === 'skipWaiting') void sw.skipWaiting()
})

sw.addEventListener('fetch', (e) => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== sw.location.origin) return
  if (NOT_OURS.some((p) => url.pathname.startsWith(p))) return
  e.respondWith(answer(e.request))
})

// A push says that there is something to do, and nothing else: the phone may be locked, and lie face up. Every push shows
// something, or the phone takes the permission back.
sw.addEventListener('push', (e) => {
  const { title = 'Bindeled', body = 'Du har opgaver i dag', tag = 'due' } = said(e.data)
  e.waitUntil(sw.registration.showNotification(title, { body, tag, lang: 'da' }))
})

sw.addEventListener('notificationclick', (e) => {
  e.notification.close()
  e.waitUntil(open())
})

type Said = { title?: string; body?: string; tag?: string }
function said(data: PushMessageData | null): Said {
  try {
    return (data?.json() as { notification?: Said } | undefined)?.notification ?? {}
  } catch {
    return {}
  }
}

async function open() {
  const [page] = await sw.clients.matchAll({ type: 'window' })
  await (page ? page.focus() : sw.clients.openWindow('/'))
}

async function fill() {
  const cache = await caches.open(NAME)
  await Promise.all(
    __PRECACHE__.map(async ([url, hash]) => {
      // A name with a hash in it never changes: copy it from the build before.
      const have = hash === '' ? await caches.match(url, MATCH) : undefined
      const got = have ?? (await fetch(url, { cache: 'no-cache' }))
      if (!got.ok || got.redirected) throw new Error('precache ' + url)
      await cache.put(url, got)
    }),
  )
}

async function activate() {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name)
  await sw.clients.claim()
}

async function answer(req: Request): Promise<Response> {
  const cache = await caches.open(NAME)
  const hit = await cache.match(req.mode === 'navigate' ? '/' : req, MATCH)
  return hit ?? fetch(req)
}

export {}
