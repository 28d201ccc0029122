import { beforeAll, describe, expect, it } from 'vitest'
import { language } from '../../i18n'
import type { Entry, Kept, SyncStatus, Tended } from '../../state/types'
import { match, to } from '../routes'
import { receipt } from './receipt'
import { canRelease, entryOf, forMe, hers, tended, told } from './kept'
import { courseOf, escrowedText, keptText, reachedServer, refusalText, shown, texts, title, withTexts, words } from './refusals'
import { found } from './search'
import { syncLine } from './sync'
import { facts, today } from './world.fixture'

beforeAll(() => language.whole())

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

  it('another’s value is shown where the server tells it', () => {
    expect(refusal('record.changed')).toBe('En anden har ændret det i mellemtiden. Se forløbet, og prøv igen.')
    expect(refusal('record.changed', { field: 'hopes', theirs: 'Vil synge' })).toBe('En anden har i mellemtiden ændret håb og ønsker til: Vil synge. Din tekst er her stadig.')
    expect([shown(['+4512345678', '+4587654321']), shown(''), shown(null)]).toEqual(['12 34 56 78 og 87 65 43 21', 'Ingenting', 'Ingenting'])
  })

  it('[A7] what is handed on says why, to her and to the coordinator', () => {
    const r = (reason: string) => ({ code: 'forbidden' as const, reason })
    expect(escrowedText(r('sync.late'))).toBe('Det var over 30 dage gammelt, da det nåede frem til kommunen.')
    expect(escrowedText(r('course.not_member'))).toBe('Du var ikke mentor i forløbet, da det skete.')
    expect(escrowedText(r('new.thing'))).toBe('Det var ikke dit at gøre.')
    const kept = (reason: string, part = {}) => keptText({ ...r(reason), ...part }, 'Maja', '2026-11-22T13:02:11Z', person, today)
    expect(kept('sync.inactive')).toBe('Adgangen for Maja var lukket, da det nåede frem kl. 14.02.')
    expect(kept('course.not_member')).toBe('Maja var ikke mentor i forløbet, da det skete.')
    expect(kept('window.after_end', { params: { last_day: '2027-05-19' }, part: 'next' })).toContain('Samtalen er gemt, men I kan ikke aftale den dag')
    expect(kept('new.thing')).toBe('Kommunen kunne ikke tage imod det.')
  })

  it('what the server never read is not the server’s to hand on', () => {
    const r = (code: string, reason: string) => [{ code, reason }] as Parameters<typeof reachedServer>[0]
    expect([reachedServer(r('rule', 'window.after_end')), reachedServer(r('failed', 'server.failed')), reachedServer(r('args', 'request.too_large'))]).toEqual([true, false, false])
  })

  it('her words are corrected where they stand, and nothing else is', () => {
    const talk = { n: 1, name: 'contact.log', args: { course: 'c1', note: 'Sover bedre.', next: { on: '2026-11-24', topic: 'Cykling' } }, at: '', state: 'refused' } as unknown as Entry
    const fields = texts(talk)
    expect(fields.map((f) => f.label)).toEqual(['talk.note', 'next.topic'])
    expect(withTexts(talk, fields.map((f) => ({ ...f, value: f.value + ' Igen.' })))).toEqual({ course: 'c1', note: 'Sover bedre. Igen.', next: { on: '2026-11-24', topic: 'Cykling Igen.' } })
    expect(talk.args).toMatchObject({ note: 'Sover bedre.' })
    const numbers = { n: 1, name: 'citizen.correct', args: { citizen: 'z1', set: { phones: ['12', '34'] } }, at: '', state: 'refused' } as unknown as Entry
    expect(withTexts(numbers, [{ ...texts(numbers)[0]!, value: '12345678\n\n 87654321 ' }])).toEqual({ citizen: 'z1', set: { phones: ['12345678', '87654321'] } })
    expect(texts({ n: 1, name: 'course.close', args: { course: 'c1', reason: 'moved', told_resume: 'no' }, at: '', state: 'refused' })).toEqual([])
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

  it('also when another had written the same, when it lies elsewhere, and when she has dealt with it', () => {
    expect(receipt(entry('received', 'merged'), '', true, today)).toEqual({ text: 'Modtaget hos kommunen kl. 14.02', refused: false, rest: 'En anden havde skrevet noget andet' })
    expect(receipt(entry('received', 'merged'), '', false, today)).toEqual({ text: 'Modtaget hos kommunen kl. 14.02', refused: false })
    expect(receipt(entry('escrowed', 'escrowed'), '', true, today)).toEqual({ text: 'Ligger hos koordinatoren, kl. 14.02', refused: false })
    expect(receipt(entry('unsent', 'unknown'), '', false, today)?.text).toContain('kan ikke tage imod det endnu')
    const after = (how: 'resend' | 'discard' | 'handed') => receipt({ ...entry('refused', 'rejected'), resolved: { how, note: '', at: '' } }, '', false, today)
    expect([after('resend'), after('discard'), after('handed')].map((r) => r?.text)).toEqual(['Sendt igen', 'Lagt væk', 'Givet videre til koordinatoren'])
  })
})

describe('the sync line', () => {
  const now = new Date('2026-11-22T10:20:00Z')
  const status = (s: Partial<SyncStatus>) => syncLine({ phase: 'idle', lastPush: '', lastPull: '2026-11-22T08:02:00Z', unsent: 0, oldestUnsent: '', error: '', ahead: 0, escrowed: 0, merged: 0, evicted: null, diverged: 0, newer: false, ...s }, now, today).text

  it('says one thing, quietly', () => {
    expect(status({})).toBe('Alt er modtaget hos kommunen kl. 9.02')
    expect(status({ phase: 'offline' })).toBe('Ingen forbindelse. Sidst hentet kl. 9.02')
    expect(status({ lastPull: '' })).toBe('Henter dine forløb')
    expect(status({ unsent: 1, oldestUnsent: '2026-11-22T10:19:00Z', phase: 'offline' })).toBe('Gemt på telefonen. Sendes, når der er net.')
    expect(status({ unsent: 3, oldestUnsent: '2026-11-21T15:00:00Z' })).toBe('3 ting er ikke sendt. Den ældste er fra i går kl. 16.')
    expect(status({ ahead: 26 * 3_600_000 })).toBe('Telefonens ur går for stærkt. Stil det, så dagens opkald passer.')
    expect(status({ unsent: 2, oldestUnsent: '2026-11-22T10:10:00Z', phase: 'offline' }), 'after some minutes').toBe('2 ting er ikke sendt. Den ældste er fra kl. 11.10.')
    expect(status({ phase: 'signed_out', error: 'auth.inactive' })).toBe('Din adgang er lukket. Tal med din koordinator.')
    expect(status({ evicted: { device: 'd', last: 4 } })).toBe('Noget er blevet ryddet på telefonen. Se, hvad det betyder.')
    expect(status({ phase: 'failed', error: 'store.full', unsent: 1, oldestUnsent: '2026-11-22T10:19:00Z' })).toBe('Der er ikke plads på telefonen. Se, hvad du kan gøre.')
    expect(status({ phase: 'signed_out' })).toBe('Log ind igen, så sendes det, der er gemt.')
  })
})

describe('what waits from the team', () => {
  const item = (user: string, result: Kept['result']) => ({ user, device: 'd', n: 3, result, args: { course: 'c1' } }) as unknown as Kept
  it('is what she cannot see to in her own tray', () => {
    expect(forMe([item('maja', 'rejected'), item('karen', 'rejected'), item('karen', 'escrowed')], 'karen').map((k) => k.user + k.result)).toEqual(['majarejected', 'karenescrowed'])
    expect(forMe([{ ...item('maja', 'rejected'), args: {} }], 'karen')).toEqual([])
    expect((['escrowed', 'rejected', 'applied', 'unknown'] as const).map((r) => canRelease(item('maja', r)))).toEqual([true, true, false, false])
    const active = (user: string) => user === 'maja'
    expect([item('maja', 'rejected'), { ...item('maja', 'rejected'), handed: true }, item('maja', 'escrowed'), item('left', 'rejected')].map((k) => hers(k, active))).toEqual([true, false, false, false])
  })

  it('is shown whatever its shape is: nobody has checked it', () => {
    const talk = { ...item('maja', 'escrowed'), name: 'contact.log', at: '2026-11-22T10:00:00Z', args: { occurred_at: '2026-11-22T09:00:00Z', next: { on: '2026-11-24', time: '09:30', topic: 'Cykling' } } }
    expect(told(talk)).toEqual({ at: '2026-11-22T09:00:00Z', next: { appointment: '', on: '2026-11-24', part_of_day: '', time: '09:30', topic: 'Cykling' } })
    const hostile = [7, 'x', [], { toString: 1 }, null, '2026-99-99', { on: '2026-99-99', time: 5, part_of_day: 'night' }]
    for (const bad of hostile) {
      const k = { ...talk, args: { occurred_at: bad, next: bad, note: bad, set: bad, outcome: 'reached', course: bad } }
      expect(told(k)).toEqual({ at: k.at, next: undefined })
      expect(() => [title(entryOf(k)), words(entryOf(k)), courseOf(entryOf(k), [])]).not.toThrow()
    }
    for (const args of [null, 5, '', []]) expect(forMe([{ ...talk, args }], 'karen')).toEqual([])
  })

  it('the newest answer counts', () => {
    const did = (state: Tended['state'], n = 3): Tended => ({ user: 'maja', device: 'd', n, how: 'release', state, refusals: [] })
    expect(tended([did('unsent'), did('refused')], item('maja', 'escrowed'))).toEqual({ done: false, waits: true, refusals: [] })
    expect(tended([did('received')], item('maja', 'escrowed'))?.done).toBe(true)
    expect(tended([did('received', 4)], item('maja', 'escrowed'))).toBeUndefined()
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
