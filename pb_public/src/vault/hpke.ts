// Sealed to the server: HPKE (RFC 9180), base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message.
// This side has no key to open it again.

const { subtle } = crypto
const encoder = new TextEncoder()
const KEM = [...encoder.encode('KEM'), 0x00, 0x10]
const HPKE = [...encoder.encode('HPKE'), 0x00, 0x10, 0x00, 0x01, 0x00, 0x02]
const CURVE = { name: 'ECDH', namedCurve: 'P-256' }

type Bytes = Uint8Array<ArrayBuffer>

function joined(...parts: ArrayLike<number>[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, p) => sum + p.length, 0))
  let at = 0
  for (const p of parts) {
    out.set(p, at)
    at += p.length
  }
  return out
}

async function hmac(key: Bytes, text: Bytes): Promise<Bytes> {
  const k = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await subtle.sign('HMAC', k, text))
}

const extract = (salt: ArrayLike<number>, suite: number[], label: string, ikm: ArrayLike<number>): Promise<Bytes> =>
  hmac(salt.length > 0 ? joined(salt) : new Uint8Array(32), joined(encoder.encode('HPKE-v1'), suite, encoder.encode(label), ikm))

/** At most one block of the hash: nothing here is longer. */
const expand = async (prk: Bytes, suite: number[], label: string, info: ArrayLike<number>, length: number): Promise<Bytes> =>
  (await hmac(prk, joined([0, length], encoder.encode('HPKE-v1'), suite, encoder.encode(label), info, [1]))).slice(0, length)

/** The encapsulated key, then the text. `ephemeral` only for a test. */
export async function sealTo(server: Bytes, info: string, text: string, ephemeral?: CryptoKeyPair): Promise<Bytes> {
  const { publicKey, privateKey } = ephemeral ?? (await subtle.generateKey(CURVE, false, ['deriveBits']))
  const theirs = await subtle.importKey('raw', server, CURVE, false, [])
  const dh = new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: theirs }, privateKey, 256))
  const enc = new Uint8Array(await subtle.exportKey('raw', publicKey))
  const shared = await expand(await extract([], KEM, 'eae_prk', dh), KEM, 'shared_secret', joined(enc, server), 32)

  const context = joined([0], await extract([], HPKE, 'psk_id_hash', []), await extract([], HPKE, 'info_hash', encoder.encode(info)))
  const secret = await extract(shared, HPKE, 'secret', [])
  const key = await subtle.importKey('raw', await expand(secret, HPKE, 'key', context, 32), 'AES-GCM', false, ['encrypt'])
  const iv = await expand(secret, HPKE, 'base_nonce', context, 12)
  return joined(enc, new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, encoder.encode(text))))
}
