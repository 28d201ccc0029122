// Names, ids and days of the demo's world, worked out here and not with the app's own code.
export const password = 'bindeled-demo'
/** Of everyone's phone. */
export const code = '493817'

/** An id in the demo: a name, filled up with noughts or cut off. */
export const id = (name: string): string => name.padEnd(15, '0').slice(0, 15)

const civil = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Copenhagen' })
const noon = (day: string): Date => new Date(day + 'T12:00:00Z')

export const today = (): string => civil.format(new Date())

export function addDays(day: string, n: number): string {
  const d = noon(day)
  d.setUTCDate(d.getUTCDate() + n)
  return d.toISOString().slice(0, 10)
}

/** The same day of another month, or that month's last. */
export function addMonths(day: string, n: number): string {
  const [y, m, d] = day.split('-').map(Number) as [number, number, number]
  const last = new Date(Date.UTC(y, m + n, 0, 12))
  last.setUTCDate(Math.min(d, last.getUTCDate()))
  return last.toISOString().slice(0, 10)
}

/** 19. maj 2027 */
export const spelled = (day: string): string =>
  new Intl.DateTimeFormat('da-DK', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(noon(day))

/** kl. 14.02, as a receipt says it, from a moment in SQLite */
export function clock(moment: string): string {
  const hm = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Copenhagen', hour: '2-digit', minute: '2-digit' })
  return 'kl. ' + hm.format(new Date(moment.replace(' ', 'T'))).replace(/^0/, '').replace(':', '.')
}
