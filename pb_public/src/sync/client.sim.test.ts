// Any order of work, bad lines, dying phones and restored servers: nothing typed is lost, nothing is done twice.
import 'fake-indexeddb/auto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fault, Peer } from './testing/peer'
import { freshDisk, Phone, type Tab } from './testing/phone'

type Step = 'note' | 'bad' | 'half' | 'poison' | 'other' | 'sync' | 'both' | 'tab' | 'kill' | 'join' | 'leave' | 'backup' | 'restore' | Fault

const steps: Step[] = ['note', 'note', 'note', 'bad', 'half', 'poison', 'other', 'sync', 'sync', 'both', 'tab', 'kill', 'join', 'leave', 'backup', 'backup', 'restore', 'restore', 'ok', 'lost', 'down', 'cut', 500, 410]

async function run(script: Step[], pageRows: number, onDisk: boolean): Promise<void> {
  freshDisk()
  const peer = new Peer()
  peer.pageRows = pageRows
  peer.join('course:a')
  const phone = new Phone(peer, 'u1', () => onDisk)
  const tabs: Tab[] = [await phone.tab()]
  const typed: string[] = []
  let restore = () => {}
  let i = 0
  for (const step of script) {
    const tab = tabs[i++ % tabs.length]!
    const type = async (text: string) => void (typed.push(text), await tab.note(text))
    if (step === 'note') await type('n' + i)
    else if (step === 'bad') await type('BAD' + i)
    else if (step === 'half') await type('HALF' + i)
    else if (step === 'poison') await type('POISON' + i)
    else if (step === 'other') peer.write('course:a', 'notes', 'o' + i, { text: 'other' + i })
    else if (step === 'sync') await tab.sync()
    else if (step === 'both') await Promise.all(tabs.map((t) => t.sync()))
    else if (step === 'tab') tabs.push(await phone.tab())
    else if (step === 'kill' && tabs.length > 1) tabs.pop()!.kill()
    else if (step === 'join') peer.join('course:b')
    else if (step === 'leave' && peer.members.has('course:b')) peer.leave('course:b')
    else if (step === 'backup') restore = peer.backup()
    else if (step === 'restore') restore()
    else if (!['kill', 'leave'].includes(String(step))) peer.faults.push(step as Fault)
  }
  peer.faults = []
  for (const tab of [...tabs, tabs[0]!]) await tab.sync()
  await Promise.all(tabs.flatMap((t) => t.told))

  const tab = tabs[0]!
  const { outbox } = tab.view
  const written = peer.notes().filter((t) => !t.startsWith('other'))
  const tray = outbox.filter((e) => e.state === 'refused').map((e) => (e.args as { text: string }).text)
  const lawful = typed.filter((t) => /^(n|HALF)/.test(t))
  expect(written.toSorted(), 'at the server, each once').toEqual(lawful.toSorted())
  expect(outbox.filter((e) => e.state === 'unsent')).toEqual([])
  expect(tray.filter((t) => !t.startsWith('HALF')).toSorted(), 'in the tray').toEqual(typed.filter((t) => /^(BAD|POISON)/.test(t)).toSorted())
  expect(tab.rows.toSorted(), 'on the phone').toEqual(peer.notes().toSorted())
  expect(outbox.every((e) => e.passed || e.outcome?.result === 'rejected')).toBe(true)
  const { counter } = await tab.store.outbox()
  const mine = [...peer.decided.keys()].filter((k) => k.startsWith(counter.device)).length
  expect(mine, 'gapless').toBe(counter.last - counter.base)
  for (const t of tabs) t.kill()
}

test('whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { maxLength: 40 }), fc.constantFrom(1, 3, 1000), fc.boolean(), run),
    { numRuns: 150 },
  )
}, 60_000)
