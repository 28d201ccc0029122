const FIRST = 1_000
const LONGEST = 5 * 60_000

/** Full jitter: phones that lost the server together do not come back together. `asked`: the server's own wish, within reason. */
export const backoff = (attempt: number, random: () => number, asked = 0): number =>
  Math.max(random() * Math.min(LONGEST, FIRST * 2 ** attempt), Math.min(LONGEST, asked))
