import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject } from '../projects/administration.ts';
import { testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';
import { type Action, grantOf, roles } from './roles.ts';
import { routeActions } from './route-actions.ts';

/** Needs a session and no permission. */
const open = new Set(['GET /v1/me']);

let server: TestSignIn;
let otherProject: string;
let routes: string[];
const cookies: Partial<Record<(typeof roles)[number], string>> = {};

beforeAll(async () => {
  server = await testSignIn();
  const actor = { kind: 'session', id: 'test' } as const;
  const { organizationId } = server.project;
  const project = await createProject(server.database.kysely, { organizationId, name: 'other', actor });
  otherProject = project.id;
  cookies.owner = await server.welcomeOwner();
  for (const role of roles) if (role !== 'owner') cookies[role] = await server.join(role, role);
  routes = [];
  for (const path of server.app.allowedMethods.keys()) {
    if (!path.startsWith('/v1/')) continue;
    const { headers } = await server.app.inject({ method: 'OPTIONS', url: pathOf(path) });
    for (const method of String(headers['allow']).split(', '))
      if (method !== 'HEAD') routes.push(`${method} ${path}`);
  }
});
afterAll(() => server.close());

function pathOf(route: string, project = server.project.id): string {
  return route.replace(':project_id', project).replaceAll(/:\w+/g, 'unknown').replace('*', 'unknown');
}

async function ask(route: string, headers: Record<string, string>, project?: string) {
  const [method = '', path = ''] = route.split(' ');
  const { status, body } = await server.send(
    method,
    pathOf(path, project),
    method === 'POST' ? {} : undefined,
    headers,
  );
  return { status, code: body.error?.code };
}

test('every route says what it does, and nothing else is listed', () => {
  expect(routes.length).toBeGreaterThan(40);
  expect(routes.filter((route) => !open.has(route)).toSorted()).toEqual(Object.keys(routeActions).toSorted());
});

test('without a credential, or with a wrong one, nothing is open', async () => {
  for (const route of routes) {
    expect([route, await ask(route, {})]).toEqual([route, { status: 401, code: 'missing_api_key' }]);
    if (open.has(route)) continue;
    const wrong = await ask(route, { authorization: 'Bearer sk-weai-wrong' });
    expect([route, wrong]).toEqual([route, { status: 401, code: 'invalid_api_key' }]);
    const both = await ask(route, { authorization: 'Bearer sk-weai-wrong', cookie: cookies.owner ?? '' });
    expect([route, both]).toEqual([route, { status: 401, code: 'invalid_api_key' }]);
  }
});

/** What a route answered, where it matters here only whether it was let through. */
function verdict({ status, code }: { status: number; code: string | undefined }): string {
  return status === 401 || status === 403 ? `${status} ${code ?? ''}` : 'let through';
}

test('keys of projects ask, admin keys administer, and neither does the other', async () => {
  for (const route of routes.filter((route) => !open.has(route))) {
    const administers = route.includes(' /v1/organization/');
    const project = await ask(route, { authorization: `Bearer ${server.projectKey}` });
    const admin = await ask(route, { authorization: `Bearer ${server.adminKey}` });
    const expected = administers
      ? ['403 insufficient_permissions', 'let through']
      : ['let through', '401 invalid_api_key'];
    expect([route, verdict(project), verdict(admin)]).toEqual([route, ...expected]);
  }
});

describe.each(roles)('a session of role %s', (role) => {
  const granted = () => routes.map((route) => [route, grantFor(route)] as const);
  function grantFor(route: string) {
    const action: Action | undefined = routeActions[route];
    return action === undefined ? 'all' : grantOf(role, action);
  }

  test('may do what the table says', async () => {
    for (const [route, grant] of granted()) {
      const answer = await ask(route, { cookie: cookies[role] ?? '' });
      // The member owns no project: what is allowed to a project's owner alone is not there.
      const missing = grant === 'owned' && answer.code !== 'not_found' ? 'found' : 'let through';
      const expected = grant === 'none' ? '403 insufficient_permissions' : missing;
      expect([route, verdict(answer)]).toEqual([route, expected]);
    }
  });

  test('changes nothing without proof that no other site sent it', async () => {
    for (const [route] of granted()) {
      if (route.startsWith('GET ')) continue;
      const refused = await ask(route, { cookie: cookies[role] ?? '', 'x-weai-csrf': '0' });
      expect([route, refused]).toEqual([route, { status: 403, code: 'csrf_failed' }]);
    }
  });

  test('finds no project that it is not in', async () => {
    const reachesAll = role === 'owner' || role === 'admin';
    for (const [route, grant] of granted()) {
      if (!route.includes(':project_id') || grant === 'none' || reachesAll) continue;
      const { status, code } = await ask(route, { cookie: cookies[role] ?? '' }, otherProject);
      expect([route, status, code]).toEqual([route, 404, 'not_found']);
    }
    const headers = { cookie: cookies[role] ?? '', 'openai-project': otherProject };
    const models = await server.send('GET', '/v1/models', undefined, headers);
    expect(models.status).toBe(reachesAll ? 200 : 404);
    const projects = await server.send('GET', '/v1/organization/projects', undefined, headers);
    expect(projects.body.data).toHaveLength(reachesAll ? 2 : 1);
  });
});
