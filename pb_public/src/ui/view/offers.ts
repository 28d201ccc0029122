// What the town offers: found by a word, by what one looks for, and by the day.
import { hows, mentionOf, type How, type OfferKind, type Mention } from '../../domain/offer'
import { byName, list, t, weekdayName } from '../../i18n'
import type { Contact, Offer } from '../../state/types'

export type Wish = { query: string; kind: OfferKind | ''; day: string }

const fold = (text: string): string => text.normalize('NFC').toLocaleLowerCase('da')

/** In Danish order. An offer that names no days may be open on any. */
export function offersFor(offers: Offer[], { query, kind, day }: Wish): Offer[] {
  const words = fold(query).split(/\s+/).filter(Boolean)
  return offers.filter((o) => {
    const text = fold([o.name, o.about, o.place, t(`offer.kind.${o.kind}`)].join(' '))
    return o.active && (!kind || o.kind === kind) && (!day || o.weekdays.length === 0 || o.weekdays.includes(day)) && words.every((w) => text.includes(w))
  }).sort((a, b) => byName(a.name, b.name))
}

/** 1 is Monday, as the rules count. */
export const dayName = (day: string): string => weekdayName(`2024-01-0${day}`)

/** mandag og torsdag, kl. 15–18 */
export function openHours(o: Offer): string {
  const days = [...o.weekdays].sort()
  const named = days.length === 0 ? '' : days.join('') === '12345' ? t('offers.workdays') : days.length === 7 ? t('offers.every_day') : list(days.map(dayName))
  return [named, o.hours].filter(Boolean).join(', ')
}

/** What she was told about, in the talk: værestedet Kilden, "her own words". */
export function mentionText(told: string | Mention, offers: Offer[]): string {
  const { offer, how, words } = mentionOf(told)
  const name = offer ? (offers.find((o) => o.id === offer)?.name ?? t('offers.gone')) : ''
  return `${t(`how.${known(how)}`)}: ${[name, words && (name ? `“${words}”` : words)].filter(Boolean).join(', ')}`
}

/** A newer server may know more ways. */
const known = (how: How): How => (hows.includes(how) ? how : 'told')

/** The latest about each offer in a course, newest first. */
export function mentionsIn(contacts: Contact[]): Mention[] {
  const latest = new Map<string, Mention>()
  for (const told of contacts.flatMap((c) => c.offers.map(mentionOf))) {
    const key = told.offer || told.words
    if (!latest.has(key)) latest.set(key, told)
  }
  return [...latest.values()]
}
