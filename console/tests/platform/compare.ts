import type { Page } from 'playwright-core';

/** Opens Compare with these contestants and nothing asked yet. */
export async function openCompare(page: Page, models: readonly string[]): Promise<void> {
  await page.goto('/compare');
  await page.getByRole('textbox', { name: 'Prompt' }).waitFor();
  for (;;) {
    const remove = page.getByRole('button', { name: 'Remove contestant 2' });
    if ((await remove.count()) === 0) break;
    await remove.click();
  }
  for (const [index, model] of models.entries()) {
    if (index > 0) await page.getByRole('button', { name: 'Add a contestant' }).click();
    const choice = page.getByRole('combobox', { name: `Model of contestant ${index + 1}` });
    if ((await choice.innerText()) === model) continue;
    await choice.click();
    await page.getByRole('option', { name: new RegExp(`^${model}(?!-)`) }).click();
  }
}

/** Asks one prompt of all of them. */
export async function run(page: Page, prompt: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Prompt' }).fill(prompt);
  await page.keyboard.press('ControlOrMeta+Enter');
}
