// Addresses without a hash. Links are ordinary links; a click on one of ours changes the screen instead of the page.
import { tick } from 'svelte'
import { match, type Route } from './routes'

type Step = { from?: string }

class Router {
  route = $state.raw<Route>({ screen: 'today', id: '' })
  query = $state.raw(new URLSearchParams())
  /** The list one came from, for the way back. */
  list = $state('/')
  /** One has come back to where one was: the browser finds the place on the page again. */
  returned = false
  private arriving = false

  start(): () => void {
    this.read()
    const click = (e: MouseEvent): void => this.clicked(e)
    const pop = (): void => { this.returned = true; this.read(); void this.arrive(false) }
    document.addEventListener('click', click)
    addEventListener('popstate', pop)
    return () => { document.removeEventListener('click', click); removeEventListener('popstate', pop) }
  }

  go(path: string, replace = false): void {
    const step: Step = { from: location.pathname }
    this.returned = false
    // What has the focus is about to go; while the old screen stands, letting go of it costs no layout.
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    if (replace) history.replaceState(history.state, '', path)
    else history.pushState(step, '', path)
    this.read()
    void this.arrive(true)
  }

  /** Back to a parent: the browser's own back where that is the same place. */
  back(path: string): void {
    if ((history.state as Step | null)?.from === path) history.back()
    else this.go(path)
  }

  private read(): void {
    const found = match(location.pathname)
    if (!found) history.replaceState(null, '', '/')
    this.route = found ?? { screen: 'today', id: '' }
    this.query = new URLSearchParams(location.search)
    if (!this.route.id && ['today', 'courses', 'inbox', 'board', 'tray', 'sent'].includes(this.route.screen)) this.list = location.pathname
  }

  /** A screen reader is told by the heading; the eye starts at the top. */
  private async arrive(top: boolean): Promise<void> {
    this.arriving = true
    await tick()
    if (top) scrollTo(0, 0)
    const heading = document.querySelector<HTMLElement>('main h1')
    if (heading) this.meet(heading)
  }

  /** A heading that came later than the address did: its screen had to be fetched first. */
  meet(heading: HTMLElement): void {
    if (this.arriving) heading.focus({ preventScroll: true })
    this.arriving = false
  }

  private clicked(e: MouseEvent): void {
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
    const link = e.target instanceof Element ? e.target.closest<HTMLAnchorElement>('a[href]') : null
    if (!link || link.target || link.origin !== location.origin || link.hash || !match(link.pathname)) return
    e.preventDefault()
    if (link.dataset.back !== undefined) this.back(link.pathname)
    else if (link.href !== location.href) this.go(link.pathname + link.search)
  }
}

export const router = new Router()
