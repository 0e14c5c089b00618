import { readFile } from 'node:fs/promises';
import type { Page, Request } from 'playwright-core';
import { expect, inject } from 'vitest';
import { script } from '../../conformance/platform/script.ts';
import { accessibilityProblems } from './platform/accessibility.ts';
import { test } from './platform/browser.ts';
import { openCompare, run } from './platform/compare.ts';
import { answered, lastMessage, messageField } from './platform/playground.ts';
import { saying, sayingForLong } from './platform/saying.ts';
import { screenshot } from './platform/screenshots.ts';

const small = 'scripted-small';
const large = 'scripted-large';

function texts(page: Page) {
  return page.getByRole('region', { name: /^Text of / });
}

async function exported(page: Page, kind: RegExp): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('menuitem', { name: kind }).click();
  return readFile(await (await download).path(), 'utf8');
}

test('a reload in mid-run loses nothing that was shown, and what is unfinished is run again', async ({
  owner: page,
}) => {
  await script(sayingForLong());
  await openCompare(page, [small, large]);
  await run(page, 'Tell a long story about a lighthouse.');
  await page.getByText('word30 ').nth(1).waitFor();
  const shown = await texts(page).allInnerTexts();
  await page.reload();
  await page.getByText('Interrupted').nth(1).waitFor();
  const kept = await texts(page).allInnerTexts();
  expect(kept.map((text, index) => text.slice(0, shown[index]?.length))).toEqual(shown);
  expect(await page.getByRole('alert').count()).toBe(0);
  await page.getByText('2 answers were interrupted, stopped or failed.').waitFor();
  await screenshot(page, 'compare-interrupted');
  expect(await accessibilityProblems(page)).toEqual([]);

  await script(saying('A ', 'short ', 'one.'));
  await page.getByRole('button', { name: 'Ask again' }).click();
  await page.getByText('A short one.').nth(1).waitFor();
  await page.getByText('Interrupted').waitFor({ state: 'detached' });
  await page.waitForURL(/\/compare\/.+/);
  await page.reload();
  await page.getByText('A short one.').nth(1).waitFor();
  expect(await page.getByRole('button', { name: 'Ask again' }).count()).toBe(0);
});

test('prices, votes and speed come to a sentence, a frontier and files, shared within the project', async ({
  owner: page,
}) => {
  await script(saying('One ', 'two ', 'three ', 'four.'));
  await openCompare(page, [small, large]);
  await page.getByRole('button', { name: /set of prompts/ }).click();
  const prompts = page.getByRole('textbox', { name: 'Prompts' });
  await prompts.fill('Name a fruit.\nName a tool.');
  await page.getByRole('button', { name: 'Use 2 prompts' }).waitFor();
  await prompts.fill('prompt,reference\n"Name a fruit, please.",Apple');
  await page.getByRole('button', { name: 'Use 1 prompt', exact: true }).waitFor();
  await page.getByLabel('Open a file').setInputFiles({
    name: 'prompts.jsonl',
    mimeType: 'application/jsonl',
    buffer: Buffer.from(['fruit', 'tool', 'river'].map((noun) => `{"prompt": "Name a ${noun}."}`).join('\n')),
  });
  await page.getByRole('button', { name: 'Use 3 prompts' }).click();
  await page.getByRole('button', { name: 'Run' }).click();
  await page.waitForURL(/\/compare\/.+/);
  await page.locator('h1').click();
  for (const [index, key] of ['2', '2', '1'].entries()) {
    await page.getByText(`${index + 1} of 3`, { exact: true }).waitFor();
    await page.keyboard.press(key);
    await page.getByRole('button', { name: /^Your vote/ }).waitFor();
    if (index < 2) await page.getByRole('button', { name: 'Next prompt' }).click();
  }
  // A tenth of the price, so nine tenths less.
  await page
    .getByText(
      `Use ${large}: best in 2 of 3 votes. If cost matters more, ${small} costs 90% less and won 1. 3 votes are only a first hint.`,
    )
    .waitFor();
  const row = (name: string) => page.getByRole('row', { name: new RegExp(name) });
  expect(await row(small).innerText()).toMatch(/Frontier[\s\S]*1 of 3[\s\S]*\$0\.0000020/);
  expect(await row(large).innerText()).toMatch(/Frontier[\s\S]*2 of 3[\s\S]*\$0\.000020/);
  await page.getByRole('heading', { name: 'Quality against cost' }).scrollIntoViewIfNeeded();
  await page.locator('.recharts-scatter-line path').waitFor();
  await screenshot(page, 'compare-chart');
  expect(await accessibilityProblems(page)).toEqual([]);

  const csv = (await exported(page, /^CSV/)).trim().split('\r\n');
  expect(csv).toHaveLength(1 + 3 * 2);
  expect(csv[0]).toMatch(/^prompt,reference,contestant,model,measured,answer,error,time_to_first_token_ms,/);
  // Prompt by prompt in the order of the contestants, and no digits that mean nothing.
  const line = /^Name a (\w+)\.,,scripted-(\w+),\S*,together,One two three four\.,,[\d.]{0,9},[\d.]{0,9},/;
  expect(csv.slice(1).map((each) => line.exec(each)?.slice(1).join(' '))).toEqual(
    ['fruit', 'tool', 'river'].flatMap((noun) => [`${noun} small`, `${noun} large`]),
  );
  const file = JSON.parse(await exported(page, /^JSON/));
  expect(file).toMatchObject({ blind: false, tally: { votes: 3 } });
  expect(file.answers).toHaveLength(6);

  const { url, apiKey } = inject('console');
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const asAnother = () =>
    fetch(`${url}/v1/playground/comparisons/${id}`, { headers: { authorization: `Bearer ${apiKey}` } });
  expect((await asAnother()).status).toBe(404);
  await page.getByRole('button', { name: 'Share' }).click();
  const saved = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.ok());
  await page.getByRole('switch', { name: /^Everyone in/ }).check();
  await saved;
  expect((await asAnother()).status).toBe(200);
  await screenshot(page, 'compare-share');
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(link).toContain(`/compare/${id}?project=`);
  await page.goto(link);
  await page.getByText(`Use ${large}: best in 2 of 3 votes.`).waitFor();

  await page.getByRole('link', { name: 'Open in the playground' }).click();
  await page.getByRole('combobox', { name: 'Model' }).getByText(large).waitFor();
  expect(await page.getByLabel('Maximum tokens').inputValue()).toBe('300');
});

test('each alone is asked one after the other, and adds to what was asked at once', async ({
  owner: page,
}) => {
  await script(saying(...Array.from({ length: 20 }, (_, index) => `${index} `)));
  await openCompare(page, [small, large, 'scripted']);
  let inFlight = 0;
  let most = 0;
  const isChat = (url: string) => url.endsWith('/v1/chat/completions');
  page.on('request', (request) => {
    if (isChat(request.url())) most = Math.max(most, (inFlight += 1));
  });
  const note = (request: Request) => {
    if (isChat(request.url())) inFlight -= 1;
  };
  // A stream whose last event came may be closed before its end: that ends it as well.
  page.on('requestfinished', note);
  page.on('requestfailed', note);
  await run(page, 'Count to twenty.');
  await page.getByText('Times all at once').waitFor();
  expect(most).toBe(3);
  most = 0;
  await page.getByRole('button', { name: 'Each alone' }).click();
  await page.getByText('One after the other: fair times.').waitFor();
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('Times each alone').waitFor();
  // That one ended may be told after the next has begun.
  expect(most).toBeLessThan(3);
  await page.waitForURL(/\/compare\/.+/);
  const { answers } = JSON.parse(await exported(page, /^JSON/));
  const measured = answers.map((answer: { measured: string }) => answer.measured);
  expect(measured).toEqual([...Array(3).fill('together'), ...Array(3).fill('alone')]);
});

test('six stream together over HTTP/1.1, and all else goes on beside them', async ({ owner: page }) => {
  await script(sayingForLong());
  const tickets: string[] = [];
  const chats: Request[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/auth/stream-ticket')) tickets.push(request.url());
    if (request.url().endsWith('/v1/chat/completions')) chats.push(request);
  });
  await openCompare(
    page,
    Array.from({ length: 6 }, () => 'scripted'),
  );
  await run(page, 'Tell six long stories.');
  await page.getByText('word10 ').nth(5).waitFor();
  expect(await page.getByText('Starts when another answer ends.').count()).toBe(0);
  await screenshot(page, 'compare-six');
  // Connections without cookies are six others; one ticket serves all.
  expect([tickets.length, chats.length]).toEqual([1, 6]);
  for (const chat of chats) {
    const headers = await chat.allHeaders();
    expect(headers['authorization']).toMatch(/^Bearer weai-stream-/);
    expect(headers).not.toHaveProperty('cookie');
  }
  // Something is saved while all of them stream.
  const saved = await page.evaluate(async () => {
    const answer = await fetch('/v1/playground/presets', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-weai-csrf': '1' },
      body: JSON.stringify({ title: 'Saved beside six streams', settings: {} }),
      signal: AbortSignal.timeout(2000),
    });
    const { id }: { id: string } = JSON.parse(await answer.text());
    const gone = await fetch(`/v1/playground/presets/${id}`, {
      method: 'DELETE',
      headers: { 'x-weai-csrf': '1' },
    });
    return [answer.status, gone.status];
  });
  expect(saved).toEqual([200, 200]);
  expect(await page.getByRole('region', { name: /^Text of / }).count()).toBe(6);

  // Other pages load and ask, and a seventh question waits its turn and says so.
  await page.getByRole('link', { name: 'Usage' }).click();
  await page.getByRole('heading', { name: 'Usage' }).waitFor();
  await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
  await page.getByRole('link', { name: 'Playground' }).first().click();
  await messageField(page).fill('Is there room?');
  await page.keyboard.press('Enter');
  await page.getByText('Waits for another answer to end …').waitFor();
  // It is saved meanwhile.
  await page.waitForURL(/\/playground\/.+/);

  await page.getByRole('link', { name: 'Compare' }).click();
  await page.getByText('word10 ').nth(5).waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('6 answers were interrupted, stopped or failed.').waitFor();
  expect(await page.getByText('Stopped', { exact: true }).count()).toBe(6);

  // Now there is room for the question.
  await page.goBack();
  await lastMessage(page).getByText('First token').waitFor();
  await page.keyboard.press('Escape');
  await answered(page);
});

test('a comparison that is gone leads to a new one, and to those that are there', async ({ owner: page }) => {
  await page.goto('/compare/comparison-that-is-gone');
  await page.getByRole('heading', { name: 'This comparison isn’t here' }).waitFor();
  await page.getByRole('button', { name: 'All comparisons' }).click();
  await page.getByRole('dialog', { name: 'Comparisons' }).waitFor();
  await screenshot(page, 'comparisons');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New comparison' }).click();
  await page.getByRole('textbox', { name: 'Prompt' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/compare');
});
