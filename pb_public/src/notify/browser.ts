// What a browser has for notifications, so that a test may have it too.
import { later } from '../lib/clock'
import { mustInstall } from '../lib/install'

export interface Browser {
  /** '' can nothing; `install`: could, as an app on the home screen. */
  readonly can: 'yes' | 'install' | ''
  readonly permission: NotificationPermission
  /** Only from a tap, and in it. */
  ask(): Promise<NotificationPermission>
  pushManager(): Promise<PushManager>
  readonly lang: string
  read(key: string): string
  write(key: string, value: string): void
  /** One after the other, in all tabs. */
  inTurn<T>(job: () => Promise<T>): Promise<T>
  /** What the worker says to its pages. */
  readonly words: EventTarget
}

const READY = 10_000

/** Browsers answer these when they like, and some never. */
export function inTime<T>(job: Promise<T>, ms: number): Promise<T> {
  return new Promise((ok, no) => {
    const disarm = later(ms, () => no(new Error('notify.timeout')))
    job.then(ok, no).finally(disarm)
  })
}

export const browser: Browser = {
  get can() {
    if (mustInstall()) return 'install'
    return 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window ? 'yes' : ''
  },
  get permission() { return Notification.permission },
  ask: () => Notification.requestPermission(),
  pushManager: async () => (await inTime(navigator.serviceWorker.ready, READY)).pushManager,
  get lang() { return document.documentElement.lang },
  read(key) {
    try { return localStorage.getItem(key) ?? '' } catch { return '' }
  },
  write(key, value) {
    try {
      if (value) localStorage.setItem(key, value)
      else localStorage.removeItem(key)
    } catch { /* asked again next time */ }
  },
  inTurn: (job) => navigator.locks.request('bindeled-notify', job) as ReturnType<typeof job>,
  get words() { return navigator.serviceWorker },
}
