// What lies on the disk, closed. The store seals before it opens a transaction: one that waits for anything else dies.

export type Seal = {
  close(bucket: string, text: string): Promise<Uint8Array<ArrayBuffer>>
  open(bucket: string, bytes: Uint8Array<ArrayBuffer>): Promise<string>
}

const IV = 12

/** AES-GCM under one key. The bucket's name is bound in: a box put in another's place does not open. */
export function aesSeal(key: CryptoKey): Seal {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const how = (iv: Uint8Array<ArrayBuffer>, bucket: string) => ({ name: 'AES-GCM', iv, additionalData: encoder.encode(bucket) })
  return {
    async close(bucket, text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV))
      const closed = new Uint8Array(await crypto.subtle.encrypt(how(iv, bucket), key, encoder.encode(text)))
      const bytes = new Uint8Array(IV + closed.length)
      bytes.set(iv)
      bytes.set(closed, IV)
      return bytes
    },
    async open(bucket, bytes) {
      return decoder.decode(await crypto.subtle.decrypt(how(bytes.slice(0, IV), bucket), key, bytes.subarray(IV)))
    },
  }
}
