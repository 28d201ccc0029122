// The addresses of the screens. Ids only: an address says nothing about a person.
export type Screen = 'today' | 'courses' | 'course' | 'talk' | 'flag' | 'offers' | 'inbox' | 'board' | 'paper' | 'tray' | 'sent' | 'more' | 'security' | 'messages'
export type Route = { screen: Screen; id: string }

const table: [Screen, RegExp][] = [
  ['today', /^\/$/],
  ['courses', /^\/forloeb$/],
  ['course', /^\/forloeb\/([a-z0-9]{15})$/],
  ['talk', /^\/forloeb\/([a-z0-9]{15})\/samtale$/],
  ['flag', /^\/forloeb\/([a-z0-9]{15})\/bekymring$/],
  ['inbox', /^\/indbakke$/],
  ['inbox', /^\/indbakke\/([a-z0-9]{15})$/],
  ['board', /^\/hold$/],
  ['paper', /^\/noedliste$/],
  ['tray', /^\/kraever-handling$/],
  ['sent', /^\/sendt$/],
  ['offers', /^\/tilbud$/],
  ['more', /^\/mere$/],
  ['security', /^\/sikkerhed$/],
  ['messages', /^\/beskeder$/],
]

export function match(path: string): Route | undefined {
  for (const [screen, pattern] of table) {
    const found = pattern.exec(path)
    if (found) return { screen, id: found[1] ?? '' }
  }
  return undefined
}

export const to = {
  today: '/', courses: '/forloeb', inbox: '/indbakke', board: '/hold', paper: '/noedliste', tray: '/kraever-handling', sent: '/sendt', more: '/mere', security: '/sikkerhed', messages: '/beskeder',
  course: (id: string): string => `/forloeb/${id}`,
  talk: (id: string, kind: 'reached' | 'no_answer'): string => `/forloeb/${id}/samtale?kind=${kind}`,
  offers: (course = ''): string => `/tilbud${course && '?course=' + course}`,
  flag: (id: string): string => `/forloeb/${id}/bekymring`,
  notice: (id: string): string => `/indbakke/${id}`,
}
