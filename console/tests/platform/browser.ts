import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { inject, test as base } from 'vitest';
import { actAsOwner } from './administrator.ts';

/** Debian's Chromium; elsewhere WEAI_CHROMIUM names one. */
const executablePath = process.env['WEAI_CHROMIUM'] ?? '/usr/bin/chromium';

const waitingMs = 40_000;

export interface ConsoleFixtures {
  browser: Browser;
  /** A window of its own, without cookies. */
  context: BrowserContext;
  /** A page in it. The test fails when the page logs an error, or wants what its policy forbids. */
  page: Page;
  /** The same, signed in as the owner. */
  owner: Page;
}

/** Vitest's `test` with a browser. */
export const test = base.extend<ConsoleFixtures>({
  browser: [
    // oxlint-disable-next-line eslint/no-empty-pattern -- Vitest reads a fixture's needs from its pattern
    async ({}, use) => {
      const browser = await chromium.launch({
        executablePath,
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      });
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  context: async ({ browser }, use) => {
    const context = await browser.newContext({
      baseURL: inject('console').url,
      viewport: { width: 1440, height: 900 },
      colorScheme: 'light',
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    // Less than a test's own limit, so that a failure names what it waited for.
    context.setDefaultTimeout(waitingMs);
    await use(context);
    await context.close();
  },
  page: async ({ context }, use) => {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium logs each refused request by itself; what the page makes of it is what tests look at.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    await use(page);
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
  },
  owner: async ({ page }, use) => {
    await actAsOwner(page);
    await use(page);
  },
});
