import { expect, inject } from 'vitest';
import { script } from '../../conformance/platform/script.ts';
import { accessibilityProblems } from './platform/accessibility.ts';
import { administer } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { owner as account } from './platform/owner.ts';
import { askInPage, lastMessage, messageField, openPlayground } from './platform/playground.ts';
import { saying, sayingForLong } from './platform/saying.ts';
import { screenshot } from './platform/screenshots.ts';

test('a page asks to sign in, and comes back to itself', async ({ page }) => {
  await page.goto('/models');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('E-mail').and(page.locator(':focus')).waitFor();
  // A browser takes this for one.
  await page.keyboard.type('ada@local');
  await page.getByLabel('Password').fill('not this password');
  await page.keyboard.press('Enter');
  await page.getByText('Expected an email address, like ana@example.com.').waitFor();
  await page.getByLabel('E-mail').fill(account.email);
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText(`./weai members new-password ${account.email}`).waitFor();
  await screenshot(page, 'sign-in-refused');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/models');
  await page.getByRole('heading', { name: 'Models' }).waitFor();
});

test('a member changes their password, and signs in with it', async ({ page }) => {
  const email = 'katherine@example.com';
  const { url } = await administer<{ url: string }>('/invites', { email, role: 'member' });
  await page.goto(url);
  await page.getByLabel('Your name').fill('Katherine Johnson');
  await page.getByLabel('Password').fill('a first password');
  await page.keyboard.press('Enter');
  await messageField(page).waitFor();

  await page.getByRole('button', { name: /Katherine Johnson/ }).click();
  await page.getByRole('menuitem', { name: 'Change password' }).click();
  const form = page.getByRole('dialog', { name: 'Change your password' });
  await form.getByLabel('Current password').fill('not this password');
  await form.getByLabel('New password').fill('a second password');
  await page.keyboard.press('Enter');
  await form.getByText('The current password is wrong.').waitFor();
  await screenshot(page, 'change-password');
  expect(await accessibilityProblems(page)).toEqual([]);
  await form.getByLabel('Current password').fill('a first password');
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: /Katherine Johnson/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill('a second password');
  await page.keyboard.press('Enter');
  await messageField(page).waitFor();
});

test('signing out ends the session on the server too', async ({ page, context }) => {
  // A session of its own: the other tests share theirs.
  await page.goto('/');
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await messageField(page).waitFor();
  const cookies = await context.cookies();
  expect(cookies.every(({ httpOnly, sameSite }) => httpOnly && sameSite !== 'None')).toBe(true);
  await page.getByRole('button', { name: /Ada Lovelace/ }).click();
  await screenshot(page, 'user-menu');
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  const answer = await fetch(`${inject('console').url}/v1/me`, { headers: { cookie } });
  expect(answer.status).toBe(401);
});

test('a session that ends is renewed in place, and what was written stays', async ({
  owner: page,
  context,
}) => {
  await openPlayground(page, 'smollm2-135m');
  await messageField(page).fill('Half a question');
  await context.clearCookies();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Your session has ended' }).waitFor();
  // Behind the dialog stands the answer that failed, in words for a person: programs are told of keys and headers.
  await page.getByText('Your session has ended: sign in again.').first().waitFor();
  await screenshot(page, 'session-ended');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByLabel('Password').and(page.locator(':focus')).waitFor();
  await page.keyboard.type(account.password);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByText('Half a question').first().waitFor();
});

test('whose role no longer allows asking is told in the middle of an answer, and the page knows', async ({
  page,
}) => {
  const email = 'vera@example.com';
  const [project] = (await administer<{ data: { id: string }[] }>('/projects')).data;
  const projects = [{ id: project?.id, role: 'member' }];
  const { url } = await administer<{ url: string }>('/invites', { email, role: 'member', projects });
  await page.goto(url);
  await page.getByLabel('Your name').fill('Vera Rubin');
  await page.getByLabel('Password').fill('a long password');
  await page.keyboard.press('Enter');
  await messageField(page).waitFor();
  await script(sayingForLong());
  await openPlayground(page, 'scripted');
  await messageField(page).fill('Go on and on.');
  await page.keyboard.press('Enter');
  await page.getByText('word10 ').waitFor();
  const { data: people } = await administer<{ data: { id: string; email: string }[] }>('/users');
  await administer(`/users/${people.find((each) => each.email === email)?.id}`, { role: 'viewer' });
  await lastMessage(page)
    .getByRole('alert')
    .getByText(/Your role, viewer, does not allow this/)
    .waitFor();
  expect(await lastMessage(page).innerText()).toContain('word10 ');
  await page.getByPlaceholder('Your role may read conversations, not ask models.').waitFor();
  await screenshot(page, 'playground-viewer');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('a stream ticket that is out of date is renewed unseen', async ({ owner: page }) => {
  await script(saying('Here ', 'you are.'));
  let asked = 0;
  await page.route('**/auth/stream-ticket', (route) => {
    asked += 1;
    return asked === 1
      ? route.fulfill({ json: { ticket: 'weai-stream-out.of-date', expires_in: 60 } })
      : route.continue();
  });
  await openPlayground(page, 'scripted');
  await askInPage(page, 'Are you there?');
  await lastMessage(page).getByText('Here you are.').waitFor();
  await askInPage(page, 'Still?');
  expect(asked).toBe(2);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('over HTTP/2, where connections are not few, streams go with the session itself', async ({
  owner: page,
}) => {
  await script(saying('Here ', 'you are.'));
  await page.addInitScript(
    `Object.defineProperty(PerformanceNavigationTiming.prototype, 'nextHopProtocol', { get: () => 'h2' })`,
  );
  const sent = page.waitForRequest('**/v1/chat/completions');
  await openPlayground(page, 'scripted');
  await askInPage(page, 'Are you there?');
  const headers = await (await sent).allHeaders();
  expect(headers).not.toHaveProperty('authorization');
  expect(headers['cookie']).toContain('weai.session_token=');
});

test('offline is said, and over when the network is back', async ({ owner: page, context }) => {
  await page.goto('/playground');
  await messageField(page).waitFor();
  await context.setOffline(true);
  await page.getByText('This device is offline.').waitFor();
  await screenshot(page, 'offline');
  await context.setOffline(false);
  await page.getByText('This device is offline.').waitFor({ state: 'hidden' });
  await page.getByText('The server can’t be reached.').waitFor({ state: 'hidden' });
});
