import { t, tn, type Key } from '../../i18n'

/** A code that anybody tries first: all the same, or counting up or down. */
export function weak(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((d, i) => Number(d) - Number(pin[i])))
  return steps.size === 1 && [0, 1, -1].includes([...steps][0]!)
}

/** Why a code or a finger did not open it; `words` for what the screen itself has words for. */
export function whyShut(e: unknown, words: Record<string, Key>): string {
  const { code = '', left = 0 } = e as { code?: string; left?: number }
  return code === 'vault.wrong' ? tn('lock.wrong', left) : t(words[code] ?? 'lock.failed')
}
