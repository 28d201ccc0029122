export const least = (list) => Math.min(...list)

export function median(list) {
  const s = sorted(list)
  return s.length === 0 ? NaN : (s[(s.length - 1) >> 1] + s[s.length >> 1]) / 2
}

/** The value that `q` of the list are at or below. */
export function quantile(list, q) {
  const s = sorted(list)
  return s.length === 0 ? NaN : s[Math.min(s.length - 1, Math.max(0, Math.ceil(q * s.length) - 1))]
}

const sorted = (list) => [...list].sort((a, b) => a - b)
