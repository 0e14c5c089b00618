import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { descriptionProblems } from './description.testing.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

let server: TestAdministration;
let other: Awaited<ReturnType<TestAdministration['otherOrganization']>>;

beforeAll(async () => {
  server = await testAdministration();
  other = await server.otherOrganization('other');
});
afterAll(() => server.close());

describe('access', () => {
  test.each([
    ['no such key', 'sk-weai-admin-wrong', 401, 'invalid_api_key'],
    ["a project's key", 'project-key', 403, 'insufficient_permissions'],
  ])('%s is refused', async (_what, key, status, code) => {
    const answer = await server.send('GET', '/projects', undefined, key);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(descriptionProblems('ErrorResponse', answer.body)).toEqual([]);
  });
});

describe('projects', () => {
  test('are made, shown, renamed and archived', async () => {
    const made = await server.send('POST', '/projects', { name: 'Blue' });
    expect(made).toMatchObject({ status: 200, body: { name: 'Blue', status: 'active', archived_at: null } });
    expect(descriptionProblems('Project', made.body)).toEqual([]);
    const path = `/projects/${made.body.id}`;
    expect((await server.send('POST', path, { name: 'Green' })).body.name).toBe('Green');
    expect((await server.send('GET', path)).body).toEqual({ ...made.body, name: 'Green' });
    const archived = await server.send('POST', `${path}/archive`);
    expect(archived.body).toMatchObject({ status: 'archived', archived_at: expect.any(Number) });
    expect((await server.send('POST', path, { name: 'Red' })).status).toBe(409);
    expect((await server.send('POST', `${path}/api_keys`, { name: 'late' })).status).toBe(409);
    const listed = await server.send('GET', '/projects?include_archived=true');
    expect(descriptionProblems('ProjectListResponse', listed.body)).toEqual([]);
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toContain(made.body.id);
    const active = await server.send('GET', '/projects');
    expect(active.body.data.map(({ id }: { id: string }) => id)).not.toContain(made.body.id);
  });

  test('are listed page by page, each once, without those of others', async () => {
    for (const name of ['p1', 'p2', 'p3']) await server.send('POST', '/projects', { name });
    const names: string[] = [];
    let after = '';
    for (let more = true; more;) {
      const { body } = await server.send('GET', `/projects?limit=2${after}`);
      names.push(...body.data.map(({ name }: { name: string }) => name));
      expect([body.first_id, body.last_id]).toEqual([body.data[0]?.id, body.data.at(-1)?.id]);
      after = `&after=${body.last_id}`;
      more = body.has_more;
    }
    expect(names).toEqual(['default', 'p1', 'p2', 'p3']);
  });

  test('share no name, and the default one stays', async () => {
    await server.send('POST', '/projects', { name: 'twin' });
    const twin = await server.send('POST', '/projects', { name: 'twin' });
    expect([twin.status, twin.body.error.param]).toEqual([409, 'name']);
    const path = `/projects/${server.project.id}`;
    expect((await server.send('POST', path, { name: 'main' })).status).toBe(400);
    expect((await server.send('POST', `${path}/archive`)).status).toBe(400);
  });
});

describe('API keys', () => {
  test('are made, listed, shown and deleted, and shown in full once', async () => {
    const path = `/projects/${server.project.id}/api_keys`;
    const { body: made } = await server.send('POST', path, { name: 'robot' });
    expect(made.value).toMatch(/^sk-weai-[\w-]{43}$/);
    const { body: shown } = await server.send('GET', `${path}/${made.id}`);
    expect(descriptionProblems('ProjectApiKey', shown)).toEqual([]);
    expect({ ...shown, value: made.value }).toEqual(made);
    const { body: listed } = await server.send('GET', path);
    expect(descriptionProblems('ProjectApiKeyListResponse', listed)).toEqual([]);
    expect(JSON.stringify(listed)).not.toContain(made.value);
    const deleted = await server.send('DELETE', `${path}/${made.id}`);
    expect(descriptionProblems('ProjectApiKeyDeleteResponse', deleted.body)).toEqual([]);
    expect((await server.send('GET', `${path}/${made.id}`)).status).toBe(404);
    expect((await server.send('DELETE', `${path}/${made.id}`)).status).toBe(404);
  });

  test('that are revoked are listed for who asks for them', async () => {
    const path = `/projects/${server.project.id}/api_keys`;
    const { body: made } = await server.send('POST', path, { name: 'short-lived' });
    await server.send('DELETE', `${path}/${made.id}`);
    const find = async (query: string) => {
      const { body } = await server.send('GET', `${path}?limit=100${query}`);
      expect(descriptionProblems('ProjectApiKeyListResponse', body)).toEqual([]);
      return body.data.find(({ id }) => id === made.id);
    };
    expect(await find('')).toBeUndefined();
    expect(await find('&include_revoked=false')).toBeUndefined();
    expect(await find('&include_revoked=true')).toMatchObject({
      name: 'short-lived',
      owner_project_access: 'inactive',
      revoked_at: expect.any(Number),
    });
    expect((await server.send('GET', `${path}?include_revoked=yes`)).status).toBe(400);
  });
});

describe('rate limits', () => {
  test('of a project are read and changed', async () => {
    const path = `/projects/${server.project.id}/rate_limits`;
    const { body } = await server.send('GET', path);
    expect(descriptionProblems('ProjectRateLimitListResponse', body)).toEqual([]);
    expect(body.data[0]?.['max_requests_per_1_minute']).toBe(2_147_483_647);
    const change = { max_requests_per_1_minute: 7 };
    const changed = await server.send('POST', `${path}/${body.data[0]?.id}`, change);
    expect(descriptionProblems('ProjectRateLimit', changed.body)).toEqual([]);
    expect((await server.send('GET', path)).body.data).toEqual([{ ...body.data[0], ...change }]);
  });
});

describe('admin keys', () => {
  test('are made, listed, shown and deleted, and shown in full once', async () => {
    const made = await server.send('POST', '/admin_api_keys', { name: 'ops', expires_in_seconds: 60 });
    expect(descriptionProblems('AdminApiKeyCreateResponse', made.body)).toEqual([]);
    const { value, ...rest } = made.body;
    expect(value).toMatch(/^sk-weai-admin-[\w-]{43}$/);
    expect(Number(rest['expires_at']) - Number(rest['created_at'])).toBeCloseTo(60, -1);
    expect((await server.send('GET', `/admin_api_keys/${rest.id}`)).body).toEqual(rest);
    const { body: listed } = await server.send('GET', '/admin_api_keys?order=desc&limit=1');
    expect(descriptionProblems('ApiKeyList', listed)).toEqual([]);
    expect([listed.data, listed.has_more]).toEqual([[rest], true]);
    expect((await server.send('DELETE', `/admin_api_keys/${rest.id}`)).body).toEqual({
      id: rest.id,
      object: 'organization.admin_api_key.deleted',
      deleted: true,
    });
    expect((await server.send('GET', `/admin_api_keys/${rest.id}`)).status).toBe(404);
  });
});

describe('what belongs to another organization', () => {
  test('is not found, as if it did not exist', async () => {
    const theirKey = await server.send(
      'POST',
      `/projects/${other.projectId}/api_keys`,
      { name: 'theirs' },
      other.adminKey,
    );
    const [theirAdminKey] = (await server.send('GET', '/admin_api_keys', undefined, other.adminKey)).body
      .data;
    for (const [method, path] of [
      ['GET', `/projects/${other.projectId}`],
      ['POST', `/projects/${other.projectId}`],
      ['POST', `/projects/${other.projectId}/archive`],
      ['GET', `/projects/${other.projectId}/api_keys`],
      ['POST', `/projects/${other.projectId}/api_keys`],
      ['DELETE', `/projects/${other.projectId}/api_keys/${theirKey.body.id}`],
      ['GET', `/projects/${server.project.id}/api_keys/${theirKey.body.id}`],
      ['GET', `/projects/${other.projectId}/rate_limits`],
      ['GET', `/admin_api_keys/${theirAdminKey?.id}`],
      ['DELETE', `/admin_api_keys/${theirAdminKey?.id}`],
    ] as const) {
      const { status } = await server.send(method, path, method === 'POST' ? { name: 'x' } : undefined);
      expect(`${method} ${path} ${status}`).toBe(`${method} ${path} 404`);
    }
    const { status, body } = await server.send('GET', `/projects?after=${other.projectId}`);
    expect([status, body.error.param]).toEqual([400, 'after']);
  });
});

describe('bad input', () => {
  const project = () => server.project.id;
  const long = 'n'.repeat(201);
  test.each([
    ['GET', '/projects?limit=0', undefined, 400, 'limit'],
    ['GET', '/projects?limit=-1', undefined, 400, 'limit'],
    ['GET', '/projects?limit=99999999999999999999', undefined, 400, 'limit'],
    ['GET', '/projects?limit=2&limit=3', undefined, 400, 'limit'],
    ['GET', '/projects?after=made-up', undefined, 400, 'after'],
    ['GET', '/projects?after=%00', undefined, 400, 'after'],
    ['GET', '/projects?include_archived=maybe', undefined, 400, 'include_archived'],
    ['GET', '/projects?colour=blue', undefined, 400, 'colour'],
    ['POST', '/projects', {}, 400, 'name'],
    ['POST', '/projects', { name: 7 }, 400, 'name'],
    ['POST', '/projects', { name: '' }, 400, 'name'],
    ['POST', '/projects', { name: ' x' }, 400, 'name'],
    ['POST', '/projects', { name: long }, 400, 'name'],
    ['POST', '/projects', { name: 'a\u0007b' }, 400, 'name'],
    ['POST', '/projects', { name: 'a\u202Eb' }, 400, 'name'],
    ['POST', '/projects', { name: 'a\u0000b' }, 400, 'name'],
    ['POST', '/projects', { name: 'x', id: 'y' }, 400, 'id'],
    ['POST', '/projects', undefined, 400, null],
    ['GET', '/projects/proj-unknown', undefined, 404, 'project_id'],
    ['GET', '/projects/%00', undefined, 404, 'project_id'],
    ['GET', "/projects/'or'1", undefined, 404, 'project_id'],
    ['DELETE', '/projects/$/api_keys/key-unknown', undefined, 404, 'api_key_id'],
    ['POST', '/projects/$/rate_limits/rl-gpt', {}, 404, 'rate_limit_id'],
    [
      'POST',
      '/projects/$/rate_limits/rl-all',
      { max_requests_per_1_minute: -1 },
      400,
      'max_requests_per_1_minute',
    ],
    [
      'POST',
      '/projects/$/rate_limits/rl-all',
      { max_tokens_per_1_minute: 2 ** 31 },
      400,
      'max_tokens_per_1_minute',
    ],
    [
      'POST',
      '/projects/$/rate_limits/rl-all',
      { max_tokens_per_1_minute: 1.5 },
      400,
      'max_tokens_per_1_minute',
    ],
    ['POST', '/projects/$/rate_limits/rl-all', { max_requests_per_1_day: 1 }, 400, 'max_requests_per_1_day'],
    ['POST', '/admin_api_keys', { name: 'x', expires_in_seconds: 0 }, 400, 'expires_in_seconds'],
    ['GET', '/admin_api_keys?order=up', undefined, 400, 'order'],
    ['GET', '/admin_api_keys/key-unknown', undefined, 404, 'key_id'],
  ] as const)('%s %s %j is %i, and %s is named', async (method, path, body, status, param) => {
    const answer = await server.send(method, path.replace('$', project()), body);
    expect([answer.status, answer.body.error.param]).toEqual([status, param]);
    expect(descriptionProblems('ErrorResponse', answer.body)).toEqual([]);
  });
});
