// What must hold, by the names of the design: checked at rest during a run, and all of it when everything is quiet.
import type { Box, OutboxEntry } from '../pb_public/src/sync/store'
import type { Person, Phone, Tab } from './phone'
import type { Made, Stage } from './stage'
import { words } from './wire'

type Line = Record<string, string | undefined>
export type State = Record<'boards' | 'seats' | 'users' | 'cards' | 'deeds' | 'muts' | 'rows' | 'members' | 'devices', Line[]> & { seq: number }

export async function stateOf(stage: Stage): Promise<State> {
  const reply = await stage.server.ask('/sim/state?run=' + stage.prefix, 'GET', { 'X-Sim': 'x-sim', ...stage.clockHeader() })
  if (reply?.status !== 200) throw new Error('no state: ' + reply?.body)
  return JSON.parse(reply.body) as State
}

/** The boxes a user must hold, from seats and records alone; the numbers from the log. */
function boxesOf(stage: Stage, state: State, user: string): Map<string, Box> {
  const seqs = new Map(state.rows.filter((r) => r.deleted === '0').map((r) => [`${r.bucket} ${r.coll} ${r.id}`, Number(r.seq)]))
  const boxes = new Map<string, Box>()
  for (const board of stage.world.boardsOf(user)) {
    const bucket = 'board:' + board
    const box: Box = {}
    const lay = (coll: string, id: string, values: Record<string, unknown>) => {
      ;(box[coll] ??= {})[id] = { ...values, id, _seq: seqs.get(`${bucket} ${coll} ${id}`) ?? -1 }
    }
    for (const b of state.boards.filter((b) => b.id === board)) lay('boards', b.id!, { title: b.title })
    for (const c of state.cards.filter((c) => c.board === board)) {
      lay('cards', c.id!, {
        board, text: c.text, note: c.note, weight: Number(c.weight), tags: JSON.parse(c.tags ?? 'null') as unknown, state: c.state,
        ...(stage.world.wide && { loud: c.loud === '1' || c.loud === 'true' }),
      })
    }
    boxes.set(bucket, box)
  }
  return boxes
}

const sorted = (v: unknown): unknown =>
  v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, sorted(x)])) : v
const text = (v: unknown): string => JSON.stringify(sorted(v)) ?? ''

/** Every row as one line. An empty collection is none. */
const flat = (boxes: ReadonlyMap<string, Box>): Map<string, string> =>
  new Map([...boxes].flatMap(([bucket, box]) => [
    [bucket, ''] as const,
    ...Object.entries(box).flatMap(([coll, rows]) => Object.entries(rows).map(([id, row]) => [`${bucket} ${coll} ${id}`, text(row)] as const)),
  ]))

function compare(stage: Stage, name: string, who: string, held: ReadonlyMap<string, Box>, right: ReadonlyMap<string, Box>): void {
  const [mine, theirs] = [flat(held), flat(right)]
  for (const key of new Set([...mine.keys(), ...theirs.keys()])) {
    if (mine.get(key) !== theirs.get(key)) {
      stage.broken(name, `${who} differs in ${key}\n  holds  ${mine.get(key) ?? 'nothing'}\n  should ${theirs.get(key) ?? 'hold nothing'}`)
    }
  }
}

const midOf = (e: OutboxEntry): string => (e.args as { mid?: string }).mid ?? ''
const entryOf = (m: Made): OutboxEntry | undefined => m.phone.outbox.find((e) => e.id === m.entry)

/** I3: what a person was told is done, is done. Asked when the server comes up again after it was killed. */
export function durable(stage: Stage, state: State): void {
  const done = new Set(state.deeds.map((d) => d.mid))
  for (const m of stage.made.values()) {
    if (m.told && !m.lost && !done.has(m.mid) && !stage.restored) stage.broken('I3', `${m.mid} (${m.name}) was told as done, and the server does not have it`)
  }
}

/** At rest: nothing is under way, but lines may be broken and phones behind. */
export function atRest(stage: Stage, state: State): void {
  once(stage, state)
  lawful(stage, state)
  textsKept(stage, state)
  if (stage.restored) return
  for (const phone of stage.phones) {
    arrived(stage, phone)
    for (const tab of phone.tabs) {
      if (!tab.ready || tab.view?.phase !== 'idle' || tab.view.marks.cursor === '' || !phone.person.active) continue
      if (phone.spoilt) phone.tabs.length === 1 && tab.name === phone.spoilt.tab && noticed(stage, state, tab)
      else upTo(stage, state, tab)
    }
  }
}

/** I7: whatever has a number up to the tab's is there as it is. */
function upTo(stage: Stage, state: State, tab: Tab): void {
  const { marks, boxes } = tab.view!
  const { person } = tab.phone
  for (const m of state.members) {
    if (m.user !== person.id || Number(m.seq) > marks.seq) continue
    const box = boxes.get(m.bucket!)
    if (m.active === '0') {
      if (box) stage.broken('I6', `${tab.name} is at ${marks.seq} and still has ${m.bucket}, left at ${m.seq}`)
      continue
    }
    if (!box) stage.broken('I7', `${tab.name} is at ${marks.seq} and has no ${m.bucket}, joined at ${m.seq}`)
    for (const r of state.rows) {
      if (r.bucket !== m.bucket || Number(r.seq) > marks.seq) continue
      const row = box?.[r.coll!]?.[r.id!]
      if (r.deleted === '1' ? row !== undefined : row?._seq !== Number(r.seq)) {
        stage.broken('I7', `${tab.name} is at ${marks.seq}; ${r.bucket} ${r.coll} ${r.id} has ${r.deleted === '1' ? 'been gone since' : 'number'} ${r.seq}, the phone holds ${text(row)}`)
      }
    }
  }
}

/** I7: what a phone takes for arrived has come with the rows. */
function arrived(stage: Stage, phone: Phone): void {
  if (!phone.keep) return // its tabs hold their rows each for themselves
  const { seq = 0 } = phone.disk.all<{ seq: number }>('meta').find((r) => r.key === 'marks')?.value ?? {}
  for (const e of phone.outbox) {
    if (e.passed && (e.outcome?.seq ?? 0) > seq) stage.broken('I7', `${phone.name} has come to ${seq} and takes ${e.n} for arrived, which was written at ${e.outcome!.seq}`)
  }
}

/** I4: done once at most. */
function once(stage: Stage, state: State): void {
  const seen = new Set<string>()
  for (const { mid } of state.deeds) {
    if (seen.has(mid!)) stage.broken('I4', `${mid} was done twice`)
    seen.add(mid!)
  }
}

const GRACE_HOURS = 30 * 24

/** I5: what was done might be done. I8: in the order in which it was done on the phone. */
function lawful(stage: Stage, state: State): void {
  const done = new Map(state.deeds.map((d, i) => [d.mid, i]))
  const last = new Map<string, number>()
  const is = (v: string | undefined) => v === '1' || v === 'true'
  state.deeds.forEach((d, i) => {
    const who = `${d.mid} (${d.name} of ${d.user} on ${d.board})`
    if (d.by) return // released by whoever tends it
    if (!is(d.seated)) stage.broken('I5', `${who} was done without a seat`)
    if (!is(d.active)) stage.broken('I5', `${who} was done by an account that is closed`)
    if (Number(d.age) > GRACE_HOURS) stage.broken('I5', `${who} was ${d.age} hours old`)
    const needed = d.needs ? done.get(d.needs) : -1
    if (needed === undefined ? !stage.made.get(d.needs!)?.lost : needed > i) stage.broken('I5', `${who} was done without ${d.needs}, which it needs`)
    const device = `${d.user} ${d.device}`
    if (Number(d.n) < (last.get(device) ?? 0)) stage.broken('I8', `${who} is number ${d.n} of its phone, and was done after ${last.get(device)}`)
    last.set(device, Number(d.n))
  })
  const weights = new Map<string, number>()
  for (const c of state.cards) {
    if (/BAD|WRONG/.test(c.text!)) stage.broken('I5', `a card says ${c.text}`)
    if (!c.text!.startsWith(`<${c.board}>`)) stage.broken('I5', `card ${c.id} of ${c.board} says ${c.text}`)
    weights.set(c.board!, (weights.get(c.board!) ?? 0) + Number(c.weight))
  }
  for (const [board, weight] of weights) if (weight > 12) stage.broken('I5', `the cards of ${board} weigh ${weight}`)
}

/** I9: what a person typed and saved is somewhere, whole, until she has dealt with it. */
function textsKept(stage: Stage, state: State): void {
  const done = new Set(state.deeds.map((d) => d.mid))
  const kept = state.muts.map((m) => m.args ?? '').join('\n')
  for (const m of stage.made.values()) {
    if (!m.saved || m.lost || m.resolved || done.has(m.mid) || (stage.restored && m.told)) continue
    const entry = entryOf(m)
    if (entry && midOf(entry) === m.mid) continue
    if (kept.includes(`"${m.mid}"`)) continue
    if (state.muts.some((k) => k.settled && k.outcome && entry?.state === 'escrowed')) continue // a chief has dealt with it
    stage.broken('I9', `${m.mid} (${m.name}) was saved and is nowhere: ${entry ? `the phone has it as ${entry.state} without its text` : 'the phone does not have it'}`)
  }
}

/** When all is quiet. */
export async function inTheEnd(stage: Stage, state: State): Promise<void> {
  once(stage, state)
  lawful(stage, state)
  textsKept(stage, state)
  shown(stage, state)
  for (const phone of stage.phones) {
    if (phone.person.active) await converged(stage, state, phone)
    noTextAbroad(stage, phone)
    for (const tab of phone.tabs) {
      if (phone.evicted && !tab.view!.evicted) stage.broken('I9', `${tab.name} does not say that its store was thrown away`)
    }
    watched(stage, state, phone)
  }
  const done = new Map(state.deeds.map((d) => [d.mid, d]))
  for (const m of stage.made.values()) if (heard(state, m.person)) placed(stage, m, done.get(m.mid))
}

/** I1: every tab shows, and the disk has, what the server has for them. I6: and not a word more. */
async function converged(stage: Stage, state: State, phone: Phone): Promise<void> {
  const right = boxesOf(stage, state, phone.person.id)
  for (const tab of phone.tabs) compare(stage, 'I1', tab.name, tab.view!.boxes, right)
  if (phone.keep) compare(stage, 'I1', `the disk of ${phone.name}`, await phone.load(), right)
  for (const { key, value } of phone.disk.pulled()) {
    for (const board of words(value)) {
      if (!stage.world.boardsOf(phone.person.id).has(board)) stage.broken('I6', `<${board}> lies in ${key} on ${phone.name}, whose person has no seat there`)
    }
  }
}

/** I6: what its person may not do is kept elsewhere, and leaves the phone; so do another's words about what is left. */
function noTextAbroad(stage: Stage, phone: Phone): void {
  for (const e of phone.outbox) {
    for (const board of phone.person.active ? words(text(e.outcome).replace(/"mine":"[^"]*"/g, '')) : []) {
      if (!stage.world.boardsOf(phone.person.id).has(board)) stage.broken('I6', `${phone.name} still has words of <${board}> beside its ${e.n}: ${text(e.outcome)}`)
    }
    if ((e.state === 'escrowed' || e.outcome?.code === 'forbidden') && midOf(e)) stage.broken('I6', `${phone.name} still has the text of ${midOf(e)}, which is ${e.state} ${e.outcome?.reason}`)
  }
}

/** A closed account that never had a seat is owed no place: what it typed stays on its phone. */
export const heard = (state: State, { active, id }: Person): boolean => active || state.members.some((m) => m.user === id)

/** I2: in exactly one place. I3: told as done is done. I10: nothing waits any more. */
function placed(stage: Stage, m: Made, deed: Line | undefined): void {
  if (!m.saved || m.lost) return
  const entry = entryOf(m)
  const is = entry ? `${entry.state}${entry.outcome ? ' ' + entry.outcome.result : ''}` : 'not on the phone'
  if (entry && (entry.state === 'unsent' || entry.spend) && entry.outcome?.result !== 'unknown') stage.broken('I10', `${m.mid} (${m.name}) is still ${is}`)
  const inTray = entry !== undefined && (entry.state === 'refused' || entry.state === 'escrowed') && entry.outcome?.result !== 'applied' && entry.outcome?.result !== 'merged'
  if (deed && inTray && !deed.by) stage.broken('I2', `${m.mid} (${m.name}) was done, and the phone has it as ${is}: ${text(entry.outcome)}`)
  if (stage.restored && m.told && !m.person.active) return // a closed account is not asked again
  if (!deed && !inTray && !m.resolved) {
    stage.broken(m.told ? 'I3' : 'I2', `${m.mid} (${m.name}) was ${m.told ? 'told as done' : 'saved'}, is not at the server, and the phone has it as ${is}`)
  }
}

/** I9: nobody's words are written over without the one who did it being shown them. */
function shown(stage: Stage, state: State): void {
  for (const d of state.deeds) {
    const mut = state.muts.find((m) => m.user === d.user && m.device === d.device && m.n === d.n)
    if (d.over && !d.by && mut && !mut.settled && !mut.outcome!.includes('"merged"')) stage.broken('I9', `${d.mid} was written over "${d.over}", and nobody was told: ${mut.outcome}`)
  }
}

/** I11: a difference is reported only if there was one; that one which there was is repaired, see I1 and noticed(). */
function watched(stage: Stage, state: State, phone: Phone): void {
  const told = state.devices.find((d) => d.user === phone.person.id && d.device === phone.device)
  if (!stage.restored && Number(told?.restored ?? 0) > 0) stage.broken('I11', `${phone.name} took the server for one that was put back`)
  if (!phone.spoilt && Number(told?.diverged ?? 0) > 0) stage.broken('I11', `${phone.name} reported ${told!.diverged} differences, and there was none`)
}

/** I11: a bucket that was spoilt is put right with the next thing that is new in it. */
function noticed(stage: Stage, state: State, tab: Tab): void {
  const { bucket, seq } = tab.phone.spoilt!
  const { marks, boxes } = tab.view!
  const rows = state.rows.filter((r) => r.bucket === bucket)
  if (!rows.some((r) => Number(r.seq) > seq && Number(r.seq) <= marks.seq) || rows.some((r) => Number(r.seq) > marks.seq)) return
  const member = state.members.find((m) => m.bucket === bucket && m.user === tab.phone.person.id)
  if (member?.active !== '1' || Number(member.seq) > marks.seq) return
  const live = rows.filter((r) => r.deleted === '0')
  const sum = live.reduce((s, r) => s + Number(r.seq), 0)
  const held = Object.values(boxes.get(bucket) ?? {}).flatMap((c) => Object.values(c))
  if (held.length !== live.length || held.reduce((s, r) => s + r._seq, 0) !== sum) {
    stage.broken('I11', `${tab.name}: ${bucket} was spoilt at ${seq}, has had news, and still holds ${held.length} rows for ${live.length}`)
  }
}
