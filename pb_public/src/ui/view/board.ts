// What a coordinator looks at each morning: the courses by mentor, what is late, and which first talks run out of time.
import type { CourseState } from '../../domain/course'
import { addDays } from '../../domain/date'
import { firstContact, type DueItem } from '../../domain/due'
import { nearDay, t, tn, toInstant } from '../../i18n'
import type { Facts } from './facts'
import type { Tone } from './rows'

export type Column = { mentor: string; open: number; states: [CourseState, number][]; overdue: number; items: DueItem[] }

const shown: CourseState[] = ['awaiting', 'active', 'on_hold', 'expired']

/** One pass over the courses and one over what is due, which is in order already. `mentors`: who has a column although nothing is hers. */
export function board(courses: Iterable<Facts>, due: DueItem[], mentors: string[]): { columns: Column[]; unassigned: Column } {
  const made = new Map<string, Column & { count: Map<CourseState, number> }>()
  const column = (mentor: string) => {
    let c = made.get(mentor)
    if (!c) made.set(mentor, (c = { mentor, open: 0, states: [], overdue: 0, items: [], count: new Map() }))
    return c
  }
  column('')
  mentors.forEach(column)
  const whose = new Map<string, string>()
  for (const { course, state } of courses) {
    if (state === 'closed') continue
    const c = column(course.mentor)
    whose.set(course.id, course.mentor)
    c.open++
    c.count.set(state, (c.count.get(state) ?? 0) + 1)
  }
  const late = new Set<string>()
  const seen = new Set<string>()
  for (const item of due) {
    const c = made.get(whose.get(item.course) ?? '-')
    if (!c) continue
    if (item.group === 'overdue' && !late.has(item.course)) {
      late.add(item.course)
      c.overdue++
    }
    // A course stands once; what is not late is here for the deadline of its first talk, and without a mentor in any case.
    if (seen.has(item.course) || (item.group !== 'overdue' && item.deadline === '' && c.mentor !== '')) continue
    seen.add(item.course)
    c.items.push(item)
  }
  for (const c of made.values()) c.states = shown.flatMap((s) => (c.count.has(s) ? [[s, c.count.get(s)!] as [CourseState, number]] : []))
  const { '': unassigned, ...rest } = Object.fromEntries(made)
  return { columns: Object.values(rest), unassigned: unassigned! }
}

const hour = 3_600_000
/** A day ends when the next begins. */
const hoursTo = (day: string, now: Date): number => Math.ceil((Date.parse(toInstant(`${addDays(day, 1)}T00:00`)) - now.getTime()) / hour)

/** How long there is for a first talk: until the first deadline, then until the day by which somebody else must step in. [U1] */
export function deadline(f: Facts, now: Date, today: string): { text: string; tone: Tone } {
  const { target, limit } = firstContact(f.course.discharge_date, f.scheme?.first_contact_days ?? 3, f.scheme?.first_contact_limit_days ?? 7)
  const left = hoursTo(target, now)
  if (left > 24) return { text: t('board.deadline', { day: nearDay(target, today) }), tone: '' }
  if (left > 0) return { text: tn('board.deadline_hours', left), tone: 'tag soon' }
  const last = hoursTo(limit, now)
  if (last > 24) return { text: t('board.deadline_over'), tone: 'tag late' }
  return { text: last > 0 ? tn('board.limit_hours', last) : t('board.limit_over'), tone: 'tag late' }
}
