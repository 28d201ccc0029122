export const sorted = (list) => [...list].sort((a, b) => a - b)
export const median = (list) => quantile(list, 0.5)
export const least = (list) => Math.min(...list)

/** The value that `q` of the list are at or below. */
export function quantile(list, q) {
  const s = sorted(list)
  return s.length === 0 ? NaN : s[Math.min(s.length - 1, Math.max(0, Math.ceil(q * s.length) - 1))]
}
