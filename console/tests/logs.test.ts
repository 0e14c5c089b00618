import { expect, inject } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner, administer } from './platform/administrator.ts';
import { ask } from './platform/ask.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

test('a request shows where its time went, and its content only when its project stores that', async ({
  page,
}) => {
  const { apiKey } = inject('console');
  const id = await ask(apiKey, 'smollm2-135m', 'A question that is not stored');
  await actAsOwner(page);
  await page.goto('/logs');
  await page.locator(`a[href*="${id}"]`).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByText('To the first token').waitFor();
  await drawer.getByText('doesn’t store what is asked and answered').waitFor();
  expect(await drawer.textContent()).not.toContain('A question that is not stored');
  // The list and the details tell the time in one way.
  await drawer.getByText(/^\w{3} \d+, \d{4}, \d\d:\d\d:\d\d /).waitFor();
  await screenshot(page, 'logs-detail');
  expect(await accessibilityProblems(page)).toEqual([]);
  const address = page.url();
  await drawer.getByRole('link', { name: 'Turn it on under Projects' }).click();

  await page.getByRole('switch', { name: 'Store what is asked and answered' }).check();
  await screenshot(page, 'projects-settings');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save settings' }).click();
  await page.getByRole('cell', { name: 'Stored for 30 days' }).waitFor();

  const [project] = (await administer<{ data: { id: string }[] }>('/projects')).data;
  await expect
    .poll(
      async () => {
        const stored = await ask(apiKey, 'smollm2-135m', '<img src=x onerror=alert(1)> stored');
        return (await administer<{ content: unknown }>(`/requests/${stored}`)).content === null
          ? null
          : stored;
      },
      { timeout: 10_000 },
    )
    .not.toBeNull();
  await page.goto('/logs');
  await page.getByRole('row').nth(1).getByRole('link').click();
  await page.getByText('<img src=x onerror=alert(1)> stored').waitFor();
  await screenshot(page, 'logs-content');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('j');
  await expect.poll(() => page.url()).not.toContain('request=undefined');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.goto(address);
  await page.getByText('this request was made before').waitFor();
  await administer(`/projects/${project?.id}`, { store_content: false });
});

test('is filtered by the address and paged by a cursor, also where pages are many', async ({ page }) => {
  await actAsOwner(page);
  const row = (index: number) => ({
    id: `req-${index}`,
    object: 'organization.request',
    started_at_ms: Date.UTC(2026, 10, 24, 12, 0, 0) - index * 997,
    request_id: `x-${index}`,
    project_id: 'proj-1',
    api_key_id: 'key-1',
    model_requested: index % 4 === 0 ? 'llama3.1-70B' : 'llama3.1-8B',
    model: 'llama3.1-8B',
    deployment_id: 'remote/llama3.1-8B/1',
    failed_attempts: [],
    status: (['completed', 'completed', 'length', 'cancelled', 'failed'] as const)[index % 5],
    finish_reason: 'stop',
    error_code: null,
    usage: {
      prompt_tokens: 120 + ((index * 37) % 4000),
      cached_tokens: 0,
      completion_tokens: (index * 13) % 900,
      reasoning_tokens: 0,
      counts_from: 'engine',
    },
    timing: {
      queue_ms: (index * 7) % 400,
      prompt_ms: 60 + ((index * 11) % 500),
      time_to_first_token_ms: 100,
      generation_ms: 200 + ((index * 131) % 4000),
      duration_ms: 260 + ((index * 7) % 400) + ((index * 11) % 500) + ((index * 131) % 4000),
      tokens_per_second: 40,
    },
    cost: {
      tokens_usd: '0.000123',
      machine_usd: '0.0002',
      engine_seconds: 1,
      input_usd: null,
      cached_input_usd: null,
      output_usd: null,
      machine_usd_per_hour: '0.00',
    },
  });
  const asked: URL[] = [];
  await page.route('**/v1/organization/requests?**', (route) => {
    const url = new URL(route.request().url());
    asked.push(url);
    const from = Number(url.searchParams.get('after') ?? 0);
    const data = Array.from({ length: 50 }, (_row, index) => row(from + index));
    return route.fulfill({
      json: { object: 'list', data, has_more: true, next_cursor: String(from + 50) },
    });
  });
  // Each project's keys take a request: they are read when the filter is touched.
  const keyLists: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/api_keys?')) keyLists.push(request.url());
  });
  await page.goto('/logs?statuses=%5B%22failed%22%5D&slower=5000');
  await page.locator('a[href*="req-0"]').waitFor();
  expect(asked[0]?.searchParams.getAll('statuses')).toEqual(['failed']);
  expect(asked[0]?.searchParams.get('min_duration_ms')).toBe('5000');
  await page.getByRole('button', { name: /^Status: Failed/ }).waitFor();
  await screenshot(page, 'logs');
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(keyLists).toEqual([]);
  await page.getByRole('button', { name: /^Key:/ }).click();
  await page.getByRole('dialog', { name: 'Key' }).getByRole('checkbox').first().waitFor();
  expect(keyLists).not.toEqual([]);
  await page.keyboard.press('Escape');
  const scrolledPx = () => page.evaluate<number>(`document.querySelector('main').scrollTop`);
  await page.getByRole('button', { name: 'Older' }).click();
  await page.locator('a[href*="req-99"]').waitFor();
  await expect.poll(scrolledPx).toBe(0);
  // A request that is looked at leaves the list where it is; another page does not begin in its middle.
  await page.locator('a[href*="req-99"]').scrollIntoViewIfNeeded();
  const beforePx = await scrolledPx();
  expect(beforePx).toBeGreaterThan(0);
  await page.locator('a[href*="req-99"]').click();
  await page.getByRole('dialog').waitFor();
  expect(await scrolledPx()).toBe(beforePx);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('heading', { name: 'Models' }).waitFor();
  expect(await scrolledPx()).toBe(0);
  await page.goBack();
  await page.locator('a[href*="req-99"]').waitFor();
  await page.reload();
  await page.locator('a[href*="req-99"]').waitFor();
  await page.getByRole('button', { name: 'Latest' }).click();
  await page.locator('a[href*="req-0%22"], a[href*="request=req-0"]').first().waitFor();

  await page.route('**/v1/organization/requests?**', (route) =>
    route.fulfill({ json: { object: 'list', data: [], has_more: false, next_cursor: null } }),
  );
  await page.reload();
  await page.getByRole('heading', { name: 'No request fits these filters' }).waitFor();
  await screenshot(page, 'logs-empty');
});
