// What the server keeps of others' work, and what this user has done about it.
import { isDate } from '../../domain/date'
import { has } from '../../i18n'
import type { Entry, Kept, Next, Tended } from '../../state/types'

/** What she herself can still see to stands in her own tray; a number that was only used up has nothing in it. */
export const forMe = (items: Kept[], me: string): Kept[] =>
  items.filter((k) => (k.user !== me || k.result === 'escrowed') && Object.keys(Object(k.args)).length > 0)

export type State = { done: boolean; waits: boolean; refusals: Tended['refusals'] }

/** The newest answer counts: what was refused may be tried again. */
export function tended(all: Tended[], { user, device, n }: Kept): State | undefined {
  const found = all.find((x) => x.user === user && x.device === device && x.n === n)
  return found && { done: found.state === 'received', waits: found.state === 'unsent', refusals: found.refusals }
}

/** As an entry of the one who did it, to be read in the same words. */
export const entryOf = ({ n, name, args, at, outcome }: Kept): Entry => ({ n, name, args, at, state: 'refused', outcome }) as Entry

/** When it was, and what was agreed, where that can be read: what an account that was closed has sent, nobody has checked. */
export function told({ args, at }: Kept): { at: string; next: Next | undefined } {
  const { occurred_at, next } = args as { occurred_at?: unknown; next?: Partial<Record<keyof Next, unknown>> | null }
  const { on, part_of_day: part = '', time = '', topic = '' } = next ?? {}
  const clear = typeof on === 'string' && isDate(on) && typeof topic === 'string' && (time === '' || /^\d\d:\d\d$/.test(String(time))) && (part === '' || has(`part.${String(part)}`))
  return {
    at: typeof occurred_at === 'string' && !Number.isNaN(Date.parse(occurred_at)) ? occurred_at : at,
    next: clear ? { appointment: '', on, part_of_day: part as Next['part_of_day'], time: String(time), topic } : undefined,
  }
}

/** What was only refused is its author's, until she hands it on or has left. */
export const hers = ({ result, handed, user }: Kept, active: (user: string) => boolean): boolean => result !== 'escrowed' && !handed && active(user)

/** Only what was not written at all can be written now. */
export const canRelease = ({ result }: Kept): boolean => result === 'escrowed' || result === 'rejected'
