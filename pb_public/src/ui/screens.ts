// Today is there at once; the other screens follow while nothing else is going on, and are at hand offline.
import type { Component } from 'svelte'
import { language } from '../i18n'
import type { Screen } from './routes'
import Today from './screens/Today.svelte'

type Module = { default: Component }

const loaders: Record<Exclude<Screen, 'today'>, () => Promise<Module>> = {
  courses: () => import('./screens/Courses.svelte'),
  course: () => import('./screens/Course.svelte'),
  talk: () => import('./screens/Talk.svelte'),
  flag: () => import('./screens/Flag.svelte'),
  inbox: () => import('./screens/Inbox.svelte'),
  board: () => import('./screens/Board.svelte'),
  paper: () => import('./screens/Paper.svelte'),
  tray: () => import('./screens/Tray.svelte'),
  sent: () => import('./screens/Sent.svelte'),
  offers: () => import('./screens/Offers.svelte'),
  more: () => import('./screens/More.svelte'),
  security: () => import('./screens/Security.svelte'),
  messages: () => import('./screens/Messages.svelte'),
}

const loaded: Partial<Record<Screen, Module>> = { today: { default: Today } }

/** At once when it is here, else soon. */
export function screen(name: Screen): Module | Promise<Module> {
  const here = loaded[name]
  return here ?? Promise.all([loaders[name as keyof typeof loaders](), language.whole()]).then(([m]) => (loaded[name] = m))
}

export async function fetchAll(): Promise<void> {
  for (const name of Object.keys(loaders) as Screen[]) await Promise.resolve(screen(name)).catch(() => {})
}
