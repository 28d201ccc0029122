// What the screens see: records by collection, the state of sync, and what needs a person.
import type { Mention, OfferKind } from '../domain/offer'
import type { Outcome, Refusal, SettleArgs } from '../sync/protocol'
import type { Phase } from '../sync/client'
import type { Evicted, Resolved } from '../sync/store'
export type { Kept, TeamReply } from '../sync/protocol'
export type { Draft } from '../sync/store'

export type Municipality = { id: string; name: string; code: string; participates_from: string; participates_to: string; mentors_take: boolean; weekends_off: boolean }
export type Scheme = {
  id: string; municipality: string; kind: 'social_mentor' | 'discharge_mentor' | 'clarification_place'; title: string
  hold_extends_window: boolean; first_contact_days: number; first_contact_limit_days: number; taper: number[]; active: boolean
}
export type Ward = { id: string; municipality: string; name: string }
export type User = { id: string; name: string; role: 'mentor' | 'coordinator' | 'ward' | 'evaluator'; municipality: string; active: boolean }
export type Notice = {
  id: string; municipality: string; scheme: string; ward: string; source: string; name: string; phones: string[]
  discharge_date: string; date_kind: 'planned' | 'actual' | 'cancelled'; answers: Record<string, string>
  consents: { scope: string; form: string; given_on: string; expires_on: string; text_version: string }[]
  verdict: 'yes' | 'unknown'; reasons: string[]; warnings: string[]; status: 'new' | 'accepted' | 'declined'
  decline_reason: string; override_reason: string; course: string; received_at: string
}
export type Course = {
  id: string; municipality: string; scheme: string; notice: string; mentor: string; started_on: string; discharge_date: string
  state: 'awaiting' | 'active' | 'on_hold' | 'closed'; held_from: string; hold_days: number; last_day: string
  closed_on: string; closed_by: string; reason: string; told_resume: '' | 'yes' | 'no' | 'not_reached'
}
export type Citizen = { id: string; course: string; name: string; phones: string[]; prefers: string; hopes: string }
export type Consent = {
  id: string; course: string; scope: 'contact' | 'disclosure'; form: 'written' | 'oral' | 'digital'; text_version: string
  taken_by: string; given_on: string; expires_on: string; withdrawn_on: string
}
export type ContactOutcome = 'reached' | 'no_answer' | 'wrong_number' | 'wants_later' | 'declined' | 'other'
export type Contact = {
  id: string; course: string; by: string; occurred_at: string; received_at: string; direction: 'out' | 'in'; outcome: ContactOutcome
  minutes: number; topics: string[]; needs_now: boolean; offers: (string | Mention)[]; note: string; late: boolean; amends: string
}
export type PartOfDay = '' | 'morning' | 'afternoon' | 'evening'
export type Appointment = {
  id: string; course: string; on: string; part_of_day: PartOfDay; time: string; topic: string
  state: 'open' | 'done' | 'moved' | 'cancelled'; done_by: string
}
export type Cover = { id: string; course: string; user: string; from: string; to: string }
export type Offer = {
  id: string; municipality: string; name: string; kind: OfferKind; about: string; place: string; weekdays: string[]; hours: string
  phone: string; web: string; contact: string; drop_in: boolean; checked_on: string; active: boolean
}
/** A concern: words and a day, no score. */
export type Flag = {
  id: string; course: string; by: string; at: string; received_at: string; note: string; handed_to: string; warm: boolean
  follow_up: string; state: 'open' | 'closed'; done: string; closed_by: string; closed_at: string
}

/** A number to ring when it is urgent. Not among the rows: it lies open on the phone. */
export type CrisisLine = { id: string; name: string; kind: string; number: string; hours: string; source: string; verified_on: string; order: number }

/** All rows a phone knows, confirmed + pending replayed. Keys are collection names. */
export type World = {
  municipalities: Municipality[]; schemes: Scheme[]; wards: Ward[]; users: User[]; notices: Notice[]
  courses: Course[]; citizens: Citizen[]; consents: Consent[]; contacts: Contact[]; appointments: Appointment[]; covers: Cover[]; flags: Flag[]; offers: Offer[]
}

export type Next = { appointment: string; on: string; part_of_day: PartOfDay; time: string; topic: string }
export type Correction = { name?: string; phones?: string[]; prefers?: string; hopes?: string }
export type MutationArgs = {
  'notice.accept': { notice: string; course: string; mentor: string; override_reason: string }
  'notice.decline': { notice: string; reason: string }
  'course.assign': { course: string; mentor: string; from: string }
  'course.take': { course: string }
  /** `to` '': it is over. `was`: the last day she saw, '' for a new one. */
  'course.cover': { cover: string; course: string; user: string; from: string; to: string; was: string }
  'contact.log': {
    contact: string; course: string; occurred_at: string; direction: 'out' | 'in'; outcome: ContactOutcome; minutes: number
    topics: string[]; needs_now: boolean; offers: Mention[]; note: string; appointment: string
    next?: Next; end?: { reason: string; told_resume: 'yes' | 'no' | 'not_reached' }
  }
  /** Tells a talk anew; without a time, when it was stands. */
  'contact.amend': Omit<MutationArgs['contact.log'], 'occurred_at' | 'offers' | 'appointment' | 'next' | 'end'> & { amends: string; occurred_at?: string; offers: Contact['offers'] }
  'appointment.move': { course: string; appointment: string; next: Next }
  /** `was`: what she saw of what she changes. */
  'citizen.correct': { citizen: string; set: Correction; was?: Correction }
  'course.close': { course: string; reason: string; told_resume: 'yes' | 'no' | 'not_reached' }
  'course.resume': { course: string; next: Next }
  'consent.withdraw': { course: string }
  'flag.raise': { flag: string; course: string; at: string; note: string; handed_to: string; warm: boolean; follow_up: string }
  'flag.close': { flag: string; course: string; done: string }
}
export type MutationName = keyof MutationArgs

/** One thing the mentor did, with its receipt. `at` is when she did it. */
export type Entry<N extends MutationName = MutationName> = {
  n: number; name: N; args: MutationArgs[N]; at: string
  /**
   * `unsent` with an outcome `unknown`: the municipality's server must be updated first. `escrowed`: kept for the coordinator,
   * its text no longer here. `received` with an outcome `merged`: it stands over what another had written (`outcome.merged`).
   */
  state: 'unsent' | 'received' | 'refused' | 'escrowed'; outcome?: Outcome
  /** How a person settled what needed her. */
  resolved?: Resolved
}
/** What needs a person: her text whole (but for what is escrowed), and what stood in the way. */
export type TrayItem = { entry: Entry; refusals: (Refusal & { part?: string })[] }
/** What this user has done about something that is kept of another's; `received` is done, `refused` is not. */
export type Tended = Pick<SettleArgs, 'user' | 'device' | 'n' | 'how'> & Pick<Entry, 'state'> & Pick<TrayItem, 'refusals'>

export type SyncStatus = {
  phase: Phase
  lastPush: string; lastPull: string   // RFC 3339, '' = never
  unsent: number; oldestUnsent: string
  error: string                         // code of the last failure, '' when none
  ahead: number                         // how far the phone's clock is before the server's, ms
  escrowed: number; merged: number      // of these kinds in the tray
  evicted: Evicted | null               // a store the browser threw away, until app.acknowledge()
  diverged: number                      // boxes that were not right, and were fetched anew
  newer: boolean                        // the server has a newer protocol: an update is waiting
}

export type Session = { user: { id: string; name: string; role: User['role']; municipality: string } }

export type { Phone as NotifyPhone } from '../notify/phone'
export type { Look, NotifySettings, NotifyWish, Tested } from '../notify/types'
