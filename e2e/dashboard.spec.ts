// The administrator's way in keeps the rules too.
import type { Page } from '@playwright/test'
import { expect, test } from './support/test'
import { addDays, id, password, today } from './support/world'

async function open(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto('/_/')
  await page.getByRole('textbox', { name: 'Email' }).fill('admin@demo.example')
  await page.getByRole('textbox', { name: 'Password' }).fill(password)
  await page.getByRole('button', { name: 'Login' }).click()
}

test.describe('the dashboard refuses what breaks a rule, and says why', () => {
  test('[W5] an appointment past the last day', async ({ server, admin }) => {
    const last = String(server.row(`SELECT last_day FROM courses WHERE id = '${id('alma')}'`).last_day)
    const before = server.count('appointments')
    const refused = await admin.create('appointments', { course: id('alma'), on: addDays(last, 1), state: 'open' })
    expect(refused.status).toBe(400)
    expect(refused.body.data).toEqual({ on: expect.objectContaining({ code: 'window.after_end', message: expect.stringContaining('Dagen ligger efter forløbets sidste dag.') }) })
    expect(server.count('appointments')).toBe(before)
    expect((await admin.create('appointments', { course: id('alma'), on: last, state: 'open' })).status, 'the last day itself is inside').toBe(200)
  })

  test('[S12] a talk is not rewritten', async ({ server, admin }) => {
    const talk = server.rows('SELECT id, note FROM contacts ORDER BY id')[0]!
    const refused = await admin.change('contacts', String(talk.id), { note: 'pyntet lidt på' })
    expect(refused.status).toBe(400)
    expect(refused.body.data?.note?.message).toContain('En samtale rettes ved at skrive en ny')
    expect(server.row(`SELECT note FROM contacts WHERE id = '${talk.id}'`)).toEqual({ note: talk.note })
  })

  test('[S4] a course is not closed without a reason', async ({ server, admin }) => {
    const refused = await admin.change('courses', id('alma'), { state: 'closed', closed_on: today() })
    expect(refused.status).toBe(400)
    expect(refused.body.data?.reason?.code).toBe('course.reason_required')
    expect(server.row(`SELECT state FROM courses WHERE id = '${id('alma')}'`)).toEqual({ state: 'active' })
  })

  test('the SQL console is closed, to the administrator as well', async ({ server, admin }) => {
    for (const method of ['GET', 'POST']) {
      const refused = await admin.send(method, '/api/sql', method === 'POST' ? { query: 'DELETE FROM contacts' } : undefined)
      expect([refused.status, refused.body.code]).toEqual([403, 'sql.closed'])
    }
    expect(server.count('contacts')).toBeGreaterThan(0)
  })

  test('[W5] on its own screens: people have names, fields explain themselves, and a refused save says why', async ({ page, server }) => {
    const last = String(server.row(`SELECT last_day FROM courses WHERE id = '${id('noor')}'`).last_day)
    await open(page)
    await page.getByRole('button', { name: /^citizens/ }).click()
    await expect(page.getByRole('cell', { name: 'Alma Prøvedal' })).toBeVisible()

    await page.getByRole('button', { name: /^appointments/ }).click()
    await page.getByRole('cell', { name: 'Om fællesspisning på torsdag' }).click()
    await expect(page.getByText('Hvad samtalen kan handle om')).toBeVisible()
    await page.getByRole('textbox', { name: /^on/ }).fill(addDays(last, 1))
    await page.getByRole('button', { name: 'Save changes' }).click()
    await expect(page.getByText('Dagen ligger efter forløbets sidste dag.')).toBeVisible()
    expect(server.rows(`SELECT "on" FROM appointments WHERE course = '${id('noor')}'`)).toEqual([{ on: today() }])
  })
})

test.describe('its page about sync', () => {
  /** A phone as the server sees it: who it says it is, and what it sends. */
  async function phone(url: string, who: string, report: string, mutations?: object[]): Promise<void> {
    const json = { 'Content-Type': 'application/json' }
    const login = await fetch(url + '/api/collections/users/auth-with-password', { method: 'POST', headers: json, body: JSON.stringify({ identity: `${who}@demo.example`, password }) })
    const { token } = (await login.json()) as { token: string }
    const headers = { ...json, 'Authorization': token, 'Sync-Device': report }
    const device = new URLSearchParams(report).get('id')
    const body = JSON.stringify({ device, seen: '', clock: new Date().toISOString(), mutations })
    const reply = await fetch(url + (mutations ? '/api/sync/push' : '/api/sync/pull'), mutations ? { method: 'POST', headers, body } : { headers })
    expect(reply.status).toBe(200)
  }

  test('lists the devices, the silent ones with unsent work first, and keeps what was written to itself', async ({ page, server, admin }) => {
    const { schema } = (await admin.send('GET', '/api/sync/devices')).body as { schema?: string }
    const at = new Date().toISOString()
    await phone(server.url, 'omar', `id=${id('new')}&last=0&unsent=0&app=0.4.0&v=2&schema=${schema}`)
    const refused = { n: 1, name: 'notice.decline', args: { notice: id('nobody'), reason: 'hemmeligt ord' }, at }
    await phone(server.url, 'maja', `id=${id('old')}&last=4&unsent=3&oldest=${at}&app=0.3.0&v=2&schema=00000000`, [refused])

    await page.clock.install({ time: new Date(Date.now() + 3 * 3600_000) })
    await open(page)
    await page.getByRole('link', { name: 'Sync' }).click()
    await expect(page.getByRole('status').filter({ hasText: '2 devices' })).toHaveText('2 devices · 1 silent with unsent work · 1 waiting for a person')
    const rows = page.getByRole('region', { name: 'Devices' }).locator('tbody tr')
    await expect(rows).toHaveCount(2)
    await expect(rows.nth(0)).toContainText('Maja Mønster')
    await expect(rows.nth(0)).toContainText('Silent for 3 h with unsent work')
    await expect(rows.nth(0)).toContainText('older schema')
    await expect(rows.nth(0)).toContainText('oldest 3 h')
    await expect(rows.nth(0)).toContainText('1 of 4')
    await expect(rows.nth(1)).toContainText('Omar Opfundet')
    await expect(rows.nth(1)).toContainText(`0.4.0protocol 2, schema ${schema}`)
    for (const worry of ['Silent', 'older', 'oldest', 'false']) await expect(rows.nth(1)).not.toContainText(worry)
    await expect(page.getByText('hemmeligt ord')).toHaveCount(0)

    await phone(server.url, 'maja', `id=${id('old')}&last=4&unsent=0&app=0.4.0&v=2&schema=${schema}`)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect(page.getByRole('status').filter({ hasText: '2 devices' })).toContainText('none silent')
  })

  test('comes with every version, breaks no rule of the dashboard’s, and is for administrators', async ({ page, server }) => {
    const bundle = await fetch(server.url + '/_/extensions.js')
    expect([bundle.status, bundle.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    const reply = await fetch(server.url + '/api/sync/devices')
    expect(reply.status).toBe(401)
    const wrong: string[] = []
    page.on('console', (m) => { if (m.type() === 'error') wrong.push(m.text()) }) // what the CSP stops, too
    page.on('pageerror', (e) => wrong.push(e.message))
    await page.goto('/_/#/sync')
    await expect(page.getByRole('button', { name: 'Login' })).toBeVisible()
    await open(page)
    await page.getByRole('link', { name: 'Sync' }).click()
    await expect(page.getByRole('status').filter({ hasText: 'No device has synced yet.' })).toBeVisible()
    expect(wrong).toEqual([])
  })
})
