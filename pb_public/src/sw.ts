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
  if (e.request.method === 'GET' && ours(url)) e.respondWith(answer(e.request))
})

// A push says that there is something to do, and nothing else: the phone may be locked, and lie face up. Every push shows
// something, whatever it is, or the phone takes the permission back. Pages hear of it: one of them may wait for a test.
sw.addEventListener('push', (e) => e.waitUntil(tell(e.data)))

async function tell(data: PushMessageData | null) {
  const show = (title: string, tag = 'due', lang = 'da', to = '/') => sw.registration.showNotification(title, { tag, lang, data: to, icon: '/icon-192.png' })
  const usual = 'Du har en opgave'
  let path = '/'
  let badge = -1
  try {
    const { title, tag, lang, navigate, app_badge } = data!.json().notification
    path = within(navigate)
    badge = Number(app_badge)
    await show(title.trim() || usual, tag, lang, path)
  } catch {
    await show(usual) // not of ours, or not readable
  }
  if (badge >= 0) await navigator.setAppBadge?.(badge).catch(() => {})
  for (const page of await pages()) page.postMessage({ told: path })
}

// A page that is there decides for itself where it goes: something half-written may stand on it.
sw.addEventListener('notificationclick', (e) => {
  e.notification.close()
  e.waitUntil(open(within(e.notification.data)))
})

async function open(path: string) {
  const [page] = await pages()
  if (!page) return sw.clients.openWindow(path)
  page.postMessage({ go: path })
  await page.focus()
}

// The worker has no token to tell the server with: an open page does it now, or the next unlock.
sw.addEventListener('pushsubscriptionchange', (e) => (e as ExtendableEvent).waitUntil(pages().then((all) => all.forEach((p) => p.postMessage({ changed: 1 })))))

/** A place of ours, or the first screen. */
function within(to = '/') {
  const { origin, pathname } = new URL(to, sw.location.origin)
  return origin === sw.location.origin ? pathname : '/'
}

const pages = async () => (await sw.clients.matchAll({ type: 'window', includeUncontrolled: true })).filter((p) => ours(new URL(p.url)))
const ours = (url: URL) => url.origin === sw.location.origin && !NOT_OURS.some((p) => url.pathname.startsWith(p))

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
