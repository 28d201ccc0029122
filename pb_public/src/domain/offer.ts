// Mirrors domain/offer.go [O1]
import { broken, type RuleError } from './errors'
import { checkLength, checkOneOf, maxName, maxShort } from './text'

/** What people look for: every kind an offer may be of. */
export const offerKinds = [
  'community', 'talk', 'urgent', 'groups', 'nature', 'culture', 'health',
  'money', 'home', 'work', 'substances', 'relatives', 'peer', 'digital',
] as const
export type OfferKind = (typeof offerKinds)[number]

/** How an offer came up in a talk. */
export const hows = ['told', 'helped', 'been'] as const
export type How = (typeof hows)[number]

/** An offer in a talk, with the citizen's own words. One that the directory does not have has only words. */
export type Mention = { offer: string; how: How; words: string }

/** A talk of before as well: a text, told about. [O1] */
export const mentionOf = (m: string | Mention): Mention => (typeof m === 'string' ? { offer: '', how: 'told', words: m } : m)

/** An offer or words, and how it came up. [O1 P4 P5] */
export function checkMention(t: Mention): RuleError | null {
  if (t.offer === '' && t.words === '') return broken('value.invalid', { field: 'offers' })
  return checkOneOf('offers', t.how, hows) ?? checkLength('offers', t.offer, maxName) ?? checkLength('offers', t.words, maxShort)
}
