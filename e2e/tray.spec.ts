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
    await maja.airplane(true)
    await page.clock.install({ time: new Date(Date.now() + hours * 3600_000) })
    await page.reload()
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

test('[A3] a course that was given to a colleague: the phone lets go of it, and her words stay', async ({ server, phoneOf }) => {
  const note = 'Saga ringede selv. Hun har fået tilbudt et fleksjob og ville fortælle det.'
  const maja = await phoneOf('maja')
  const karen = await phoneOf('karen')
  await maja.open('Saga Opdigtet')
  await maja.airplane(true)

  await karen.open('Saga Opdigtet')
  await karen.page.getByText('Mere om forløbet').click()
  await karen.page.getByRole('combobox', { name: 'Giv forløbet til' }).selectOption({ label: 'Omar Opfundet' })
  await karen.page.getByRole('button', { name: 'Gem mentor' }).click()
  await expect.poll(() => server.row(`SELECT mentor FROM courses WHERE id = '${id('saga')}'`)).toEqual({ mentor: id('omar') })

  await maja.log({ note, next: { on: addDays(today(), 2), topic: 'Fleksjobbet' } })
  await maja.airplane(false)
  await openTray(maja)
  const item = maja.page.getByRole('article')
  await expect(item).toContainText(note)
  await expect(item).toContainText('Fleksjobbet')
  await expect(item).toContainText('Du er ikke mentor i forløbet. Din note er ikke gået tabt.')
  await maja.tab('Forløb')
  await expect(maja.page.getByRole('link', { name: /Saga Opdigtet/ })).toHaveCount(0)
  await maja.page.goto(`/forloeb/${id('saga')}`)
  await expect(maja.heading('Forløbet er her ikke')).toBeVisible()
  expect(server.count(`contacts WHERE course = '${id('saga')}' AND note LIKE '%fleksjob%'`)).toBe(0)
  expect(server.rows(`SELECT state FROM appointments WHERE course = '${id('saga')}'`)).toEqual([{ state: 'open' }])

  await maja.restart()
  await openTray(maja)
  await expect(maja.page.getByRole('article')).toContainText(note)
})
