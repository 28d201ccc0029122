// From the ward's notice to a call that was logged with the server gone: on the screens, and in SQLite.
import { wardDesk, handOver } from './support/ward'
import { expect, test } from './support/test'
import { addDays, addMonths, clock, id, today } from './support/world'

const note = 'Tove er kommet godt hjem. Hun vil gerne have en at gå tur med og har ringet til sin søster.\n\nHusk: helst efter kl. 10 – "ikke for tidligt".'

test('[TG8 C3 W1 W5 S11] a notice becomes a call that is logged offline and received', async ({ browser, server, phoneOf, watch }) => {
  const karen = await phoneOf('karen')
  const maja = await phoneOf('maja')
  const { page } = maja
  const planned = addDays(today(), 9)
  let course = ''

  await test.step('the ward hands over a person, without JavaScript', async () => {
    await karen.tab('Indbakke')
    await expect(karen.page.getByRole('link', { name: /Tove Tænkt/ })).toHaveCount(0)

    const ward = await wardDesk(browser, server.url)
    await handOver(ward, { name: 'Tove Tænkt', phone: '12 34 56 55' })
    await expect(ward.getByText(/Modtaget hos kommunen/)).toBeVisible()
    const receipt = await ward.getByRole('definition').last().innerText()
    expect(server.row(`SELECT name, phones, status, verdict, ward FROM notices WHERE id = '${receipt}'`)).toEqual(
      { name: 'Tove Tænkt', phones: '["+4512345655"]', status: 'new', verdict: 'yes', ward: id('afsnitproevekoebing') })
    await ward.context().close()
  })

  await test.step('the coordinator sees it, accepts it and assigns a mentor', async () => {
    await karen.page.getByRole('link', { name: /Tove Tænkt/ }).click() // it came by itself
    await expect(karen.heading('Tove Tænkt')).toBeVisible()
    await expect(karen.page.getByText('Borgeren er i målgruppen for ordningen.')).toBeVisible()
    await karen.page.getByRole('combobox', { name: 'Mentor' }).selectOption({ label: 'Maja Mønster' })
    await karen.page.getByRole('button', { name: 'Tag imod' }).click()
    await expect(karen.page.getByText('taget imod')).toBeVisible()
    await expect.poll(() => server.count(`courses WHERE notice <> ''`)).toBe(1)

    const row = server.row(`SELECT * FROM courses WHERE notice <> ''`)
    expect(row).toMatchObject({ mentor: id('maja'), state: 'awaiting', discharge_date: today(), last_day: addMonths(today(), 6) })
    course = String(row.id)
    expect(server.rows(`SELECT scope, form FROM consents WHERE course = '${course}' ORDER BY scope`)).toEqual(
      [{ scope: 'contact', form: 'written' }, { scope: 'disclosure', form: 'oral' }])
  })

  await test.step('the mentor\'s phone shows it among today\'s calls', async () => {
    await expect(page.getByRole('link', { name: /Tove Tænkt/ })).toBeVisible()
    await maja.upToDate()
  })

  await test.step('the server is gone: reload, phone restarted, and the app opens', async () => {
    await server.stop()
    await maja.reload()
    await expect(maja.heading('I dag')).toBeVisible()
    await expect(page.getByRole('link', { name: /Tove Tænkt/ })).toBeVisible()
    await maja.restart()
  })

  await test.step('she calls, and half a note survives a reload', async () => {
    const { page } = maja
    await page.getByRole('link', { name: /Tove Tænkt/ }).click()
    await expect(maja.heading('Tove Tænkt')).toBeVisible()
    await expect(page.getByRole('link', { name: 'Ring 12 34 56 55' })).toHaveAttribute('href', 'tel:+4512345655')
    await page.getByRole('link', { name: 'Vi talte' }).click()
    await page.getByRole('textbox', { name: 'Note' }).fill(note.slice(0, 40))
    await expect(page.getByText('Kladden er gemt på telefonen', { exact: true })).toBeVisible()
    await maja.reload()
    await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue(note.slice(0, 40))
  })

  await test.step('she logs the talk with the next call, kept on the phone', async () => {
    const { page } = maja
    await maja.write({ note, next: { on: planned, part: 'formiddag', topic: 'Gåtur ved åen' } })
    await maja.save()
    await expect(page.getByRole('status')).toHaveText('Gemt på telefonen. Sendes, når der er net.')
    await expect(maja.happened('Tove er kommet godt hjem')).toContainText('Gemt på telefonen, ikke sendt endnu')
    await maja.reload()
    await expect(maja.happened('Tove er kommet godt hjem')).toContainText('Gemt på telefonen, ikke sendt endnu')
    expect(server.count(`contacts WHERE course = '${course}'`)).toBe(0)
    expect(server.count(`appointments WHERE course = '${course}'`)).toBe(0)
  })

  await test.step('the server is back: a real receipt, and the rows', async () => {
    await server.start()
    await maja.reload()
    const talk = maja.happened('Tove er kommet godt hjem')
    await expect(talk).toContainText(/Modtaget hos kommunen kl\. \d+\.\d\d/)
    const contact = server.row(`SELECT * FROM contacts WHERE course = '${course}'`)
    expect(contact).toMatchObject({ note, by: id('maja'), outcome: 'reached', direction: 'out' })
    await expect(talk).toContainText('Modtaget hos kommunen ' + clock(String(contact.received_at)))
    expect(server.rows(`SELECT "on", part_of_day, topic, state FROM appointments WHERE course = '${course}'`)).toEqual(
      [{ on: planned, part_of_day: 'morning', topic: 'Gåtur ved åen', state: 'open' }])
    expect(server.row(`SELECT state FROM courses WHERE id = '${course}'`)).toEqual({ state: 'active' })
  })

  await test.step('in all this nobody else was asked, and nothing else may be: by the page, nor by the worker', async () => {
    expect(watch.wrong).toEqual([])
    expect(watch.asked.page).toBeGreaterThan(50)
    expect(watch.asked.worker).toBeGreaterThan(20)
    for (const path of ['/', '/sw.js', '/afdeling/']) {
      const policy = (await fetch(server.url + path)).headers.get('content-security-policy') ?? ''
      expect(policy, path).toContain("default-src 'none'")
      expect(policy, path).not.toMatch(/unsafe|\*|https?:/)
      if (path !== '/afdeling/') expect(policy, path).toContain("require-trusted-types-for 'script'") // no script there
    }
    expect((await maja.page.reload())?.headers()['content-security-policy'], 'from the worker').toContain("require-trusted-types-for 'script'")
  })
})

test('[TG4 TG8 C3] who is outside the target group, or says no, is counted and never named', async ({ browser, server }) => {
  const before = server.count('notices')
  const ward = await wardDesk(browser, server.url)

  await handOver(ward, { name: 'Nikoline Navnløs', phone: '12 34 56 44', serviceAct: true })
  await expect(ward.getByText(/^Borgeren er ikke i målgruppen for ordningen, fordi .*serviceloven/)).toBeVisible()
  await expect(ward.getByText('Giv gerne pjecen med.')).toBeVisible()

  await handOver(ward, { name: 'Svend Siger-Nej', phone: '12 34 56 43', consents: false })
  await expect(ward.getByText(/har ikke givet begge samtykker/)).toBeVisible()
  await expect(ward.getByText('Giv gerne pjecen med.')).toBeVisible()
  await ward.context().close()

  expect(server.count('notices')).toBe(before)
  expect(server.rows('SELECT reasons, leaflet FROM refusals ORDER BY reasons DESC')).toEqual(
    [{ reasons: '["TG4"]', leaflet: 1 }, { reasons: '["C3"]', leaflet: 1 }])
  await server.stop()
  for (const trace of ['Nikoline', 'Navnløs', '12 34 56 44', '12345644', 'Siger-Nej', '12345643']) expect(server.holds(trace), trace).toBe(false)
})

test('[S1 S5] a course that is ended offline with the way back told arrives as closed, and opens again', async ({ server, phoneOf }) => {
  const maja = await phoneOf('maja')
  await maja.open('Elias Tænkt')
  await maja.airplane(true)
  await maja.log({ note: 'Elias har fået styr på papirerne og vil selv videre.', end: { reason: 'Har støtte nok', told: 'Ja' } })
  await expect(maja.happened('vil selv videre')).toContainText('ikke sendt endnu')
  await expect(maja.page.getByText('Forløbet er afsluttet')).toBeVisible()
  expect(server.row(`SELECT state FROM courses WHERE id = '${id('elias')}'`)).toEqual({ state: 'active' })

  await maja.airplane(false)
  await expect(maja.happened('vil selv videre')).toContainText('Modtaget hos kommunen kl.')
  expect(server.row(`SELECT state, reason, told_resume, closed_on, closed_by FROM courses WHERE id = '${id('elias')}'`)).toEqual(
    { state: 'closed', reason: 'enough_support', told_resume: 'yes', closed_on: today(), closed_by: id('maja') })
  expect(server.rows(`SELECT state FROM appointments WHERE course = '${id('elias')}'`)).toEqual([{ state: 'done' }])

  await test.step('Elias rings again', async () => {
    const { page } = maja
    await page.getByText('Mere om forløbet').click()
    await page.getByRole('button', { name: 'Genoptag forløbet' }).click()
    const dialog = page.getByRole('dialog', { name: 'I taler sammen igen' })
    await dialog.locator('input[type=date]').fill(addDays(today(), 6))
    await dialog.getByRole('radio', { name: 'aften' }).check()
    await dialog.getByRole('button', { name: 'Genoptag forløbet' }).click()
    await expect.poll(() => server.row(`SELECT state, reason, closed_on, told_resume FROM courses WHERE id = '${id('elias')}'`)).toEqual({ state: 'active', reason: '', closed_on: '', told_resume: '' })
    expect(server.rows(`SELECT "on", part_of_day FROM appointments WHERE course = '${id('elias')}' AND state = 'open'`)).toEqual(
      [{ on: addDays(today(), 6), part_of_day: 'evening' }])
  })
})

test('a stand-in\'s phone shows the new talk by itself', async ({ server, phoneOf }) => {
  const omar = await phoneOf('omar')
  const maja = await phoneOf('maja')
  await omar.page.getByRole('link', { name: /Alma Prøvedal/ }).click()
  await expect(omar.heading('Alma Prøvedal')).toBeVisible()
  const opened = await omar.page.evaluate(() => performance.timeOrigin)

  await maja.page.getByRole('link', { name: /Alma Prøvedal/ }).click()
  await maja.log({ note: 'Værestedet har banko på onsdag.', next: { on: addDays(today(), 7), part: 'aften', topic: 'Banko' } })
  await expect(omar.happened('banko på onsdag')).toContainText('Maja Mønster')
  await expect(omar.page.getByText('Banko', { exact: true })).toBeVisible()
  expect(await omar.page.evaluate(() => performance.timeOrigin), 'the page was not loaded again').toBe(opened)
  expect(server.count(`contacts WHERE course = '${id('alma')}' AND note LIKE '%banko%'`)).toBe(1)
})
