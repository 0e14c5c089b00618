import { expect, inject } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner, administer } from './platform/administrator.ts';
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
    .getByRole('cell', { name: 'Member', exact: true })
    .waitFor();

  const elsewhere = await browser.newContext({ baseURL: inject('console').url });
  const joining = await elsewhere.newPage();
  await joining.goto(new URL(link ?? '').pathname + new URL(link ?? '').search);
  await joining.getByText('grace@example.com').waitFor();
  await joining.getByRole('heading', { name: 'You are invited to default' }).waitFor();
  const terms = joining.getByRole('term').filter({ hasText: 'Projects' }).locator('..');
  expect(await terms.textContent()).toContain('default');
  await screenshot(joining, 'invite');
  expect(await accessibilityProblems(joining)).toEqual([]);
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

test('an invitation that is used, out of date or made up says what to do, and no more', async ({ page }) => {
  await page.goto('/invite?token=made-up');
  await page.getByRole('heading', { name: 'This invitation isn’t open' }).waitFor();
  const madeUp = await page.getByRole('main').textContent();
  await screenshot(page, 'invite-closed');
  expect(await accessibilityProblems(page)).toEqual([]);

  const made = await administer<{ url: string }>('/invites', { email: 'alan@example.com', role: 'viewer' });
  const token = new URL(made.url).searchParams.get('token') ?? '';
  await page.goto(`/invite?token=${token}`);
  await page.getByText('alan@example.com').waitFor();
  await page.getByRole('textbox', { name: 'Your name' }).fill('Alan Turing');
  await page.getByLabel('Password').fill('a machine that halts');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.waitForURL('**/playground**');
  await page.goto(`/invite?token=${token}`);
  await page.getByRole('heading', { name: 'This invitation isn’t open' }).waitFor();
  expect(await page.getByRole('main').textContent()).toBe(madeUp);
  expect(madeUp).not.toContain('alan@example.com');

  await page.goto('/invite');
  await page.getByRole('heading', { name: 'The link is not complete' }).waitFor();
  await screenshot(page, 'invite-incomplete');

  // What is no answer about the token can be tried again.
  await page.route('**/auth/invite', (route) =>
    route.fulfill({
      status: 429,
      json: {
        error: {
          message: 'Too many attempts to sign in: wait, then try again.',
          code: 'rate_limit_exceeded',
        },
      },
    }),
  );
  await page.goto('/invite?token=made-up');
  await page.getByText('Too many attempts').waitFor();
  await screenshot(page, 'invite-error');
  await page.unroute('**/auth/invite');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'This invitation isn’t open' }).waitFor();
});
