import { expect, inject } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('somebody is invited by a link, joins, gets another role and is removed', async ({ page, browser }) => {
  await actAsOwner(page);
  await page.goto('/members');
  await page.getByRole('row', { name: /\(you\)/ }).waitFor();
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await page.getByRole('textbox', { name: 'E-mail' }).fill('grace@example.com');
  await screenshot(page, 'members-invite');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');
  const link = await page.getByTestId('invite-link').textContent();
  await screenshot(page, 'members-link');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Done' }).click();
  await page
    .getByRole('row', { name: /grace@example.com/ })
    .getByText('Member')
    .waitFor();

  const elsewhere = await browser.newContext({ baseURL: inject('console').url });
  const joining = await elsewhere.newPage();
  await joining.goto(new URL(link ?? '').pathname + new URL(link ?? '').search);
  await joining.getByRole('textbox', { name: 'Your name' }).fill('Grace Hopper');
  await joining.getByLabel('Password').fill('a compiler for all');
  await joining.getByRole('button', { name: 'Join' }).click();
  await joining.waitForURL('**/playground**');
  // A member sees who is in the project, and not the organization.
  await joining.goto('/members');
  await joining.getByRole('heading', { name: 'What each role may do' }).waitFor();
  expect(await joining.getByRole('button', { name: 'Invite somebody' }).count()).toBe(0);

  await page.reload();
  const row = page.getByRole('row', { name: /Grace Hopper/ });
  await row.waitFor();
  await screenshot(page, 'members');
  expect(await accessibilityProblems(page)).toEqual([]);
  await row.getByRole('button', { name: 'Actions for Grace Hopper' }).click();
  await page.getByRole('menuitem', { name: 'Projects' }).click();
  await page.getByRole('combobox', { name: 'Role in default' }).waitFor();
  await screenshot(page, 'members-projects');
  await page.getByRole('button', { name: 'Done' }).click();
  await row.getByRole('combobox', { name: 'Role of Grace Hopper' }).click();
  await page.getByRole('option', { name: /^Viewer/ }).click();
  await page.getByText('The role of Grace Hopper is Viewer now').waitFor();

  await row.getByRole('button', { name: 'Actions for Grace Hopper' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await screenshot(page, 'members-remove');
  await page.getByRole('button', { name: 'Remove member' }).click();
  await row.waitFor({ state: 'detached' });
  await expect
    .poll(async () => (await elsewhere.request.get('/v1/me')).status(), { timeout: 5000 })
    .toBe(401);
  await elsewhere.close();
});
