const FIRST = 1_000
const LONGEST = 5 * 60_000

/** Full jitter: phones that lost the server together do not come back together. */
export const backoff = (attempt: number, random: () => number): number => random() * Math.min(LONGEST, FIRST * 2 ** attempt)
