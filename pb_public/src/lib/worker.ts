// Registers sw.ts and tells when a new build waits. It is let in only by a person, and then the page loads once.

type Policy = { createScriptURL(url: string): string }
type Factory = { createPolicy(name: string, rules: Policy): Policy }

/** The CSP lets one policy name a script's address: this one, for this address. */
function address(): string {
  const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes
  return factory?.createPolicy('swurl', { createScriptURL: (url) => url }).createScriptURL('/sw.js') ?? '/sw.js'
}

export type Worker = { check(): void; apply(): void }

export async function registerWorker(onWaiting: () => void): Promise<Worker | null> {
  if (!('serviceWorker' in navigator)) return null
  const { serviceWorker } = navigator
  const registration = await serviceWorker.register(address())
  const look = () => {
    // The very first worker replaces nothing: that is no update.
    if (registration.waiting && serviceWorker.controller) onWaiting()
  }
  look()
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look))

  let applied = false
  const first = !serviceWorker.controller
  serviceWorker.addEventListener('controllerchange', () => {
    if (applied) location.reload()
    else if (!first) onWaiting() // another tab let it in; this one still runs the old code
  })
  return {
    check: () => void registration.update().catch(() => {}),
    apply() {
      applied = true
      if (registration.waiting) registration.waiting.postMessage('skipWaiting')
      else location.reload()
    },
  }
}
