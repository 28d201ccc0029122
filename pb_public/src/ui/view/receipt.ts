// Where a thing is: on the phone, at the municipality, or waiting for a person.
import { t, when } from '../../i18n'
import type { Entry } from '../../state/types'

export type Receipt = { text: string; refused: boolean; rest?: string } | undefined

export function receipt(entry: Entry | undefined, receivedAt: string, inTray: boolean, today: string): Receipt {
  if (entry?.state === 'unsent') return { text: t('receipt.unsent'), refused: false }
  const applied = entry?.outcome && [entry.outcome, entry.outcome.first].some((o) => o?.result === 'applied')
  if (entry?.state === 'refused' && !applied) return { text: t('receipt.refused'), refused: true }
  const at = receivedAt || entry?.outcome?.first?.at || entry?.outcome?.at || ''
  if (!at) return undefined
  const text = t('receipt.received', { when: when(at, today) })
  return inTray ? { text, refused: false, rest: t('receipt.partly') } : { text, refused: false }
}
