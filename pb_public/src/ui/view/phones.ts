// Which of the team's phones are silent, in plain words.
import { dateOf } from '../../domain/date'
import { capital, clock, nearDay, roughClock, t, timeOf, tn } from '../../i18n'
import type { TeamReply } from '../../state/types'

/** A phone that was here just now is about to send. Without unsent work nobody needs to know before some days have gone by. */
const sends = 15 * 60_000
const quiet = 2 * 86_400_000

const since = (at: string, today: string): string => {
  const day = dateOf(at)
  return `${nearDay(day, today)} ${day === today ? clock(timeOf(at)) : roughClock(timeOf(at))}`
}

/** Longest silent first. `busy`: who has courses, and should have been here. */
export function silent(users: TeamReply['users'], name: (user: string) => string, busy: (user: string) => boolean, now: Date, today: string): { user: string; text: string; late: boolean }[] {
  return users
    .filter((u) => now.getTime() - Date.parse(u.seen) > (u.unsent > 0 ? sends : quiet) && (u.unsent > 0 || busy(u.user)))
    .sort((a, b) => Number(b.unsent > 0) - Number(a.unsent > 0) || (a.seen < b.seen ? -1 : 1))
    .map((u) => {
      const said = { name: capital(name(u.user)), when: since(u.seen, today) }
      return { user: u.user, text: u.unsent > 0 ? tn('phones.unsent', u.unsent, said) : t('phones.quiet', said), late: u.unsent > 0 }
    })
}
