// Which language the screens speak, and its book. Danish until somebody chooses otherwise; English is fetched when asked for.
import { da } from './da'
import type { later } from './da.later'

export type Lang = 'da' | 'en'
export type Book = Record<keyof typeof da | keyof typeof later, string>

const KEY = 'lang'

class Language {
  current = $state<Lang>('da')
  #danish = da as Book // with its second half from whole() on
  book = $state.raw(this.#danish)

  /** What was chosen last time; before the first screen, so nothing is said in the wrong language. */
  async start(): Promise<void> {
    if (this.stored() === 'en') await this.choose('en').catch(() => {}) // better Danish than nothing
  }

  /** The words of all screens; what needs more than the first screen's waits for this. */
  async whole(): Promise<void> {
    const { later } = await import('./da.later')
    this.#danish = { ...da, ...later }
    if (this.current === 'da') this.book = this.#danish
  }

  async choose(lang: Lang): Promise<void> {
    this.book = lang === 'en' ? (await import('./en')).en : this.#danish
    this.current = lang
    try {
      localStorage.setItem(KEY, lang)
    } catch { /* chosen for this visit only */ }
  }

  private stored(): string | null {
    try {
      return localStorage.getItem(KEY)
    } catch {
      return null
    }
  }
}

export const language = new Language()
