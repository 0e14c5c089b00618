import { expect } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';
import { startScriptedEngine } from './platform/scripted-engine.ts';

test('models say what answers, and what replaces a stand-in', async ({ page }) => {
  await actAsOwner(page);
  await page.goto('/models');
  const standIn = page.getByRole('listitem').filter({ hasText: 'llama3.1-8B' });
  await standIn.getByText('Stand-in', { exact: true }).waitFor();
  await standIn.getByText('./weai pull llama3.1-8B').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'smollm2-135m' }).getByText('Ready').first().waitFor();
  await screenshot(page, 'models');
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.getByRole('link', { name: 'smollm2-135m', exact: true }).click();
  const drawer = page.getByRole('dialog', { name: 'smollm2-135m' });
  await drawer.getByText('Weights on this machine').waitFor();
  await screenshot(page, 'models-detail');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('');

  // The model that was looked at is the one that is asked.
  await page.getByRole('link', { name: 'Try it: scripted-large' }).click();
  await page.getByRole('combobox', { name: 'Model' }).getByText('scripted-large').waitFor();
  expect(new URL(page.url()).search).toBe('');
});

test('the details of a stand-in say how to replace it, and begin with it', async ({ page }) => {
  await actAsOwner(page);
  await page.goto('/models?model=llama3.1-70B');
  const drawer = page.getByRole('dialog', { name: 'llama3.1-70B' });
  await drawer.getByText('./weai pull llama3.1-70B', { exact: true }).waitFor();
  await drawer.getByRole('button', { name: /^Pull \d/ }).waitFor();
  await screenshot(page, 'models-stand-in');
  expect(await accessibilityProblems(page)).toEqual([]);
  await drawer.getByRole('button', { name: 'Connect an engine for llama3.1-70B' }).click();
  const form = page.getByRole('dialog', { name: 'Connect an engine' });
  expect(await form.getByRole('combobox', { name: 'Model' }).inputValue()).toBe('llama3.1-70B');
});

test('an engine elsewhere is tried before it is saved, and can be disconnected', async ({ page }) => {
  const engine = await startScriptedEngine();
  await actAsOwner(page);
  await page.goto('/models');
  await page.getByRole('button', { name: 'Connect an engine', exact: true }).click();
  await page.getByRole('textbox', { name: 'Address' }).fill('http://127.0.0.1:9');
  await page.getByRole('combobox', { name: 'Model' }).fill('elsewhere');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await screenshot(page, 'models-connect-refused');
  await page.getByRole('textbox', { name: 'Address' }).fill(engine.url);
  await page.getByRole('button', { name: 'Test' }).click();
  await page.getByText('It answers: vLLM, model scripted-7b, 8K context').waitFor();
  await screenshot(page, 'models-connect');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.getByRole('listitem').filter({ hasText: 'elsewhere' }).getByText('served by vLLM').waitFor();
  await page.getByRole('link', { name: 'elsewhere', exact: true }).click();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await screenshot(page, 'models-disconnect');
  await page
    .getByRole('dialog', { name: 'Disconnect this engine?' })
    .getByRole('button', { name: 'Disconnect' })
    .click();
  await page.getByRole('link', { name: 'elsewhere', exact: true }).waitFor({ state: 'detached' });
  await engine.close();
});

test('a pull shows how far it is, and is cancelled; who may not does not see it', async ({ page }) => {
  await actAsOwner(page);
  let state = 'idle';
  let bytes = 0;
  // Weights of gigabytes are not fetched in a test: the server's answers to a pull are played.
  await page.route('**/v1/organization/models', async (route) => {
    const answer = await route.fetch();
    const list = await answer.json();
    for (const model of list.data)
      if (model.id === 'llama3.1-8B') Object.assign(model.pull, { state, bytes, total_bytes: 4_900_000_000 });
    await route.fulfill({ json: list });
  });
  const pull = () => ({
    object: 'organization.model.pull',
    model: 'llama3.1-8B',
    state,
    bytes: (bytes += 490_000_000),
    total_bytes: 4_900_000_000,
    bytes_per_second: 98_000_000,
    source: 'a hub',
    step: 'Downloading from a hub',
    verified: false,
    error: null,
    started_at: 1,
    finished_at: null,
  });
  await page.route('**/llama3.1-8B/pull', (route) => {
    if (route.request().method() === 'POST') state = 'running';
    return route.fulfill({ json: pull() });
  });
  await page.route('**/llama3.1-8B/pull/cancel', (route) => {
    state = 'cancelled';
    return route.fulfill({ json: pull() });
  });
  await page.goto('/models');
  const model = page.getByRole('listitem').filter({ hasText: 'llama3.1-8B' });
  await model.getByRole('button', { name: /^Pull/ }).click();
  await page.getByRole('progressbar', { name: 'Pull of llama3.1-8B' }).waitFor();
  await page.getByText(/1\.\d GB of 4\.9 GB · 98 MB\/s · \d+ s left/).waitFor();
  await screenshot(page, 'models-pull');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('progressbar').waitFor({ state: 'detached' });

  await actAsOwner(page, ['deployments.manage']);
  await page.reload();
  await model.waitFor();
  expect(await page.getByRole('button', { name: /^Pull|Connect an engine/ }).count()).toBe(0);
});
