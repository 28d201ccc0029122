// One course in a small world, for the tests beside this file.
import type { Contact, Course, World } from '../../state/types'
import { gather, type Facts } from './facts'

export const today = '2026-11-22'

export const course: Course = {
  id: 'c1', municipality: 'm', scheme: 's', notice: '', mentor: 'maja', started_on: '2026-11-19', discharge_date: '2026-11-19', state: 'awaiting',
  held_from: '', hold_days: 0, last_day: '2027-05-19', closed_on: '', closed_by: '', reason: '', told_resume: '',
}

export const contact = (id: string, outcome: Contact['outcome'], at: string): Contact => ({
  id, course: 'c1', by: 'maja', occurred_at: at, received_at: at, direction: 'out', outcome, minutes: 0, topics: [], needs_now: false, offers: [], note: '', late: false, amends: '',
})

export function world(change: Partial<World> = {}): World {
  return {
    municipalities: [], wards: [], users: [], notices: [], contacts: [], appointments: [], covers: [], flags: [], offers: [],
    schemes: [{ id: 's', municipality: 'm', kind: 'social_mentor', title: '', hold_extends_window: false, first_contact_days: 3, first_contact_limit_days: 7, taper: [2, 7, 14], active: true }],
    courses: [course],
    citizens: [{ id: 'z1', course: 'c1', name: 'Birk Testesen', phones: ['+4512345678'], prefers: '', hopes: '' }],
    consents: [{ id: 'k1', course: 'c1', scope: 'contact', form: 'written', text_version: '1', taken_by: '', given_on: '2026-11-18', expires_on: '2027-11-18', withdrawn_on: '' }],
    ...change,
  }
}

export const facts = (change: Partial<World> = {}): Facts => gather(world(change), today).get('c1')!
