// What the door to the network throws. Told by its shape: which door it is, is not this folder's business.

/** status 0: nothing was answered. `wait`: how long the server asks to be left alone, ms. */
export type Failure = Error & { status: number; code: string; params: Record<string, unknown>; wait: number }

export const isFailure = (e: unknown): e is Failure => e instanceof Error && 'status' in e && 'code' in e

export const isRestored = (e: unknown): boolean => isFailure(e) && e.code === 'sync.restored'

/** Page after page, and not a step further. */
export class NoProgress extends Error {}
