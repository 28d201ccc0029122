// Mirrors domain/flag.go [F1 F2]
import { addDays, isDate } from './date'
import { isWorkday } from './holiday'

/** The last day for the next contact: the day after; where nobody is at work at weekends and on public holidays, the next working day. [F2 P6] */
export function followUpBy(raised: string, weekendsOff: boolean): string {
  let by = addDays(raised, 1)
  while (weekendsOff && !isWorkday(by)) by = addDays(by, 1)
  return by
}

/** The day of the next contact: the one that was agreed, or the last there is where none was, or one too late. [F1 F2] */
export function followUp(raised: string, agreed: string, weekendsOff: boolean): string {
  const by = followUpBy(raised, weekendsOff)
  if (!isDate(agreed) || agreed > by) return by
  return agreed > raised ? agreed : raised
}
