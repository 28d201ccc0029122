import { defineConfig } from '@playwright/test'

/** What a headless Chromium needs in a container, and nothing it would fetch by itself. */
export const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync']

export const phone = { viewport: { width: 390, height: 844 }, locale: 'da-DK', timezoneId: 'Europe/Copenhagen' }

export default defineConfig({
  testDir: '.',
  outputDir: './test-results',
  globalSetup: './support/setup.ts',
  globalTeardown: './support/teardown.ts',
  workers: 1, // two cores: a server and a browser
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    ...phone,
    browserName: 'chromium',
    actionTimeout: 10_000,
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM || undefined, args },
  },
})
