// From what a person knows or is to the key of her store. A PIN alone is no key: its factor is bound to this phone, and
// what it opens also needs the share that the server hands out (adr 10).

const { subtle } = crypto
const encoder = new TextEncoder()

export type Bytes = Uint8Array<ArrayBuffer>

/** What opens a store: never stored, never sent. */
export type Factor = { readonly secret: Bytes }
/** The data key, closed under a factor and the share. */
export type Wrapped = { iv: Bytes; closed: Bytes }

const ROUNDS = 600_000
const IV = 12

export const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length))

/** Stays on the phone that made it. Script cannot read it, and that is all it promises. */
export const deviceKey = (): Promise<CryptoKey> => subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign'])

export async function pinFactor(pin: string, salt: Bytes, device: CryptoKey): Promise<Factor> {
  const known = await subtle.importKey('raw', encoder.encode(pin), 'PBKDF2', false, ['deriveBits'])
  return bound(await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }, known, 256), device)
}

/** `prf` is what the passkey's own chip made of the salt. */
export const passkeyFactor = (prf: ArrayBuffer, device: CryptoKey): Promise<Factor> => bound(prf, device)

const bound = async (bits: ArrayBuffer, device: CryptoKey): Promise<Factor> => ({ secret: new Uint8Array(await subtle.sign('HMAC', device, bits)) })

async function derived({ secret }: Factor, salt: Bytes, info: string): Promise<Bytes> {
  const key = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  return new Uint8Array(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: encoder.encode(info) }, key, 256))
}

/** Shows the server that the factor was there, and tells nothing of it. */
export const proofOf = async (factor: Factor): Promise<string> => base64url(await derived(factor, new Uint8Array(), 'bindeled proof'))

const wrapping = async (factor: Factor, share: Bytes): Promise<CryptoKey> =>
  subtle.importKey('raw', await derived(factor, share, 'bindeled wrap'), 'AES-GCM', false, ['encrypt', 'decrypt'])

export async function wrap(data: Bytes, factor: Factor, share: Bytes): Promise<Wrapped> {
  const iv = random(IV)
  return { iv, closed: new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, await wrapping(factor, share), data)) }
}

/** null: the wrong code, or the wrong share. */
export async function unwrap({ iv, closed }: Wrapped, factor: Factor, share: Bytes): Promise<Bytes | null> {
  try {
    return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv }, await wrapping(factor, share), closed))
  } catch {
    return null
  }
}

/** The key as it is used: it cannot be taken out again. */
export const dataKey = (data: Bytes): Promise<CryptoKey> => subtle.importKey('raw', data, 'AES-GCM', false, ['encrypt', 'decrypt'])

export const base64url = (bytes: Bytes): string =>
  btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

export const fromBase64url = (text: string): Bytes =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
