// When the two talk next: what is typed, and an early word if it cannot be.
import { checkTime, isDate } from '../../domain/date'
import { checkBooking, type Window } from '../../domain/window'
import { fullDate, t } from '../../i18n'
import type { Next, PartOfDay } from '../../state/types'

export type Part = PartOfDay | 'exact'
export type NextValues = { on: string; part: Part; time: string; topic: string }

export class NextForm {
  on = $state('')
  part = $state<Part>('')
  time = $state('')
  topic = $state('')

  constructor(values: Partial<NextValues> = {}) {
    this.set(values)
  }

  set(values: Partial<NextValues>): void {
    Object.assign(this, values)
  }

  get values(): NextValues {
    return { on: this.on, part: this.part, time: this.time, topic: this.topic }
  }

  next(appointment: string): Next {
    const exact = this.part === 'exact'
    return { appointment, on: this.on, part_of_day: this.part === 'exact' ? '' : this.part, time: exact ? this.time : '', topic: this.topic.trim() }
  }

  /** What has to be put right before it can be saved. */
  dayProblem(w: Window, today: string): string {
    if (!isDate(this.on)) return t('problem.day')
    if (this.on < today) return t('problem.day_past')
    const broken = checkBooking(w, this.on)
    if (broken?.code === 'window.before_start') return t('problem.before_start', { day: fullDate(w.first) })
    // A phone whose clock is past the end cannot judge: the server does.
    return broken && today <= w.last ? t('problem.after_end', { day: fullDate(w.last) }) : ''
  }

  timeProblem(): string {
    return this.part === 'exact' && (!this.time || checkTime(this.time)) ? t('problem.time') : ''
  }

  /** Said early, never in the way. */
  doubt(w: Window, today: string): string {
    return today > w.last && this.on > w.last ? t('problem.after_end_maybe', { day: fullDate(w.last) }) : ''
  }

  ready(w: Window, today: string): boolean {
    return !this.dayProblem(w, today) && !this.timeProblem()
  }
}
