// Mirrors domain/taper.go [U10 U11]
import { addDays, weekday } from './date'

/** The closing talk is suggested this many days before the last one. */
const closingDays = 7

export type TaperQuestion = { taper: number[]; start: string; today: string; last_day: string }

/** Proposes the next talk: the scheme's next step at least two days ahead, then the closing talk, '' when there is no room. */
export function suggestNext({ taper, start, today, last_day }: TaperQuestion): string {
  const soonest = addDays(today, 2)
  const step = taper.map((days) => skipWeekend(addDays(start, days), 1)).find((on) => on >= soonest && on <= last_day)
  if (step) return step
  const closing = skipWeekend(addDays(last_day, -closingDays), -1)
  return closing < soonest ? '' : closing
}

function skipWeekend(d: string, direction: 1 | -1): string {
  while (weekday(d) > 5) d = addDays(d, direction)
  return d
}
