// A line of the list of calls: who, when, and why now.
import { dateOf, daysBetween } from '../../domain/date'
import type { DueItem } from '../../domain/due'
import { daysLeft } from '../../domain/window'
import { capital, clock, dateName, longDay, nearDay, roughClock, t, tn, when } from '../../i18n'
import type { Flag } from '../../state/types'
import type { Facts } from './facts'

export type Tone = '' | 'tag' | 'tag soon' | 'tag late'
export type DueRow = { key: string; course: string; name: string; end: string; tone: Tone; why: string }

/** A closing talk is one in the last week of a course. */
const closingDays = 7

/** The next contact has to wait for the next working day. */
export const daysOff = (f: Pick<Flag, 'at' | 'follow_up'>): boolean => daysBetween(dateOf(f.at), f.follow_up) > 1

type When = { on: string; time: string; part_of_day: string }

/** eftermiddag, kl. 11.00 or nothing in particular */
export function partName(a: Pick<When, 'time' | 'part_of_day'>, rough = false): string {
  if (a.time) return rough ? roughClock(a.time) : clock(a.time)
  return a.part_of_day ? t(`part.${a.part_of_day as 'morning' | 'afternoon' | 'evening'}`) : ''
}

/** i morgen kl. 9.30, fredag 27. november, formiddag */
export function appointmentName(a: When, today: string, long = false): string {
  const part = partName(a)
  if (!long) return [nearDay(a.on, today), part].filter(Boolean).join(' ')
  return [longDay(a.on, today), part].filter(Boolean).join(', ')
}

export function dueRow(item: DueItem, f: Facts, today: string): DueRow {
  const { end, tone, why } = texts[item.kind](item, f, today)
  return { key: item.course + item.appointment + (item.flag ?? ''), course: item.course, name: f.citizen?.name || t('common.unknown_name'), end, tone, why: why.filter(Boolean).join('. ') }
}

type Texts = (i: DueItem, f: Facts, today: string) => { end: string; tone: Tone; why: string[] }

const attempts = (f: Facts): string => (f.attempts ? tn('due.attempts', f.attempts) : '')

function discharge(f: Facts, today: string): string {
  const day = f.course.discharge_date
  return t(day > today ? 'due.discharges' : 'due.discharged', { day: nearDay(day, today) })
}

const first = (f: Facts, today: string): string[] => [t('due.first'), discharge(f, today), attempts(f)]

const texts: Record<DueItem['kind'], Texts> = {
  flag(i, f, today) {
    const flag = f.flags.find((x) => x.id === i.flag)
    const why = [flag ? t('due.flag', { when: when(flag.at, today) }) : '', flag && daysOff(flag) ? t('due.flag_days_off') : '']
    return { end: t(i.on < today ? 'due.first_late' : 'due.first_by', { day: nearDay(i.on, today) }), tone: i.on <= today ? 'tag late' : 'tag soon', why }
  },
  appointment(i, f, today) {
    const topic = f.open.find((a) => a.id === i.appointment)?.topic ?? ''
    const why = f.reached ? [topic.replace(/\.$/, '') || t('due.talk'), attempts(f)] : first(f, today)
    if (i.group === 'overdue') return { end: [nearDay(i.on, today), partName(i, true)].join(' ').trim(), tone: 'tag late', why }
    const when = i.group === 'today' ? partName(i) || t('part.any') : appointmentName(i, today)
    if (f.reached && daysLeft(f.window.last, i.on) <= closingDays && i.group === 'today') {
      return { end: t('due.closing'), tone: 'tag soon', why: [capital(when), t('due.ends', { day: longDay(f.window.last, today) })] }
    }
    return { end: when, tone: '', why }
  },
  first(i, f, today) {
    const why = first(f, today)
    if (i.group === 'next') return { end: nearDay(i.on, today), tone: '', why }
    if (i.group === 'overdue') return { end: t('due.first_late', { day: nearDay(i.deadline, today) }), tone: 'tag late', why }
    return { end: t('due.first_by', { day: nearDay(i.deadline, today) }), tone: 'tag soon', why }
  },
  unplanned: (_i, f) => ({ end: '', tone: '', why: [t('due.unplanned'), attempts(f)] }),
  ended: (i, _f, today) => ({ end: t('due.ended_tag', { day: dateName(i.on, today) }), tone: 'tag late', why: [t('due.ended')] }),
  consent: (_i, f, today) => f.consentUntil
    ? { end: t('due.consent_tag', { day: nearDay(f.consentUntil, today) }), tone: 'tag late', why: [t('due.consent')] }
    : { end: '', tone: 'tag late', why: [t('due.consent_none')] },
}
