// What is there when it is urgent, and what becomes of a concern: without network too.
import type { Page } from '@playwright/test'
import { expect, test } from './support/test'

/** The action card as it stands: its numbers, in order. */
async function card(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Akut' }).click()
  const dialog = page.getByRole('dialog', { name: 'Akut' })
  await expect(dialog.getByRole('link')).toHaveCount(4)
  const numbers = await dialog.getByRole('link').evaluateAll((links) => links.map((a) => a.getAttribute('href') ?? ''))
  const rows = dialog.getByRole('listitem')
  await expect(rows.filter({ hasText: 'Prøvekøbing sociale akuttilbud' })).toContainText(/Hele døgnet, alle dage.*Bekræftet .*Kilde: prøvekøbing\.example\/akut/)
  await expect(rows.filter({ hasText: 'Regionens psykiatriske akuttelefon' })).toContainText('Ikke bekræftet siden')
  await expect(rows.filter({ hasText: 'Livslinien' })).toContainText('Ikke bekræftet af kommunen')
  await expect(dialog).toContainText('egen læge eller den læge i psykiatrien, som har ansvaret')
  await dialog.getByRole('button', { name: 'Luk' }).click()
  return numbers
}

const numbers = ['tel:112', 'tel:+4512345600', 'tel:+4512345601', 'tel:+4570201201']

test('[K1 K2] the numbers are there with the server stopped: open, locked and logged out', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  expect(await card(page)).toEqual(numbers)
  await server.stop()
  await page.reload()
  await expect(maja.heading('Låst')).toBeVisible()
  expect(await card(page)).toEqual(numbers)
  await maja.reload()
  await maja.tab('Mere')
  await page.getByRole('button', { name: 'Log ud' }).click()
  await expect(maja.heading('Log ind')).toBeVisible()
  expect(await card(page)).toEqual(numbers)
  await maja.switchOff()
  await maja.switchOn()
  await maja.page.goto('/')
  expect(await card(maja.page)).toEqual(numbers)
})
