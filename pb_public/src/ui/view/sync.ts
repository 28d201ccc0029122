// The machine's own state as one quiet sentence.
import { dateOf } from '../../domain/date'
import { clock, moment, nearDay, roughClock, t, timeOf, tn, when } from '../../i18n'
import type { SyncStatus } from '../../state/types'

export type SyncLine = { text: string; look: '' | 'wait' | 'stop' }

/** Unsent work is nothing to speak of at first. After some minutes its age is told, after an hour as something to see to. */
const tellAge = 300_000
const growsOld = 3_600_000

/** The list of today's calls is only as right as the clock. */
const wrongClock = 300_000

const since = (at: string, today: string): string =>
  dateOf(at) === today ? clock(timeOf(at)) : `${nearDay(dateOf(at), today)} ${roughClock(timeOf(at))}`

/** A closed account is not opened by logging in. */
export const signedOut = (s: SyncStatus): string => t(s.error === 'auth.inactive' ? 'login.error.inactive' : 'sync.signed_out')

export function syncLine(s: SyncStatus, now: Date, today: string): SyncLine {
  if (s.phase === 'signed_out') return { text: signedOut(s), look: 'stop' }
  if (s.evicted) return { text: t('sync.evicted'), look: 'stop' }
  if (s.error === 'store.full') return { text: t('sync.full'), look: 'stop' }
  if (s.unsent > 0) return unsent(s, now, today)
  if (Math.abs(s.ahead) > wrongClock) return { text: t(s.ahead > 0 ? 'sync.clock_ahead' : 'sync.clock_behind'), look: 'stop' }
  const last = s.lastPush > s.lastPull ? s.lastPush : s.lastPull
  if (!last) return s.phase === 'offline' ? { text: t('sync.offline_never'), look: 'wait' } : { text: t('sync.first'), look: 'wait' }
  if (s.phase === 'offline') return { text: t('sync.offline', { when: when(s.lastPull || last, today) }), look: 'wait' }
  if (s.phase === 'failed') return { text: t('sync.failed', { when: when(s.lastPull || last, today) }), look: 'wait' }
  return { text: t('sync.all', { when: when(last, today) }), look: '' }
}

function unsent(s: SyncStatus, now: Date, today: string): SyncLine {
  const age = s.oldestUnsent ? now.getTime() - moment(s.oldestUnsent).getTime() : 0
  if (age > tellAge) return { text: tn('sync.unsent', s.unsent, { when: since(s.oldestUnsent, today) }), look: age > growsOld ? 'stop' : 'wait' }
  return { text: t(s.phase === 'sending' ? 'sync.sending' : 'sync.saved'), look: 'wait' }
}
