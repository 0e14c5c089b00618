import type { Page } from 'playwright-core';
import { inject } from 'vitest';

/** What the signed-in member may do; a test may take rights away. */
export const ownerCan: Record<string, boolean> = Object.fromEntries(
  [
    'models.read',
    'models.use',
    'usage.read',
    'requests.read',
    'projects.read',
    'projects.create',
    'projects.manage',
    'project_users.read',
    'project_users.manage',
    'api_keys.read',
    'api_keys.manage',
    'limits.read',
    'limits.manage',
    'deployments.read',
    'deployments.manage',
    'users.read',
    'users.manage',
    'audit_logs.read',
    'admin_keys.manage',
  ].map((action) => [action, true]),
);

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

/** Has a page work as an owner: the real API, by the admin key in place of a session. */
export async function actAsOwner(page: Page, can: Record<string, boolean> = ownerCan): Promise<void> {
  const { adminKey, apiKey } = inject('console');
  const { data: projects } = await administer<{ data: { id: string; name: string }[] }>('/projects');
  await page.route('**/v1/me', (route) =>
    route.fulfill({
      json: {
        object: 'me',
        user: { id: 'user-test', name: 'Ada Lovelace', email: 'ada@example.com' },
        organization: {
          id: 'org-test',
          name: 'Test',
          role: can['users.manage'] === true ? 'owner' : 'viewer',
        },
        projects: projects.map(({ id, name }) => ({ id, name, role: 'owner' })),
        can,
      },
    }),
  );
  const by = (key: string) => (route: Parameters<Parameters<Page['route']>[1]>[0]) =>
    route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${key}` } });
  await page.route('**/v1/organization/**', by(adminKey));
  await page.route('**/v1/models**', by(apiKey));
}
