// Where a thing is: on the phone, at the municipality, or waiting for a person.
import { t, when } from '../../i18n'
import type { Entry } from '../../state/types'

export type Receipt = { text: string; refused: boolean; rest?: string } | undefined

export function receipt(entry: Entry | undefined, receivedAt: string, inTray: boolean, today: string): Receipt {
  const outcome = entry?.outcome
  if (entry?.state === 'unsent') return { text: t(outcome?.result === 'unknown' ? 'receipt.unknown' : 'receipt.unsent'), refused: false }
  if (entry?.state === 'escrowed') return { text: t('receipt.escrowed', { when: when(outcome?.at ?? entry.at, today) }), refused: false }
  const result = outcome?.first?.result ?? outcome?.result
  if (entry?.state === 'refused' && result !== 'applied') return dealtWith(entry) ?? { text: t('receipt.refused'), refused: true }
  const at = receivedAt || outcome?.first?.at || outcome?.at || ''
  if (!at) return undefined
  const text = t('receipt.received', { when: when(at, today) })
  return inTray ? { text, refused: false, rest: t(result === 'merged' ? 'receipt.merged' : 'receipt.partly') } : { text, refused: false }
}

/** What she did about something refused. */
function dealtWith({ resolved }: Entry): Receipt {
  return resolved && resolved.how !== 'seen' ? { text: t(`receipt.${resolved.how}`), refused: false } : undefined
}
