// The only place that reads the time or sets a timer.

export const now = (): Date => new Date()

/** RFC 3339, as the wire wants it. */
export const stamp = (): string => now().toISOString()

/** Runs `job` once, later. Returns the way to call it off. */
export function later(ms: number, job: () => void): () => void {
  const id = setTimeout(job, ms)
  return () => clearTimeout(id)
}

const civil = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Copenhagen' })

/** Today's civil date, YYYY-MM-DD, wherever the phone is. */
export const today = (at: Date = now()): string => civil.format(at)
