// Mirrors domain/flag.go [F1 F2]
import { addDays, isDate, weekday } from './date'

/** The last day for the next contact: the day after; where nobody is at work at weekends, the Monday. [F2] */
export function followUpBy(raised: string, weekendsOff: boolean): string {
  const by = addDays(raised, 1)
  return weekendsOff && weekday(by) > 5 ? addDays(by, 8 - weekday(by)) : by
}

/** The day of the next contact: the one that was agreed, or the last there is where none was, or one too late. [F1 F2] */
export function followUp(raised: string, agreed: string, weekendsOff: boolean): string {
  const by = followUpBy(raised, weekendsOff)
  if (!isDate(agreed) || agreed > by) return by
  return agreed > raised ? agreed : raised
}
