// Readable in light and dark, at 320 px, and without a pointer.
import type { Locator, Page } from '@playwright/test'
import type { Admin } from './support/admin'
import { look } from './support/look'
import { choose, enter, Phone } from './support/phone'
import type { Server } from './support/server'
import { expect, test } from './support/test'
import { code, addDays, addMonths, id, password, today } from './support/world'

async function lookAt(phone: Phone, path: string, title: string): Promise<void> {
  await phone.goto(path)
  await expect(phone.heading(title)).toBeVisible()
  await look(phone.page, title)
}

test('a mentor\'s screens', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await lookAt(maja, '/', 'I dag')
  await lookAt(maja, '/forloeb', 'Forløb')
  await lookAt(maja, `/forloeb/${id('ida')}`, 'Ida Indfald')

  await maja.open('Alma Prøvedal')
  await look(page, 'a course')
  await page.getByRole('button', { name: /^Ret: Vi talte/ }).first().click()
  await expect(page.getByRole('dialog', { name: 'Ret samtalen' })).toBeVisible()
  await look(page, 'a talk told anew')
  await page.keyboard.press('Escape')
  await page.getByText('Mere om forløbet').click()
  await page.getByRole('button', { name: 'Afslut forløbet' }).click()
  await look(page, 'the question before closing')
  await page.keyboard.press('Escape')
  for (const name of ['Ret kontaktoplysninger', 'Samtykket er trukket tilbage', 'Flyt']) {
    await page.getByRole('button', { name }).click()
    await expect(page.getByRole('dialog')).toBeVisible()
    await look(page, `dialog: ${name}`)
    await page.keyboard.press('Escape')
  }

  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('button', { name: 'Gem samtale' }).click()
  await expect(page.getByText('Vælg, om I taler igen eller slutter her.')).toBeVisible()
  await look(page, 'a talk, with something missing')
  await page.getByText('Ret tid', { exact: true }).click()
  await maja.write({ note: 'Ord, der ikke må fylde mere end de fylder.', next: { on: addDays(today(), 3), part: 'klokken …' } })
  await look(page, 'a talk with the next call')
  await maja.write({ note: 'Ord', end: { reason: 'Er flyttet', told: 'Nej' } })
  await look(page, 'a talk that ends it')

  await maja.goto(`/forloeb/${id('birk')}/samtale?kind=no_answer`)
  await expect(maja.heading('Intet svar')).toBeVisible()
  await look(page, 'no answer')
  await lookAt(maja, `/forloeb/${id('ingen')}`, 'Forløbet er her ikke')
})

test('the doors, and what is open though they are shut', async ({ server, page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Log ind' })).toBeVisible()
  await look(page, 'Log ind')
  await enter(page, 'maja', 'forkert')
  await expect(page.getByText('E-mail eller adgangskode passer ikke.')).toBeVisible()
  await look(page, 'log-in refused')
  await page.getByRole('button', { name: 'In English' }).click()
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()
  await look(page, 'Log in, in English', 'en')
  await page.getByRole('button', { name: 'På dansk' }).click()
  await enter(page, 'maja')
  await expect(page.getByRole('heading', { name: 'Vælg en kode' })).toBeVisible()
  await page.getByLabel('Ny kode').fill('111111')
  await page.getByRole('button', { name: 'Brug koden' }).click()
  await expect(page.getByRole('alert')).toContainText('for let at gætte')
  await look(page, 'Vælg en kode, refused')
  await choose(page)
  await expect(page.getByRole('heading', { name: 'I dag', level: 1 })).toBeVisible()
  await page.getByRole('button', { name: 'Akut' }).click()
  await expect(page.getByRole('link', { name: 'Livslinien' })).toBeVisible()
  await look(page, 'Akut')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Søg' }).click()
  await page.getByRole('searchbox').fill('a')
  await expect(page.getByText('4 forløb')).toBeVisible()
  await look(page, 'I dag, searching')
  await page.getByRole('link', { name: 'Mere' }).click()
  await page.getByRole('link', { name: 'Sikkerhed' }).click()
  await page.getByRole('button', { name: 'Skift kode' }).click()
  await expect(page.getByRole('dialog', { name: 'Skift kode' })).toBeVisible()
  await look(page, 'dialog: Skift kode')
  await page.keyboard.press('Escape')
  await look(page, 'Sikkerhed')
  await page.getByRole('button', { name: 'Lås nu' }).click()
  await page.getByLabel('Kode for MM').fill('000000')
  await expect(page.getByRole('alert')).toContainText('Forkert kode.')
  await look(page, 'Låst, wrong code')
  await page.getByRole('button', { name: 'Jeg har glemt koden' }).click()
  await expect(page.getByRole('dialog', { name: 'Glemt koden?' })).toBeVisible()
  await look(page, 'dialog: Glemt koden?')
  expect(server.count("devices")).toBeGreaterThan(0)
})

test('a mentor\'s screens when it is urgent, and what the town offers', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await maja.goto(`/forloeb/${id('noor')}`)
  await page.getByRole('button', { name: 'Bekymring' }).click()
  await expect(page.getByRole('link', { name: 'Livslinien' })).toBeVisible()
  await look(page, 'the numbers')
  await page.getByRole('link', { name: 'Skriv, hvad du har gjort' }).click()
  await page.getByRole('button', { name: 'Gem bekymring' }).click()
  await expect(page.getByText('Skriv et par ord om, hvad der er sket.')).toBeVisible()
  await look(page, 'a concern, with something missing')
  await page.getByRole('textbox', { name: 'Hvad så eller hørte du' }).fill('Ord, der ikke må fylde mere end de fylder.')
  await page.getByRole('button', { name: 'Gem bekymring' }).click()
  await expect(maja.heading('Noor Eksempel')).toBeVisible()
  await look(page, 'a course with a concern')
  await maja.tab('I dag')
  await look(page, 'I dag with a concern')

  await lookAt(maja, '/tilbud', 'Tilbud')
  await page.getByText('Værestedet Kilden').click()
  await look(page, 'an offer, unfolded')
  await maja.goto(`/forloeb/${id('viggo')}/samtale?kind=reached`)
  await page.getByRole('combobox', { name: 'Talte I om et tilbud?' }).selectOption({ label: 'Gældsrådgivningen' })
  await look(page, 'a talk with an offer')
})

/** One thing that is refused, one that is written over another's, one that is handed on. */
async function troubled(maja: Phone, server: Server, admin: Admin): Promise<void> {
  const { page } = maja
  await maja.open('Noor Eksempel')
  await maja.airplane(true)
  await page.getByRole('button', { name: 'Flyt' }).click()
  await page.getByRole('dialog').locator('input[type=date]').fill(addDays(today(), 40))
  await page.getByRole('dialog').getByRole('button', { name: 'Gem' }).click()
  expect((await admin.change('courses', id('noor'), { discharge_date: addMonths(addDays(today(), 20), -6) })).status).toBe(200)
  await maja.open('Birk Testesen')
  await page.getByText('Mere om forløbet').click()
  await page.getByRole('button', { name: 'Ret kontaktoplysninger' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Håb og ønsker' }).fill('Vil cykle til havet, og helst hele vejen, når det bliver varmere.')
  await page.getByRole('dialog').getByRole('button', { name: 'Gem' }).click()
  const birk = server.row(`SELECT id FROM citizens WHERE course = '${id('birk')}'`)
  expect((await admin.change('citizens', String(birk.id), { hopes: 'Vil læse til kok på den lange skole i den anden ende af landet.' })).status).toBe(200)
  await maja.open('Saga Opdigtet')
  expect((await admin.change('courses', id('saga'), { mentor: id('omar') })).status).toBe(200)
  await maja.log({ note: 'Ord, der bliver givet videre.', next: { on: addDays(today(), 3) } })
  await expect(maja.happened('givet videre')).toContainText('ikke sendt endnu')
}

test('a mentor\'s screens when something needs her', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await troubled(maja, server, admin)
  await look(page, 'a course offline')
  await maja.airplane(false)
  await maja.tab('I dag')
  await expect(page.getByRole('link', { name: '3 ting kræver handling' })).toBeVisible()
  await lookAt(maja, '/kraever-handling', 'Kræver handling')
  await page.getByRole('button', { name: 'Giv videre til koordinatoren' }).click()
  await look(page, 'the question before handing on')
  await page.keyboard.press('Escape')
  await lookAt(maja, '/sendt', 'Sendt og modtaget')
})

test('a coordinator\'s screens when something of the team\'s waits', async ({ server, phoneOf, admin }) => {
  const maja = await phoneOf('maja')
  await troubled(maja, server, admin)
  await maja.airplane(false)
  await maja.tab('I dag')
  await expect(maja.page.getByRole('link', { name: '3 ting kræver handling' })).toBeVisible()
  await look(maja.page, 'I dag with a tray')
  await lookAt(maja, '/mere', 'Mere')
  await lookAt(maja, '/noedliste', 'Nødliste')
  const karen = await phoneOf('karen')
  await expect(karen.page.getByRole('link', { name: '2 ting fra holdet venter på dig' })).toBeVisible()
  await look(karen.page, 'I dag with the team\'s')
  await karen.tab('Indbakke')
  await expect(karen.page.getByRole('article', { name: 'Maja Mønster: Vi talte' })).toBeVisible()
  await look(karen.page, 'Indbakke with the team\'s')
})

test('a coordinator\'s screens', async ({ server, phoneOf }) => {
  const karen = await phoneOf('karen')
  await lookAt(karen, '/indbakke', 'Indbakke')
  await lookAt(karen, `/indbakke/${id('rosa')}`, 'Rosa Rundt')
  await lookAt(karen, `/forloeb/${id('ture')}`, 'Ture Tilfælde')
  await karen.open('Alma Prøvedal')
  await karen.page.getByText('Mere om forløbet').click()
  await expect(karen.page.getByRole('combobox', { name: 'Hvem er vikar?' })).toBeVisible()
  await look(karen.page, 'who stands in')
  await lookAt(karen, '/hold', 'Holdet')
  await karen.page.setViewportSize({ width: 1280, height: 800 })
  await karen.goto('/hold') // in columns
  await expect(karen.page.getByRole('region', { name: 'Omar Opfundet' })).toBeVisible()
  await look(karen.page, 'the board, wide')
  await karen.goto(`/indbakke/${id('kim')}`) // side by side with the list
  await expect(karen.page.getByRole('heading', { name: 'Kim Kladde' })).toBeVisible()
  await look(karen.page, 'the inbox, wide')
  expect(server.count("notices WHERE status = 'new'")).toBe(3)
})

test('the ward\'s page', async ({ page }) => {
  await page.goto('/afdeling/')
  await look(page, 'the ward\'s log-in')
  await page.getByLabel('Mailadresse').fill('ward@demo.example')
  await page.getByLabel('Adgangskode').fill(password)
  await page.getByRole('button', { name: 'Log ind' }).click()
  await expect(page.getByRole('button', { name: 'Send til kommunen' })).toBeVisible()
  await look(page, 'the form')
  await page.getByRole('button', { name: 'Send til kommunen' }).click()
  await expect(page.getByRole('heading', { name: 'Beskeden er ikke sendt endnu' })).toBeVisible()
  await look(page, 'the form with its mistakes')
})

/** Tab until it is there, as one does; what has the focus shows it. */
async function tabTo(target: Locator): Promise<void> {
  const page = target.page()
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((e) => e === document.activeElement && e.matches(':focus-visible'))) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${target} cannot be reached by Tab`)
}

test('a call is logged with the keyboard alone', async ({ server, page }) => {
  const { keyboard } = page
  await page.goto('/')
  await tabTo(page.getByRole('textbox', { name: 'E-mail' }))
  await keyboard.type('maja@demo.example')
  await keyboard.press('Tab')
  await keyboard.type(password)
  await keyboard.press('Enter')
  await expect(page.getByLabel('Ny kode')).toBeFocused()
  await keyboard.type(code) // all six are there: on to the next field
  await keyboard.type(code)
  await keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: 'I dag', level: 1 })).toBeVisible()
  await tabTo(page.getByRole('link', { name: /Alma Prøvedal/ }))
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Alma Prøvedal', level: 1 })).toBeFocused()
  await tabTo(page.getByRole('link', { name: 'Ring 12 34 56 71' }))
  await tabTo(page.getByRole('link', { name: 'Vi talte' }))
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Samtale', level: 1 })).toBeFocused()

  await tabTo(page.getByRole('checkbox', { name: 'Hvordan det går' }))
  await keyboard.press('Space')
  await tabTo(page.getByRole('textbox', { name: 'Note' }))
  await keyboard.type('Skrevet uden mus.')
  await tabTo(page.getByRole('radio', { name: 'Vi taler igen' }))
  await keyboard.press('Space')
  await tabTo(page.getByRole('radio', { name: 'i løbet af dagen' }))
  await keyboard.press('ArrowDown') // round to the first
  await tabTo(page.getByRole('button', { name: 'Gem samtale' }))
  await keyboard.press('Enter')

  await expect(page.getByRole('heading', { name: 'Alma Prøvedal', level: 1 })).toBeFocused()
  await expect(page.getByRole('listitem').filter({ hasText: 'Skrevet uden mus.' })).toContainText('Modtaget hos kommunen kl.')

  // Help and back, out and in again.
  await tabTo(page.getByRole('button', { name: 'Akut' }))
  await keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Akut' })).toBeVisible()
  await tabTo(page.getByRole('link', { name: 'Ring 112' }))
  await keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Akut' })).toBeFocused()
  await tabTo(page.getByRole('link', { name: 'Mere' }))
  await keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Mere', level: 1 })).toBeFocused()
  await tabTo(page.getByRole('button', { name: 'Lås nu' }))
  await keyboard.press('Enter')
  await expect(page.getByLabel('Kode for MM')).toBeFocused()
  await keyboard.type('000000')
  await expect(page.getByRole('alert')).toContainText('Forkert kode. Du har 4 forsøg tilbage.')
  await expect(page.getByLabel('Kode for MM')).toBeFocused()
  await keyboard.type(code) // opens with the sixth
  await expect(page.getByRole('heading', { name: 'Mere', level: 1 })).toBeVisible()
  expect(server.row("SELECT topics FROM contacts WHERE note = 'Skrevet uden mus.'")).toEqual({ topics: '["wellbeing"]' })
  expect(server.row(`SELECT part_of_day FROM appointments WHERE course = '${id('alma')}' AND state = 'open'`)).toEqual({ part_of_day: 'morning' })
})

/** What Tab comes to, in its order, by role and name; each is seen when it has the focus. */
async function tabbed(page: Page): Promise<string[]> {
  const names: string[] = []
  await page.locator('main h1').focus()
  for (;;) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const e = document.activeElement as HTMLInputElement
      if (e === document.body) return ''
      const name = e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText
      const { left, top, width, height } = e.getBoundingClientRect()
      const seen = document.elementFromPoint(left + Math.min(width / 2, 40), top + height / 2)
      const hit = seen !== null && (e.contains(seen) || seen.contains(e))
      return `${e.matches('[type=radio], [type=checkbox]') ? e.type + ' ' : ''}${name.replace(/\s+/g, ' ').trim()}${hit ? '' : ' (covered)'}`
    })
    if (!at || at === names[0]) return names
    if (at !== names.at(-1)) names.push(at) // a day is one field, with a stop for each of its parts
  }
}

test('Tab goes as the eye does, names are Danish, and nothing with the focus is covered', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await expect(page.getByRole('link', { name: 'Ture Tilfælde' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Beskeder' })).toBeVisible() // it asks once, at the foot
  const first = await tabbed(page)
  expect(first.slice(0, 3)).toEqual(['Søg', 'Akut', expect.stringMatching(/^Alt er modtaget/)])
  expect(first.slice(3).map((name) => name.split(' ')[0])).toEqual(['Alma', 'Birk', 'Noor', 'Viggo', 'Saga', 'Elias', 'Ture', 'Tag', 'Se', 'Nej', 'I', 'Forløb', 'Tilbud', 'Mere'])
  await maja.open('Birk Testesen')
  expect(await tabbed(page)).toEqual(['Akut', 'Bekymring', 'Ring 12 34 56 78', 'Vi talte', 'Intet svar', 'Find et tilbud', 'Aftal en dag',
    expect.stringMatching(/^Ret: Intet svar/), expect.stringMatching(/^Ret: Intet svar/), 'Mere om forløbet', 'I dag', 'Forløb', 'Tilbud', 'Mere'])
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('radio', { name: 'Vi taler igen' }).check()
  expect((await tabbed(page)).map((name) => name.replace(' (kun hvis det passer)', ''))).toEqual(['Akut', 'radio Vi talte',
    ...['Hvordan det går', 'Hjælp fra andre', 'Anden støtte', 'Hvor man kan få hjælp', 'Interesser og drømme', 'Frivillig peer', 'At blive ringet op igen'].map((topic) => 'checkbox ' + topic),
    'Note', 'radio Vi taler igen', 'Dag', 'radio I løbet af dagen', 'Hvad kan I tale om?', 'checkbox Har brug for støtte her og nu', 'Talte I om et tilbud?',
    expect.stringMatching(/^Udført i dag kl\. .* Ret tid$/), 'Gem samtale'])
})

test('what happens is said aloud, though no focus moves', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  const said = (text: string | RegExp): Promise<void> => expect(page.getByRole('status').filter({ hasText: text })).toHaveCount(1)
  await maja.airplane(true)
  await said(/^Ingen forbindelse\. Sidst hentet/)
  await maja.airplane(false)
  await said(/^Alt er modtaget hos kommunen kl\./)
  await maja.open('Birk Testesen')
  await maja.log({ note: 'Ord', next: { on: addDays(today(), 3) } })
  await said(/^Modtaget hos kommunen kl\./)
})

test('in forced colours a choice, a tag and the focus are still seen, and nothing moves', async ({ phoneOf }) => {
  const maja = await phoneOf('maja')
  const { page } = maja
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
  const style = (target: Locator, name: string): Promise<string> => target.evaluate((e, name) => getComputedStyle(e).getPropertyValue(name), name)
  expect(await style(page.locator('.tag').first(), 'border-top-style')).toBe('solid')
  const tabs = page.getByRole('navigation').getByRole('link')
  expect(await style(tabs.first(), 'background-color')).not.toBe(await style(tabs.last(), 'background-color'))
  await maja.open('Birk Testesen')
  await page.getByRole('link', { name: 'Vi talte' }).click()
  await page.getByRole('checkbox', { name: 'Hvordan det går' }).check()
  const face = (name: string): Locator => page.locator('.seg, .chips').locator('label', { hasText: name }).locator('span')
  for (const [chosen, not] of [['Vi talte', 'Intet svar'], ['Hvordan det går', 'Frivillig peer']] as const) {
    expect(await style(face(chosen), 'background-color')).not.toBe(await style(face(not), 'background-color'))
    expect(await style(face(chosen), 'transition-duration')).toBe('0s')
  }
  await page.keyboard.press('Tab')
  expect(await style(face('Hjælp fra andre'), 'outline-style')).toBe('solid')
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
})
