// Mirrors domain/text.go [P4 P5]
import { broken, type RuleError } from './errors'

export const maxName = 200
export const maxShort = 500
export const maxNote = 20_000
export const maxDay = 24 * 60 // minutes

/** Refuses a text that is too long to keep whole. Counts characters as Go does, not UTF-16 halves. [P5] */
export function checkLength(field: string, text: string, max: number): RuleError | null {
  return [...text].length > max ? broken('value.too_long', { field, max }) : null
}

/** Refuses a word that the list does not have. [P4] */
export function checkOneOf(field: string, value: string, allowed: readonly string[]): RuleError | null {
  return allowed.includes(value) ? null : broken('value.invalid', { field })
}
