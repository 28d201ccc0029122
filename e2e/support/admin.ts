// The administrator at the dashboard's own REST.
import { password } from './world'

export type Reply = { status: number; body: { message?: string; data?: Record<string, { code: string; message: string }> } & Record<string, unknown> }

export class Admin {
  private constructor(private readonly url: string, private readonly token: string) {}

  static async logIn(url: string): Promise<Admin> {
    const { body } = await ask(url, '', 'POST', '/api/collections/_superusers/auth-with-password', { identity: 'admin@demo.example', password })
    return new Admin(url, String(body.token))
  }

  create(collection: string, record: Record<string, unknown>): Promise<Reply> {
    return this.send('POST', `/api/collections/${collection}/records`, record)
  }

  change(collection: string, id: string, to: Record<string, unknown>): Promise<Reply> {
    return this.send('PATCH', `/api/collections/${collection}/records/${id}`, to)
  }

  send(method: string, path: string, body?: unknown): Promise<Reply> {
    return ask(this.url, this.token, method, path, body)
  }
}

async function ask(url: string, token: string, method: string, path: string, body: unknown): Promise<Reply> {
  const reply = await fetch(url + path, { method, headers: { Authorization: token, 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  return { status: reply.status, body: (await reply.json().catch(() => ({}))) as Reply['body'] }
}
