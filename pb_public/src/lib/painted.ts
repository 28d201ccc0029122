import { later } from './clock'

/** When what there is so far has come on the screen: a frame is painted when the next begins. Returns the way to call it off. */
export function painted(job: () => void): () => void {
  let cancel = (): void => {}
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(() => (cancel = later(0, job)))
  })
  return () => {
    cancelAnimationFrame(frame)
    cancel()
  }
}
