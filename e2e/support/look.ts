// How a screen is looked at, in the stories that have one to look at.
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from './test'

const rules = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']

/** One screen as it stands: axe in both colour schemes, and no scrolling sideways on the narrowest phone. */
export async function look(page: Page, name: string): Promise<void> {
  await test.step(name, async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const axe = new AxeBuilder({ page }).setLegacyMode() // no frames, so no page of its own to gather them
      // Between the schemes only the colours differ.
      const { violations, passes } = await (colorScheme === 'light' ? axe.withTags(rules) : axe.withRules('color-contrast')).analyze()
      const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`))
      expect.soft(found, `${name}, ${colorScheme}`).toEqual([])
      expect.soft(passes.length, 'axe looked at something').toBeGreaterThan(0)
    }
    const size = page.viewportSize()!
    await page.setViewportSize({ width: 320, height: 640 })
    expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), `${name} at 320 px`).toBeLessThanOrEqual(320)
    await page.setViewportSize(size)
  })
}
