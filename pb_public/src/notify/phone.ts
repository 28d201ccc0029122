// Subscribes this phone to what the server tells, and keeps it so. One browser has one subscription: it is whoever's turn it is,
// and a phone that two share tells nobody of the other's.
import { later, now } from '../lib/clock'
import { ApiError, type Http } from '../lib/http'
import { type Browser, browser as real, inTime } from './browser'
import type { Look, NotifySettings, NotifyWish, Standing, Tested } from './types'

export type Me = { user: string; phone: string; token: string }
type Status = { on: boolean; subscribed: boolean; expires: string; fault: '' | 'stopped' | 'slow' }

const SUBSCRIBE = 20_000
const ARRIVE = 30_000
const WEEK = 7 * 24 * 3600_000

/** Whose the browser's subscription is, as far as the server knows. */
const OWNER = 'bindeled-notify'
/** `on`: she wants it here. `no`: she does not, and is not asked again. */
const wishOf = (user: string): string => `${OWNER}-${user}`

export class Phone {
  constructor(readonly http: Http, readonly me: () => Me | null, readonly browser: Browser = real) {}

  /** At each unlock: browser, server and what she wanted are brought to one. Nothing is asked of her. */
  async reconcile(): Promise<void> {
    if (this.browser.can !== 'yes') return
    await this.#mine(async (me) => {
      if (this.#wanted(me)) await this.#keep(me)
      else await this.#drop()
    })
  }

  async look(): Promise<Look> {
    const { can, permission } = means(this.browser)
    if (can === 'install') return look('install')
    if (!can) return look('cannot')
    if (permission === 'denied') return look('denied')
    try {
      if (!(await this.#key()).on) return look('server')
      const status = await this.#mine(async (me) => (this.#wanted(me) ? this.#keep(me) : null))
      return status ? look(status.fault || 'works', status.expires) : look('off')
    } catch (e) {
      return look(standingOf(e))
    }
  }

  /** From the tap itself: a phone asks at no other time. Said no to, and allowed later in its settings, she need not tap again. */
  async turnOn(): Promise<Look> {
    const asked = this.browser.ask()
    this.browser.write(wishOf(this.#who().user), 'on')
    await asked
    return this.look()
  }

  async turnOff(): Promise<Look> {
    const me = this.#who()
    this.browser.write(wishOf(me.user), 'no')
    await this.#end(me)
    return this.look()
  }

  /** She logs out: whoever has the phone now is told nothing. What she said no to stays said. */
  async leave(): Promise<void> {
    const me = this.#who()
    if (this.browser.read(wishOf(me.user)) !== 'on') return
    this.browser.write(wishOf(me.user), '')
    await this.#end(me)
  }

  /** Without her, and so without the server: for when there is no way in any more. */
  async silence(): Promise<void> {
    if (this.browser.can === 'yes') await this.browser.inTurn(() => this.#drop())
  }

  /** Whether she may be asked if she wants it: once. */
  async asks(): Promise<boolean> {
    const { can, permission } = means(this.browser)
    if (!can || permission === 'denied' || this.browser.read(wishOf(this.#who().user))) return false
    return (await this.#key().catch(() => ({ on: false }))).on
  }

  asked(): void {
    this.browser.write(wishOf(this.#who().user), 'no')
  }

  /** Sends one, and waits until the worker has it. */
  async test(): Promise<Tested> {
    const me = this.#who()
    const { words } = this.browser
    let heard = (_: Tested): void => {}
    const arrived = new Promise<Tested>((ok) => (heard = ok))
    const hear = (e: Event): void => { if ((e as MessageEvent<{ told?: string } | null>).data?.told === '/beskeder') heard('arrived') }
    words.addEventListener('message', hear)
    const disarm = later(ARRIVE, () => heard('missing'))
    try {
      await this.#post('test', me, {})
      return await arrived
    } catch (e) {
      if (e instanceof ApiError && e.code === 'notify.wait') return 'wait'
      return standingOf(e) === 'offline' ? 'offline' : 'failed'
    } finally {
      disarm()
      words.removeEventListener('message', hear)
    }
  }

  settings = (): Promise<NotifySettings> => this.http.json('/api/notify/settings', { token: this.#who().token })
  save = (own: NotifyWish): Promise<NotifySettings> => this.http.json('/api/notify/settings', { method: 'PUT', body: own, token: this.#who().token })

  /** Subscribed, and the server knows it. */
  async #keep(me: Me): Promise<Status> {
    const manager = await this.browser.pushManager()
    try {
      const { on, key } = await this.#key()
      if (!on) throw new ApiError(503, 'notify.off')
      let sub = await inTime(manager.getSubscription(), SUBSCRIBE)
      if (sub && !(await this.#holds(sub, key, me))) {
        await inTime(sub.unsubscribe(), SUBSCRIBE)
        sub = null
      }
      sub ??= await inTime(manager.subscribe({ userVisibleOnly: true, applicationServerKey: key }), SUBSCRIBE)
      const { endpoint, expirationTime, keys } = sub.toJSON()
      const expires = expirationTime ? new Date(expirationTime).toISOString() : ''
      const lang = this.browser.lang === 'en' ? 'en' : 'da'
      const status = await this.#post<Status>('subscribe', me, { lang, endpoint, p256dh: keys?.p256dh, auth: keys?.auth, expires })
      this.browser.write(OWNER, me.user)
      return status
    } catch (e) {
      // It may still be another's: rather nothing is told here.
      if (this.browser.read(OWNER) !== me.user) await this.#drop().catch(() => {})
      throw e
    }
  }

  /** Another's is taken over as it is. One's own that the server has let go of is dead at the push service. */
  async #holds(sub: PushSubscription, key: string, me: Me): Promise<boolean> {
    if (keyOf(sub) !== key) return false
    if (sub.expirationTime && sub.expirationTime - now().getTime() < WEEK) return false
    if (this.browser.read(OWNER) !== me.user) return true
    return (await this.#post<Status>('status', me, { endpoint: sub.endpoint })).subscribed
  }

  /** On the phone first, which needs no network. */
  async #end(me: Me): Promise<void> {
    const told = this.#post('unsubscribe', me, {}).catch(() => {}) // the endpoint is dead, whether or not this is heard
    await this.silence().catch(() => {})
    await told
  }

  async #drop(): Promise<void> {
    const sub = await inTime((await this.browser.pushManager()).getSubscription(), SUBSCRIBE)
    if (sub) await inTime(sub.unsubscribe(), SUBSCRIBE)
    this.browser.write(OWNER, '')
  }

  /** In turn, and only while it still is hers. */
  async #mine<T>(job: (me: Me) => Promise<T>): Promise<T | null> {
    const me = this.#who()
    return this.browser.inTurn(async () => (this.me()?.user === me.user ? job(me) : null))
  }

  #wanted(me: Me): boolean {
    return this.browser.permission === 'granted' && this.browser.read(wishOf(me.user)) === 'on'
  }

  #who(): Me {
    const me = this.me()
    if (!me) throw new Error('notify.nobody')
    return me
  }

  #key = (): Promise<{ on: boolean; key: string }> => this.http.json('/api/notify/key', { token: this.#who().token })
  #post = <T>(what: string, { phone, token }: Me, body: object): Promise<T> => this.http.json(`/api/notify/${what}`, { body: { phone, ...body }, token })
}

/** An iPhone in a tab has no Notification to ask. */
const means = (b: Browser) => ({ can: b.can, permission: b.can === 'yes' ? b.permission : 'default' })

const look = (at: Standing, until = ''): Look => ({ at, until })

function standingOf(e: unknown): Standing {
  if (e instanceof ApiError) {
    if (e.status === 0) return 'offline'
    if (e.code === 'notify.off') return 'server'
    return e.code === 'notify.endpoint' ? 'cannot' : 'failed'
  }
  return e instanceof DOMException && e.name === 'NotAllowedError' ? 'denied' : 'failed'
}

/** As the server writes its key. A browser that does not say counts as another's. */
function keyOf(sub: PushSubscription): string {
  const bytes = new Uint8Array(sub.options?.applicationServerKey ?? [])
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
