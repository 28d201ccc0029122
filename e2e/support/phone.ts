// A person's phone: a browser profile of its own that can be closed and opened again.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, expect, type BrowserContext, type Locator, type Page } from '@playwright/test'
import { args, phone } from '../playwright.config'
import { scratch } from './paths'
import type { Watch } from './watch'
import { code, password } from './world'

export type Talk = {
  note: string
  next?: { on: string; part?: string; topic?: string }
  end?: { reason: string; told: string }
}

export class Phone {
  context!: BrowserContext
  page!: Page

  private constructor(readonly url: string, readonly watch: Watch, readonly profile: string) {}

  static async new(url: string, watch: Watch): Promise<Phone> {
    const p = new Phone(url, watch, mkdtempSync(join(scratch(), 'phone-')))
    await p.switchOn()
    return p
  }

  async switchOn(): Promise<void> {
    this.context = await chromium.launchPersistentContext(this.profile, { ...phone, args, baseURL: this.url, executablePath: process.env.CHROMIUM || undefined })
    this.watch.over(this.context, this.url)
    this.page = this.context.pages()[0] ?? (await this.context.newPage())
  }

  switchOff(): Promise<void> { return this.context.close() }

  /** The whole browser goes and comes; what is on the disk is what is left. */
  async restart(): Promise<void> {
    await this.switchOff()
    await this.switchOn()
    await this.goto('/')
  }

  /** An address typed in, or the page loaded anew: locked, as after any start. */
  async goto(path: string): Promise<void> {
    await this.page.goto(path)
    await unlock(this.page)
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await unlock(this.page)
  }

  async logIn(who: string): Promise<void> {
    await this.page.goto('/')
    await enter(this.page, who)
    await choose(this.page)
    await expect(this.heading('I dag')).toBeVisible()
    await this.upToDate()
    await this.ready()
  }

  /** The worker has the whole app: from here on it opens without network. */
  async ready(): Promise<void> {
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => {}))
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  }

  async upToDate(): Promise<void> {
    await expect(this.page.getByRole('link', { name: /^Alt er modtaget hos kommunen/ })).toBeVisible()
  }

  airplane(on: boolean): Promise<void> { return this.context.setOffline(on) }

  heading(name: string | RegExp): Locator { return this.page.getByRole('heading', { level: 1, name }) }

  /** A person's line on I dag, in one of its lists. */
  due(list: string, name: string): Locator {
    return this.page.getByRole('region', { name: new RegExp('^' + list) }).getByRole('link', { name: new RegExp(name) })
  }

  async tab(name: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Hovedmenu' }).getByRole('link', { name }).click()
    await expect(this.heading(name)).toBeVisible()
  }

  /** From the list of courses to one of them. */
  async open(name: string): Promise<void> {
    await this.tab('Forløb')
    await this.page.getByRole('link', { name: new RegExp(name) }).click()
    await expect(this.heading(name)).toBeVisible()
  }

  /** From the course page: what was said, and what was agreed. */
  async log(talk: Talk): Promise<void> {
    await this.page.getByRole('link', { name: 'Vi talte' }).click()
    await this.write(talk)
    await this.save()
  }

  async write(talk: Talk): Promise<void> {
    const { page } = this
    await page.getByRole('textbox', { name: 'Note' }).fill(talk.note)
    if (talk.next) {
      await page.getByRole('radio', { name: 'Vi taler igen' }).check()
      await page.getByLabel('Dag', { exact: false }).and(page.locator('input[type=date]')).fill(talk.next.on)
      if (talk.next.part) await page.getByRole('radio', { name: talk.next.part }).check()
      if (talk.next.topic) await page.getByRole('textbox', { name: /^Hvad kan I tale om/ }).fill(talk.next.topic)
    }
    if (talk.end) {
      await page.getByRole('radio', { name: 'Vi slutter her' }).check()
      await page.getByRole('combobox', { name: 'Hvorfor slutter I?' }).selectOption({ label: talk.end.reason })
      await page.getByRole('group', { name: /Har du sagt/ }).getByRole('radio', { name: talk.end.told }).check()
    }
  }

  async save(): Promise<void> {
    await this.page.getByRole('button', { name: 'Gem samtale' }).click()
  }

  /** What has happened on the course that is open, as one entry of the list. */
  happened(text: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: text })
  }
}

export async function enter(page: Page, who: string, secret = password): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(`${who}@demo.example`)
  await page.getByLabel('Adgangskode').fill(secret)
  await page.getByRole('button', { name: 'Log ind' }).click()
}

/** The first time on a phone. */
export async function choose(page: Page): Promise<void> {
  await page.getByLabel('Ny kode').fill(code)
  await page.getByLabel('Koden en gang til').fill(code)
  await page.getByRole('button', { name: 'Brug koden' }).click()
}

export async function unlock(page: Page, pin = code): Promise<void> {
  const field = page.getByLabel(/^Kode for/)
  await field.fill(pin)
  await expect(field).toHaveCount(0)
}
