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
  await playUsage(page);
  await page.goto('/usage?measure=tokens');
  await page.getByRole('row', { name: /smollm2-135m/ }).waitFor();
  const chart = page.getByRole('img', { name: 'Tokens by day; the table has the figures' });
  await chart.hover();
  // Left of its axis' middle is the 15th of 30 days, with 3,866 tokens in and 2,706 out.
  await chart.getByText('6,572').first().waitFor();
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

  await page.getByRole('button', { name: 'By key' }).click();
  await page.getByRole('row', { name: /first/ }).waitFor();
  await machines.waitFor();
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

interface Figures {
  num_model_requests: number;
  input_tokens: number;
  input_cached_tokens: number;
  output_tokens: number;
}

interface Day extends Figures {
  start_time: number;
}

interface Summary {
  start_time: number;
  total: Figures & { idle_usd: string };
  idle: { deployment_id: string; idle_usd: string }[];
  days: Day[] | null;
  data: (Figures & { model: string | null; days: Day[] })[];
  total_count: number;
}

/**
 * What was asked in a test has no days before it, and its machines cost nothing: to what the server sums, days and idle time are
 * added as it tells them.
 */
async function playUsage(page: Page): Promise<void> {
  await page.route('**/v1/organization/usage/summary**', async (route) => {
    const answer = await route.fetch();
    const summary: Summary = await answer.json();
    const { searchParams: query } = new URL(route.request().url());
    if (!query.has('models[]')) {
      summary.total.idle_usd = '12.00';
      summary.idle = [
        { deployment_id: 'embedded/smollm2-135m', idle_usd: '3.00' },
        { deployment_id: 'remote/llama3.1-70B/1', idle_usd: '9.00' },
      ];
    }
    const small = summary.data.find(({ model }) => model === 'smollm2-135m');
    if (query.get('group_by') === 'model' && summary.days !== null && small !== undefined) {
      const nothing = { num_model_requests: 0, input_tokens: 0, input_cached_tokens: 0, output_tokens: 0 };
      const large = { ...small, ...nothing, model: 'llama3.1-70B', days: [] };
      for (let index = 0; index < 29; index += 1) {
        const figures = {
          num_model_requests: 10 + (index % 7),
          input_tokens: 1000 + ((index * 7919) % 9000),
          input_cached_tokens: 400,
          output_tokens: 500 + ((index * 104_729) % 3000),
        };
        const group: Summary['data'][number] = index % 3 === 0 ? large : small;
        const day = { ...small.days[0], start_time: summary.start_time + index * 86_400, ...figures };
        group.days.push(day);
        summary.days.push(day);
        for (const sums of [group, summary.total]) {
          sums.num_model_requests += figures.num_model_requests;
          sums.input_tokens += figures.input_tokens;
          sums.input_cached_tokens += figures.input_cached_tokens;
          sums.output_tokens += figures.output_tokens;
        }
      }
      summary.data.push(large);
      summary.total_count += 1;
    }
    await route.fulfill({ json: summary });
  });
  await page.route('**/v1/organization/costs**', async (route) => {
    const answer = await route.fetch();
    const buckets = await answer.json();
    const result = (item: string, usd: string) => ({
      object: 'organization.costs.result',
      amount: { value: 0, currency: 'usd' },
      line_item: item,
      project_id: null,
      api_key_id: null,
      weai: { amount_usd: '0.00', machine_usd: '0.00', idle_usd: usd },
    });
    for (const bucket of buckets.data)
      bucket.results.push(
        result('idle embedded/smollm2-135m', '0.10'),
        result('idle remote/llama3.1-70B/1', '0.30'),
      );
    await route.fulfill({ json: buckets });
  });
}
