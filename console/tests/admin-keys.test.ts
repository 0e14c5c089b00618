import { expect, inject } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('an admin key is made, shown once, administers, and is revoked; the audit log tells of it', async ({
  page,
}) => {
  await actAsOwner(page);
  await page.goto('/admin-keys');
  await page.getByRole('row', { name: /first/ }).waitFor();
  await page.getByRole('button', { name: 'Make an admin key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('terraform');
  await screenshot(page, 'admin-keys-make');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');
  const value = await page.getByTestId('new-admin-key').textContent();
  expect(value).toMatch(/^sk-weai-admin-/);
  await screenshot(page, 'admin-keys-made');
  expect(await accessibilityProblems(page)).toEqual([]);
  const { url } = inject('console');
  const command = await page.getByRole('region', { name: 'curl command' }).textContent();
  expect(command).toContain(`curl ${url}/v1/organization/projects`);
  const administer = async () =>
    (await fetch(`${url}/v1/organization/projects`, { headers: { authorization: `Bearer ${value}` } }))
      .status;
  expect(await administer()).toBe(200);
  await page.getByRole('button', { name: 'I have copied it' }).click();

  const row = page.getByRole('row', { name: /terraform/ });
  await row.waitFor();
  expect(await page.content()).not.toContain(value);
  await screenshot(page, 'admin-keys');
  expect(await accessibilityProblems(page)).toEqual([]);
  await row.getByRole('button', { name: 'Revoke terraform' }).click();
  await screenshot(page, 'admin-keys-revoke');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Cancel' }).click();
  expect(await administer()).toBe(200);
  await row.getByRole('button', { name: 'Revoke terraform' }).click();
  await page.getByRole('button', { name: 'Revoke admin key' }).click();
  await row.waitFor({ state: 'detached' });
  await expect.poll(administer).toBe(401);

  await page.goto('/audit');
  const revoked = page.getByRole('row', { name: /Revoked an admin key/ }).first();
  await revoked.getByText('name: terraform').waitFor();
  await page
    .getByRole('row', { name: /Made an admin key/ })
    .first()
    .getByText('name: terraform')
    .waitFor();
});

test('says that there is none, that it failed, and that a role may not', async ({ page }) => {
  await actAsOwner(page);
  await page.route('**/admin_api_keys**', (route) =>
    route.fulfill({ json: { object: 'list', data: [], first_id: null, last_id: null, has_more: false } }),
  );
  await page.goto('/admin-keys');
  await page.getByRole('heading', { name: 'No admin key' }).waitFor();
  await screenshot(page, 'admin-keys-empty');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.route('**/admin_api_keys**', (route) =>
    route.fulfill({ status: 400, json: { error: { message: 'The database is away.' } } }),
  );
  await page.reload();
  await page.getByText('The database is away.').waitFor();
  await screenshot(page, 'admin-keys-error');

  await actAsOwner(page, ['admin_keys.manage']);
  await page.reload();
  await page.getByRole('heading', { name: 'Your role doesn’t show admin keys' }).waitFor();
  expect(await page.getByRole('link', { name: 'Admin keys' }).count()).toBe(0);
  await screenshot(page, 'admin-keys-not-permitted');
});
