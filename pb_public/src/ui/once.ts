// A second tap while the first is being saved is the same tap.
export function once<A extends unknown[]>(job: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  let busy = false
  return async (...args) => {
    if (args[0] instanceof Event) args[0].preventDefault()
    if (busy) return
    busy = true
    try {
      await job(...args)
    } finally {
      busy = false
    }
  }
}
