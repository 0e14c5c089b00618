import type { Page } from 'playwright-core';
import { inject } from 'vitest';

/** An answer of the administration's API, by the admin key of the server under test. */
export async function administer<Answer>(path: string, body?: unknown): Promise<Answer> {
  const { url, adminKey } = inject('console');
  const answer = await fetch(`${url}/v1/organization${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the caller knows what the path answers
  return (await answer.json()) as Answer;
}

/** Signs a page in as the owner of the server. @param cannot actions that the console is told the member may not do */
export async function actAsOwner(page: Page, cannot: readonly string[] = []): Promise<void> {
  const { url, ownerCookie } = inject('console');
  const [name = '', ...value] = ownerCookie.split('=');
  await page.context().addCookies([{ name, value: value.join('='), url }]);
  if (cannot.length === 0) return;
  await page.route('**/v1/me', async (route) => {
    const answer = await route.fetch();
    const me: { can: Record<string, boolean> } = await answer.json();
    for (const action of cannot) me.can[action] = false;
    await route.fulfill({ json: me });
  });
}
