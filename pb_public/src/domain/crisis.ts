// Mirrors domain/crisis.go [K1–K3]
import { addMonths } from './date'
import { normalisePhone } from './phone'

/** Every kind a crisis line may be of. */
export const crisisKinds = ['social', 'regional', 'doctor', 'helpline', 'other'] as const

/** How long somebody's word for a number holds. [K1] */
export const verifiedMonths = 6

/** Did somebody check it within six months? Both days are inside. [K1] */
export function verified(verifiedOn: string, today: string): boolean {
  return verifiedOn !== '' && verifiedOn <= today && today <= addMonths(verifiedOn, verifiedMonths)
}

type Line = { id: string; order: number; verified_on: string }

/** What stands on the card below 112: the verified lines in their order, then the others, marked; none at all where none is verified. [K2] */
export function crisisCard<L extends Line>(lines: readonly L[], today: string): { line: L; verified: boolean }[] {
  const card = lines.map((line) => ({ line, verified: verified(line.verified_on, today) })).sort(
    (a, b) => Number(b.verified) - Number(a.verified) || a.line.order - b.line.order || (a.line.id < b.line.id ? -1 : 1),
  )
  return card[0]?.verified ? card : []
}

/** The number of a crisis line: three to six digits as they are, any other as E.164; '' when it is none. [K3 P1] */
export function normaliseLine(s: string): string {
  const p = s.replace(/[ \u00a0\-.()/]/g, '')
  return /^\d{3,6}$/.test(p) ? p : normalisePhone(s)
}
