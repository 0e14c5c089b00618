import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { accessibilityProblems } from './platform/accessibility.ts';
import { test } from './platform/browser.ts';
import { owner, ownerLinkIn } from './platform/owner.ts';
import { messageField } from './platform/playground.ts';
import { screenshot } from './platform/screenshots.ts';

test(
  'from the banner’s link to a curl that runs, without reading anything',
  { timeout: 90_000 },
  async ({ page }) => {
    const dataDirectory = makeDataDirectory();
    const server = await startServer(dataDirectory);
    try {
      const link = ownerLinkIn(server.output());
      await page.goto(new URL('/', link).href);
      await page.getByRole('heading', { name: 'This server has no owner yet' }).waitFor();
      await screenshot(page, 'sign-in-no-owner');

      const beganMs = performance.now();
      await page.goto(link);
      // Where one types first is where the page begins.
      await page.getByLabel('Your name').and(page.locator(':focus')).waitFor();
      await page.keyboard.type(owner.name);
      await page.getByLabel('E-mail').fill(owner.email);
      await page.getByLabel('Password').fill(owner.password);
      await screenshot(page, 'welcome');
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press('Enter');

      await messageField(page).waitFor();
      expect(new URL(page.url()).search).toBe('');
      await screenshot(page, 'playground-empty');
      expect(await accessibilityProblems(page)).toEqual([]);
      await messageField(page).fill('Say hello.');
      await page.keyboard.press('Enter');
      await page.getByText('tok/s').waitFor();
      await page.keyboard.press('Escape');

      await page.getByRole('button', { name: 'Get code' }).click();
      await page.getByRole('button', { name: 'Make a key' }).press('Enter');
      await page.getByText('is shown this once').waitFor();
      await screenshot(page, 'get-code');
      // The copy stands where the key was asked for, and has the focus.
      await page.getByRole('button', { name: 'Copy curl' }).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
      const curl = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(performance.now() - beganMs).toBeLessThan(60_000);

      const quick = curl.replace('"model"', '"max_completion_tokens": 4, "model"');
      const answer = JSON.parse(
        execFileSync('sh', ['-c', quick], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
      );
      expect(answer).toMatchObject({
        object: 'chat.completion',
        choices: [{ message: { role: 'assistant' } }],
      });
    } finally {
      await page.close();
      await server.stop();
      removeDataDirectory(dataDirectory);
    }
  },
);
