import { describe, expect, it } from 'vitest'
import type { Entry, SyncStatus } from '../../state/types'
import { match, to } from '../routes'
import { receipt } from './receipt'
import { refusalText, words } from './refusals'
import { found } from './search'
import { syncLine } from './sync'
import { facts, today } from './world.fixture'

const person = (id: string) => ({ omar: 'Omar', maja: 'Maja' })[id] ?? 'en kollega'
const refusal = (reason: string, params = {}, part?: string) => refusalText({ code: 'rule', reason, params, ...(part ? { part } : {}) }, person, today)

describe('why something was refused', () => {
  it('[W5] the talk is kept, the day is not', () => {
    expect(refusal('window.after_end', { last_day: '2027-05-19' }, 'next'))
      .toBe('Samtalen er gemt, men I kan ikke aftale den dag: forløbet slutter 19. maj 2027. Vælg en tidligere dag, eller afslut forløbet.')
  })

  it('[S2] names the one who closed, or nobody', () => {
    expect(refusal('course.closed', { by: 'omar', closed_on: '2026-11-20' })).toBe('Omar har i mellemtiden afsluttet forløbet. Din note er ikke gået tabt.')
    expect(refusal('course.closed')).toBe('Forløbet er i mellemtiden blevet afsluttet. Din note er ikke gået tabt.')
  })

  it('[TG8] the reasons in plain words', () => {
    expect(refusal('target.not_in_group', { reasons: ['TG1', 'TG4'] })).toContain('fordi borgeren ikke er fyldt 18 år og borgeren får støtte efter serviceloven.')
  })

  it('a reason nobody knows yet still says what became of the text', () => {
    expect(refusal('new.thing')).toBe('Kommunen kunne ikke tage imod det. Din tekst er her stadig.')
  })

  it('her words come whole', () => {
    const args = { note: 'Sover bedre.', next: { topic: 'Cykling' } }
    expect(words({ n: 1, name: 'contact.log', args, at: '', state: 'refused' } as unknown as Entry)).toBe('Sover bedre.\nCykling')
    expect(words({ n: 1, name: 'contact.log', args, at: '', state: 'refused' } as unknown as Entry, false)).toBe('Sover bedre.')
  })
})

describe('where a thing is', () => {
  const entry = (state: Entry['state'], result?: string) => ({ n: 1, name: 'course.take', args: { course: 'c1' }, at: '', state, outcome: result && { n: 1, result, at: '2026-11-22T13:02:11Z' } }) as Entry

  it('is told from real receipts', () => {
    expect(receipt(entry('unsent'), '', false, today)?.text).toBe('Gemt på telefonen, ikke sendt endnu')
    expect(receipt(entry('received', 'applied'), '', false, today)?.text).toBe('Modtaget hos kommunen kl. 14.02')
    expect(receipt(entry('refused', 'rejected'), '', true, today)).toEqual({ text: 'Kræver handling', refused: true })
    expect(receipt(entry('refused', 'applied'), '', true, today)).toEqual({ text: 'Modtaget hos kommunen kl. 14.02', refused: false, rest: 'En del af det kræver handling' })
    expect(receipt(undefined, '2026-11-20 09:16:00.000Z', false, today)?.text).toBe('Modtaget hos kommunen fredag kl. 10.16')
    expect(receipt(undefined, '', false, today)).toBeUndefined()
  })
})

describe('the sync line', () => {
  const now = new Date('2026-11-22T10:20:00Z')
  const status = (s: Partial<SyncStatus>) => syncLine({ phase: 'idle', lastPush: '', lastPull: '2026-11-22T08:02:00Z', unsent: 0, oldestUnsent: '', error: '', ahead: 0, ...s }, now, today).text

  it('says one thing, quietly', () => {
    expect(status({})).toBe('Alt er modtaget hos kommunen kl. 9.02')
    expect(status({ phase: 'offline' })).toBe('Ingen forbindelse. Sidst hentet kl. 9.02')
    expect(status({ lastPull: '' })).toBe('Henter dine forløb')
    expect(status({ unsent: 1, oldestUnsent: '2026-11-22T10:19:00Z', phase: 'offline' })).toBe('Gemt på telefonen. Sendes, når der er net.')
    expect(status({ unsent: 3, oldestUnsent: '2026-11-21T15:00:00Z' })).toBe('3 ting er ikke sendt. Den ældste er fra i går kl. 16.')
    expect(status({ ahead: 26 * 3_600_000 })).toBe('Telefonens ur går for stærkt. Stil det, så dagens opkald passer.')
    expect(status({ phase: 'signed_out' })).toBe('Log ind igen, så sendes det, der er gemt.')
  })
})

describe('finding somebody', () => {
  it('by a piece of the name or of the number', () => {
    const f = [facts()]
    for (const query of ['birk', 'TEST', 'birk te', '12 34', '+45 12345678']) expect(found(f, query), query).toHaveLength(1)
    for (const query of ['omar', '99', ' ', 'birk 99']) expect(found(f, query), query).toHaveLength(0)
  })
})

describe('addresses', () => {
  it('lead to their screens, and nowhere else', () => {
    const id = 'abcdefghij01234'
    expect(match('/')).toEqual({ screen: 'today', id: '' })
    expect(match(to.course(id))).toEqual({ screen: 'course', id })
    expect(match(to.talk(id, 'reached').split('?')[0]!)).toEqual({ screen: 'talk', id })
    expect(match(to.notice(id))).toEqual({ screen: 'inbox', id })
    for (const path of ['/forloeb/Birk', '/afdeling/', '/_/', '/api/health', '/forloeb/' + id + '/x']) expect(match(path), path).toBeUndefined()
  })
})
