import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** Not committed; each run overwrites it. */
const directory = path.resolve(import.meta.dirname, '../../screenshots');

/** `WEAI_SCREENSHOTS=on` takes pictures: they are for people to look at, and take longer than all else in the tests. */
const wanted = process.env['WEAI_SCREENSHOTS'] === 'on';
if (wanted) mkdirSync(directory, { recursive: true });

const sizes = { narrow: { width: 360, height: 740 }, wide: { width: 1440, height: 900 } };

/**
 * Where asked for, pictures a page at both widths in both themes: `<name>-<width>-<theme>.png`.
 * @param at what has to be in sight
 */
export async function screenshot(page: Page, name: string, at?: Locator): Promise<void> {
  if (!wanted) return;
  const before = page.viewportSize();
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const theme of ['light', 'dark'] as const) {
      await setTheme(page, theme);
      await at?.scrollIntoViewIfNeeded();
      await page.screenshot({
        path: path.join(directory, `${name}-${size}-${theme}.png`),
        animations: 'disabled',
      });
    }
  }
  await setTheme(page, 'light');
  if (before) await page.setViewportSize(before);
}

/** Changes the theme as the system would. */
export async function setTheme(page: Page, theme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.waitForSelector(`html[data-theme='${theme}']`, { state: 'attached' });
}
