import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sealTo } from './hpke'
import { base64url, fromBase64url } from './keys'

type Vector = { server: { public: string }; ephemeral: JsonWebKey; info: string; text: string; sealed: string }
const { server, ephemeral, info, text, sealed } = JSON.parse(readFileSync(new URL('../../../testdata/vault/sealed.json', import.meta.url), 'utf8')) as Vector
const CURVE = { name: 'ECDH', namedCurve: 'P-256' }

test('what this seals, the server opens: the vector that both read', async () => {
  const pair = {
    publicKey: await crypto.subtle.importKey('jwk', { ...ephemeral, d: undefined, key_ops: [] }, CURVE, true, []),
    privateKey: await crypto.subtle.importKey('jwk', ephemeral, CURVE, false, ['deriveBits']),
  }
  expect(base64url(await sealTo(fromBase64url(server.public), info, text, pair))).toBe(sealed)
})

test('never twice the same', async () => {
  const one = await sealTo(fromBase64url(server.public), info, text)
  expect(base64url(one)).not.toBe(base64url(await sealTo(fromBase64url(server.public), info, text)))
  expect(one.length).toBe(65 + new TextEncoder().encode(text).length + 16)
})
