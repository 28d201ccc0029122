// A concern as it is being written: a draft is a copy of it, and saving is one call.
import { dateOf, isDate } from '../../domain/date'
import { checkLength, maxNote } from '../../domain/text'
import { addMinutes, t, toInstant, wallClock } from '../../i18n'
import type { MutationArgs } from '../../state/types'

const plain = ['at', 'note', 'handedTo', 'warm', 'soon'] as const

export class FlagForm {
  at = $state('') // the moment, RFC 3339
  note = $state('')
  handedTo = $state('')
  warm = $state(false)
  /** They talk again the same day; otherwise by the last day there is. */
  soon = $state<'today' | 'by'>('by')

  constructor(now: Date) {
    this.at = now.toISOString()
  }

  get wall(): string { return this.at ? wallClock(this.at) : '' }
  set wall(value: string) { this.at = toInstant(value) }

  /** The day it was raised, which the next contact is reckoned from. */
  get day(): string { return dateOf(this.at) }

  snapshot(): Record<string, unknown> {
    return Object.fromEntries(plain.map((k) => [k, this[k]]))
  }

  restore(values: Record<string, unknown>): void {
    for (const key of plain) if (key in values) Object.assign(this, { [key]: values[key] })
  }

  problems(now: Date): { when?: string; note?: string } {
    const p: { when?: string; note?: string } = {}
    if (!isDate(this.wall.slice(0, 10))) p.when = t('problem.occurred')
    else if (this.at > addMinutes(now, 5)) p.when = t('problem.future')
    if (!this.note.trim()) p.note = t('problem.concern')
    else if (checkLength('note', this.note, maxNote)) p.note = t('problem.note_long', { max: maxNote })
    return p
  }

  /** `today`: a concern of yesterday is not talked about yesterday. */
  args(course: string, by: string, today: string, id: () => string): MutationArgs['flag.raise'] {
    return { flag: id(), course, at: this.at, note: this.note.trim(), handed_to: this.handedTo.trim(), warm: this.warm, follow_up: this.soon === 'today' ? today : by }
  }
}
