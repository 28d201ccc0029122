// t('today.title'), t('due.deadline', { on }) and tn('sync.unsent', 3): one place where words come from.
import { language, type Book } from './lang.svelte'

export { language, type Lang } from './lang.svelte'
export * from './format'

export type Key = keyof Book
export type Params = Record<string, string | number>
/** Keys that come in one and many. */
export type CountKey = { [K in Key]: K extends `${infer Base}.one` ? Base : never }[Key]

function fill(text: string, params?: Params): string {
  return params ? text.replace(/\{(\w+)\}/g, (hole, name: string) => String(params[name] ?? hole)) : text
}

export const t = (key: Key, params?: Params): string => fill(language.book[key], params)

export const tn = (key: CountKey, n: number, params?: Params): string =>
  t(`${key}.${n === 1 ? 'one' : 'many'}` as Key, { n, ...params })

export const has = (key: string): key is Key => Object.hasOwn(language.book, key)

/** Text for a value that comes from outside, such as a reason code; the fallback when there is none. */
export const tx = (key: string, fallback: Key, params?: Params): string => t(has(key) ? key : fallback, params)
