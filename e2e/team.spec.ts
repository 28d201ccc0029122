// A talk told anew, a stand-in, the board: what a team does with each other's courses.
import { expect, test } from './support/test'
import type { Phone } from './support/phone'
import { addDays, id, today } from './support/world'

/** From the course page: an entry of her own, with other words. */
async function amend(p: Phone, said: string, note: string): Promise<void> {
  await p.happened(said).getByRole('button', { name: /^Ret/ }).click()
  const dialog = p.page.getByRole('dialog', { name: 'Ret samtalen' })
  await dialog.getByRole('textbox', { name: 'Note' }).fill(note)
  await dialog.getByRole('button', { name: 'Gem' }).click()
  await expect(dialog).toHaveCount(0)
}

test('[S12 S17] a talk that is not sent yet is corrected offline: both arrive, and the first can be read', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.airplane(true)
  await maja.open('Noor Eksempel')
  await maja.log({ note: 'Noor vil synge i kor på lørdag.', next: { on: addDays(today(), 7) } })
  await amend(maja, 'på lørdag', 'Noor vil synge i kor på søndag.')
  const talk = maja.happened('på søndag')
  await expect(talk).toContainText('Gemt på telefonen, ikke sendt endnu')
  expect(server.count("contacts WHERE note LIKE '%synge i kor%'")).toBe(0)

  await test.step('half a correction survives a reload', async () => {
    await talk.getByRole('button', { name: /^Ret/ }).click()
    const field = page.getByRole('dialog').getByRole('textbox', { name: 'Note' })
    await field.fill('Noor vil synge i kor på onsdag.')
    await expect(page.getByRole('dialog').getByText('Kladden er gemt på telefonen', { exact: true })).toBeVisible()
    await maja.reload()
    await talk.getByRole('button', { name: /^Ret/ }).click()
    await expect(field).toHaveValue('Noor vil synge i kor på onsdag.')
    await page.getByRole('dialog').getByRole('button', { name: 'Fortryd' }).click()
  })

  await maja.airplane(false)
  await expect(talk).toContainText('Modtaget hos kommunen kl.')
  expect(server.rows("SELECT a.note, b.note AS first FROM contacts a JOIN contacts b ON b.id = a.amends")).toEqual(
    [{ note: 'Noor vil synge i kor på søndag.', first: 'Noor vil synge i kor på lørdag.' }])
  await expect(talk).toContainText(/Rettet i dag kl\. \d+\.\d\d\. Vis den første/)
  await expect(page.getByText('på lørdag')).toBeHidden()
  await talk.getByText('Vis den første').click()
  await expect(page.getByText('på lørdag')).toBeVisible()
})

test('[S17] corrected by another meanwhile: her words are in the tray, and go on top', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const karen = await phoneOf('karen')
  await maja.open('Elias Tænkt')
  await maja.airplane(true)
  await karen.open('Elias Tænkt')
  await amend(karen, 'Vil finde papirerne frem', 'Har fundet papirerne.')
  await expect.poll(() => server.count("contacts WHERE note = 'Har fundet papirerne.'")).toBe(1)
  await amend(maja, 'Vil finde papirerne frem', 'Leder efter papirerne.')
  await maja.airplane(false)
  await maja.tab('I dag')
  await maja.page.getByRole('link', { name: '1 ting kræver handling' }).click()
  const item = maja.page.getByRole('article', { name: 'Elias Tænkt' })
  await expect(item).toContainText('Leder efter papirerne.')
  await expect(item).toContainText('Karen Koordinator har i mellemtiden rettet samtalen. Din tekst er her stadig.')
  await item.getByRole('button', { name: 'Send igen' }).click()
  await expect(maja.page.getByText('Intet kræver handling.')).toBeVisible()
  await expect.poll(() => server.rows(`SELECT a.note, b.note AS before FROM contacts a JOIN contacts b ON b.id = a.amends WHERE a.note LIKE 'Leder%'`)).toEqual(
    [{ note: 'Leder efter papirerne.', before: 'Har fundet papirerne.' }])
  await maja.open('Elias Tænkt')
  await expect(maja.happened('Leder efter')).toContainText('Rettet i dag kl.')
})

test('[A3 A4] a stand-in\'s phone gets the course today, and loses it when the coordinator ends it', async ({ server, phoneOf }) => {
  const omar = await phoneOf('omar')
  const maja = await phoneOf('maja')
  const karen = await phoneOf('karen')
  await omar.tab('Forløb')
  await expect(omar.page.getByRole('link', { name: /Viggo Påfund/ })).toHaveCount(0)

  await karen.open('Viggo Påfund')
  await karen.page.getByText('Mere om forløbet').click()
  await karen.page.getByRole('combobox', { name: 'Hvem er vikar?' }).selectOption({ label: 'Omar Opfundet' })
  await karen.page.getByLabel('Til og med').fill(addDays(today(), 4))
  await karen.page.getByRole('button', { name: 'Gem vikar' }).click()
  await expect.poll(() => server.rows(`SELECT user, "from", "to" FROM covers WHERE course = '${id('viggo')}'`)).toEqual(
    [{ user: id('omar'), from: today(), to: addDays(today(), 4) }])

  await expect(omar.page.getByRole('link', { name: /Viggo Påfund/ })).toBeVisible() // it came by itself
  await omar.open('Viggo Påfund')
  await omar.log({ note: 'Vikaren har ringet.', next: { on: addDays(today(), 2) } })
  await expect(omar.happened('Vikaren har ringet')).toContainText('Modtaget hos kommunen kl.')
  await maja.open('Viggo Påfund')
  await expect(maja.page.getByText(/^Vikar: Omar Opfundet, /)).toBeVisible()
  await expect(maja.happened('Vikaren har ringet')).toContainText('Omar Opfundet')

  await karen.page.getByRole('button', { name: /^Slut nu/ }).click()
  await karen.page.getByRole('dialog').getByRole('button', { name: 'Slut nu' }).click()
  await expect.poll(() => server.count(`covers WHERE course = '${id('viggo')}'`)).toBe(0)
  await expect(omar.heading('Forløbet er her ikke')).toBeVisible()
  await expect(maja.page.getByText(/^Vikar: /)).toHaveCount(0)
  expect(server.count(`contacts WHERE course = '${id('viggo')}' AND note = 'Vikaren har ringet.'`)).toBe(1)
})

test('[A9 U1] the board: courses by mentor, deadlines, and whose phone is silent', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await maja.page.route('**/api/sync/push', (route) => route.abort())
  await maja.open('Noor Eksempel')
  await maja.log({ note: 'Ligger på telefonen.', next: { on: addDays(today(), 3) } })
  await expect(maja.happened('Ligger på telefonen')).toContainText('ikke sendt endnu')
  await maja.tab('Mere')
  await maja.page.getByRole('link', { name: /^Sendt og modtaget/ }).click()
  await maja.page.getByRole('button', { name: 'Send nu' }).click() // a pull gets through, and says what is unsent
  await expect.poll(() => server.row(`SELECT unsent FROM _sync_device WHERE user = '${id('maja')}'`)).toEqual({ unsent: 1 })
  await maja.airplane(true)

  const karen = await phoneOf('karen')
  const { page } = karen
  await page.setViewportSize({ width: 1280, height: 800 })
  await karen.tab('Indbakke')
  await page.getByRole('link', { name: 'Se holdets forløb og frister' }).click()
  await expect(karen.heading('Holdet')).toBeVisible()
  const column = (name: string) => page.getByRole('region', { name })
  await expect(column('Maja Mønster')).toContainText('6 åbne forløb: 1 venter på første samtale · 5 i gang')
  await expect(column('Maja Mønster')).toContainText('1 mangler opkald')
  await expect(column('Maja Mønster').getByRole('link', { name: /Birk Testesen/ })).toContainText(/når fristen om \d+ time/)
  await expect(column('Omar Opfundet')).toContainText('2 åbne forløb')
  await expect(column('Forløb uden mentor').getByRole('link', { name: /Ture Tilfælde/ })).toContainText('frist ')
  await expect(page.getByRole('link', { name: /nye beskeder i indbakken/ })).toBeVisible()

  await page.clock.install({ time: new Date(Date.now() + 3600_000) }) // until then it may be about to send
  await karen.goto('/hold')
  await expect(column('Telefoner')).toContainText(/Maja Mønster har 1 ting, der ikke er sendt\. Telefonen var sidst på nettet i (dag|går) kl\. /)
})

test('the emergency list is made offline, and printed black on white with the least data', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.airplane(true)
  await maja.tab('Mere')
  await page.getByRole('link', { name: /^Nødliste/ }).click()
  await expect(maja.heading('Nødliste')).toBeVisible()
  await expect(page.getByText(/^Lavet .* af Maja Mønster\. Destrueres efter brug\.$/)).toBeVisible()
  const viggo = page.getByRole('listitem').filter({ hasText: 'Viggo Påfund' })
  await expect(viggo).toContainText('12 34 56 74')
  await expect(viggo).toContainText('eftermiddag')
  await expect(page.getByText('Liv Skrevet'), 'a colleague\'s').toHaveCount(0)
  await expect(page.getByText('Bekymret for regningerne'), 'a note').toHaveCount(0)

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  for (const screenOnly of [page.getByRole('navigation'), page.getByRole('button', { name: 'Udskriv' }), page.getByRole('button', { name: 'Akut' })]) await expect(screenOnly).toBeHidden()
  await expect(page.getByText('Destrueres efter brug.')).toBeVisible()
  await expect(viggo).toHaveCSS('color', 'rgb(0, 0, 0)')
  await expect(page.locator('html')).toHaveCSS('background-color', 'rgb(255, 255, 255)')
})

test('a call with a note, a topic and the next one is written down in twelve taps at the most', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  const taps = (): Promise<number> => page.evaluate(() => Number(document.documentElement.dataset.taps ?? 0))
  await page.evaluate(() => addEventListener('click', (e) => {
    if ((e.target as Element).closest('[href^="tel:"]')) e.preventDefault() // a browser without a phone would ask what to do
    if (e.isTrusted && e.detail > 0) document.documentElement.dataset.taps = String(Number(document.documentElement.dataset.taps ?? 0) + 1)
  }, true))
  await maja.due('I dag', 'Noor Eksempel').click()
  await page.getByRole('link', { name: /^Ring / }).click()
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('checkbox', { name: 'Hvordan det går' }).click()
  await page.getByRole('textbox', { name: 'Note' }).click()
  await page.keyboard.type('Glad for koret.')
  await page.getByRole('radio', { name: 'Vi taler igen' }).click()
  await page.getByRole('radio', { name: 'formiddag' }).click()
  await page.getByRole('button', { name: 'Gem samtale' }).click()
  await expect(maja.happened('Glad for koret')).toContainText('Modtaget hos kommunen kl.')
  const n = await taps()
  expect(n, 'they were counted').toBeGreaterThanOrEqual(8)
  expect(n).toBeLessThanOrEqual(12)
  expect(server.count("contacts WHERE note = 'Glad for koret.' AND outcome = 'reached'")).toBe(1)
})

test('[W8 W10] a talk of another day: yesterday with two taps, ten days ago with the late mark', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  const held = async (note: string, when: () => Promise<void>): Promise<void> => {
    await page.getByRole('link', { name: 'Vi talte' }).click()
    await maja.write({ note, next: { on: addDays(today(), 5) } })
    await page.getByText('Ret tid', { exact: true }).click()
    await when()
    await maja.save()
    await expect(maja.happened(note)).toContainText('Modtaget hos kommunen kl.')
  }
  await maja.open('Noor Eksempel')
  await held('Det var i går.', async () => {
    await page.getByRole('radio', { name: 'I går' }).click()
    await expect(page.getByText(/^Udført i går kl\. /)).toBeVisible()
  })
  await held('Det var længe siden.', async () => {
    await page.locator('input[type=datetime-local]').fill(`${addDays(today(), -10)}T10:00`)
    await expect(page.getByText('Det er over syv dage siden.')).toBeVisible()
  })
  await expect(maja.happened('Det var længe siden')).toContainText('skrevet senere')
  await expect(maja.happened('Det var i går')).not.toContainText('skrevet senere')
  expect(server.rows("SELECT note, late FROM contacts WHERE note LIKE 'Det var%' ORDER BY late")).toEqual([{ note: 'Det var i går.', late: 0 }, { note: 'Det var længe siden.', late: 1 }])
})

test('the badge shows how many there are to call, and goes when the phone locks', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.addInitScript(() => {
    const note = (n: number): Promise<void> => (sessionStorage.setItem('badge', String(n)), Promise.resolve())
    Object.assign(navigator, { setAppBadge: note, clearAppBadge: () => note(0) })
  })
  const badge = (): Promise<string | null> => page.evaluate(() => sessionStorage.getItem('badge'))
  await maja.reload()
  await expect.poll(badge).toBe('5') // Alma is late; Birk, Noor, Viggo and Saga are today
  await maja.tab('Mere')
  await page.getByRole('button', { name: 'Lås nu' }).click()
  await expect(maja.heading('Låst')).toBeVisible()
  await expect.poll(badge).toBe('0')
})
