// Boxes -> the flat lists that screens read.
import type { Box } from '../sync/store'
import type { World } from './types'

export const COLLECTIONS = [
  'municipalities', 'schemes', 'wards', 'users', 'notices', 'courses', 'citizens', 'consents', 'contacts', 'appointments', 'covers', 'flags', 'offers',
] as const satisfies (keyof World)[]

export function worldOf(boxes: ReadonlyMap<string, Box>): World {
  const world = Object.fromEntries(COLLECTIONS.map((c) => [c, []])) as unknown as Record<string, unknown[]>
  for (const box of boxes.values()) {
    for (const c of COLLECTIONS) if (box[c]) world[c]!.push(...Object.values(box[c]))
  }
  return world as unknown as World
}
