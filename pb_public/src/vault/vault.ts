// The way into a person's store: made once, opened with a code, shut again. Knows keys; what lies in the store it never sees.
import { ApiError, type Http } from '../lib/http'
import { aesSeal } from '../sync/seal'
import { base64url, type Bytes, dataKey, deviceKey, type Factor, fromBase64url, passkeyFactor, pinFactor, proofOf, random, unwrap, wrap, type Wrapped } from './keys'
import type { Passkeys } from './passkey'
import { type Entrance, type Lease, type Shelf, VaultError } from './types'

const TRIES = 5
const SLACK = 10 * 60_000 // a clock is set right by a little now and then
const PATIENCE = 8_000 // a basement answers slowly or not at all

/** An open store. The key cannot be taken out, only handed to another tab. */
export type Open = { entrance: Entrance; key: CryptoKey; session: string }

/** What a code or a finger gave: the data key and the share; the lease, where the server was asked. */
type Known = { data: Bytes; share: string; lease?: Lease }

export class Vault {
  constructor(
    readonly http: Http,
    readonly shelf: Shelf,
    readonly now: () => Date,
  ) {}

  /** After the log-in: this phone becomes one that opens with a code. */
  async make(user: { id: string; label: string }, token: string, pin: string, session: string): Promise<Open> {
    const device = await deviceKey()
    const salt = random(16)
    const factor = await pinFactor(pin, salt, device)
    const body = { name: '', kind: 'pin', factor: base64url(salt), proof: await proofOf(factor) }
    const lease = await this.#ask('/api/vault/phones', body, token)
    const data = random(32)
    const key = await dataKey(data)
    const entrance: Entrance = {
      user: user.id, label: user.label, phone: lease.phone, send: lease.send!, device, salt, passkey: null, tries: 0,
      pin: await wrap(data, factor, fromBase64url(lease.share!)), share: null, key: lease.key, lock: lease.lock, session: null,
    }
    data.fill(0)
    const whole = { ...entrance, ...this.#leased(lease, lease.share!), session: await aesSeal(key).close('session', session) }
    await this.shelf.save(whole)
    return { entrance: whole, key, session }
  }

  /** What changed in a session lies closed on the disk before this resolves. */
  async keep({ entrance: { phone }, key, session }: Open): Promise<Open> {
    const closed = await aesSeal(key).close('session', session)
    return { entrance: await this.#edit(phone, (e) => ({ ...e, session: closed })), key, session }
  }

  async open(e: Entrance, pin: string): Promise<Open> {
    return this.#opened(e, await this.#known(e, pin))
  }

  /** The phone has counted wrong fingers itself. */
  async openByPasskey(e: Entrance, passkeys: Passkeys): Promise<Open> {
    const { passkey } = e
    if (!passkey) throw new VaultError('vault.wiped')
    const prf = await passkeys.get(passkey.id, passkey.salt)
    if (!prf) throw new VaultError('vault.cancelled')
    const factor = await passkeyFactor(prf, e.device)
    const held = this.#held(e)
    if (!held) return this.#opened(e, await this.#asked(e, 'passkey', passkey, passkey.salt, factor))
    const data = await unwrap(passkey, factor, fromBase64url(held))
    if (!data) throw new VaultError('vault.failed')
    return this.#opened(e, { data, share: held })
  }

  /**
   * The data key, against the code. With a share at hand no network is asked: the phone counts, before it tries. Without
   * one the server does, and where there is no room to count.
   */
  async #known(e: Entrance, pin: string): Promise<Known> {
    if (!e.pin) throw new VaultError('vault.wiped')
    const factor = await pinFactor(pin, e.salt, e.device)
    const held = this.#held(e)
    const counted = held && (await this.shelf.edit(e.phone, (now) => ({ ...now, tries: now.tries + 1 })).catch(() => null))
    if (!counted) return this.#asked(e, 'pin', e.pin, e.salt, factor)
    const data = await unwrap(e.pin, factor, fromBase64url(held))
    if (data && counted.tries <= TRIES) return { data, share: held }
    if (counted.tries < TRIES) throw new VaultError('vault.wrong', TRIES - counted.tries)
    await this.wipe(e)
    throw new VaultError('vault.wiped')
  }

  /** A factor is called by its salt: a server put back to before it was set does not count it as wrong. */
  async #asked(e: Entrance, kind: 'pin' | 'passkey', wrapped: Wrapped, salt: Bytes, factor: Factor): Promise<Known> {
    const lease = await this.#ask('/api/vault/open', { phone: e.phone, kind, factor: base64url(salt), proof: await proofOf(factor) }).catch(async (err: unknown) => {
      if (err instanceof VaultError && ['vault.wiped', 'vault.revoked'].includes(err.code)) await this.wipe(e)
      throw err
    })
    const data = await unwrap(wrapped, factor, fromBase64url(lease.share!))
    if (!data) throw new VaultError('vault.failed')
    return { data, share: lease.share!, lease }
  }

  async #opened(e: Entrance, { data, share, lease }: Known): Promise<Open> {
    const key = await dataKey(data)
    data.fill(0)
    const session = e.session ? await aesSeal(key).open('session', e.session) : ''
    const change = (now: Entrance): Entrance => ({ ...this.#looked(now), ...(lease && this.#leased(lease, share)), tries: 0 })
    const kept = await this.shelf.edit(e.phone, change).catch(() => null) // a full disk keeps nobody out
    return { entrance: kept ?? change(e), key, session }
  }

  /** While it is open and there is network: the lease runs anew. A phone that is to be shut learns it here. */
  async renew(open: Open, token: string): Promise<Open> {
    const { entrance } = open
    const lease = await this.#ask('/api/vault/renew', { phone: entrance.phone }, token)
    return { ...open, entrance: await this.#edit(entrance.phone, (e) => ({ ...e, ...this.#leased(lease, entrance.share?.value ?? '') })) }
  }

  /** Another code for the same store. */
  async change(e: Entrance, old: string, pin: string, token: string): Promise<Entrance> {
    const { data, share } = await this.#known(e, old)
    const salt = random(16)
    const factor = await pinFactor(pin, salt, e.device)
    await this.#ask('/api/vault/factor', { phone: e.phone, kind: 'pin', factor: base64url(salt), proof: await proofOf(factor) }, token)
    const wrapped = await wrap(data, factor, fromBase64url(share))
    data.fill(0)
    return this.#edit(e.phone, (now) => ({ ...now, salt, pin: wrapped, tries: 0 }))
  }

  /** A finger beside the code. null: the phone cannot, or she said no. */
  async addPasskey(e: Entrance, pin: string, passkeys: Passkeys, token: string): Promise<Entrance | null> {
    const { data, share } = await this.#known(e, pin)
    await this.#edit(e.phone, (now) => ({ ...now, tries: 0 })) // it was right, whatever the finger says
    const salt = random(32)
    const made = await passkeys.create(salt)
    if (!made) return null
    const factor = await passkeyFactor(made.prf, e.device)
    await this.#ask('/api/vault/factor', { phone: e.phone, kind: 'passkey', factor: base64url(salt), proof: await proofOf(factor) }, token)
    const passkey = { ...(await wrap(data, factor, fromBase64url(share))), id: made.id, salt }
    data.fill(0)
    return this.#edit(e.phone, (now) => ({ ...now, passkey }))
  }

  async #edit(phone: string, change: (now: Entrance) => Entrance): Promise<Entrance> {
    const after = await this.shelf.edit(phone, change)
    if (!after) throw new VaultError('vault.wiped') // by another tab
    return after
  }

  /** Nothing opens it any more. What is unsent is sealed to the server, and can still be sent. */
  wipe = async ({ phone }: Entrance): Promise<void> =>
    void (await this.shelf.edit(phone, (e) => ({ ...e, pin: null, passkey: null, share: null, session: null, salt: new Uint8Array() })))

  /** The phone gives its share back, when its time is over. */
  expire = async ({ phone }: Entrance): Promise<void> => void (await this.shelf.edit(phone, (e) => this.#looked(e)))

  /** As it is now: a share past its time is none, and the time does not run backwards. */
  #looked(e: Entrance): Entrance {
    if (!e.share) return e
    if (!this.#held(e)) return { ...e, share: null }
    const now = this.now().getTime()
    return now - Date.parse(e.share.seen) < SLACK ? e : { ...e, share: { ...e.share, seen: new Date(now).toISOString() } }
  }

  #leased({ until, at, key, lock }: Lease, value: string): Pick<Entrance, 'key' | 'lock' | 'share'> {
    const lasts = Date.parse(until) - Date.parse(at)
    const now = this.now()
    const share = lasts > 0 && value ? { value, until: new Date(now.getTime() + lasts).toISOString(), seen: now.toISOString() } : null
    return { key, lock, share }
  }

  /** The share, as long as it may be used; '' when not. */
  #held({ share }: Entrance): string {
    const now = this.now().getTime()
    return share && Date.parse(share.seen) <= now + SLACK && now < Date.parse(share.until) ? share.value : ''
  }

  async #ask(path: string, body: unknown, token?: string): Promise<Lease> {
    try {
      return await this.http.json<Lease>(path, { body, timeout: PATIENCE, ...(token && { token }) })
    } catch (e) {
      if (!(e instanceof ApiError)) throw e
      if (e.status === 0) throw new VaultError('vault.offline')
      if (e.code === 'vault.wrong') throw new VaultError('vault.wrong', Number(e.params.left ?? 0))
      if (e.code === 'vault.wiped' || e.code === 'vault.revoked' || e.code === 'vault.unknown' || e.code === 'auth.inactive') throw new VaultError(e.code)
      throw new VaultError('vault.failed')
    }
  }
}

