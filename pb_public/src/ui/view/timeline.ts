// What has happened on a course, newest first, each with what its receipt needs.
import { longDay, moment, list, t, type Key } from '../../i18n'
import type { Contact, Entry, Flag, Notice, Offer, TrayItem } from '../../state/types'
import type { Facts } from './facts'
import { mentionText } from './offers'

export type Event = {
  key: string
  at: string // a moment, or a civil date
  title: string
  by: string // user id, '' for none
  lines: string[]
  note: string
  record: string // whose receipt it wears, '' for none
  receivedAt: string
  refused: boolean
  talk?: Contact // that may be corrected
  amended?: { at: string; by: string; before: Event[] } // `by` only where it is somebody else
}

const blank = { by: '', lines: [], note: '', record: '', receivedAt: '', refused: false }

/** A civil date stands at the end of its day, so what happened that day comes before it in reading order. */
const order = (e: Event): number => (e.at.length === 10 ? Date.parse(e.at + 'T00:00:00Z') : moment(e.at).getTime())

export function timeline(f: Facts, notice: Notice | undefined, tray: TrayItem[], offers: Offer[] = []): Event[] {
  return [...f.contacts.map((c) => talkEvent(c, f.before.get(c.id) ?? [], offers)), ...f.flags.flatMap(flagEvents), ...refusedTalks(f, tray, offers), ...milestones(f, notice)].sort((a, b) => order(b) - order(a))
}

type Talk = Pick<Contact, 'outcome' | 'direction' | 'minutes' | 'topics' | 'needs_now' | 'offers' | 'note'>

function talkLines(c: Talk, late: boolean, offers: Offer[]): string[] {
  const topics = c.topics.map((topic) => t(`topic.${topic}` as Key))
  const facts = [c.direction === 'in' ? t('event.in') : '', c.minutes ? t('event.minutes', { n: c.minutes }) : '', late ? t('event.late') : '']
  return [c.needs_now ? t('event.needs_now') : '', topics.join(' · '), ...c.offers.map((told) => mentionText(told, offers)), facts.filter(Boolean).join(', ')].filter(Boolean)
}

function contactEvent(c: Contact, offers: Offer[]): Event {
  return { key: c.id, at: c.occurred_at, title: t(`outcome.${c.outcome}`), by: c.by, lines: talkLines(c, c.late, offers), note: c.note, record: c.id, receivedAt: c.received_at, refused: false }
}

function flagEvents(f: Flag): Event[] {
  const lines = [
    f.handed_to ? t(f.warm ? 'event.flag_warm' : 'event.flag_handed', { to: f.handed_to }) : f.warm ? t('flag.warm') : '',
    t('event.flag_follow_up', { day: longDay(f.follow_up) }),
  ].filter(Boolean)
  const raised = { ...blank, key: f.id, at: f.at, title: t('flag.title'), by: f.by, lines, note: f.note, record: f.id, receivedAt: f.received_at }
  if (f.state === 'open') return [raised]
  return [raised, { ...blank, key: f.id + '-closed', at: f.closed_at, title: t('event.flag_closed'), by: f.closed_by, note: f.done, record: f.id + '-closed' }]
}

/** It stays the talk of whoever had it, whoever corrected it. */
function talkEvent(c: Contact, before: Contact[], offers: Offer[]): Event {
  const first = before.at(-1)
  if (!first) return { ...contactEvent(c, offers), talk: c }
  const amended = { at: c.received_at, by: c.by === first.by ? '' : c.by, before: before.map((b) => contactEvent(b, offers)) }
  return { ...contactEvent(c, offers), talk: c, by: first.by, amended }
}

/** A talk the municipality could not take is not among the records, but it happened. */
function refusedTalks(f: Facts, tray: TrayItem[], offers: Offer[]): Event[] {
  return tray.flatMap(({ entry, refusals }) => {
    if (!isLog(entry) || entry.args.course !== f.course.id || refusals.some((r) => r.part) || f.contacts.some((c) => c.id === entry.args.contact)) return []
    const a = entry.args
    return [{ ...blank, key: `n${entry.n}`, at: a.occurred_at, title: t(`outcome.${a.outcome}`), lines: talkLines(a, false, offers), note: a.note, refused: true }]
  })
}

export function isLog(entry: Entry): entry is Entry<'contact.log'> {
  return entry.name === 'contact.log'
}

function milestones(f: Facts, notice: Notice | undefined): Event[] {
  const events: Event[] = []
  const { course } = f
  if (notice) events.push({ ...blank, key: 'notice', at: notice.received_at, title: t('event.notice'), lines: consentLines(f) })
  else if (course.started_on) events.push({ ...blank, key: 'start', at: course.started_on, title: t('event.started'), lines: consentLines(f) })
  if (course.closed_on) {
    const reason = course.reason ? t(`close.${course.reason}` as Key) : ''
    events.push({ ...blank, key: 'closed', at: course.closed_on, title: t('event.closed'), by: course.closed_by, lines: reason ? [reason] : [] })
  }
  const withdrawn = f.consents.map((c) => c.withdrawn_on).filter(Boolean).sort()[0]
  if (withdrawn) events.push({ ...blank, key: 'withdrawn', at: withdrawn, title: t('event.withdrawn') })
  return events
}

function consentLines(f: Facts): string[] {
  const forms = [...new Set(f.consents.map((c) => c.form))]
  return forms.map((form) => t('event.consent', {
    scopes: list(f.consents.filter((c) => c.form === form).map((c) => t(`scope.${c.scope}`))),
    form: t(`form.${form as 'written' | 'oral' | 'digital'}`),
  }))
}

