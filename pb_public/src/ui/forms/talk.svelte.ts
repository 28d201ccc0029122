// A talk as it is being written: everything in one place, so that a draft is a copy of it and saving is one call.
import { isDate } from '../../domain/date'
import { checkMention, type Mention } from '../../domain/offer'
import { checkLength, maxNote } from '../../domain/text'
import { addMinutes, moment, t, toInstant, wallClock } from '../../i18n'
import type { Contact, ContactOutcome, MutationArgs } from '../../state/types'
import type { Facts } from '../view/facts'
import { NextForm, type NextValues } from './next.svelte'

export type What = 'reached' | 'no_answer' | 'other'
export type Agreed = '' | 'again' | 'end' | 'keep'
export type Told = '' | 'yes' | 'no' | 'not_reached'
type Problems = Partial<Record<'when' | 'other' | 'agreed' | 'reason' | 'told' | 'note', string>>
type LogArgs = MutationArgs['contact.log']

const plain = ['what', 'other', 'at', 'direction', 'minutes', 'topics', 'needsNow', 'offers', 'note', 'agreed', 'reason', 'told'] as const

export class TalkForm {
  what = $state<What>('reached')
  other = $state<'' | ContactOutcome>('')
  at = $state('') // the moment, RFC 3339
  direction = $state<'out' | 'in'>('out')
  minutes = $state<number | null>(null)
  topics = $state<string[]>([])
  needsNow = $state(false)
  offers = $state<Mention[]>([])
  note = $state('')
  agreed = $state<Agreed>('')
  reason = $state('')
  told = $state<Told>('')
  readonly next = new NextForm()

  constructor(what: What, now: Date) {
    this.what = what
    this.at = now.toISOString()
  }

  get outcome(): ContactOutcome | '' {
    return this.what === 'other' ? this.other : this.what
  }

  get wall(): string { return this.at ? wallClock(this.at) : '' }
  set wall(value: string) { this.at = toInstant(value) }

  /** What the two did about the next time; without an answer nothing needs to be agreed. */
  get way(): Agreed {
    return this.what === 'reached' ? (this.agreed === 'keep' ? '' : this.agreed) : this.agreed || 'keep'
  }

  snapshot(): Record<string, unknown> {
    return { ...Object.fromEntries(plain.map((k) => [k, $state.snapshot(this[k])])), next: this.next.values }
  }

  restore(values: Record<string, unknown>): void {
    for (const key of plain) if (key in values) Object.assign(this, { [key]: values[key] })
    this.next.set((values.next ?? {}) as Partial<NextValues>)
  }

  /** A talk that stands, to be told anew. */
  static of(c: Contact): TalkForm {
    const what: What = c.outcome === 'reached' || c.outcome === 'no_answer' ? c.outcome : 'other'
    const form = new TalkForm(what, moment(c.occurred_at))
    form.restore({ other: what === 'other' ? c.outcome : '', direction: c.direction, minutes: c.minutes || null, topics: c.topics, needsNow: c.needs_now, note: c.note })
    return form
  }

  /** What came up; a line that was left empty did not. */
  get mentions(): Mention[] {
    return $state.snapshot(this.offers).map((m) => ({ ...m, words: m.words.trim() })).filter((m) => !checkMention(m))
  }

  problems(now: Date): Problems {
    const p: Problems = {}
    if (!isDate(this.wall.slice(0, 10))) p.when = t('problem.occurred')
    else if (this.at > addMinutes(now, 5)) p.when = t('problem.future')
    if (!this.outcome) p.other = t('problem.what')
    if (this.way === '') p.agreed = t('problem.agree')
    if (this.way === 'end' && !this.reason) p.reason = t('problem.reason')
    if (this.way === 'end' && !this.told) p.told = t('problem.told')
    if (checkLength('note', this.note, maxNote)) p.note = t('problem.note_long', { max: maxNote })
    return p
  }

  ready(f: Facts, now: Date, today: string): boolean {
    return Object.keys(this.problems(now)).length === 0 && (this.way !== 'again' || this.next.ready(f.window, today))
  }

  private words() {
    return {
      direction: this.direction, outcome: this.outcome as ContactOutcome,
      minutes: Math.max(0, Math.round(this.minutes ?? 0)), topics: this.what === 'reached' ? $state.snapshot(this.topics) : [],
      needs_now: this.needsNow, note: this.note.trim(),
    }
  }

  /** The same talk with other words; when it was is sent only where that is corrected too. */
  amends(c: Contact, id: string): MutationArgs['contact.amend'] {
    const args = { contact: id, course: c.course, amends: c.id, ...this.words(), offers: c.offers }
    return this.wall === wallClock(c.occurred_at) ? args : { ...args, occurred_at: this.at }
  }

  args(f: Facts, id: () => string): LogArgs {
    const args: LogArgs = {
      contact: id(), course: f.course.id, occurred_at: this.at, ...this.words(), offers: this.what === 'no_answer' ? [] : this.mentions, appointment: f.open[0]?.id ?? '',
    }
    if (this.way === 'again') args.next = this.next.next(id())
    if (this.way === 'end') args.end = { reason: this.reason, told_resume: this.told as 'yes' | 'no' | 'not_reached' }
    return args
  }
}
