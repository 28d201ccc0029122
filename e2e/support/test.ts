// What every story starts with: a server of its own, and phones that are put away afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import { Admin } from './admin'
import { scratch } from './paths'
import { Phone } from './phone'
import { Server } from './server'

type Fixtures = {
  server: Server
  /** A new phone, with somebody logged in. */
  phoneOf: (who: string) => Promise<Phone>
  admin: Admin
}

export const test = base.extend<Fixtures>({
  server: async ({}, use) => {
    const folder = mkdtempSync(join(scratch(), 'server-'))
    const server = await Server.copied(folder)
    await use(server)
    await server.kill()
    rmSync(folder, { recursive: true, force: true })
  },
  baseURL: async ({ server }, use) => use(server.url),
  phoneOf: async ({ server }, use) => {
    const phones: Phone[] = []
    await use(async (who) => {
      const phone = await Phone.new(server.url)
      phones.push(phone)
      await phone.logIn(who)
      return phone
    })
    for (const phone of phones) await phone.switchOff()
  },
  admin: async ({ server }, use) => use(await Admin.logIn(server.url)),
})

export { expect } from '@playwright/test'
