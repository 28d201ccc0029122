// Which language the screens speak. Danish until somebody chooses otherwise.
export type Lang = 'da' | 'en'

const KEY = 'lang'

function stored(): Lang {
  try {
    return localStorage.getItem(KEY) === 'en' ? 'en' : 'da'
  } catch {
    return 'da' // no storage in a test or a locked-down browser
  }
}

class Language {
  current = $state<Lang>(stored())

  choose(lang: Lang): void {
    this.current = lang
    document.documentElement.lang = lang
    try {
      localStorage.setItem(KEY, lang)
    } catch { /* chosen for this visit only */ }
  }
}

export const language = new Language()
