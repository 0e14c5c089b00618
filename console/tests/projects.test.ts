import { expect } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('a project is made, renamed, limited and archived; the audit log tells of it', async ({ page }) => {
  await actAsOwner(page);
  await page.goto('/projects');
  await page.getByRole('button', { name: 'Make a project' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('default');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByRole('textbox', { name: 'Name' }).fill('Support bot');
  await page.keyboard.press('Enter');
  const row = page.getByRole('row', { name: /Support bot/ });
  await row.waitFor();
  await screenshot(page, 'projects');
  expect(await accessibilityProblems(page)).toEqual([]);

  await row.getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Help desk');
  await page.getByRole('button', { name: 'Save settings' }).click();
  const renamed = page.getByRole('row', { name: /Help desk/ });
  await renamed.waitFor();

  await page.goto('/limits');
  await page.getByRole('button', { name: 'Change limits of Help desk' }).click();
  await page.getByRole('textbox', { name: 'Budget a month, in dollars' }).fill('20');
  await page.getByRole('textbox', { name: 'Tokens a minute' }).fill('100,000');
  await page.keyboard.press('Enter');
  await page.getByText('100,000 tokens/min · $20.00 a month').waitFor();
  await screenshot(page, 'limits');
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.goto('/projects');
  await renamed.getByRole('button').click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await screenshot(page, 'projects-archive');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Archive project' }).click();
  await renamed.waitFor({ state: 'detached' });
  await page.getByRole('switch', { name: 'Show archived projects' }).check();
  await renamed.getByText('Archived').waitFor();

  await page.goto('/audit');
  await page.getByText('Archived the project').waitFor();
  await page.getByText('budget per month: none → $20').waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  const tooWide = `(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('main section'))`;
  expect(await page.evaluate(tooWide)).toBe(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await screenshot(page, 'audit');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: /^Act:/ }).click();
  await page.getByRole('checkbox', { name: 'Connected an engine', exact: true }).check();
  await page.keyboard.press('Escape');
  expect(await page.getByRole('row', { name: /Archived the project/ }).count()).toBe(0);
});
