// The calls of the next days on paper, for when everything is down: the least that one can call by.
import { showPhone } from '../../domain/phone'
import { addDays } from '../../domain/date'
import type { DueItem } from '../../domain/due'
import { capital, longDay, t } from '../../i18n'
import type { Facts } from './facts'
import { appointmentName, dueRow } from './rows'

export type Call = { key: string; name: string; phones: string; when: string; why: string }

/** How far ahead: a week-end and the days until somebody has mended it. */
const days = 7

/** Only whom one may call, by mentor: who has run out of window or consent stands on the screen, not here. */
export function paper(due: DueItem[], facts: (course: string) => Facts | undefined, today: string): Map<string, Call[]> {
  const lists = new Map<string, Call[]>()
  for (const item of due) {
    const f = facts(item.course)
    if (!f || item.kind === 'ended' || item.kind === 'consent' || item.on > addDays(today, days)) continue
    const row = dueRow(item, f, today)
    const call = { key: row.key, name: row.name, phones: (f.citizen?.phones ?? []).map(showPhone).join(', '), when: capital(whenOf(item, today)), why: row.why }
    const list = lists.get(f.course.mentor)
    if (list) list.push(call)
    else lists.set(f.course.mentor, [call])
  }
  return lists
}

/** On paper nothing is today or tomorrow. */
function whenOf(item: DueItem, today: string): string {
  if (item.kind === 'first') return t('paper.first', { day: longDay(item.deadline, today) })
  return item.kind === 'unplanned' ? t('paper.any') : appointmentName(item, today, true)
}
