// Kræver handling: what the municipality could not take comes back with her words whole, and the reason.
import { expect, test } from './support/test'
import type { Phone } from './support/phone'
import { addDays, addMonths, id, spelled, today } from './support/world'

const tray = (p: Phone, name: string) => p.page.getByRole('article', { name })

async function openTray(p: Phone): Promise<void> {
  await p.tab('I dag')
  await p.page.getByRole('link', { name: '1 ting kræver handling' }).click()
  await expect(p.heading('Kræver handling')).toBeVisible()
}

for (const [wrong, hours, said] of [['a day behind', -24, 'langsomt'], ['a day ahead', 24, 'stærkt']] as const) {
  test(`[W5] a next call past the end, from a phone whose clock is ${wrong}: the talk stands, the day is picked again`, async ({ server, phoneOf, admin }) => {
    const note = 'Noor vil synge i kor og har skrevet sig op.\nVi aftalte at tales ved, når de har svaret.'
    const maja = await phoneOf('maja')
    const { page } = maja
    await page.clock.install({ time: new Date(Date.now() + hours * 3600_000) })
    await maja.reload()
    await maja.airplane(true)
    const before = server.row(`SELECT last_day FROM courses WHERE id = '${id('noor')}'`)

    const discharged = addMonths(addDays(today(), 20), -6)
    expect((await admin.change('courses', id('noor'), { discharge_date: discharged })).status).toBe(200)
    const last = String(server.row(`SELECT last_day FROM courses WHERE id = '${id('noor')}'`).last_day)
    const tooLate = addDays(last, 14)
    expect(last < tooLate && tooLate < String(before.last_day), 'inside the window that the phone knows').toBe(true)

    await maja.open('Noor Eksempel')
    await maja.log({ note, next: { on: tooLate, part: 'formiddag', topic: 'Koret' } })
    await expect(maja.happened('synge i kor')).toContainText('ikke sendt endnu')
    await maja.airplane(false)

    await openTray(maja)
    const item = tray(maja, 'Noor Eksempel')
    await expect(item).toContainText(note.split('\n')[0]!)
    await expect(item).toContainText(note.split('\n')[1]!)
    await expect(item).toContainText(`Samtalen er gemt, men I kan ikke aftale den dag: forløbet slutter ${spelled(last)}.`)
    const talk = server.row(`SELECT note, occurred_at FROM contacts WHERE course = '${id('noor')}' AND note LIKE '%skrevet sig op%'`)
    expect(talk.note).toBe(note)
    const off = Date.parse(String(talk.occurred_at).replace(' ', 'T')) - Date.now()
    expect(Math.abs(off), 'the municipality has set the time right').toBeLessThan(5 * 60_000)
    expect(server.count(`appointments WHERE course = '${id('noor')}' AND "on" = '${tooLate}'`)).toBe(0)

    const other = addDays(today(), 10)
    await item.getByRole('button', { name: 'Vælg en anden dag' }).click()
    const dialog = page.getByRole('dialog', { name: 'Vælg en anden dag' })
    await expect(dialog.getByRole('textbox', { name: /^Hvad kan I tale om/ })).toHaveValue('Koret')
    await dialog.locator('input[type=date]').fill(other)
    await dialog.getByRole('button', { name: 'Gem' }).click()
    await expect(page.getByText('Intet kræver handling.')).toBeVisible()
    await expect.poll(() => server.rows(`SELECT "on", topic FROM appointments WHERE course = '${id('noor')}' AND state = 'open'`)).toEqual([{ on: other, topic: 'Koret' }])
    expect(server.count(`contacts WHERE course = '${id('noor')}' AND note LIKE '%skrevet sig op%'`)).toBe(1)
    await maja.tab('I dag')
    await expect(page.getByText(`Telefonens ur går for ${said}.`)).toBeVisible()
  })
}

test('[S2] a course that another closed meanwhile: the talk stands, and she reads who closed it', async ({ server, phoneOf }) => {
  const note = 'Viggo fik ringet til banken. Han var stolt.'
  const maja = await phoneOf('maja')
  const karen = await phoneOf('karen')
  await maja.open('Viggo Påfund')
  await maja.airplane(true)

  await karen.open('Viggo Påfund')
  await karen.page.getByText('Mere om forløbet').click()
  await karen.page.getByRole('button', { name: 'Afslut forløbet' }).click()
  const dialog = karen.page.getByRole('dialog', { name: 'Vil du afslutte forløbet?' })
  await dialog.getByRole('combobox', { name: 'Hvorfor slutter I?' }).selectOption({ label: 'Er flyttet' })
  await dialog.getByRole('radio', { name: 'Ja', exact: true }).check()
  await dialog.getByRole('button', { name: 'Afslut forløbet' }).click()
  await expect.poll(() => server.row(`SELECT state, closed_by FROM courses WHERE id = '${id('viggo')}'`)).toEqual({ state: 'closed', closed_by: id('karen') })

  await maja.log({ note, next: { on: addDays(today(), 8), topic: 'Banken igen' } })
  await expect(maja.happened('ringet til banken')).toContainText('ikke sendt endnu')
  await maja.airplane(false)

  await openTray(maja)
  await expect(tray(maja, 'Viggo Påfund')).toContainText(note)
  await expect(tray(maja, 'Viggo Påfund')).toContainText('Samtalen er gemt. Karen Koordinator har i mellemtiden afsluttet forløbet.')
  expect(server.rows(`SELECT note, by FROM contacts WHERE course = '${id('viggo')}' AND note LIKE '%banken%'`)).toEqual([{ note, by: id('maja') }])
  expect(server.count(`appointments WHERE course = '${id('viggo')}' AND state = 'open'`)).toBe(0)
  expect(server.row(`SELECT state, reason FROM courses WHERE id = '${id('viggo')}'`)).toEqual({ state: 'closed', reason: 'moved' })
})

/** The coordinator gives a course to another mentor. */
async function give(karen: Phone, name: string, to: string): Promise<void> {
  await karen.open(name)
  await karen.page.getByText('Mere om forløbet').click()
  await karen.page.getByRole('combobox', { name: 'Giv forløbet til' }).selectOption({ label: to })
  await karen.page.getByRole('button', { name: 'Gem mentor' }).click()
}

const team = (karen: Phone) => karen.page.getByRole('region', { name: /^Fra holdet/ })

async function correctHopes(p: Phone, hopes: string): Promise<void> {
  await p.page.getByText('Mere om forløbet').click()
  await p.page.getByRole('button', { name: 'Ret kontaktoplysninger' }).click()
  const dialog = p.page.getByRole('dialog', { name: 'Kontaktoplysninger' })
  await dialog.getByRole('textbox', { name: 'Håb og ønsker' }).fill(hopes)
  await dialog.getByRole('button', { name: 'Gem' }).click()
}

test('[A7] a talk she had while the course was hers arrives after it was given to a colleague: it is taken in', async ({ server, phoneOf }) => {
  const note = 'Saga har fået tilbudt et fleksjob og ville fortælle det.'
  const maja = await phoneOf('maja')
  const karen = await phoneOf('karen')
  await maja.open('Saga Opdigtet')
  await maja.airplane(true)
  await maja.log({ note, next: { on: addDays(today(), 2), topic: 'Fleksjobbet' } })
  await expect(maja.happened('fleksjob')).toContainText('ikke sendt endnu')

  await give(karen, 'Saga Opdigtet', 'Omar Opfundet')
  await expect.poll(() => server.row(`SELECT mentor FROM courses WHERE id = '${id('saga')}'`)).toEqual({ mentor: id('omar') })
  await maja.airplane(false)
  await expect.poll(() => server.rows(`SELECT note, by FROM contacts WHERE course = '${id('saga')}' AND note LIKE '%fleksjob%'`)).toEqual([{ note, by: id('maja') }])
  await maja.tab('I dag')
  await maja.upToDate()
  await expect(maja.page.getByRole('link', { name: /kræver handling/ })).toHaveCount(0)
  await maja.tab('Forløb')
  await expect(maja.page.getByRole('link', { name: /Saga Opdigtet/ }), 'the phone lets go of it').toHaveCount(0)
})

test('[A3] a talk after the course was given to a colleague: off the phone, kept for the coordinator, and entered by her', async ({ server, phoneOf }) => {
  const note = 'Saga ringede selv. Hun har fået tilbudt et fleksjob og ville fortælle det.'
  const maja = await phoneOf('maja')
  const karen = await phoneOf('karen')
  await maja.open('Saga Opdigtet')
  await maja.airplane(true)
  await give(karen, 'Saga Opdigtet', 'Omar Opfundet')
  await expect.poll(() => server.row(`SELECT mentor FROM courses WHERE id = '${id('saga')}'`)).toEqual({ mentor: id('omar') })

  await maja.log({ note, next: { on: addDays(today(), 2), topic: 'Fleksjobbet' } })
  await expect(maja.happened('fleksjob')).toContainText('ikke sendt endnu')
  await maja.airplane(false)
  await openTray(maja)
  const item = tray(maja, 'Samtale')
  await expect(item).toContainText('Det er givet videre til koordinatoren og er ikke gået tabt. Teksten ligger ikke længere på telefonen.')
  await expect(item).toContainText('Du var ikke mentor i forløbet, da det skete.')
  await expect(item.getByRole('button'), 'nothing is left to do').toHaveText(['Forstået'])
  const held = await maja.page.evaluate(async () => JSON.stringify(await Promise.all((await indexedDB.databases()).map((d) => new Promise((found) => {
    indexedDB.open(d.name!).onsuccess = (e) => {
      const db = (e.target as IDBOpenDBRequest).result
      const stores = [...db.objectStoreNames]
      Promise.all(stores.map((name) => new Promise((all) => { db.transaction(name).objectStore(name).getAll().onsuccess = (r) => all((r.target as IDBRequest).result) }))).then(found)
    }
  })))))
  expect(held, 'what we look into is her store').toContain('"closed"')
  expect(held).not.toContain('fleksjob')
  await maja.goto(`/forloeb/${id('saga')}`)
  await expect(maja.heading('Forløbet er her ikke')).toBeVisible()
  expect(server.count(`contacts WHERE course = '${id('saga')}' AND note LIKE '%fleksjob%'`)).toBe(0)

  await maja.restart()
  await openTray(maja)
  await tray(maja, 'Samtale').getByRole('button', { name: 'Forstået' }).click()
  await expect(maja.page.getByText('Intet kræver handling.')).toBeVisible()
  await maja.goto('/sendt')
  await expect(maja.page.getByRole('listitem').filter({ hasText: 'Samtale' })).toContainText('Ligger hos koordinatoren, kl.')

  await karen.tab('I dag')
  await karen.page.getByRole('link', { name: '1 ting fra holdet venter på dig' }).click()
  const card = team(karen).getByRole('article', { name: 'Maja Mønster: Vi talte' })
  await expect(card).toContainText('Om Saga Opdigtet')
  await expect(card).toContainText(note)
  await expect(card).toContainText('Fleksjobbet')
  await expect(card).toContainText('Maja Mønster var ikke mentor i forløbet, da det skete.')
  await card.getByRole('button', { name: 'Før ind i forløbet' }).click()
  await expect(team(karen)).toContainText('Intet fra holdet venter.')
  expect(server.rows(`SELECT note, by FROM contacts WHERE course = '${id('saga')}' AND note LIKE '%fleksjob%'`)).toEqual([{ note, by: id('maja') }])
  await karen.open('Saga Opdigtet')
  await expect(karen.happened('fleksjob')).toContainText('Maja Mønster')
})

test('[W5] what a rule refuses is handed to the coordinator; the rule stands for her too, and she closes it', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.open('Noor Eksempel')
  await maja.airplane(true)
  await page.getByRole('button', { name: 'Flyt' }).click()
  const dialog = page.getByRole('dialog', { name: 'Flyt' })
  const tooLate = addDays(today(), 40)
  await dialog.locator('input[type=date]').fill(tooLate)
  await dialog.getByRole('textbox', { name: /^Hvad kan I tale om/ }).fill('Korprøven i Prøvekøbing')
  await dialog.getByRole('button', { name: 'Gem' }).click()
  expect((await admin.change('courses', id('noor'), { discharge_date: addMonths(addDays(today(), 20), -6) })).status).toBe(200)
  const last = String(server.row(`SELECT last_day FROM courses WHERE id = '${id('noor')}'`).last_day)
  await maja.airplane(false)

  await openTray(maja)
  await expect(tray(maja, 'Noor Eksempel')).toContainText(`forløbet slutter ${spelled(last)}`)
  await tray(maja, 'Noor Eksempel').getByRole('button', { name: 'Giv videre til koordinatoren' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Giv videre til koordinatoren' }).click()
  await expect(page.getByText('Intet kræver handling.')).toBeVisible()
  await expect.poll(() => server.rows('SELECT name, handed FROM _sync_mut WHERE handed')).toEqual([{ name: 'appointment.move', handed: 1 }])

  const karen = await phoneOf('karen')
  await karen.tab('Indbakke')
  const card = team(karen).getByRole('article', { name: 'Maja Mønster: Aftale flyttet' })
  await expect(card).toContainText('Maja Mønster har givet det videre.')
  await card.getByRole('button', { name: 'Før ind i forløbet' }).click()
  await expect(card).toContainText(`Det kunne ikke føres ind: I kan ikke aftale den dag: forløbet slutter ${spelled(last)}.`)
  await expect(card, 'the item stays').toContainText('Korprøven i Prøvekøbing')

  await karen.airplane(true)
  await karen.reload()
  await expect(team(karen)).toContainText('Det, der venter fra holdet, kan kun ses, når der er net.')
  await expect(karen.page.getByText('Korprøven')).toHaveCount(0)
  await karen.airplane(false) // it comes by itself
  await card.getByRole('button', { name: 'Afslut uden at føre ind' }).click()
  const asked = karen.page.getByRole('dialog')
  await asked.getByRole('textbox', { name: 'Hvorfor?' }).fill('Vi har talt om en anden dag.')
  await asked.getByRole('button', { name: 'Afslut uden at føre ind' }).click()
  await expect(team(karen)).toContainText('Intet fra holdet venter.')
  const kept = server.row(`SELECT args, settled FROM _sync_mut WHERE name = 'appointment.move'`)
  expect(kept.args).toBeNull()
  expect(JSON.parse(String(kept.settled))).toMatchObject({ how: 'discard', note: 'Vi har talt om en anden dag.', by: id('karen') })
})

for (const [choice, stands] of [['Behold min', 'Vil cykle til havet.'], ['Brug den anden', 'Vil læse til kok.']] as const) {
  test(`[P5] two correct the same: the later stands, she sees the other, and chooses “${choice}”`, async ({ server, phoneOf }) => {
    const maja = await phoneOf('maja')
    const karen = await phoneOf('karen')
    await maja.open('Birk Testesen')
    await maja.airplane(true)
    await correctHopes(maja, 'Vil cykle til havet.')
    await karen.open('Birk Testesen')
    await correctHopes(karen, 'Vil læse til kok.')
    const hopes = () => server.row(`SELECT hopes FROM citizens WHERE course = '${id('birk')}'`).hopes
    await expect.poll(hopes).toBe('Vil læse til kok.')
    await maja.airplane(false)
    await expect.poll(hopes).toBe('Vil cykle til havet.')

    await openTray(maja)
    const item = tray(maja, 'Birk Testesen')
    await expect(item).toContainText('I har rettet det samme. Det, du skrev, står der nu.')
    await expect(item).toContainText(/Håb og ønsker\s*Du skrev\s*Vil cykle til havet\.\s*En anden havde skrevet\s*Vil læse til kok\./)
    await item.getByRole('button', { name: choice }).click()
    await expect(maja.page.getByText('Intet kræver handling.')).toBeVisible()
    await expect.poll(hopes).toBe(stands)
    await maja.tab('I dag')
    await maja.upToDate()
    await karen.open('Birk Testesen')
    await expect(karen.page.getByText(stands)).toBeVisible()
  })
}

test('[A1] an account that was closed while she was away: what she wrote is kept, and the coordinator enters it', async ({ server, phoneOf, admin }) => {
  const note = 'Viggo har fået en plads på holdet om økonomi.'
  const maja = await phoneOf('maja')
  await maja.open('Viggo Påfund')
  await maja.airplane(true)
  await maja.log({ note, next: { on: addDays(today(), 4) } })
  await expect(maja.happened('om økonomi')).toContainText('ikke sendt endnu')
  expect((await admin.change('users', id('maja'), { active: false })).status).toBe(200)
  await maja.airplane(false)
  await expect.poll(() => server.rows(`SELECT result FROM _sync_mut WHERE name = 'contact.log'`)).toEqual([{ result: 'escrowed' }])
  expect(server.count(`contacts WHERE note = '${note}'`)).toBe(0)
  await maja.tab('I dag')
  await expect(maja.page.getByRole('link', { name: 'Din adgang er lukket. Tal med din koordinator.' })).toBeVisible()
  await openTray(maja)
  await expect(tray(maja, 'Samtale')).toContainText('Din adgang var lukket, da det nåede frem til kommunen.')

  const karen = await phoneOf('karen')
  await karen.tab('Indbakke')
  const card = team(karen).getByRole('article', { name: 'Maja Mønster: Vi talte' })
  await expect(card).toContainText(note)
  await expect(card).toContainText('Adgangen for Maja Mønster var lukket, da det nåede frem kl.')
  await card.getByRole('button', { name: 'Før ind i forløbet' }).click()
  await expect(team(karen)).toContainText('Intet fra holdet venter.')
  expect(server.rows(`SELECT by FROM contacts WHERE note = '${note}'`)).toEqual([{ by: id('maja') }])
})

test('what the server breaks on again and again comes to her with its words; the rest goes on', async ({ server, phoneOf }) => {
  const note = 'Elias har fundet papirerne.'
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.route('**/api/sync/push', (route) => {
    const broken = route.request().postDataJSON().mutations.find((m: { args: { note?: string } }) => m.args.note === note) as { n: number } | undefined
    return broken ? route.fulfill({ status: 503, json: { status: 503, code: 'server.failed', message: 'Service Unavailable', params: { n: broken.n } } }) : route.fallback()
  })
  await maja.open('Elias Tænkt')
  await maja.log({ note, next: { on: addDays(today(), 3) } })
  await maja.tab('Mere')
  await page.getByRole('link', { name: /^Sendt og modtaget/ }).click()
  const item = page.getByRole('listitem').filter({ hasText: 'Vi talte' })
  await expect(async () => {
    await page.getByRole('button', { name: 'Send nu' }).click()
    await expect(item).toContainText('Kræver handling', { timeout: 1000 })
  }).toPass()
  await maja.open('Alma Prøvedal')
  await maja.log({ note: 'Alma var glad.', next: { on: addDays(today(), 3) } })
  await expect(maja.happened('Alma var glad')).toContainText('Modtaget hos kommunen kl.')

  await openTray(maja)
  const card = tray(maja, 'Elias Tænkt')
  await expect(card).toContainText(note)
  await expect(card).toContainText('Kommunens server kunne ikke tage imod det, selv om det er prøvet flere gange. Din tekst er her stadig.')
  await expect(card.getByRole('button', { name: 'Giv videre til koordinatoren' }), 'the server has not got it').toHaveCount(0)
  const karen = await phoneOf('karen')
  await karen.tab('Indbakke')
  await expect(team(karen)).toContainText('Intet fra holdet venter.')

  await page.unroute('**/api/sync/push')
  await card.getByRole('button', { name: 'Ret teksten og send' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Note' }).fill(note + ' Alle sammen.')
  await page.getByRole('dialog').getByRole('button', { name: 'Send igen' }).click()
  await expect.poll(() => server.rows(`SELECT note FROM contacts WHERE note LIKE 'Elias har fundet%'`)).toEqual([{ note: note + ' Alle sammen.' }])
  await expect(page.getByText('Intet kræver handling.')).toBeVisible()
})
