// How sure a number is, in words.
import { verified } from '../../domain/crisis'
import { dateName, t } from '../../i18n'
import type { CrisisLine } from '../../state/types'

export function surety({ verified_on }: CrisisLine, today: string): string {
  const day = { day: dateName(verified_on || today, today) }
  if (verified(verified_on, today)) return t('acute.verified', day)
  return verified_on ? t('acute.stale', day) : t('acute.unverified')
}
