import { expect, inject } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('a key is made, used by its own curl, limited and revoked, by keyboard where one types', async ({
  page,
}) => {
  await actAsOwner(page);
  await page.goto('/keys');
  await page.getByRole('button', { name: 'Make a key' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('website');
  await screenshot(page, 'keys-make');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Enter');

  const value = await page.getByTestId('new-key').textContent();
  expect(value).toMatch(/^sk-weai-/);
  await screenshot(page, 'keys-made');
  expect(await accessibilityProblems(page)).toEqual([]);
  const command = await page.getByRole('region', { name: 'curl command' }).textContent();
  const { url } = inject('console');
  expect(command).toContain(`curl ${url}/v1/chat/completions`);
  const [, body = ''] = /-d '(.*)'$/s.exec(command ?? '') ?? [];
  const ask = () =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${value}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...JSON.parse(body), max_completion_tokens: 1 }),
    });
  expect((await ask()).status).toBe(200);
  // What is shown once is copied by the next press.
  await page.getByRole('button', { name: 'Copy key' }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copied', exact: true }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(value);
  await page.getByRole('button', { name: 'I have copied it' }).click();

  const row = page.getByRole('row', { name: /website/ });
  await row.getByText('Those of the project').waitFor();
  expect(await page.content()).not.toContain(value);
  await row.getByRole('button', { name: 'Actions for website' }).click();
  await page.getByRole('menuitem', { name: 'Limits and budget' }).click();
  // Where one types first is where the dialog begins.
  await page.getByRole('textbox', { name: 'Requests a minute' }).and(page.locator(':focus')).waitFor();
  await page.getByRole('textbox', { name: 'Budget a day, in dollars' }).fill('a lot');
  await page.getByRole('button', { name: 'Save limits' }).click();
  await page.getByText(/Expected dollars/).waitFor();
  await page.getByRole('textbox', { name: 'Budget a day, in dollars' }).fill('2.50');
  await page.getByRole('textbox', { name: 'Requests a minute' }).fill('60');
  await screenshot(page, 'keys-limits');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save limits' }).click();
  await row.getByText('60 requests/min · $2.50 a day').last().waitFor();
  await screenshot(page, 'keys');
  expect(await accessibilityProblems(page)).toEqual([]);

  await row.getByRole('button', { name: 'Actions for website' }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await page.getByText('answers under way end').waitFor();
  await screenshot(page, 'keys-revoke');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Revoke key' }).click();
  await row.waitFor({ state: 'detached' });
  await expect.poll(async () => (await ask()).status).toBe(401);

  await page.getByRole('switch', { name: 'Show revoked keys' }).check();
  await row.getByText('Revoked', { exact: true }).waitFor();
  await screenshot(page, 'keys-revoked');
  expect(await accessibilityProblems(page)).toEqual([]);
  await row.getByRole('button', { name: 'Make another key website' }).click();
  expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('website');
  await page.keyboard.press('Escape');
  // What it did stays, under its name.
  await page.goto('/logs');
  await page
    .getByRole('row', { name: /website/ })
    .getByRole('link')
    .first()
    .click();
  await page.getByRole('dialog').getByText('Revoked', { exact: true }).waitFor();
  await screenshot(page, 'logs-revoked-key');
  await page.goto('/usage?by=key');
  await page.getByRole('row', { name: /website \(revoked\)/ }).waitFor();
});

test('says what is amiss: no key yet, the server fails, the role does not show keys', async ({ page }) => {
  await actAsOwner(page);
  await page.route('**/api_keys**', (route) =>
    route.fulfill({ json: { object: 'list', data: [], first_id: null, last_id: null, has_more: false } }),
  );
  await page.goto('/keys');
  await page.getByRole('heading', { name: 'No key yet' }).waitFor();
  await screenshot(page, 'keys-empty');
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.route('**/api_keys**', (route) =>
    route.fulfill({
      status: 400,
      headers: { 'x-request-id': 'req_123' },
      json: { error: { message: 'The database is away.', type: 'server_error', param: null, code: null } },
    }),
  );
  await page.reload();
  await page.getByText('The database is away.').waitFor();
  await screenshot(page, 'keys-error');

  await actAsOwner(page, ['api_keys.read', 'api_keys.manage']);
  await page.reload();
  await page.getByRole('heading', { name: 'Your role doesn’t show keys' }).waitFor();
  await screenshot(page, 'keys-not-permitted');
  expect(await accessibilityProblems(page)).toEqual([]);
});
