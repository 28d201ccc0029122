import { ApiError } from '../lib/http'
import type { Page } from './page'

export type PullSide = {
  readonly cursor: string
  fetchPage(cursor: string): Promise<Page>
  commit(page: Page): Promise<void>
  forgetCursor(): Promise<void>
}

const MOST_PAGES = 1000

/** Page after page until there is no more. A cursor the server no longer knows means: from nothing. */
export async function pull(side: PullSide): Promise<void> {
  for (let i = 0; i < MOST_PAGES; i++) {
    const asked = side.cursor
    let page: Page
    try {
      page = await side.fetchPage(asked)
    } catch (e) {
      if (!(e instanceof ApiError && e.status === 410 && asked !== '')) throw e
      await side.forgetCursor()
      continue
    }
    if (page.end.more && page.end.cursor === asked) break
    await side.commit(page)
    if (!page.end.more) return
  }
  throw new ApiError(0, 'sync.no_progress')
}
