// The way into a person's store: made once, opened with a code, shut again. Knows keys; what lies in the store it never sees.
import { ApiError, type Http } from '../lib/http'
import { aesSeal } from '../sync/seal'
import { type Bytes, dataKey, deviceKey, type Factor, fromBase64url, passkeyFactor, pinFactor, proofOf, random, unwrap, wrap, type Wrapped } from './keys'
import type { Passkeys } from './passkey'
import { type Entrance, type Lease, VaultError } from './types'

const TRIES = 5
const SLACK = 10 * 60_000 // a clock is set right by a little now and then
const PATIENCE = 8_000 // a basement answers slowly or not at all

/** An open store. The key cannot be taken out, only handed to another tab. */
export type Open = { entrance: Entrance; key: CryptoKey; session: string }

export class Vault {
  constructor(
    readonly http: Http,
    readonly save: (e: Entrance) => Promise<void>,
    readonly now: () => Date,
  ) {}

  /** After the log-in: this phone becomes one that opens with a code. */
  async make(user: { id: string; label: string }, token: string, pin: string, session: string): Promise<Open> {
    const device = await deviceKey()
    const salt = random(16)
    const factor = await pinFactor(pin, salt, device)
    const body = { name: '', kind: 'pin', proof: await proofOf(factor) }
    const lease = await this.#ask('/api/vault/phones', body, token)
    const data = random(32)
    const key = await dataKey(data)
    const entrance: Entrance = {
      user: user.id, label: user.label, phone: lease.phone, send: lease.send!, device, salt, passkey: null, tries: 0,
      pin: await wrap(data, factor, fromBase64url(lease.share!)), share: null, key: lease.key, lock: lease.lock, session: null,
    }
    data.fill(0)
    return this.keep({ entrance: this.#leased(entrance, lease, lease.share!), key, session })
  }

  /** What changed in a session lies closed on the disk before this resolves. */
  async keep({ entrance, key, session }: Open): Promise<Open> {
    const kept = { ...entrance, session: await aesSeal(key).close('session', session) }
    await this.save(kept)
    return { entrance: kept, key, session }
  }

  /** With a share at hand no network is asked: the phone counts what is wrong. Without one the server does. */
  async open(e: Entrance, pin: string): Promise<Open> {
    if (!e.pin) throw new VaultError('vault.wiped')
    const factor = await pinFactor(pin, e.salt, e.device)
    const held = this.#held(e)
    if (!held) return this.#openOnline(e, 'pin', e.pin, factor)
    const data = await unwrap(e.pin, factor, fromBase64url(held))
    if (data) return this.#opened({ ...e, tries: 0 }, data)
    const tries = e.tries + 1
    if (tries < TRIES) {
      await this.save({ ...e, tries })
      throw new VaultError('vault.wrong', TRIES - tries)
    }
    await this.wipe(e)
    throw new VaultError('vault.wiped')
  }

  /** The phone has counted wrong fingers itself. */
  async openByPasskey(e: Entrance, passkeys: Passkeys): Promise<Open> {
    const { passkey } = e
    if (!passkey) throw new VaultError('vault.wiped')
    const prf = await passkeys.get(passkey.id, passkey.salt)
    if (!prf) throw new VaultError('vault.cancelled')
    const factor = await passkeyFactor(prf, e.device)
    const held = this.#held(e)
    if (!held) return this.#openOnline(e, 'passkey', passkey, factor)
    const data = await unwrap(passkey, factor, fromBase64url(held))
    if (!data) throw new VaultError('vault.failed')
    return this.#opened({ ...e, tries: 0 }, data)
  }

  async #openOnline(e: Entrance, kind: 'pin' | 'passkey', wrapped: Wrapped, factor: Factor): Promise<Open> {
    const lease = await this.#ask('/api/vault/open', { phone: e.phone, kind, proof: await proofOf(factor) }).catch(async (err: unknown) => {
      if (err instanceof VaultError && ['vault.wiped', 'vault.revoked'].includes(err.code)) await this.wipe(e)
      throw err
    })
    const data = await unwrap(wrapped, factor, fromBase64url(lease.share!))
    if (!data) throw new VaultError('vault.failed')
    return this.#opened(this.#leased({ ...e, tries: 0 }, lease, lease.share!), data)
  }

  async #opened(e: Entrance, data: Bytes): Promise<Open> {
    const key = await dataKey(data)
    data.fill(0)
    const session = e.session ? await aesSeal(key).open('session', e.session) : ''
    const at = this.now().toISOString()
    const entrance = { ...e, ...(e.share && { share: { ...e.share, seen: at > e.share.seen ? at : e.share.seen } }) }
    await this.save(entrance)
    return { entrance, key, session }
  }

  /** While it is open and there is network: the lease runs anew. A phone that is to be shut learns it here. */
  async renew(open: Open, token: string): Promise<Open> {
    const { entrance } = open
    const lease = await this.#ask('/api/vault/renew', { phone: entrance.phone }, token)
    const next = this.#leased(entrance, lease, entrance.share?.value ?? '')
    await this.save(next)
    return { ...open, entrance: next }
  }

  /** Another code for the same store. */
  async change(e: Entrance, old: string, pin: string, token: string): Promise<Entrance> {
    const { data, share } = await this.#known(e, old)
    const salt = random(16)
    const factor = await pinFactor(pin, salt, e.device)
    await this.#ask('/api/vault/factor', { phone: e.phone, kind: 'pin', proof: await proofOf(factor) }, token)
    return this.#saved({ ...e, salt, pin: await wrap(data, factor, share), tries: 0 }, data)
  }

  /** A finger beside the code. null: the phone cannot, or she said no. */
  async addPasskey(e: Entrance, pin: string, passkeys: Passkeys, token: string): Promise<Entrance | null> {
    const { data, share } = await this.#known(e, pin)
    const salt = random(32)
    const made = await passkeys.create(salt)
    if (!made) return null
    const factor = await passkeyFactor(made.prf, e.device)
    await this.#ask('/api/vault/factor', { phone: e.phone, kind: 'passkey', proof: await proofOf(factor) }, token)
    return this.#saved({ ...e, passkey: { ...(await wrap(data, factor, share)), id: made.id, salt } }, data)
  }

  /** The data key once more, to be closed in another way too. That takes the code. */
  async #known(e: Entrance, pin: string): Promise<{ data: Bytes; share: Bytes }> {
    const held = this.#held(e)
    if (!e.pin || !held) throw new VaultError('vault.offline')
    const share = fromBase64url(held)
    const data = await unwrap(e.pin, await pinFactor(pin, e.salt, e.device), share)
    if (!data) throw new VaultError('vault.wrong', TRIES)
    return { data, share }
  }

  async #saved(e: Entrance, data: Bytes): Promise<Entrance> {
    data.fill(0)
    await this.save(e)
    return e
  }

  /** Nothing opens it any more. What is unsent is sealed to the server, and can still be sent. */
  async wipe(e: Entrance): Promise<Entrance> {
    const shut: Entrance = { ...e, pin: null, passkey: null, share: null, session: null, salt: new Uint8Array() }
    await this.save(shut)
    return shut
  }

  /** The phone gives its share back, when its time is over. */
  async expire(e: Entrance): Promise<Entrance> {
    if (!e.share || this.#held(e)) return e
    const without = { ...e, share: null }
    await this.save(without)
    return without
  }

  #leased(e: Entrance, { until, at, key, lock }: Lease, value: string): Entrance {
    const lasts = Date.parse(until) - Date.parse(at)
    const now = this.now()
    const share = lasts > 0 && value ? { value, until: new Date(now.getTime() + lasts).toISOString(), seen: now.toISOString() } : null
    return { ...e, key, lock, share }
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
      if (e.code === 'vault.wiped' || e.code === 'vault.revoked' || e.code === 'auth.inactive') throw new VaultError(e.code)
      throw new VaultError('vault.failed')
    }
  }
}

/** Two letters, to tell two people on one phone apart. */
export const initials = (name: string): string =>
  name.split(/\s+/).filter(Boolean).map((w) => w[0]!.toLocaleUpperCase('da')).filter((_, i, all) => i === 0 || i === all.length - 1).join('')

export const isPin = (text: string): boolean => /^\d{6}$/.test(text)
