// What lies outside the store, and what the server says of a phone.
import type { Bytes, Wrapped } from './keys'

export type ServerKey = { kid: string; key: string }
/** Minutes until a phone locks by itself. */
export type LockAfter = { hidden: number; idle: number }
/** `until`: how long the share may be kept, so that the store opens without network. */
export type Lease = { phone: string; share?: string; send?: string; until: string; at: string; key: ServerKey; lock: LockAfter }

/** One person's way into her store on this phone. `seen`: the latest time it was looked at; a clock put back lengthens nothing. */
export type Entrance = {
  user: string
  /** Her initials: who is to give a code, where two share a phone. */
  label: string
  phone: string
  send: string
  device: CryptoKey
  salt: Bytes
  pin: Wrapped | null
  passkey: (Wrapped & { id: Bytes; salt: Bytes }) | null
  /** Wrong codes in a row that only the phone knows of. */
  tries: number
  share: { value: string; until: string; seen: string } | null
  key: ServerKey
  lock: LockAfter
  /** The session, closed under the data key. */
  session: Bytes | null
}

/** Where they lie. `edit` is one transaction on what lies there now, for another tab may have written; null: it is wiped, or gone. */
export type Shelf = {
  save(e: Entrance): Promise<void>
  edit(phone: string, change: (now: Entrance) => Entrance): Promise<Entrance | null>
}

export type VaultCode = 'vault.wrong' | 'vault.wiped' | 'vault.revoked' | 'vault.unknown' | 'vault.offline' | 'vault.cancelled' | 'vault.failed' | 'auth.inactive'

export class VaultError extends Error {
  constructor(
    readonly code: VaultCode,
    readonly left = 0,
  ) {
    super(code)
    this.name = 'VaultError'
  }
}
