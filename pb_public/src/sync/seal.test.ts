import { describe, expect, test } from 'vitest'
import { aesSeal } from './seal'

const aes = { name: 'AES-GCM', length: 256 } as const
const key = () => crypto.subtle.generateKey(aes, false, ['encrypt', 'decrypt'])
const TEXT = '{"note":"Åse sover bedre 🙂"}'

describe('a sealed box', () => {
  test('opens as it was closed, and is never the same twice', async () => {
    const seal = aesSeal(await key())
    const [a, b] = [await seal.close('course:a', TEXT), await seal.close('course:a', TEXT)]
    expect([await seal.open('course:a', a), await seal.open('course:a', b)]).toEqual([TEXT, TEXT])
    expect(a).not.toEqual(b)
    expect(new TextDecoder().decode(a)).not.toContain('note')
  })

  test('opens under its own key and name only, and not when a bit is changed', async () => {
    const seal = aesSeal(await key())
    const bytes = await seal.close('course:a', TEXT)
    await expect(aesSeal(await key()).open('course:a', bytes)).rejects.toThrow()
    await expect(seal.open('course:b', bytes)).rejects.toThrow()
    for (const i of [0, 12, bytes.length - 1]) {
      const bent = bytes.slice()
      bent[i]! ^= 1
      await expect(seal.open('course:a', bent), 'byte ' + i).rejects.toThrow()
    }
  })
})
