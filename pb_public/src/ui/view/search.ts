// Finding somebody by a piece of the name or of the number, as one does when the phone rings; and a part of a long list.
import type { DueItem } from '../../domain/due'
import type { Facts } from './facts'

/** A part of the list of calls. `mentor:` with nobody: without one. */
export type Filter = '' | 'first' | 'cover' | `mentor:${string}`

export function only(due: DueItem[], filter: Filter, me: string, facts: (course: string) => Facts | undefined): DueItem[] {
  if (filter === 'first') return due.filter((i) => i.deadline !== '')
  const mentor = (i: DueItem) => facts(i.course)?.course.mentor
  if (filter === 'cover') return due.filter((i) => mentor(i) !== me)
  return due.filter((i) => filter === '' || mentor(i) === filter.slice('mentor:'.length))
}

const fold = (text: string): string => text.normalize('NFC').toLocaleLowerCase('da')
const digits = (text: string): string => text.replace(/\D/g, '')

export function found(courses: Facts[], query: string): Facts[] {
  const words = fold(query).split(/\s+/).filter(Boolean)
  const number = digits(query).replace(/^45(?=\d{8}$)/, '')
  if (words.length === 0) return []
  return courses.filter((f) => {
    const name = fold(f.citizen?.name ?? '')
    const called = number.length >= 2 && /^[\d\s+]+$/.test(query) && (f.citizen?.phones ?? []).some((p) => digits(p).includes(number))
    return called || words.every((w) => name.includes(w))
  })
}
