// What is there when it is urgent, and what becomes of a concern: without network too.
import type { Page } from '@playwright/test'
import { expect, test } from './support/test'
import { addDays, id, today } from './support/world'

/** The action card as it stands: its numbers, in order. */
async function card(page: Page): Promise<string[]> {
  await page.getByRole('button', { name: 'Akut' }).click()
  const dialog = page.getByRole('dialog', { name: 'Akut' })
  await expect(dialog.getByRole('link')).toHaveCount(4)
  const numbers = await dialog.getByRole('link').evaluateAll((links) => links.map((a) => a.getAttribute('href') ?? ''))
  const rows = dialog.getByRole('listitem')
  await expect(rows.filter({ hasText: 'Prøvekøbing sociale akuttilbud' })).toContainText(/Hele døgnet, alle dage[^]*Bekræftet [^]*Kilde: prøvekøbing\.example\/akut/)
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

test('[F1 F3 F4] a concern without network: the numbers, a draft, first on the list, and the coordinator is told', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  const karen = await phoneOf('karen')
  await server.stop()
  await maja.open('Noor Eksempel')
  await page.getByRole('button', { name: 'Bekymring' }).click()
  const dialog = page.getByRole('dialog', { name: 'Bekymring' })
  await expect(dialog.getByRole('link', { name: 'Prøvekøbing sociale akuttilbud' })).toHaveAttribute('href', 'tel:+4512345600')
  await dialog.getByRole('link', { name: 'Skriv, hvad du har gjort' }).click()
  await expect(maja.heading('Bekymring')).toBeVisible()
  await page.getByRole('textbox', { name: 'Hvad så eller hørte du' }).fill('Ville ikke lægge på igen.')
  await expect(page.getByText('Kladden er gemt på telefonen')).toBeVisible()

  await maja.reload() // stopped in the middle
  await expect(page.getByRole('textbox', { name: 'Hvad så eller hørte du' })).toHaveValue('Ville ikke lægge på igen.')
  await page.getByRole('textbox', { name: 'Hvem har taget over?' }).fill('Lægevagten')
  await page.getByRole('checkbox', { name: 'Jeg har selv talt med dem' }).check()
  await page.getByRole('button', { name: 'Gem bekymring' }).click()
  await expect(maja.heading('Noor Eksempel')).toBeVisible()
  const event = maja.happened('Har taget over: Lægevagten')
  await expect(event).toContainText('ikke sendt endnu')
  await maja.tab('I dag')
  await expect(page.getByRole('region').first()).toContainText('Bekymring')
  await expect(maja.due('Bekymring', 'Noor Eksempel')).toContainText('ring senest')

  await server.start()
  await maja.reload()
  await maja.upToDate()
  expect(server.row('SELECT note, handed_to, warm, state FROM flags')).toEqual({ note: 'Ville ikke lægge på igen.', handed_to: 'Lægevagten', warm: 1, state: 'open' })
  await karen.reload()
  await expect(karen.due('Bekymring', 'Noor Eksempel')).toContainText('hos Maja Mønster')
  await karen.tab('Indbakke')
  await karen.due('Bekymring', 'Noor Eksempel').click()
  await karen.page.getByRole('button', { name: 'Afslut bekymringen' }).click()
  await karen.page.getByRole('textbox', { name: 'Hvad er der gjort?' }).fill('Talt med egen læge, som følger op.')
  await karen.page.getByRole('dialog').getByRole('button', { name: 'Afslut bekymringen' }).click()
  await expect(karen.happened('Talt med egen læge, som følger op.')).toContainText('Modtaget hos kommunen kl.')
  await expect.poll(() => server.row('SELECT state FROM flags').state).toBe('closed')
  await maja.reload()
  await expect(maja.due('Bekymring', 'Noor Eksempel')).toHaveCount(0)
})

test('[O1] offers without network: found by need and day, and written down in her own words', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await server.stop()
  await maja.tab('Mere')
  await page.getByRole('link', { name: 'Tilbud' }).click()
  await expect(maja.heading('Tilbud')).toBeVisible()
  const names = page.locator('summary .name')
  const inOrder = await names.allTextContents()
  expect(inOrder).toEqual([...inOrder].sort(new Intl.Collator('da').compare))
  expect(inOrder).toHaveLength(9)
  await page.getByRole('combobox', { name: 'Dag' }).selectOption('Torsdag')
  await page.getByRole('combobox', { name: 'Hvad er der brug for?' }).selectOption('Samvær og fællesskab')
  await expect(names).toHaveText(['Fællesspisning i beboerhuset', 'Værestedet Kilden'])
  await page.getByRole('searchbox', { name: 'Søg i tilbud' }).fill('brætspil')
  await page.getByText('Værestedet Kilden').click()
  await expect(page.getByRole('link', { name: 'Ring 12 34 56 10' })).toHaveAttribute('href', 'tel:+4512345610')

  await maja.open('Viggo Påfund')
  await page.getByRole('link', { name: 'Find et tilbud' }).click()
  await page.getByRole('link', { name: 'Tilbage til Viggo Påfund' }).click()
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('combobox', { name: 'Talte I om et tilbud?' }).selectOption({ label: 'Gældsrådgivningen' })
  await page.getByRole('group', { name: 'Gældsrådgivningen' }).getByRole('radio', { name: 'Hjulpet videre' }).check()
  await page.getByRole('textbox', { name: 'Med borgerens egne ord' }).fill('Nu tør jeg åbne posten')
  await maja.write({ note: 'Ringede derhen sammen.', next: { on: addDays(today(), 3) } })
  await maja.save()
  const told = 'Hjulpet videre: Gældsrådgivningen, “Nu tør jeg åbne posten”'
  await expect(maja.happened(told)).toContainText('ikke sendt endnu')
  await server.start()
  await maja.reload()
  await expect(maja.happened(told)).toContainText('Modtaget hos kommunen kl.')
  expect(server.row("SELECT offers FROM contacts WHERE note = 'Ringede derhen sammen.'")).toEqual(
    { offers: JSON.stringify([{ offer: id('gaeld'), how: 'helped', words: 'Nu tør jeg åbne posten' }]) })
})
