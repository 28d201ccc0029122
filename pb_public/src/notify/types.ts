// What the screens and the server say about notifications; the server's side is notify/doc.go.

/** How it stands with this phone: all that one page has to tell. */
export type Standing =
  | 'works' | 'off'
  | 'denied' | 'install' | 'cannot' // of the phone
  | 'server' | 'stopped' | 'slow'   // of the server, and of the push service towards it
  | 'offline' | 'failed'
/** `until`: when the phone's subscription ends by itself, '' is never. */
export type Look = { at: Standing; until: string }
/** What became of a test. */
export type Tested = 'arrived' | 'missing' | 'wait' | 'offline' | 'failed'

type Hours = { from: string; to: string; days: number[]; holidays: boolean }
/** Her own: what is empty is as the municipality has it. */
export type NotifyWish = Hours & { off: boolean; without: string[] }
export type NotifySettings = Hours & { on: boolean; kinds: string[]; own: NotifyWish }
