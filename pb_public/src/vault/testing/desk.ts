// The server's side of the vault, in memory: what vault/phone.go does, for tests without one.
import { http, type Http } from '../../lib/http'
import { base64url, random } from '../keys'
import type { Lease } from '../types'

/** A proof, and the factor that it shows. */
type Proof = { factor: string; proof: string }
type Phone = { user: string; proofs: Proof[]; passkeys: Proof[]; share: string; tries: number; revoked: boolean }

export class Desk {
  phones = new Map<string, Phone>()
  down = false
  hours = 12
  lock = { hidden: 5, idle: 15 }
  now = new Date('2026-11-22T12:00:00Z')
  asked: string[] = []
  /** Numbers of what locked phones sent. */
  sent: number[] = []
  readonly http: Http = http((url, init) => Promise.resolve(this.#answer(url, init)))

  revoke(): void {
    for (const p of this.phones.values()) p.revoked = true
  }

  #answer(url: string, init: RequestInit): Response {
    if (this.down) throw new TypeError('no network')
    this.asked.push(url)
    const body = JSON.parse(String(init.body)) as { phone: string; kind: string; identity: string; items: { n: number }[] } & Proof
    if (url === '/api/collections/users/auth-with-password') {
      const [id] = body.identity.split('@')
      const name = id!.replace('.', ' ')
      return Response.json({ token: 'token', record: { id, name, role: 'mentor', municipality: 'm1' } })
    }
    if (url === '/api/vault/phones') {
      const id = 'phone' + this.phones.size
      const share = base64url(random(32))
      this.phones.set(id, { user: 'u1', proofs: [body], passkeys: [], share, tries: 0, revoked: false })
      return Response.json({ ...this.#lease(id), share, send: 'send' })
    }
    const phone = this.phones.get(body.phone)
    if (!phone) return problem(404, 'vault.unknown')
    if (url === '/api/vault/send') {
      const taken = body.items.map((i) => i.n)
      this.sent.push(...taken)
      return Response.json({ taken })
    }
    if (phone.revoked) return problem(410, 'vault.revoked')
    if (!phone.share) return problem(410, 'vault.wiped')
    if (url === '/api/vault/renew') return Response.json(this.#lease(body.phone))
    const kept = body.kind === 'pin' ? 'proofs' : 'passkeys'
    if (url === '/api/vault/factor') {
      phone[kept].unshift(body)
      return Response.json(this.#lease(body.phone))
    }
    const known = phone[kept].filter((p) => p.factor === body.factor)
    if (known.length === 0) return problem(404, 'vault.unknown')
    if (known.some((p) => p.proof === body.proof)) {
      phone.tries = 0
      phone[kept] = [body]
      return Response.json({ ...this.#lease(body.phone), share: phone.share })
    }
    if (++phone.tries < 5) return problem(401, 'vault.wrong', { left: 5 - phone.tries })
    phone.share = ''
    return problem(410, 'vault.wiped')
  }

  #lease(phone: string): Lease {
    const until = new Date(this.now.getTime() + this.hours * 3600_000).toISOString()
    return { phone, until, at: this.now.toISOString(), key: { kid: 'k', key: '' }, lock: this.lock }
  }
}

const problem = (status: number, code: string, params: Record<string, unknown> = {}): Response => Response.json({ status, code, params }, { status })
