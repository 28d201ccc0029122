import { isFailure, NoProgress } from './failure'
import type { Page } from './page'

export type PullSide = {
  readonly cursor: string
  fetchPage(cursor: string): Promise<Page>
  /** On top of the cursor the page was asked with, and of nothing else. */
  commit(page: Page, asked: string): Promise<void>
  forgetCursor(): Promise<void>
}

const MOST_PAGES = 1000

/**
 * Page after page until there is no more; the next is on its way while this one is stored.
 * A cursor the server no longer knows means: from nothing.
 */
export async function pull(side: PullSide): Promise<void> {
  let asked = side.cursor
  let coming = side.fetchPage(asked)
  for (let i = 0; i < MOST_PAGES; i++) {
    const page = await coming.catch((e: unknown) => {
      if (isFailure(e) && e.status === 410 && asked !== '') return null
      throw e
    })
    if (page === null) {
      await side.forgetCursor()
      asked = ''
      coming = side.fetchPage(asked)
      continue
    }
    const { cursor, more } = page.end
    const from = asked
    if (more && cursor === asked) break
    if (more) {
      asked = cursor
      coming = side.fetchPage(cursor)
      coming.catch(() => {}) // heard when it is this page's turn; not, if the one before could not be stored
    }
    await side.commit(page, from)
    if (!more) return
  }
  throw new NoProgress()
}
