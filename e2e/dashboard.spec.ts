// The administrator's way in keeps the rules too.
import { expect, test } from './support/test'
import { addDays, id, password, today } from './support/world'

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
    await page.setViewportSize({ width: 1280, height: 900 })
    await page.goto('/_/')
    await page.getByRole('textbox', { name: 'Email' }).fill('admin@demo.example')
    await page.getByRole('textbox', { name: 'Password' }).fill(password)
    await page.getByRole('button', { name: 'Login' }).click()
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
