// The machine's own state as one quiet sentence.
import { dateOf } from '../../domain/date'
import { moment, nearDay, roughClock, t, timeOf, tn, when } from '../../i18n'
import type { SyncStatus } from '../../state/types'

export type SyncLine = { text: string; look: '' | 'wait' | 'stop' }

/** Unsent work is nothing to speak of at first; after an hour it is. */
const growsOld = 3_600_000

/** The list of today's calls is only as right as the clock. */
const wrongClock = 300_000

const since = (at: string, today: string): string =>
  dateOf(at) === today ? roughClock(timeOf(at)) : `${nearDay(dateOf(at), today)} ${roughClock(timeOf(at))}`

export function syncLine(s: SyncStatus, now: Date, today: string): SyncLine {
  if (s.phase === 'signed_out') return { text: t('sync.signed_out'), look: 'stop' }
  if (s.unsent > 0) return unsent(s, now, today)
  if (Math.abs(s.ahead) > wrongClock) return { text: t(s.ahead > 0 ? 'sync.clock_ahead' : 'sync.clock_behind'), look: 'stop' }
  const last = s.lastPush > s.lastPull ? s.lastPush : s.lastPull
  if (!last) return s.phase === 'offline' ? { text: t('sync.offline_never'), look: 'wait' } : { text: t('sync.first'), look: 'wait' }
  if (s.phase === 'offline') return { text: t('sync.offline', { when: when(s.lastPull || last, today) }), look: 'wait' }
  if (s.phase === 'failed') return { text: t('sync.failed', { when: when(s.lastPull || last, today) }), look: 'wait' }
  return { text: t('sync.all', { when: when(last, today) }), look: '' }
}

function unsent(s: SyncStatus, now: Date, today: string): SyncLine {
  const old = s.oldestUnsent && now.getTime() - moment(s.oldestUnsent).getTime() > growsOld
  if (old) return { text: tn('sync.unsent', s.unsent, { when: since(s.oldestUnsent, today) }), look: 'stop' }
  return { text: t(s.phase === 'sending' ? 'sync.sending' : 'sync.saved'), look: 'wait' }
}
