// What the worker says to an open page. A tap on a message opens its screen; something half-written is not interrupted.
import { language, t } from '../i18n'
import { app } from '../state/app.svelte'
import { router } from './router.svelte'
import { match } from './routes'
import { said } from './said.svelte'

type Word = { go?: string; changed?: number } | null

export function listen(): void {
  navigator.serviceWorker?.addEventListener('message', ({ data }: MessageEvent<Word>) => {
    if (data?.go) void go(data.go)
    if (data?.changed) app.tell()
  })
}

async function go(path: string): Promise<void> {
  if (!match(path) || path === location.pathname) return
  if (!writing()) return router.go(path)
  await language.whole()
  said.say(t('messages.writing'))
}

/** A talk and a concern, also while it is locked: it lies in the draft, and she comes back to it. */
const writing = (): boolean => ['talk', 'flag'].includes(router.route.screen) || document.querySelector('dialog[open]') !== null
  || [...document.querySelectorAll('textarea')].some((field) => field.value !== '')
