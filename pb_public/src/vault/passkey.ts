// A passkey whose chip makes the same secret of the same salt each time (WebAuthn's PRF): a finger instead of the code.
import type { Bytes } from './keys'
import { random } from './keys'

export type Passkeys = {
  /** null: this phone has none that can do it, or she said no. */
  create(salt: Bytes): Promise<{ id: Bytes; prf: ArrayBuffer } | null>
  get(id: Bytes, salt: Bytes): Promise<ArrayBuffer | null>
}

const WAIT = 60_000

export async function hasPasskeys(): Promise<boolean> {
  const it = (globalThis as { PublicKeyCredential?: typeof PublicKeyCredential }).PublicKeyCredential
  return it !== undefined && (await it.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false))
}

type Results = { prf?: { enabled?: boolean; results?: { first?: ArrayBuffer } } }

// A credential's own toJSON() brings older WebKits down when there is a secret in it: only its parts are read.
const secretOf = (c: PublicKeyCredential): Results['prf'] => (c.getClientExtensionResults() as Results).prf

let asked: { abort: AbortController; over: Promise<unknown> } = { abort: new AbortController(), over: Promise.resolve() }

/** What goes wrong here is that a person said no, or that the phone cannot: there is always the code. */
export const passkeys: Passkeys = {
  async create(salt) {
    const created = await navigator.credentials.create({
      publicKey: {
        challenge: random(32),
        rp: { name: 'Bindeled' },
        user: { id: random(16), name: 'Bindeled', displayName: 'Bindeled' },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
        authenticatorSelection: { authenticatorAttachment: 'platform', residentKey: 'preferred', userVerification: 'required' },
        timeout: WAIT,
        extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs,
      },
    }).catch(() => null) as PublicKeyCredential | null
    if (!created || !secretOf(created)?.enabled) return null
    const id = new Uint8Array(created.rawId)
    const prf = secretOf(created)?.results?.first ?? (await this.get(id, salt)) // some only say it when asked
    return prf ? { id, prf } : null
  },

  async get(id, salt) {
    asked.abort.abort() // one that was left unanswered stands in the way of the next
    await asked.over
    const abort = new AbortController()
    const got = navigator.credentials.get({
      signal: abort.signal,
      publicKey: {
        challenge: random(32),
        allowCredentials: [{ type: 'public-key', id }],
        userVerification: 'required',
        timeout: WAIT,
        extensions: { prf: { eval: { first: salt } } } as AuthenticationExtensionsClientInputs,
      },
    }).catch(() => null) as Promise<PublicKeyCredential | null>
    asked = { abort, over: got }
    const c = await got
    return (c && secretOf(c)?.results?.first) ?? null
  },
}
