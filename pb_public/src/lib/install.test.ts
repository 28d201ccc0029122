import { expect, test } from 'vitest'
import { mustInstall } from './install'

const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1'
const mac = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15'
const android = 'Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36'

test.each([
  ['an iPhone in Safari', { userAgent: iphone, maxTouchPoints: 5, standalone: false }, true],
  ['the same from the home screen', { userAgent: iphone, maxTouchPoints: 5, standalone: true }, false],
  ['an iPad, which says it is a Mac', { userAgent: mac, maxTouchPoints: 5, standalone: false }, true],
  ['a Mac', { userAgent: mac, maxTouchPoints: 0 }, false],
  ['an Android', { userAgent: android, maxTouchPoints: 5 }, false],
])('%s', (_, browser, want) => expect(mustInstall(browser)).toBe(want))
