// What no page may do in any story: ask anybody but the server that it came from, or run into its own Content-Security-Policy.
import type { BrowserContext, Page } from '@playwright/test'

const POLICY = /Content Security Policy|Trusted ?(Type|HTML|Script)/i

export class Watch {
  readonly wrong: string[] = []
  /** How many requests were looked at: from pages, and from the service worker. */
  readonly asked = { page: 0, worker: 0 }

  over(context: BrowserContext, origin: string): void {
    context.on('request', (request) => {
      this.asked[request.serviceWorker() ? 'worker' : 'page']++
      if (!request.url().startsWith(origin + '/')) this.wrong.push(`asked ${request.url()}`)
    })
    context.on('console', (message) => { if (POLICY.test(message.text())) this.wrong.push(message.text()) })
    const sockets = (page: Page) => page.on('websocket', (socket) => void this.wrong.push(`asked ${socket.url()}`)) // there are none at all
    context.pages().forEach(sockets)
    context.on('page', sockets)
  }
}
