import { expect } from 'vitest';
import { accessibilityProblems } from './platform/accessibility.ts';
import { actAsOwner } from './platform/administrator.ts';
import { test } from './platform/browser.ts';
import { screenshot } from './platform/screenshots.ts';

// The real model answers: on a busy machine that takes a while.
test(
  'two settings of a model are compared, voted on blind, revealed and kept',
  { timeout: 60_000 },
  async ({ page }) => {
    await actAsOwner(page);
    await page.goto('/compare');
    await page.getByRole('textbox', { name: 'Prompt' }).waitFor();
    for (const number of [1, 2]) {
      await page.getByRole('combobox', { name: `Model of contestant ${number}` }).click();
      await page.getByRole('option', { name: /smollm2-135m/ }).click();
      await page.getByRole('button', { name: `Settings of contestant ${number}` }).click();
      const settings = page.getByRole('dialog', { name: `Contestant ${number}` });
      await settings.getByRole('spinbutton', { name: 'Temperature' }).fill(String(number - 1));
      await settings.getByRole('spinbutton', { name: 'Maximum tokens' }).fill('12');
      await settings.getByRole('button', { name: 'Done' }).click();
      await settings.waitFor({ state: 'detached' });
    }
    await page.getByRole('switch', { name: 'Blind' }).check();
    await page.getByRole('textbox', { name: 'Prompt' }).fill('Name a colour of the sky.');
    await page.keyboard.press('ControlOrMeta+Enter');
    await page.getByRole('button', { name: /^Best/ }).nth(1).waitFor();
    await page.waitForURL(/\/compare\/\w+/);
    expect(await page.getByRole('heading', { name: /^Answer [AB]$/ }).count()).toBe(2);
    await screenshot(page, 'compare-blind');
    expect(await accessibilityProblems(page)).toEqual([]);

    await page.locator('h1').click();
    await page.keyboard.press('2');
    const verdict = page.getByRole('region', { name: 'Which to use' });
    await verdict.getByText(/^Use .*: best in 1 of 1 vote.*One vote is only a first hint\.$/).waitFor();
    await page.getByRole('button', { name: /^Your vote/ }).waitFor();
    await page.locator('.recharts-scatter').first().waitFor();
    await page.locator('.recharts-scatter').first().scrollIntoViewIfNeeded();
    await screenshot(page, 'compare-results');
    expect(await accessibilityProblems(page)).toEqual([]);

    const sentence = verdict.getByText(/^Use /);
    const said = await sentence.innerText();
    await page.reload();
    await page.getByRole('button', { name: /^Your vote/ }).waitFor();
    expect(await sentence.innerText()).toBe(said);
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('link', { name: /Name a colour of the sky/ }).waitFor();
  },
);

test('a set of prompts says which line is wrong, and Esc stops a run', async ({ page }) => {
  await actAsOwner(page);
  await page.goto('/compare');
  await page.getByRole('button', { name: /set of prompts/ }).waitFor();
  await screenshot(page, 'compare-start');
  await page.getByRole('button', { name: /set of prompts/ }).click();
  const prompts = page.getByRole('textbox', { name: 'Prompts' });
  await prompts.fill('{"prompt": "Count to ninety."}\n{"question": 1}');
  await page.getByText('Line 2: expected {"prompt": "…"}.').waitFor();
  await screenshot(page, 'compare-prompt-set');
  expect(await accessibilityProblems(page)).toEqual([]);
  await prompts.fill('prompt,reference\n"Count, to ninety.",1 2 3\nWrite a long poem.,');
  await page.getByRole('button', { name: 'Use 2 prompts' }).click();
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('1 of 2').waitFor();
  await page.getByRole('button', { name: /^Stop/ }).waitFor();
  await screenshot(page, 'compare-running');
  await page.keyboard.press('Escape');
  await page.getByText('Stopped').first().waitFor();
  await page.getByRole('button', { name: 'Run' }).waitFor();
});
