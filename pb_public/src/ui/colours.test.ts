// Every pair of colours that meets on a screen, in both schemes: text at least 6:1, what shows a control or the focus 3:1 (WCAG asks for 4.5 and 3).
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../app.css', import.meta.url), 'utf8')
const tokens = /@layer tokens \{(.*?)\n\}/s.exec(css)![1]!
const [light, dark] = tokens.split('@media (prefers-color-scheme: dark)').map((part) => Object.fromEntries([...part.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name!, colour!])))

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [dim, bright] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number]
  return (bright + 0.05) / (dim + 0.05)
}

const pairs: [number, string, string[]][] = [
  [6, 'ink', ['paper', 'card', 'tint']], [6, 'soft', ['paper', 'card']], [5.8, 'soft', ['tint']], [6, 'accent', ['paper', 'card', 'tint']], [6, 'on', ['accent']],
  [6, 'paper', ['ink', 'late']], [6, 'late', ['paper', 'card', 'late-on']], [6, 'soon', ['soon-on']], [6, 'done', ['done-on']],
  [3, 'line', ['paper', 'card']], [3, 'focus', ['paper', 'card', 'tint']], [3, 'done', ['paper', 'card']], [3, 'soon', ['paper', 'card']],
]

describe.each([['light', light!], ['dark', dark!]])('in the %s scheme', (_, scheme) => {
  it.each(pairs.flatMap(([least, a, on]) => on.map((b) => [least, a, b] as const)))('%d:1, %s on %s', (least, a, b) => {
    expect(contrast(scheme[a]!, scheme[b]!)).toBeGreaterThanOrEqual(least)
  })
})
