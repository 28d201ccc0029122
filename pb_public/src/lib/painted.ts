import { later } from './clock'

/** When what there is so far has come on the screen. Returns the way to call it off. */
export function painted(job: () => void): () => void {
  let cancel = (): void => {}
  const frame = requestAnimationFrame(() => (cancel = later(0, job)))
  return () => {
    cancelAnimationFrame(frame)
    cancel()
  }
}
