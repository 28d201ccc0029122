// Which language the screens speak, and its book. Danish until somebody chooses otherwise; English is fetched when asked for.
import { da } from './da'

export type Lang = 'da' | 'en'
export type Book = Record<keyof typeof da, string>

const KEY = 'lang'

class Language {
  current = $state<Lang>('da')
  book = $state.raw<Book>(da)

  /** What was chosen last time; before the first screen, so nothing is said in the wrong language. */
  async start(): Promise<void> {
    if (this.stored() === 'en') await this.choose('en').catch(() => {}) // better Danish than nothing
  }

  async choose(lang: Lang): Promise<void> {
    this.book = lang === 'en' ? (await import('./en')).en : da
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
