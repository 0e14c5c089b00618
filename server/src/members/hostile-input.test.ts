import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminKey } from '../administration/admin-keys.ts';
import { createKey } from '../keys/keys.ts';
import { testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';
import { createInvite } from './invites.ts';
import { routeActions } from './route-actions.ts';

let server: TestSignIn;
/** An id that is there, by the name that routes have for it. */
const real: Record<string, string> = {};
/** The same of another organization. */
const theirs: Record<string, string> = {};
const actor = { kind: 'session', id: 'test' } as const;

beforeAll(async () => {
  server = await testSignIn();
  await server.welcomeOwner();
  await fill(real, server.project.organizationId, server.project.id);
  const { kysely } = server.database;
  await kysely.insertInto('organizations').values({ id: 'org-2', name: 'two' }).execute();
  await kysely
    .insertInto('projects')
    .values({ id: 'proj-2', organization_id: 'org-2', name: 'two' })
    .execute();
  await fill(theirs, 'org-2', 'proj-2');
});
afterAll(() => server.close());

async function fill(ids: Record<string, string>, organizationId: string, projectId: string): Promise<void> {
  const { kysely } = server.database;
  ids['project_id'] = projectId;
  ids['api_key_id'] = (await createKey(kysely, { projectId, name: 'one' })).id;
  ids['key_id'] = (await createAdminKey(kysely, { organizationId, name: 'one', actor })).id;
  const invited = { email: 'one@example.com', role: 'member', actor, actorRole: 'owner' } as const;
  ids['invite_id'] = (await createInvite(kysely, { organizationId, ...invited })).id;
  ids['subject_id'] = projectId;
  ids['kind'] = 'project';
  ids['rate_limit_id'] = 'rl-all';
}

const texts = [
  '',
  ' ',
  '\0',
  '\u0007\u001B[2J',
  '\u202Egnp',
  "'; drop table ledger; --",
  '../../../etc/passwd',
  '%',
  '%25%00',
  '-1',
  '1e309',
  '99999999999999999999',
  '-99999999999999999999',
  '0x10',
  'NaN',
  '__proto__',
  'constructor',
  '{"a":1}',
  '💥'.repeat(100),
  'a'.repeat(5000),
];

const values: unknown[] = [
  ...texts,
  '\uD800',
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  1e308,
  [],
  [null],
  [[]],
  {},
  { length: -1 },
  JSON.parse('{"__proto__":{"name":"x"},"constructor":1}'),
  Array.from({ length: 3000 }, () => 'x'),
  nested(200),
];

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : [nested(depth - 1)];
}

const queryFields = [
  'limit',
  'after',
  'before',
  'order',
  'page',
  'stream',
  'bucket_width',
  'start_time',
  'end_time',
  'min_duration_ms',
  'group_by[]',
  'models[]',
  'user_ids[]',
  'api_key_ids',
  'project_ids[]',
  'request_ids',
  'statuses',
  'emails[]',
  'event_types[]',
  'actor_emails[]',
  'effective_at',
  'effective_at[gt]',
  'effective_at[lt][gt]',
  'include_archived',
  'include_revoked',
  'visibility',
  'query',
  'metadata[a]',
  '__proto__',
  '[]',
];

/** What is right for a route, so that one field alone is wrong. */
const bodies: Record<string, Record<string, unknown>> = {
  'POST /v1/chat/completions/:completion_id': { metadata: {} },
  'POST /v1/organization/projects': { name: 'new' },
  'POST /v1/organization/projects/:project_id': {
    name: 'new',
    store_content: false,
    content_retention_days: 1,
  },
  'POST /v1/organization/projects/:project_id/api_keys': { name: 'new' },
  'POST /v1/organization/projects/:project_id/rate_limits/:rate_limit_id': {
    max_requests_per_1_minute: 1,
    max_tokens_per_1_minute: 1,
    max_requests_per_1_day: undefined,
  },
  'POST /v1/organization/limits/:kind/:subject_id': {
    requests_per_minute: 1,
    tokens_per_minute: 1,
    concurrent_requests: 1,
    usd_per_day: '1',
    usd_per_month: '1',
    allowed_models: ['m'],
  },
  'POST /v1/organization/projects/:project_id/users': { user_id: 'user-none', role: 'member' },
  'POST /v1/organization/projects/:project_id/users/:user_id': { role: 'member' },
  'POST /v1/organization/users/:user_id': { role: 'member' },
  'POST /v1/organization/invites': { email: 'a@example.com', role: 'member', projects: [] },
  'POST /v1/organization/admin_api_keys': { name: 'new', expires_in_seconds: 60 },
  'POST /v1/organization/deployments': connection(),
  'POST /v1/organization/deployments/test': connection(),
  'POST /v1/playground/conversations': document(),
  'POST /v1/playground/presets': document(),
  'POST /v1/playground/comparisons': document(),
};

/** Nobody listens there. */
function connection() {
  const rest = { upstream_model: 'm', api_key_env: 'NONE_API_KEY', kind: 'vllm', image_input: false };
  return { model: 'm', url: 'http://127.0.0.1:9/v1', ...rest };
}

function document() {
  return { title: 'new', visibility: 'private', content: {}, data: {}, version: 1 };
}

/** The fields of a route's path; the wildcard has no name. */
function fieldsOf(route: string): string[] {
  return Array.from(route.matchAll(/:(\w+)|\*/g), ([whole, name]) => name ?? whole);
}

function pathOf(route: string, ids: Record<string, string>): string {
  const [, path = ''] = route.split(' ');
  return path.replaceAll(/:(\w+)|\*/g, (whole, name: string) =>
    encodeURIComponent(ids[name ?? whole] ?? 'none'),
  );
}

const allowed = new Set(['param', 'code', 'message', 'type']);

/** What is wrong with an answer; null when nothing is. */
async function problemOf(route: string, url: string, body?: string): Promise<string | null> {
  const [method = ''] = route.split(' ');
  const key = url.startsWith('/v1/organization/') ? server.adminKey : server.projectKey;
  const answer = await fetch(server.url + url, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  const told = `${route} ${url.slice(0, 200)} ${body?.slice(0, 200) ?? ''}: ${answer.status} ${text.slice(0, 300)}`;
  if (answer.status >= 500) return told;
  if (answer.status < 400) return null;
  const { error }: { error?: Record<string, unknown> } = JSON.parse(text);
  if (error === undefined || Object.keys(error).some((name) => !allowed.has(name))) return told;
  return Object.keys(error).length === allowed.size && text.length < 2000 ? null : told;
}

async function problemsOf(requests: (() => Promise<string | null>)[]): Promise<string[]> {
  const problems: string[] = [];
  const waiting = [...requests];
  const work = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const problem = await next();
      if (problem !== null) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return problems;
}

const routes = Object.keys(routeActions);

describe('hostile input never gives a 5xx, and errors have the usual shape', () => {
  test('in paths', async () => {
    const requests = routes.flatMap((route) =>
      fieldsOf(route).flatMap((field) =>
        [...texts, '%zz', '%ff'].map((text) => () => {
          // `encodeURIComponent` would make plain text of what is no encoding at all.
          const raw = text.startsWith('%z') || text === '%ff';
          const url = raw
            ? pathOf(route, real).replace(/[^/]*$/, text)
            : pathOf(route, { ...real, [field]: text });
          return problemOf(
            route,
            url,
            route.startsWith('POST') ? JSON.stringify(bodies[route] ?? {}) : undefined,
          );
        }),
      ),
    );
    expect(requests.length).toBeGreaterThan(1000);
    expect(await problemsOf(requests)).toEqual([]);
  }, 120_000);

  test('in queries', async () => {
    const requests = routes
      .filter((route) => route.startsWith('GET'))
      .flatMap((route) =>
        queryFields.flatMap((field) =>
          texts.map((text) => () => {
            const asked = route.includes('/usage/') || route.endsWith('/costs') ? 'start_time=1&' : '';
            const query = `${field === 'start_time' ? '' : asked}${field}=${encodeURIComponent(text)}`;
            return problemOf(route, `${pathOf(route, real)}?${query}`);
          }),
        ),
      );
    expect(requests.length).toBeGreaterThan(10_000);
    expect(await problemsOf(requests)).toEqual([]);
  }, 240_000);

  test('in bodies', async () => {
    const requests = routes
      // What is asked of models has a test of its own, and here an engine that fails.
      .filter((route) => !route.startsWith('GET') && route !== 'POST /v1/chat/completions')
      .flatMap((route) => {
        const url = pathOf(route, { ...real, kind: 'project' });
        const right = bodies[route] ?? {};
        const wrong = [...Object.keys(right), 'unknown'].flatMap((field) =>
          values.map((value) => JSON.stringify({ ...right, [field]: value })),
        );
        const broken = ['', '{', 'null', '[]', '"x"', '{"a":1,"a":2}', '\uFEFF{}', '['.repeat(10_000)];
        return [...wrong, ...broken].map((body) => () => problemOf(route, url, body));
      });
    expect(requests.length).toBeGreaterThan(1500);
    expect(await problemsOf(requests)).toEqual([]);
  }, 120_000);
});

test('what belongs to another organization is not found, whatever is done to it', async () => {
  for (const route of routes.filter((each) => each.includes(' /v1/organization/'))) {
    for (const field of fieldsOf(route)) {
      if (field === 'kind' || theirs[field] === real[field]) continue;
      const [method = ''] = route.split(' ');
      const url = pathOf(route, { ...real, [field]: theirs[field] ?? '' });
      const headers = { authorization: `Bearer ${server.adminKey}` };
      const body = method === 'POST' ? (bodies[route] ?? {}) : undefined;
      const { status } = await server.send(method, url, body, headers);
      expect(`${route} ${field} ${status}`).toBe(`${route} ${field} 404`);
    }
  }
});
