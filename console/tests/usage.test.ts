import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { ask } from './platform/ask.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('what was asked is summed by day and model, filtered, compared and exported', async ({ page }) => {
  const { apiKey } = inject('console');
  await Promise.all([ask(apiKey, 'smollm2-135m'), ask(apiKey, 'llama3.1-8B')]);
  await actAsOwner(page);
  // What was asked today has no days before it: some are added to what the server sums.
  await page.route('**/v1/organization/usage/completions**', async (route) => {
    const answer = await route.fetch();
    const buckets = await answer.json();
    for (const [index, bucket] of buckets.data.entries())
      if (bucket.results.length === 0)
        bucket.results.push({
          object: 'organization.usage.completions.result',
          input_tokens: 1000 + ((index * 7919) % 9000),
          input_cached_tokens: 400,
          output_tokens: 500 + ((index * 104_729) % 3000),
          num_model_requests: 10 + (index % 7),
          project_id: null,
          api_key_id: null,
          model: index % 3 === 0 ? 'llama3.1-70B' : 'smollm2-135m',
        });
    await route.fulfill({ json: buckets });
  });
  await playIdleTime(page);
  await page.goto('/usage?measure=tokens');
  await page.getByRole('row', { name: /smollm2-135m/ }).waitFor();
  await page.locator('.recharts-bar-rectangle').first().waitFor();
  const machines = page.getByRole('region', { name: /^What the machines cost: \$12/ });
  await machines.getByText('embedded/smollm2-135m').waitFor();
  expect(await machines.textContent()).toContain('100%, is idle time');
  await screenshot(page, 'usage');
  expect(await accessibilityProblems(page)).toEqual([]);
  await screenshot(page, 'usage-machines', machines);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const csv = await readFile(await (await download).path(), 'utf8');
  expect(csv).toMatch(/^day,model,model_name,requests,/);
  expect(csv).toContain(',idle remote/llama3.1-70B/1,0,0,0,0,0.0,0.0,0.3\r\n');
  expect(csv).toContain(`${new Date().toISOString().slice(0, 10)},smollm2-135m`);
  await page.unroute('**/v1/organization/usage/completions**');

  await page.getByRole('button', { name: 'By key' }).click();
  await page.getByRole('row', { name: /first/ }).waitFor();
  // By key the time is told as one sum: no key has any of it.
  await page.getByRole('region', { name: /^What the machines cost/ }).waitFor();
  expect(await page.getByText('embedded/smollm2-135m').count()).toBe(0);
  await page.getByRole('button', { name: /^Model:/ }).click();
  await screenshot(page, 'usage-filter');
  await page.getByRole('checkbox', { name: 'llama3.1-70B' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Nothing fits these filters' }).waitFor();
  expect(new URL(page.url()).search).toContain('llama3.1-70B');
  await screenshot(page, 'usage-empty');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await page.getByRole('row', { name: /first/ }).getByRole('link', { name: 'first' }).click();
  await page.waitForURL('**/logs?*');
  await page.getByRole('button', { name: 'Key: first' }).waitFor();
  await page.getByRole('cell', { name: 'first' }).first().waitFor();
});

/** The machines of a test cost nothing: to what the server sums, idle time is added as it tells it. */
async function playIdleTime(page: Page): Promise<void> {
  await page.route('**/v1/organization/costs**', async (route) => {
    const answer = await route.fetch();
    const buckets = await answer.json();
    const byModel = route.request().url().includes('line_item');
    const result = (item: string | null, usd: string) => ({
      object: 'organization.costs.result',
      amount: { value: 0, currency: 'usd' },
      line_item: item,
      project_id: null,
      api_key_id: null,
      weai: { amount_usd: '0.00', machine_usd: '0.00', idle_usd: usd },
    });
    for (const bucket of buckets.data)
      bucket.results.push(
        ...(byModel
          ? [result('idle embedded/smollm2-135m', '0.10'), result('idle remote/llama3.1-70B/1', '0.30')]
          : [result(null, '0.40')]),
      );
    await route.fulfill({ json: buckets });
  });
}
