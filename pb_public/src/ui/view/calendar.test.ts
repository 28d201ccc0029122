import { describe, expect, test } from 'vitest'
import { calendar } from './calendar'

type Call = Parameters<typeof calendar>[0][number]

const now = new Date('2026-11-22T09:15:30.250Z')
const call = (over: Partial<Call>): Call => ({ kind: 'appointment', appointment: 'a1b2c3d4e5f6g7h', on: '2026-11-23', time: '', part_of_day: '', ...over })
const file = (calls: Call[], words = 'Aftalt opkald') => calendar(calls, '2026-11-22', words, 'https://bindeled.example/', now)
const lines = async (c: Partial<Call>): Promise<string[]> => (await file([call(c)])).split('\r\n')
const times = async (c: Partial<Call>) => (await lines(c)).filter((l) => /^(DT(START|END)|TRIGGER|TRANSP)/.test(l))

test('one call, line by line', async () => {
  expect(await file([call({ time: '09:30' })])).toBe([
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Bindeled//DA', 'CALSCALE:GREGORIAN', 'METHOD:PUBLISH',
    'BEGIN:VEVENT', 'UID:9a8907464ff962550409c6e274847b11@bindeled', 'DTSTAMP:20261122T091530Z', 'DTSTART:20261123T083000Z', 'DTEND:20261123T090000Z',
    'SUMMARY:Aftalt opkald', 'URL:https://bindeled.example/', 'CLASS:PRIVATE', 'TRANSP:OPAQUE',
    'BEGIN:VALARM', 'ACTION:DISPLAY', 'DESCRIPTION:Aftalt opkald', 'TRIGGER:-PT10M', 'END:VALARM', 'END:VEVENT',
    'END:VCALENDAR', '',
  ].join('\r\n'))
})

describe('when', () => {
  test.each([
    ['a time in summer', { on: '2027-07-01', time: '00:30' }, ['DTSTART:20270630T223000Z', 'DTEND:20270630T230000Z', 'TRANSP:OPAQUE', 'TRIGGER:-PT10M']],
    ['the morning', { part_of_day: 'morning' }, ['DTSTART:20261123T070000Z', 'DTEND:20261123T110000Z', 'TRANSP:TRANSPARENT', 'TRIGGER:-PT10M']],
    ['the evening before the clocks change', { on: '2027-03-27', part_of_day: 'evening' }, ['DTSTART:20270327T160000Z', 'DTEND:20270327T190000Z', 'TRANSP:TRANSPARENT', 'TRIGGER:-PT10M']],
    ['the afternoon after they have', { on: '2027-03-28', part_of_day: 'afternoon' }, ['DTSTART:20270328T100000Z', 'DTEND:20270328T150000Z', 'TRANSP:TRANSPARENT', 'TRIGGER:-PT10M']],
    ['some time that day, with no alarm at midnight', { on: '2026-12-31' }, ['DTSTART;VALUE=DATE:20261231', 'DTEND;VALUE=DATE:20270101', 'TRANSP:TRANSPARENT', 'TRIGGER:PT8H']],
  ] as [string, Partial<Call>, string[]][])('%s', async (_, c, want) => expect(await times(c)).toEqual(want))
})

test('what is past, and what is no call, is not in it', async () => {
  const text = await file([call({ on: '2026-11-21' }), call({ kind: 'first' }), call({ kind: 'flag' }), call({ on: '2026-11-22' })])
  expect(text.match(/^DTSTART.*/gm)).toEqual(['DTSTART;VALUE=DATE:20261122'])
})

test('nobody is in it, and no record either; the same call is the same event', async () => {
  const secret = { course: 'noor00000000000', name: 'Noor Eksempel', phones: ['+4512345671'], deadline: '2026-11-24', topic: 'gæld' }
  const uid = async (c: object) => (await lines(c)).find((l) => l.startsWith('UID:'))
  const text = await file([{ ...call({}), ...secret } as Call])
  for (const word of ['a1b2c3d4e5f6g7h', 'noor', 'Noor', '12345671', 'gæld', '20261124T']) expect(text).not.toContain(word)
  expect(await uid({ on: '2026-12-01', time: '10:00' })).toBe(await uid({}))
  expect(await uid({ appointment: 'another00000000' })).not.toBe(await uid({}))
})

test('no line is longer than 75 bytes, no letter is cut, and unfolded it says what was meant', async () => {
  const words = 'Å; ø, \\ æ\n' + 'blåbærgrød 🫐 '.repeat(20)
  const text = await file([call({})], words)
  expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  expect(Math.max(...text.split('\r\n').map((l) => Buffer.byteLength(l)))).toBeGreaterThan(70)
  expect(text).not.toContain('\ufffd')
  const summary = text.replaceAll('\r\n ', '').split('\r\n').find((l) => l.startsWith('SUMMARY:'))!
  expect(summary).toContain('Å\\; ø\\, \\\\ æ\\n')
  expect(summary.slice(8).replace(/\\n/g, '\n').replace(/\\([\\;,])/g, '$1')).toBe(words)
})
