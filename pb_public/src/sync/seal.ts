// What lies on the disk, closed. The store seals before it opens a transaction: one that waits for anything else dies.

export type Seal = {
  close(name: string, text: string): Promise<Uint8Array<ArrayBuffer>>
  open(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string>
}

const IV = 12

/** AES-GCM under one key. The pack's number is bound in: one put in another's place does not open. */
export function aesSeal(key: CryptoKey): Seal {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const how = (iv: Uint8Array<ArrayBuffer>, name: string) => ({ name: 'AES-GCM', iv, additionalData: encoder.encode(name) })
  return {
    async close(name, text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV))
      const closed = new Uint8Array(await crypto.subtle.encrypt(how(iv, name), key, encoder.encode(text)))
      const bytes = new Uint8Array(IV + closed.length)
      bytes.set(iv)
      bytes.set(closed, IV)
      return bytes
    },
    async open(name, bytes) {
      return decoder.decode(await crypto.subtle.decrypt(how(bytes.slice(0, IV), name), key, bytes.subarray(IV)))
    },
  }
}
