// Any order of work, bad lines, dying phones, lost stores and restored servers: nothing typed is lost, nothing is done twice.
import 'fake-indexeddb/auto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMark } from './report'
import { aesSeal } from './seal'
import { type Fault, Peer } from './testing/peer'
import { freshDisk, Phone, type Tab } from './testing/phone'

type Step =
  | 'note' | 'bad' | 'half' | 'over' | 'not mine' | 'poison' | 'fail' | 'after' | 'other' | 'others' | 'sync' | 'both' | 'tab' | 'kill' | 'evict'
  | 'join' | 'leave' | 'backup' | 'restore' | 'boot' | 'settle' | 'day' | Exclude<Fault, 401>

const steps: Step[] = [
  'note', 'note', 'note', 'bad', 'half', 'over', 'not mine', 'poison', 'fail', 'after', 'after', 'other', 'others', 'sync', 'sync', 'sync', 'both', 'tab', 'kill', 'evict',
  'join', 'leave', 'backup', 'backup', 'restore', 'restore', 'boot', 'settle', 'day', 'ok', 'lost', 'down', 'cut', 'corrupt', 500, 410,
]
const WORDS: Partial<Record<Step, string>> = { note: 'n', bad: 'BAD', half: 'HALF', over: 'OVER', 'not mine': 'NOT MINE', poison: 'POISON', fail: 'FAIL', after: 'after' }

const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])

/** What came of the runs, so that none of it is only thought to be tried. */
const happened = { evicted: 0, diverged: 0, settled: 0, escrowed: 0, depends: 0, failed: 0, merged: 0 }

async function run(script: Step[], pageRows: number, onDisk: boolean, sealed: boolean): Promise<void> {
  freshDisk()
  const peer = new Peer()
  peer.pageRows = pageRows
  peer.join('course:a')
  const phone = new Phone(peer, 'u1', () => onDisk, sealed ? aesSeal(key) : undefined)
  let tabs: Tab[] = [await phone.tab()]
  let typed: { text: string; on: string }[] = []
  let lastN = 0
  let lost = ''
  let restore = () => {}
  let i = 0

  async function type(tab: Tab, text: string): Promise<void> {
    const on = text.startsWith('after') ? (tab.entry(lastN)?.args as { text?: string } | undefined)?.text ?? '' : ''
    typed.push({ text, on })
    lastN = await tab.note(text, on ? [lastN] : [])
  }

  /** A person deals with the oldest thing in her tray. */
  async function settle(tab: Tab): Promise<void> {
    const e = tab.view.outbox.find((x) => x.state === 'refused' && !x.resolved)
    if (!e) return
    const { text } = e.args as { text: string }
    if (!text.startsWith('HALF')) typed = typed.filter((t) => t.text !== text)
    await tab.client.settle(e.n, 'discard', '')
    happened.settled++
  }

  async function evict(): Promise<void> {
    const sent = [...peer.decided.values()].map((d) => d.body).join()
    lost = phone.mark!
    phone.evict()
    tabs = [await phone.tab()]
    // What was not sent is gone, and no phone is left to bring back what a backup lacks.
    typed = typed.filter((t) => sent.includes(`"${t.text}"`) && /^(n|HALF|OVER)/.test(t.text))
    lastN = 0
    restore = () => {}
    expect(tabs[0]!.view.evicted).toMatchObject(readMark(lost)!)
    happened.evicted++
  }

  /** What was escrowed lies with the server alone: as safe as its backups are. */
  function putBack(): void {
    const escrowed = peer.kept('escrowed')
    restore()
    const still = peer.kept('escrowed')
    typed = typed.filter((t) => !escrowed.includes(t.text) || still.includes(t.text))
  }

  for (const step of script) {
    const tab = tabs[i++ % tabs.length]!
    const word = WORDS[step]
    if (word) await type(tab, word + i)
    else if (step === 'other') peer.write('course:a', 'notes', 'o' + i, { text: 'other' + i })
    else if (step === 'others') for (let k = 0; k < 12; k++) peer.write('course:a', 'notes', `o${i}x${k}`, { text: `other${i}x${k}` })
    else if (step === 'sync') await tab.sync()
    else if (step === 'both') await Promise.all(tabs.map((t) => t.sync()))
    else if (step === 'tab') tabs.push(await phone.tab())
    else if (step === 'kill' && tabs.length > 1) tabs.pop()!.kill()
    else if (step === 'evict') await evict()
    else if (step === 'join') peer.join('course:b')
    else if (step === 'leave' && peer.members.has('course:b')) peer.leave('course:b')
    else if (step === 'backup') restore = peer.backup()
    else if (step === 'restore') putBack()
    else if (step === 'boot') peer.boot()
    else if (step === 'settle') await settle(tab)
    else if (step === 'day') phone.now = new Date(phone.now.getTime() + 25 * 3_600_000)
    else if (!['kill', 'leave'].includes(String(step))) peer.faults.push(step as Fault)
  }
  peer.faults = []
  const tab = tabs[0]!
  for (let round = 0; round < 3 || (round < 200 && tab.view.outbox.some((e) => e.state === 'unsent' || e.spend)); round++) {
    for (const t of tabs) await t.sync()
  }
  await Promise.all(tabs.flatMap((t) => t.told))
  // The way of a full look, whatever was seen on the way.
  phone.now = new Date(phone.now.getTime() + 25 * 3_600_000)
  await tab.sync()

  const { outbox } = tab.view
  const text = (e: { args: unknown }) => (e.args as { text?: string }).text ?? ''
  const notes = outbox.filter((e) => e.name === 'note.add')
  const doneWith = new Set(peer.notes())
  const stands = ({ text: t, on }: { text: string; on: string }): boolean =>
    /^(n|HALF|OVER)\d/.test(t) || (t.startsWith('after') && (on === '' || doneWith.has(on)))
  const written = peer.notes().filter((t) => !t.startsWith('other'))
  expect(new Set(written).size, 'each once').toBe(written.length)
  expect(written.filter((t) => typed.some((x) => x.text === t)).toSorted(), 'at the server').toEqual(typed.filter(stands).map((t) => t.text).toSorted())
  // Each of the rest is in the tray with its text, or kept where somebody tends it.
  const tray = new Set(notes.filter((e) => e.state === 'refused').map(text))
  const kept = new Set(peer.kept())
  for (const t of typed) if (!stands(t)) expect(tray.has(t.text) || kept.has(t.text), t.text).toBe(true)
  expect(notes.filter((e) => e.state === 'escrowed').map(text).join('')).toBe('')
  expect(outbox.filter((e) => e.state === 'unsent' || e.spend)).toEqual([])
  expect(tab.rows.toSorted(), 'on the phone').toEqual(peer.notes().toSorted())
  expect(outbox.every((e) => e.passed || ['rejected', 'escrowed'].includes(e.outcome!.result))).toBe(true)
  expect([tab.view.phase, tab.view.error]).toEqual(['idle', ''])
  const { counter } = await tab.store.outbox()
  const mine = [...peer.decided.keys()].filter((k) => k.startsWith(counter.device)).length
  expect(mine, 'gapless').toBe(counter.last - counter.base)
  if (lost) expect(peer.lost, 'the lost store is known').toContain(lost)
  happened.diverged += peer.diverged
  for (const e of notes) {
    if (e.state === 'escrowed') happened.escrowed++
    if (e.outcome?.reason === 'sync.depends') happened.depends++
    if (e.outcome?.code === 'failed') happened.failed++
    if (e.outcome?.result === 'merged') happened.merged++
  }
  for (const t of tabs) t.kill()
}

test('whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { maxLength: 45, size: 'max' }), fc.constantFrom(1, 3, 1000), fc.boolean(), fc.boolean(), run),
    { numRuns: Number(process.env.RUNS ?? 250) },
  )
  for (const [what, times] of Object.entries(happened)) expect(times, what).toBeGreaterThan(5)
}, 120_000)
