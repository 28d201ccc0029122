// A screen as it stands, judged by axe in both colour schemes and both widths, and by what axe cannot see.
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import axe from 'axe-core'
import { expect, test, type Page } from '@playwright/test'
import { root } from './paths'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const widths = [{ width: 390, height: 844 }, { width: 1280, height: 800 }]
const book = (name: string): string[] =>
  [...readFileSync(join(root, 'pb_public/src/i18n', name), 'utf8').matchAll(/^ +'[\w.]+': '((?:[^'\\]|\\.)*)'/gm)].map((line) => line[1]!.replaceAll('\\', ''))
const danish = new Set([...book('da.ts'), ...book('da.later.ts')])
const english = new Set(book('en.ts').filter((text) => !danish.has(text)))

type Result = { passed: string[]; violations: string[]; incomplete: string[] }

async function judge(page: Page): Promise<Result> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const { passes, violations, incomplete } = await page.evaluate((tags) => (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly: tags, rules: { 'label-content-name-mismatch': { enabled: true } } }), tags)
  const told = (found: typeof violations): string[] => found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary ?? ''}`))
  return { passed: passes.map((p) => p.id), violations: told(violations), incomplete: told(incomplete) }
}

/** Every word that is read or read aloud. */
const said = (page: Page): Promise<string[]> => page.evaluate(() => {
  const words = [...document.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((e) => ['aria-label', 'title', 'placeholder'].map((name) => e.getAttribute(name) ?? ''))
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) if (!walk.currentNode.parentElement!.closest('[lang], script')) words.push(walk.currentNode.textContent!.trim())
  return words
})

export async function look(page: Page, name: string, lang: 'da' | 'en' = 'da'): Promise<void> {
  await test.step(name, async () => {
    const size = page.viewportSize()!
    const all: Result = { passed: [], violations: [], incomplete: [] }
    for (const width of widths) for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(width)
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))) // at its new width
      const { passed, violations, incomplete } = await judge(page)
      const where = `${name}, ${width.width} px, ${colorScheme}`
      expect.soft(violations, where).toEqual([])
      // Under a dialog or a bar axe cannot work out a colour behind; src/ui/colours.test.ts reckons every pair there is.
      expect.soft(incomplete.filter((what) => !what.startsWith('color-contrast:')), `${where}: axe could not tell`).toEqual([])
      expect.soft(passed.length, 'axe looked at something').toBeGreaterThan(10)
      all.passed.push(...passed)
      all.violations.push(...violations)
      all.incomplete.push(...incomplete)
    }
    const found = { rules: new Set(all.passed).size, violations: all.violations.length, incomplete: all.incomplete.length }
    if (process.env.BINDELED_AXE) appendFileSync(process.env.BINDELED_AXE, JSON.stringify({ name, axe: axe.version, ...found }) + '\n')

    expect.soft(await page.locator('html').getAttribute('lang'), name).toBe(lang)
    if (lang === 'da') expect.soft((await said(page)).filter((text) => english.has(text)), `${name}: words in English`).toEqual([])
    expect.soft(await page.locator('[tabindex]:not([tabindex="0"], [tabindex="-1"])').count(), `${name}: an order of its own for Tab`).toBe(0)
    await page.setViewportSize({ width: 320, height: 640 })
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), `${name} at 320 px`).toBeLessThanOrEqual(320)
    await page.setViewportSize(size)
  })
}
