// The number on the app's icon: whom one has to call. It says no more than that, and nothing while the phone is locked.
import type { DueItem } from '../../domain/due'

/** People, not appointments: late or today, and one's own to call. */
export const toCall = (due: DueItem[], mine: (course: string) => boolean): number =>
  new Set(due.filter((i) => i.group !== 'next' && mine(i.course)).map((i) => i.course)).size

type Icon = { setAppBadge?: (n: number) => Promise<void>; clearAppBadge?: () => Promise<void> }

/** Where there is no badge to set, there is none. */
export function badge(n: number, icon: Icon = navigator): void {
  const set = n > 0 ? icon.setAppBadge?.(n) : icon.clearAppBadge?.()
  void set?.catch(() => {})
}
