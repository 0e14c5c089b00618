import type { Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { descendantsOf } from '../../conformance/platform/processes.ts';
import { makeDataDirectory, removeDataDirectory, startServer } from '../../conformance/platform/server.ts';
import { accessibilityProblems } from './platform/accessibility.ts';
import { administer } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { makeOwner, owner as account, ownerLinkIn } from './platform/owner.ts';
import { askInPage, lastMessage, messageField, openPlayground } from './platform/playground.ts';
import { screenshot } from './platform/screenshots.ts';

test(
  'an engine that hangs or dies is said in the playground and on Models, and answers again by itself',
  { timeout: 150_000 },
  async ({ page }) => {
    const dataDirectory = makeDataDirectory();
    const server = await startServer(dataDirectory);
    const { origin: url } = new URL(server.baseUrl);
    const engines = () =>
      descendantsOf(server.pid).filter(({ command }) => command.includes('engine/src/main'));
    const signal = (name: NodeJS.Signals) => {
      for (const { pid } of engines()) process.kill(pid, name);
    };
    let killing: NodeJS.Timeout | undefined;
    try {
      const [name = '', ...value] = (await makeOwner(url, ownerLinkIn(server.output()))).split('=');
      await page.context().addCookies([{ name, value: value.join('='), url }]);
      await page.addInitScript(() => localStorage.setItem('weai.playground.model', 'smollm2-135m'));
      await page.goto(`${url}/playground`);
      // Without a limit so small a model sometimes talks on for minutes.
      await page.getByLabel('Maximum tokens').fill('24');
      await askInPage(page, 'Say hello.');
      expect(engines()).toHaveLength(1);

      signal('SIGSTOP');
      await messageField(page).fill('Are you there?');
      await page.keyboard.press('ControlOrMeta+Enter');
      // The server sees that nothing moves, and starts another.
      await lastMessage(page).getByRole('alert').waitFor();
      await screenshot(page, 'engine-hung');
      expect(await accessibilityProblems(page)).toEqual([]);

      // One that dies again and again stays away for longer each time: long enough to be seen.
      killing = setInterval(() => signal('SIGKILL'), 100);
      const seen = await page.context().newPage();
      await seen.goto(`${url}/models?model=smollm2-135m`);
      const drawer = seen.getByRole('dialog', { name: 'smollm2-135m' });
      await drawer.getByRole('article').getByText('Restarting').waitFor();
      await screenshot(seen, 'models-engine-restarting-detail');
      expect(await accessibilityProblems(seen)).toEqual([]);
      await seen.keyboard.press('Escape');
      await seen
        .getByRole('listitem')
        .filter({ hasText: 'smollm2-135m' })
        .getByText('Restarting')
        .first()
        .waitFor();
      await screenshot(seen, 'models-engine-restarting');
      expect(await accessibilityProblems(seen)).toEqual([]);
      await seen.close();
      await lastMessage(page).getByRole('alert').getByRole('button', { name: 'Retry' }).click();
      await lastMessage(page).getByRole('alert').waitFor();
      await screenshot(page, 'engine-away');

      clearInterval(killing);
      // It comes back after the pause that it had earned; each question until then fails at once.
      const answers = async () => {
        await lastMessage(page).getByRole('button', { name: 'Retry' }).first().click();
        await lastMessage(page).getByRole('button', { name: 'Delete answer' }).waitFor();
        return lastMessage(page).getByRole('alert').count();
      };
      await expect.poll(answers, { timeout: 45_000, interval: 1000 }).toBe(0);
      await lastMessage(page).getByText('tok/s').waitFor();
    } finally {
      clearInterval(killing);
      await page.close();
      await server.stop();
      removeDataDirectory(dataDirectory);
    }
  },
);

/** Pages whose code is loaded when they are opened, with the heading of each. */
const administration = [
  ['/usage', 'Usage'],
  ['/logs', 'Logs'],
  ['/keys', 'Keys'],
  ['/projects', 'Projects'],
  ['/members', 'Members'],
  ['/limits', 'Limits and budgets'],
  ['/admin-keys', 'Admin keys'],
  ['/audit', 'Audit log'],
] as const;

test('without a network each page says so, and is there when it is back', async ({
  owner: page,
  context,
}) => {
  await page.goto('/keys');
  await page.getByRole('row', { name: /first/ }).waitFor();
  await context.setOffline(true);
  await page.getByText('This device is offline.').waitFor();
  // What was read stays.
  await page.getByRole('row', { name: /first/ }).waitFor();
  await screenshot(page, 'keys-offline');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('made offline');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('alert').getByText('This device is offline').waitFor();
  await screenshot(page, 'keys-make-offline');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  // A page whose code was never loaded.
  await openFromNavigation(page, 'Members');
  await page.getByRole('heading', { name: 'This device is offline' }).waitFor();
  await screenshot(page, 'members-offline');
  expect(await accessibilityProblems(page)).toEqual([]);
  await context.setOffline(false);
  await page.getByRole('row', { name: /\(you\)/ }).waitFor();
  await page.getByText('This device is offline.').waitFor({ state: 'hidden' });
});

async function openFromNavigation(page: Page, name: string): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Pages', exact: true })
    .first()
    .getByRole('link', { name, exact: true })
    .click();
}

test('a session that ended asks to sign in over the page, which is there after it', async ({
  owner: page,
  context,
}) => {
  await page.goto('/keys');
  await page.getByRole('row', { name: /first/ }).waitFor();
  await context.clearCookies();
  await openFromNavigation(page, 'Limits');
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
  await screenshot(page, 'limits-session-ended');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Change limits of default' }).first().waitFor();
});

test('each page has its state while it waits and when the server fails, and goes on after it', async ({
  owner: page,
}) => {
  const release = Promise.withResolvers<void>();
  await page.route('**/v1/organization/**', async (route) => {
    await release.promise;
    await route.fulfill({
      status: 500,
      headers: { 'x-request-id': 'req_123' },
      json: { error: { message: 'The database can’t be reached: try again.', type: 'server_error' } },
    });
  });
  for (const [path, heading] of administration) {
    await page.goto(path);
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    if (path === '/usage' || path === '/logs') await screenshot(page, `${path.slice(1)}-loading`);
  }
  release.resolve();
  for (const [path] of administration) {
    await page.goto(path);
    const failure = page.getByRole('main').getByRole('alert');
    await failure.getByText('The database can’t be reached: try again.').waitFor();
    if (path === '/usage' || path === '/logs') await screenshot(page, `${path.slice(1)}-error`);
    expect(await accessibilityProblems(page)).toEqual([]);
  }
  await page.unroute('**/v1/organization/**');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('table').waitFor();
});

test('a key that somebody else revoked meanwhile is not an error', async ({ owner: page }) => {
  const [project] = (await administer<{ data: { id: string }[] }>('/projects')).data;
  const path = `/projects/${project?.id}/api_keys`;
  const { id } = await administer<{ id: string }>(path, { name: 'shared script' });
  await page.goto('/keys');
  const row = page.getByRole('row', { name: /shared script/ });
  await row.waitFor();
  const { url, adminKey } = inject('console');
  const revoked = await fetch(`${url}/v1/organization${path}/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${adminKey}` },
  });
  expect(revoked.status).toBe(200);
  await row.getByRole('button', { name: 'Actions for shared script' }).click();
  await page.getByRole('menuitem', { name: 'Limits and budget' }).click();
  await page.getByRole('dialog').getByText('was revoked').waitFor();
  await screenshot(page, 'keys-limits-revoked');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await row.waitFor({ state: 'detached' });
});

test('a budget that is used up is said, with the way to it', async ({ owner: page }) => {
  const { data } = await administer<{ data: { id: string; name: string }[] }>('/projects');
  const project = data.find(({ name }) => name === 'default');
  const limits = `/limits/project/${project?.id}`;
  await administer(limits, { usd_per_month: '0.00' });
  try {
    await openPlayground(page, 'scripted-large');
    await messageField(page).fill('Is there money?');
    await page.keyboard.press('ControlOrMeta+Enter');
    await lastMessage(page).getByRole('alert').getByText('of this project').waitFor();
    await screenshot(page, 'budget-used-up');
    expect(await accessibilityProblems(page)).toEqual([]);
    await lastMessage(page).getByRole('link', { name: 'See the limits' }).click();
    await page.getByText('This month, used up').waitFor();
    await screenshot(page, 'limits-used-up');
    expect(await accessibilityProblems(page)).toEqual([]);
  } finally {
    await administer(limits, { usd_per_month: null });
  }
});
