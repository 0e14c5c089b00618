import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { script } from '../../conformance/platform/script.ts';
import { scriptedEvent, scriptedStream } from '../../conformance/platform/scripted-upstream.ts';
import { accessibilityProblems } from './platform/accessibility.ts';
import { test } from './platform/browser.ts';
import { answered, askInPage, lastMessage, messageField, openPlayground } from './platform/playground.ts';
import { saying, sayingForLong } from './platform/saying.ts';
import { screenshot } from './platform/screenshots.ts';

const real = 'smollm2-135m';

test('a question is answered, measured, saved and still there after a reload', async ({ owner: page }) => {
  await openPlayground(page, real);
  await page.getByLabel('Maximum tokens').fill('24');
  await askInPage(page, 'Name a colour.');
  const answer = lastMessage(page);
  await answer.getByText('tok/s').waitFor();
  await page.waitForURL(/\/playground\/.+/);
  const said = async () => (await answer.innerText()).replaceAll(/\s+/g, ' ');
  const before = await said();
  await page.reload();
  await answer.getByText('tok/s').waitFor();
  expect(await said()).toBe(before);
  expect(await accessibilityProblems(page)).toEqual([]);
  await screenshot(page, 'playground-answer');
});

test('Markdown, code, tables and formulas are shown', async ({ owner: page }) => {
  const text = [
    '# A plan\n\nSome **bold**, `code`, a [link](https://example.com) and $e^{i\\pi} = -1$.\n\n',
    '- [x] done\n- [ ] open\n\n1. first\n2. second\n\n> quoted\n\n',
    '| model | tok/s |\n| --- | ---: |\n| small | 42 |\n| large | 7 |\n\n',
    '```python\ndef add(a: int, b: int) -> int:\n    """Sum."""\n    return a + b  # done\n```\n\n',
    '\\[\\int_0^1 x^2 \\, dx = \\frac{1}{3}\\]\n',
  ];
  await script(saying(...text.flatMap((part) => part.match(/[\s\S]{1,7}/g) ?? [])));
  await openPlayground(page, 'scripted');
  await askInPage(page, 'Show me everything.');
  const answer = lastMessage(page);
  await answer.locator('math').first().waitFor();
  expect(await answer.locator('math').count()).toBe(2);
  await answer.locator('.hljs-keyword').first().waitFor();
  expect(await answer.locator('table td').allInnerTexts()).toEqual(['small', '42', 'large', '7']);
  await answer.getByRole('button', { name: 'Copy code' }).click();
  expect(await page.evaluate<string>('navigator.clipboard.readText()')).toContain('return a + b');
  await screenshot(page, 'playground-markdown');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('what a model writes can’t run, load or style anything', async ({ owner: page }) => {
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  const payloads = [
    '<script>window.pwned = 1</script>\n\n<img src=x onerror="window.pwned = 1">\n\n',
    '<style>body { display: none }</style><div style="position:fixed;inset:0">over</div>\n\n',
    '<iframe src="https://evil.example/"></iframe><svg onload="window.pwned=1"></svg>\n\n',
    '![pixel](https://evil.example/pixel.png) [go](javascript:window.pwned=1) [data](data:text/html,hi)\n\n',
    '<a href="javascript:window.pwned=1">link</a> <https://ok.example> $\\href{javascript:window.pwned=1}{x}$\n\n',
    '```html\n<script>window.pwned = 1</script>\n```\n\n```"><img src=x onerror=window.pwned=1>\ncode\n```\n',
  ];
  await script(saying(...payloads));
  await openPlayground(page, 'scripted');
  await askInPage(page, '<img src=x onerror="window.pwned=1">');
  const conversation = page.getByRole('region', { name: 'Conversation' });
  await conversation.locator('.code-block').first().waitFor();
  await page.waitForTimeout(300);
  expect(await page.evaluate(() => Reflect.get(globalThis, 'pwned'))).toBeUndefined();
  const elements = conversation
    .getByRole('article')
    .locator('script, style, iframe, img, object, embed, form, [onerror]');
  expect(await elements.count()).toBe(0);
  const addresses = await conversation
    .getByRole('article')
    .locator('a')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  expect(addresses).toEqual(['https://evil.example/pixel.png', 'https://ok.example/']);
  expect(requested.filter((url) => url.includes('evil.example'))).toEqual([]);
  await screenshot(page, 'playground-inert');
});

test('messages are edited, retried and deleted, and every version stays reachable', async ({
  owner: page,
}) => {
  await script(saying('first'), saying('second'), saying('third'));
  await openPlayground(page, 'scripted');
  await askInPage(page, 'one');
  await lastMessage(page).getByText('first', { exact: true }).waitFor();

  const question = page.getByRole('article', { name: 'You' });
  await question.hover();
  await question.getByRole('button', { name: 'Edit message' }).click();
  await question.getByRole('textbox', { name: 'Message' }).fill('two');
  await page.keyboard.press('ControlOrMeta+Enter');
  await lastMessage(page).getByText('second', { exact: true }).waitFor();
  await question.getByText('2/2').waitFor();

  await lastMessage(page).getByRole('button', { name: 'Retry' }).click();
  await lastMessage(page).getByText('third', { exact: true }).waitFor();
  await lastMessage(page).getByText('2/2').waitFor();
  await screenshot(page, 'playground-branches');

  await question.getByRole('button', { name: 'Version before' }).click();
  await lastMessage(page).getByText('first', { exact: true }).waitFor();
  await question.getByText('one').waitFor();
  await question.getByRole('button', { name: 'Version after' }).click();
  await lastMessage(page).getByText('third', { exact: true }).waitFor();
  await lastMessage(page).getByRole('button', { name: 'Delete answer' }).click();
  await lastMessage(page).getByText('second', { exact: true }).waitFor();
});

test('Escape stops an answer, and what was said is kept', async ({ owner: page }) => {
  await openPlayground(page, real);
  // Its likeliest answer is a long one; another may be over before the key is pressed.
  await page.getByRole('spinbutton', { name: 'Temperature' }).fill('0');
  await messageField(page).fill('Count from one to five hundred, in words.');
  await page.keyboard.press('Enter');
  await page.getByText('tok/s').waitFor();
  await page.keyboard.press('Escape');
  await lastMessage(page).getByText('Stopped').waitFor();
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
  expect((await lastMessage(page).innerText()).length).toBeGreaterThan(20);
});

test('a reload in mid-answer loses nothing that was shown', async ({ owner: page }) => {
  await script(sayingForLong());
  await openPlayground(page, 'scripted');
  await messageField(page).fill('Tell a long story about a lighthouse.');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/playground\/.+/);
  await page.getByText('word30 ').waitFor();
  await screenshot(page, 'playground-streaming');
  const shown = await page.locator('.markdown').innerText();
  await page.reload();
  await lastMessage(page).getByText('Interrupted').waitFor();
  const kept = await page.locator('.markdown').innerText();
  expect(kept.slice(0, shown.length)).toBe(shown);
  expect(await page.getByRole('alert').count()).toBe(0);
});

test('a JSON schema is checked while it is written, and answers follow it', async ({ owner: page }) => {
  await openPlayground(page, real);
  await page.getByRole('combobox', { name: 'Answer as' }).click();
  await page.getByRole('option', { name: 'JSON by a schema' }).click();
  const editor = page.getByRole('textbox', { name: /JSON Schema/ });
  await editor.fill('{"type": "string"}');
  await page.getByText('add "type": "object"').waitFor();
  await editor.fill('');
  await page.getByRole('button', { name: 'Insert an example' }).first().click();
  await page.getByText('Valid.').waitFor();
  await screenshot(page, 'playground-schema');
  await page.getByLabel('Maximum tokens').fill('60');
  await askInPage(page, 'Ada is 36 years old.');
  const said = await lastMessage(page).locator('.markdown').innerText();
  expect(Object.keys(JSON.parse(said)).toSorted()).toEqual(['age', 'name']);
});

test('tool calls are answered by hand', async ({ owner: page }) => {
  const calls = [
    { index: 0, id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":' } },
  ];
  const rest = [{ index: 0, function: { arguments: '"Paris"}' } }];
  await script(
    {
      ...scriptedStream,
      pieces: [
        scriptedEvent({ delta: { tool_calls: calls } }),
        scriptedEvent({ delta: { tool_calls: rest } }),
        scriptedEvent({ delta: {}, finish_reason: 'tool_calls' }),
        'data: [DONE]\n\n',
      ],
    },
    saying('It is sunny.'),
  );
  await openPlayground(page, 'scripted');
  await page.locator('summary', { hasText: 'Tools' }).click();
  await page.getByRole('button', { name: 'Insert an example' }).last().click();
  await page.getByText('get_weather').first().waitFor();
  await messageField(page).fill('How is the weather in Paris?');
  await page.keyboard.press('Enter');
  await page.getByLabel('What get_weather returns').fill('{"sky": "clear"}');
  await screenshot(page, 'playground-tools');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send the result' }).click();
  await answered(page);
  await lastMessage(page).getByText('It is sunny.').waitFor();
});

test('tokens are coloured by how likely they were, and open to what else there was', async ({
  owner: page,
}) => {
  await openPlayground(page, real);
  await page.getByLabel('Maximum tokens').fill('40');
  await page.getByRole('switch', { name: 'Token colours' }).check();
  await askInPage(page, 'Write two sentences about the unforgettable sea.');
  const tokens = lastMessage(page).getByRole('button', { name: /: [\d.]+%$/ });
  await tokens.first().waitFor();
  await screenshot(page, 'playground-token-colours');
  // Within a text, targets may be as small as the text makes them.
  const problems = await accessibilityProblems(page);
  expect(problems.filter((each) => !each.includes('target-size'))).toEqual([]);
  // Lines break between words, as in any text, not between the tokens of one.
  const broken = await tokens.evaluateAll((all) =>
    all.filter((each, index) => {
      const next = all[index + 1];
      const isOneWord = /\w$/.test(each.textContent) && /^\w/.test(next?.textContent ?? '');
      const last = [...each.getClientRects()].at(-1);
      return isOneWord && last && next && last.bottom <= (next.getClientRects()[0]?.top ?? 0);
    }),
  );
  expect(broken).toEqual([]);
  await tokens.nth(3).focus();
  await page.keyboard.press('Enter');
  const others = page.getByRole('dialog').getByRole('listitem');
  await others.nth(4).waitFor();
  await screenshot(page, 'playground-token-open');
  await page.keyboard.press('Escape');
  await others.first().waitFor({ state: 'detached' });
});

test('a failed answer says why and is retried', async ({ owner: page }) => {
  const body = JSON.stringify({
    error: { message: 'No more room.', type: 'server_error', code: null, param: null },
  });
  await script({ status: 400, pieces: [body] }, saying('better'));
  await openPlayground(page, 'scripted');
  await messageField(page).fill('Hello?');
  await page.keyboard.press('Enter');
  await lastMessage(page).getByRole('alert').waitFor();
  await screenshot(page, 'playground-failed');
  await lastMessage(page).getByRole('button', { name: 'Retry' }).first().click();
  await lastMessage(page).getByText('better').waitFor();
});

test('a conversation that is gone leads to a new one, and to those that are there', async ({
  owner: page,
}) => {
  await page.goto('/playground/conversation-that-is-gone');
  await page.getByRole('heading', { name: 'This conversation isn’t here' }).waitFor();
  await screenshot(page, 'conversation-gone');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'All conversations' }).click();
  await page.getByRole('dialog', { name: 'Conversations' }).waitFor();
  await screenshot(page, 'conversations');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New conversation' }).click();
  await messageField(page).waitFor();
  expect(new URL(page.url()).pathname).toBe('/playground');
});

test('what was found stays while the next search is on its way', async ({ owner: page }) => {
  await script(saying('Saved.'));
  await openPlayground(page, 'scripted');
  await askInPage(page, 'Will this be found?');
  await page.waitForURL(/\/playground\/.+/);
  await page.getByRole('button', { name: 'Conversations' }).click();
  const found = page.getByRole('dialog').getByRole('listitem');
  await found.first().waitFor();
  const listed = await found.count();
  const searching = Promise.withResolvers<void>();
  const answering = Promise.withResolvers<void>();
  await page.route('**/v1/playground/conversations?*query=*', async (route) => {
    searching.resolve();
    await answering.promise;
    await route.continue();
  });
  await page.getByRole('searchbox').fill('nothingiscalledthat');
  await searching.promise;
  await page.locator('[role=dialog] ul[aria-busy=true]').waitFor();
  expect(await found.count()).toBe(listed);
  answering.resolve();
  await page.getByText('Nothing found').waitFor();
  expect(await found.count()).toBe(0);
});

/** Drags, drops or pastes a file where one writes. */
async function give(page: Page, kind: 'dragover' | 'dragleave' | 'drop' | 'paste', type = 'image/png') {
  await page.evaluate(`{
    const data = new DataTransfer();
    const [pixel] = [Uint8Array.from(atob('${pixel}'), (byte) => byte.charCodeAt(0))];
    data.items.add(new File([pixel], 'picture', { type: '${type}' }));
    const init = { bubbles: true, cancelable: true, clipboardData: data, dataTransfer: data };
    const Event = '${kind}' === 'paste' ? ClipboardEvent : DragEvent;
    document.querySelector('textarea[aria-label=Message]').dispatchEvent(new Event('${kind}', init));
  }`);
}

/** A PNG of one pixel. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('images are dropped and pasted where the model takes them, and what is no image is refused', async ({
  owner: page,
}) => {
  await script(saying('A ', 'pixel.'));
  await openPlayground(page, 'scripted-images');
  await give(page, 'dragover');
  await page.getByPlaceholder('Drop to attach').waitFor();
  await screenshot(page, 'playground-drop');
  await give(page, 'drop');
  await page.getByPlaceholder('Ask something').waitFor();
  await give(page, 'paste', 'image/jpeg');
  await page.getByRole('img', { name: 'Attachment 2' }).waitFor();
  await screenshot(page, 'playground-attached');
  expect(await accessibilityProblems(page)).toEqual([]);
  await give(page, 'drop', 'image/tiff');
  await page.getByText('picture is no PNG, JPEG, WebP or GIF: save it as one of these.').first().waitFor();
  expect(await page.getByRole('img', { name: /^Attachment/ }).count()).toBe(2);
  await page.getByRole('button', { name: 'Remove attachment 2' }).click();
  await askInPage(page, 'What is this?');
  await page.getByRole('article', { name: 'You' }).locator('img').waitFor();
  await lastMessage(page).getByText('A pixel.').waitFor();
  await screenshot(page, 'playground-image');
});

test('an image that is dropped or pasted where the model reads text alone is refused beside the field', async ({
  owner: page,
}) => {
  await openPlayground(page, 'smollm2-135m');
  const reason = page.getByRole('status').filter({ hasText: 'reads text alone' });
  await give(page, 'dragover');
  await reason.waitFor();
  await give(page, 'dragleave');
  await reason.waitFor({ state: 'detached' });
  for (const kind of ['drop', 'paste'] as const) {
    await give(page, kind);
    await reason.waitFor();
    if (kind === 'paste') await screenshot(page, 'playground-no-images');
    expect(await page.getByRole('img', { name: 'Attachment 1' }).count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
    await messageField(page).fill(`After a ${kind}`);
    await reason.waitFor({ state: 'detached' });
  }
});
