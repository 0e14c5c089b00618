import { expect } from 'vitest';
import { pagePaths } from '../src/paths.ts';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { messageField, openPlayground } from './platform/playground.ts';
import { screenshot } from './platform/screenshots.ts';

const width = 360;
const beforeSignIn = new Set(['/sign-in', '/welcome', '/invite']);

test('⌘K finds pages and actions by keyboard alone', async ({ owner: page }) => {
  await openPlayground(page, 'smollm2-135m');
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('combobox', { name: 'Find a page or an action' }).fill('get co');
  await screenshot(page, 'commands');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Get code' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('usage');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/usage');
});

test('what is typed before the palette is there is typed in it, and Enter waits for it', async ({
  owner: page,
}) => {
  await openPlayground(page, 'smollm2-135m');
  const arriving = Promise.withResolvers<void>();
  await page.route(/palette-.*\.js/, async (route) => {
    await arriving.promise;
    await route.continue();
  });
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('usabe');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('ge');
  expect(await messageField(page).inputValue()).toBe('');
  arriving.resolve();
  const field = page.getByRole('combobox', { name: 'Find a page or an action' });
  await field.and(page.locator(':focus')).waitFor();
  expect(await field.inputValue()).toBe('usage');
  await page.keyboard.press('Escape');
  await field.waitFor({ state: 'detached' });

  // From the press on, however fast: all of it is the palette's.
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('logs');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/logs');
});

test('at 360 px settings and every page are reached', async ({ owner: page }) => {
  await page.setViewportSize({ width, height: 740 });
  await openPlayground(page, 'smollm2-135m');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  await screenshot(page, 'settings');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('navigation').getByRole('button', { name: 'More' }).click();
  await page.getByRole('link', { name: 'Keys', exact: true }).waitFor();
  expect(await page.getByRole('link', { name: 'Documentation' }).getAttribute('href')).toBe('/docs');
  await screenshot(page, 'narrow-menu');
  await page.getByRole('link', { name: 'Keys', exact: true }).click();
  await page.waitForURL('**/keys');
  // The bar says where one is, also for what it has no room for.
  const more = page.getByRole('navigation').getByRole('button', { name: 'More' });
  await more.and(page.locator('[aria-current]')).waitFor();
  await page.getByRole('navigation').getByRole('link', { name: 'Models' }).click();
  await more.and(page.locator(':not([aria-current])')).waitFor();
});

test('every page fits into 360 px', async ({ page }) => {
  await page.setViewportSize({ width, height: 740 });
  const paths = pagePaths.toSorted((a, b) => Number(beforeSignIn.has(b)) - Number(beforeSignIn.has(a)));
  const tooWide: string[] = [];
  for (const path of paths) {
    if (!beforeSignIn.has(path)) await actAsOwner(page);
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
    expect(new URL(page.url()).pathname).toBe(path);
    tooWide.push(
      ...(await page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
        .filter((each) => document.documentElement.scrollWidth > ${width} && each.getBoundingClientRect().right > ${width})
        .map((each) => '${path}: ' + each.outerHTML.slice(0, 120))`)),
    );
  }
  expect(tooWide).toEqual([]);
});

test('menus and selects open by keyboard, also where they were not loaded yet, and give the focus back', async ({
  owner: page,
}) => {
  await openPlayground(page, 'smollm2-135m');
  const focused = (name: string) => page.locator(`[aria-label='${name}']:focus`).waitFor();
  const model = page.getByRole('combobox', { name: 'Model' });
  await model.focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('listbox').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('listbox').waitFor({ state: 'detached' });
  await focused('Model');
  await page.keyboard.press('Enter');
  await page
    .getByRole('option', { name: /^scripted/ })
    .first()
    .waitFor();
  await page.keyboard.press('s');
  await page.keyboard.press('c');
  await page.keyboard.press('Enter');
  await model.getByText('scripted', { exact: true }).waitFor();

  await page.getByRole('button', { name: 'More', exact: true }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Presets' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await focused('More');
});
