import { expect } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('an incomplete link of an invitation says what to do', async ({ page }) => {
  await page.goto('/invite');
  await page.getByRole('heading', { name: 'The link is not complete' }).waitFor();
  await screenshot(page, 'invite-incomplete');
  expect(await accessibilityProblems(page)).toEqual([]);
});
