const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** A record id as PocketBase makes them: 15 of [a-z0-9]. */
export function newId(): string {
  let id = ''
  while (id.length < 15) {
    // 252 is the last multiple of 36 in a byte: above it some letters would come oftener.
    for (const b of crypto.getRandomValues(new Uint8Array(20))) if (b < 252 && id.length < 15) id += ALPHABET[b % 36]
  }
  return id
}
