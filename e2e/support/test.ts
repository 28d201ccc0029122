// What every story starts with: a server of its own, and phones that are put away afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test as base, type BrowserContext } from '@playwright/test'
import { Admin } from './admin'
import { scratch } from './paths'
import { Phone } from './phone'
import { Server } from './server'
import { Watch } from './watch'

type Fixtures = {
  server: Server
  /** Of every page, in every story. */
  watch: Watch
  /** A new phone, with somebody logged in. */
  phoneOf: (who: string, url?: string) => Promise<Phone>
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
  watch: [async ({ browser, server }, use) => {
    const watch = new Watch()
    const over = (context: BrowserContext) => watch.over(context, server.url)
    browser.on('context', over)
    await use(watch)
    browser.off('context', over)
    expect(watch.wrong).toEqual([])
  }, { auto: true }],
  phoneOf: async ({ server, watch }, use) => {
    const phones: Phone[] = []
    await use(async (who, url = server.url) => {
      const phone = await Phone.new(url, watch)
      phones.push(phone)
      await phone.logIn(who)
      return phone
    })
    for (const phone of phones) await phone.switchOff()
  },
  admin: async ({ server }, use) => use(await Admin.logIn(server.url)),
})

export { expect } from '@playwright/test'
