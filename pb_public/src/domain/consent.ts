// Mirrors domain/consent.go [C1–C5 C7 A8]
import { addMonths, isDate } from './date'
import { broken, type RuleError } from './errors'

/** One yes, given on a day, for at most a year. */
export type Consent = { scope: string; given_on: string; expires_on: string; withdrawn_on?: string }

/** From the day it was given to the day it expires, both inside, and not from the day it was withdrawn. [C1] */
export function validOn(c: Consent, day: string): boolean {
  return c.given_on <= day && day <= c.expires_on && (!c.withdrawn_on || day < c.withdrawn_on)
}

/** One year after the consent was given. [C2] */
export function latestExpiry(given: string): string {
  return addMonths(given, 12)
}

/** Looks at one consent as it is written down. [C2 C7] */
export function checkConsent(c: Consent, today: string): RuleError | null {
  if (!isDate(c.given_on)) return broken('date.invalid', { value: c.given_on })
  if (!isDate(c.expires_on)) return broken('date.invalid', { value: c.expires_on })
  if (c.given_on > today) return broken('consent.in_future', { given_on: c.given_on })
  const latest = latestExpiry(c.given_on)
  return c.expires_on > latest || c.expires_on < c.given_on ? broken('consent.too_long', { latest }) : null
}

/** A ward needs both consents on the day the notice arrives; who comes by herself consents by coming. [C3 C4] */
export function checkNoticeConsents(consents: Consent[], fromWard: boolean, day: string): RuleError | null {
  const scopes = fromWard ? ['contact', 'disclosure'] : ['contact']
  const missing = scopes.find((scope) => !hasConsent(consents, scope, day))
  return missing ? broken('consent.missing', { scope: missing }) : null
}

/** Is a consent of that scope valid on that day? */
export function hasConsent(consents: Consent[], scope: string, day: string): boolean {
  return consents.some((c) => c.scope === scope && validOn(c, day))
}

export const withdrawn = 'withdrawn'

/** The last day on which some consent of the scope holds; withdrawn when every one was taken back, '' when there never was one. [C1 C5] */
export function consentUntil(consents: Consent[], scope: string): string {
  const ours = consents.filter((c) => c.scope === scope)
  const standing = ours.filter((c) => !c.withdrawn_on).map((c) => c.expires_on)
  if (standing.length > 0) return standing.reduce((a, b) => (a > b ? a : b))
  return ours.length > 0 ? withdrawn : ''
}

/** The day on which the last consent of the scope ran out or was taken back; '' when there never was one. [A8] */
export function consentEnd(consents: Consent[], scope: string): string {
  const ends = consents.filter((c) => c.scope === scope)
    .map((c) => (c.withdrawn_on && c.withdrawn_on < c.expires_on ? c.withdrawn_on : c.expires_on))
  return ends.reduce((a, b) => (a > b ? a : b), '')
}
