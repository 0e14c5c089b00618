import type { Locator, Page } from 'playwright-core';

/** Opens the playground with a model, and settings as a person leaves them. */
export async function openPlayground(page: Page, model: string): Promise<void> {
  await page.addInitScript((id) => localStorage.setItem('weai.playground.model', id), model);
  await page.goto('/playground');
  await page.getByRole('combobox', { name: 'Model' }).getByText(model).waitFor();
}

export function messageField(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Message' });
}

/** Sends a message and waits until the answer is complete. */
export async function askInPage(page: Page, text: string): Promise<void> {
  await messageField(page).fill(text);
  await page.keyboard.press('ControlOrMeta+Enter');
  await answered(page);
}

export async function answered(page: Page): Promise<void> {
  await page.getByText('The answer is complete.').waitFor({ state: 'attached' });
}

/** The last message of the conversation. */
export function lastMessage(page: Page): Locator {
  return page.getByRole('article').last();
}
