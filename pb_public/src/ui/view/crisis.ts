// How sure a number is, in words.
import { verified } from '../../domain/crisis'
import { dateName, t } from '../../i18n'
import type { CrisisLine } from '../../state/types'

export function surety({ verified_on, source }: CrisisLine, today: string): string {
  const day = { day: dateName(verified_on || today, today) }
  const word = verified(verified_on, today) ? t('acute.verified', day) : verified_on ? t('acute.stale', day) : t('acute.unverified')
  return [word, source && t('acute.source', { source })].filter(Boolean).join('. ')
}
