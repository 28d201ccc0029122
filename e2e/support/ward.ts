// The ward's page, as a nurse fills it in: without JavaScript.
import { expect, type Browser, type Page } from '@playwright/test'
import { phone } from '../playwright.config'
import { password, today } from './world'

export type Notice = { name: string; phone: string; discharged?: string; planned?: boolean; serviceAct?: boolean; consents?: boolean }

const answer = (page: Page, question: RegExp, text: string): Promise<void> =>
  page.getByRole('group', { name: question }).getByRole('radio', { name: text, exact: true }).check()

export async function wardDesk(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext({ ...phone, baseURL: url, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto('/afdeling/')
  await page.getByLabel('Mailadresse').fill('ward@demo.example')
  await page.getByLabel('Adgangskode').fill(password)
  await page.getByRole('button', { name: 'Log ind' }).click()
  await expect(page.getByRole('button', { name: 'Send til kommunen' })).toBeVisible()
  return page
}

export async function handOver(page: Page, n: Notice): Promise<void> {
  await page.goto('/afdeling/')
  await page.getByLabel('Navn', { exact: true }).fill(n.name)
  await page.getByLabel('Telefonnummer', { exact: true }).fill(n.phone)
  await page.getByLabel('Udskrivningsdag', { exact: true }).fill(n.discharged ?? today())
  await answer(page, /planlagt, eller er den sket/, n.planned ? 'Planlagt' : 'Sket')
  await answer(page, /18 år eller ældre/, 'Ja')
  await answer(page, /psykisk lidelse/, 'Ja')
  await answer(page, /regionale psykiatri/, 'Ja')
  await answer(page, /støtte efter serviceloven/, n.serviceAct ? 'Ja' : 'Nej')
  await answer(page, /egen bolig/, 'Ja')
  await answer(page, /anden lovgivning/, 'Nej')
  const said = n.consents === false ? 'Nej' : 'Ja'
  await answer(page, /Ønsker borgeren at blive kontaktet/, said)
  await answer(page, /^Hvordan sagde borgeren ja til at blive kontaktet/, 'Skriftligt')
  await answer(page, /Må afdelingen give oplysningerne videre/, said)
  await answer(page, /^Hvordan sagde borgeren ja til videregivelse/, 'Mundtligt')
  await page.getByRole('button', { name: 'Send til kommunen' }).click()
}
