import { beforeEach, describe, expect, test } from 'vitest'
import { aesSeal } from '../sync/seal'
import { random } from './keys'
import type { Passkeys } from './passkey'
import { Desk } from './testing/desk'
import type { Entrance, Shelf } from './types'
import { Vault, VaultError } from './vault'

const PIN = '493817'
let desk: Desk
let kept: Map<string, Entrance>
let vault: Vault
let now: Date
let full = false

/** Where the entrances lie: one phone, many tabs. */
const shelf: Shelf = {
  save: (e) => Promise.resolve(void kept.set(e.user, structuredClone(e))),
  edit: (_, change) => {
    if (full) return Promise.reject(new Error('no room'))
    const was = kept.get('u1')
    if (!was?.pin) return Promise.resolve(null)
    kept.set('u1', structuredClone(change(structuredClone(was))))
    return Promise.resolve(structuredClone(kept.get('u1')!))
  },
}

const entrance = () => kept.get('u1')!
const code = (p: Promise<unknown>) => p.then(() => 'opened', (e: VaultError) => (e.left ? `${e.code} ${e.left}` : e.code))
const open = (pin: string) => code(vault.open(entrance(), pin))

beforeEach(async () => {
  desk = new Desk()
  kept = new Map()
  now = new Date('2026-11-22T12:00:00Z')
  full = false
  vault = new Vault(desk.http, shelf, () => now)
  await vault.make({ id: 'u1', label: 'MM' }, 'token', PIN, 'the session')
})

describe('opening', () => {
  test('with the code: the session, and a key that opens what it closed', async () => {
    const first = await vault.open(entrance(), PIN)
    const closed = await aesSeal(first.key).close('x', 'Alma')
    const again = await vault.open(entrance(), PIN)
    expect([again.session, await aesSeal(again.key).open('x', closed)]).toEqual(['the session', 'Alma'])
  })

  test('without network, as long as the lease runs, and not a minute longer', async () => {
    desk.down = true
    now = new Date('2026-11-22T23:59:00Z')
    expect(await open(PIN)).toBe('opened')
    now = new Date('2026-11-23T00:00:00Z')
    expect(await open(PIN)).toBe('vault.offline')
    desk.down = false
    expect(await open(PIN)).toBe('opened')
  })

  test('a clock put back does not lengthen the lease', async () => {
    desk.down = true
    now = new Date('2026-11-22T18:00:00Z')
    expect(await open(PIN)).toBe('opened')
    now = new Date('2026-11-22T17:00:00Z')
    expect(await open(PIN)).toBe('vault.offline')
  })

  test('where the municipality wants it so: never without network', async () => {
    desk.hours = 0
    await vault.open(entrance(), PIN)
    now = new Date('2026-11-23T12:00:00Z')
    expect(await open(PIN)).toBe('opened')
    expect(entrance().share).toBeNull()
    desk.down = true
    expect(await open(PIN)).toBe('vault.offline')
  })

  test('the share is not kept past its time', async () => {
    now = new Date('2026-11-23T12:00:00Z')
    await vault.expire(entrance())
    expect(entrance().share).toBeNull()
  })

  test('nor by a clock that is put back after somebody has looked', async () => {
    desk.down = true
    now = new Date('2026-11-22T20:00:00Z')
    await vault.expire(entrance())
    now = new Date('2026-11-22T13:00:00Z')
    expect(await open(PIN)).toBe('vault.offline')
  })

  test('with a full disk too: then the server counts', async () => {
    full = true
    expect(await open('000000')).toBe('vault.wrong 4')
    expect(await open('000000')).toBe('vault.wrong 3')
    expect(await open(PIN)).toBe('opened')
    desk.down = true
    expect(await open('000000')).toBe('vault.offline') // nor is anything told that nobody counts
  })
})

describe('the wrong code', () => {
  test('five times without network: nothing opens it any more', async () => {
    desk.down = true
    const said: string[] = []
    for (let i = 0; i < 5; i++) said.push(await open('000000'))
    expect(said).toEqual(['vault.wrong 4', 'vault.wrong 3', 'vault.wrong 2', 'vault.wrong 1', 'vault.wiped'])
    desk.down = false
    expect(await open(PIN)).toBe('vault.wiped')
    expect([entrance().pin, entrance().share, entrance().session]).toEqual([null, null, null])
    expect(entrance().send).toBe('send') // what is unsent can still be sent
  })

  test('five times with it, when there is no lease: the server has forgotten its share', async () => {
    now = new Date('2026-11-23T12:00:00Z')
    const said: string[] = []
    for (let i = 0; i < 5; i++) said.push(await open('000000'))
    expect(said).toEqual(['vault.wrong 4', 'vault.wrong 3', 'vault.wrong 2', 'vault.wrong 1', 'vault.wiped'])
    expect(entrance().pin).toBeNull()
  })

  test('five times in all, in however many tabs', async () => {
    desk.down = true
    const stale = structuredClone(entrance())
    const said: string[] = []
    for (let tab = 0; tab < 7; tab++) said.push(await code(vault.open(stale, '000000')))
    expect(said.slice(3, 5)).toEqual(['vault.wrong 1', 'vault.wiped'])
    expect(entrance().pin).toBeNull()
    expect(await open(PIN)).toBe('vault.wiped')
  })

  test('counts also where an open phone asks for it once more', async () => {
    const said: string[] = []
    for (let i = 0; i < 5; i++) said.push(await code(vault.change(entrance(), '000000', '118822', 'token')))
    expect(said).toEqual(['vault.wrong 4', 'vault.wrong 3', 'vault.wrong 2', 'vault.wrong 1', 'vault.wiped'])
    expect(entrance().pin).toBeNull()
  })

  test('the right one in between: counted anew', async () => {
    for (let i = 0; i < 4; i++) await open('000000')
    expect(await open(PIN)).toBe('opened')
    expect(await open('000000')).toBe('vault.wrong 4')
  })
})

describe('from afar', () => {
  test('a revoked phone: the next contact shuts it', async () => {
    const opened = await vault.open(entrance(), PIN)
    desk.revoke()
    expect(await code(vault.renew(opened, 'token'))).toBe('vault.revoked')
    now = new Date('2026-11-23T12:00:00Z')
    expect(await open(PIN)).toBe('vault.revoked')
    expect(entrance().pin).toBeNull()
  })

  test('a phone that the server has forgotten, as after a backup, is wiped by nobody', async () => {
    const opened = await vault.open(entrance(), PIN)
    desk.phones.clear()
    expect(await code(vault.renew(opened, 'token'))).toBe('vault.unknown')
    now = new Date('2026-11-23T12:00:00Z')
    expect(await open(PIN)).toBe('vault.unknown')
    expect(entrance().pin).not.toBeNull()
  })

  test('nor one whose code it has forgotten: the right one is no wrong one', async () => {
    const backup = structuredClone(desk.phones)
    await vault.change(entrance(), PIN, '118822', 'token')
    desk.phones = backup
    now = new Date('2026-11-23T12:00:00Z')
    for (let i = 0; i < 5; i++) expect(await open('118822')).toBe('vault.unknown')
    expect(entrance().pin).not.toBeNull()
    expect(desk.phones.get('phone0')).toMatchObject({ tries: 0 })
  })

  test('contact prolongs the lease', async () => {
    const opened = await vault.open(entrance(), PIN)
    now = desk.now = new Date('2026-11-22T23:00:00Z')
    await vault.renew(opened, 'token')
    desk.down = true
    now = new Date('2026-11-23T10:00:00Z')
    expect(await open(PIN)).toBe('opened')
  })
})

describe('another code', () => {
  test('opens the same store; the old one does not', async () => {
    const closed = await aesSeal((await vault.open(entrance(), PIN)).key).close('x', 'Alma')
    await vault.change(entrance(), PIN, '118822', 'token')
    expect(await open(PIN)).toBe('vault.wrong 4')
    expect(await aesSeal((await vault.open(entrance(), '118822')).key).open('x', closed)).toBe('Alma')
  })

  test('another tab that was open before does not put the old one back', async () => {
    const tab = await vault.open(entrance(), PIN)
    await vault.change(entrance(), PIN, '118822', 'token')
    await vault.keep(await vault.renew(tab, 'token'))
    expect(await open('118822')).toBe('opened')
  })

  test('where no share may be kept: the server is asked for it, and counts', async () => {
    desk.hours = 0
    await vault.renew(await vault.open(entrance(), PIN), 'token')
    expect(entrance().share).toBeNull()
    expect(await code(vault.change(entrance(), '000000', '118822', 'token'))).toBe('vault.wrong 4')
    await vault.change(entrance(), PIN, '118822', 'token')
    expect(await open('118822')).toBe('opened')
  })

  test('is not taken without the old one', async () => {
    expect(await code(vault.change(entrance(), '000000', '118822', 'token'))).toMatch('vault.wrong')
    expect(await open(PIN)).toBe('opened')
  })

  test('the phone did not hear that it was taken: the old one opens, here and at the server', async () => {
    const before = structuredClone(entrance())
    await vault.change(entrance(), PIN, '118822', 'token')
    kept.set('u1', before)
    now = new Date('2026-11-23T12:00:00Z')
    expect(await open(PIN)).toBe('opened')
  })
})

describe('a finger', () => {
  const chip = random(32)
  const passkeys = (finger = true): Passkeys => ({
    create: () => Promise.resolve(finger ? { id: new Uint8Array([1]), prf: chip.buffer } : null),
    get: () => Promise.resolve(finger ? chip.buffer : null),
  })
  const byFinger = (p: Passkeys) => code(vault.openByPasskey(entrance(), p))

  test('opens what the code opens, with a lease and without', async () => {
    const closed = await aesSeal((await vault.open(entrance(), PIN)).key).close('x', 'Alma')
    await vault.addPasskey(entrance(), PIN, passkeys(), 'token')
    desk.down = true
    expect(await aesSeal((await vault.openByPasskey(entrance(), passkeys())).key).open('x', closed)).toBe('Alma')
    desk.down = false
    now = new Date('2026-11-23T12:00:00Z')
    expect(await byFinger(passkeys())).toBe('opened')
    expect(await open(PIN)).toBe('opened')
  })

  test('the wrong one opens nothing, and costs no try', async () => {
    await vault.addPasskey(entrance(), PIN, passkeys(), 'token')
    expect(await byFinger(passkeys(false))).toBe('vault.cancelled')
    expect(await byFinger({ ...passkeys(), get: () => Promise.resolve(random(32).buffer) })).toBe('vault.failed')
    expect(await open('000000')).toBe('vault.wrong 4')
  })

  test('takes the code to be added, and can be declined', async () => {
    expect(await code(vault.addPasskey(entrance(), '000000', passkeys(), 'token'))).toMatch('vault.wrong')
    expect(await vault.addPasskey(entrance(), PIN, passkeys(false), 'token')).toBeNull()
    expect(await byFinger(passkeys())).toBe('vault.wiped')
  })

  test('goes with the share', async () => {
    await vault.addPasskey(entrance(), PIN, passkeys(), 'token')
    desk.revoke()
    now = new Date('2026-11-23T12:00:00Z')
    expect(await byFinger(passkeys())).toBe('vault.revoked')
    expect(entrance().passkey).toBeNull()
  })
})

test('what lies outside the store tells no code and no name', () => {
  const { send, ...rest } = entrance()
  const lying = JSON.stringify(rest, (_, v: unknown) => (v instanceof Uint8Array ? [...v].map((b) => String.fromCharCode(b)).join('') : v))
  for (const secret of [PIN, 'the session', 'token']) expect(lying).not.toContain(secret)
  expect(send).toBe('send')
})

