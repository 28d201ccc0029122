// What the server keeps of others' work, and what this user has done about it.
import type { Entry, Kept, Tended } from '../../state/types'

/** What she herself can still see to stands in her own tray. */
export const forMe = (items: Kept[], me: string): Kept[] => items.filter((k) => k.user !== me || k.result === 'escrowed')

export type State = { done: boolean; waits: boolean; refusals: Tended['refusals'] }

/** The newest answer counts: what was refused may be tried again. */
export function tended(all: Tended[], { user, device, n }: Kept): State | undefined {
  const found = all.find((x) => x.user === user && x.device === device && x.n === n)
  return found && { done: found.state === 'received', waits: found.state === 'unsent', refusals: found.refusals }
}

/** As an entry of the one who did it, to be read in the same words. */
export const entryOf = ({ n, name, args, at, outcome }: Kept): Entry => ({ n, name, args, at, state: 'refused', outcome }) as Entry

/** Only what was not written at all can be written now. */
export const canRelease = ({ result }: Kept): boolean => result === 'escrowed' || result === 'rejected'
