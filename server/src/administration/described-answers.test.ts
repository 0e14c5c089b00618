import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkoutDirectory } from '../config.ts';
import { testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';
import { descriptionProblems, schemaOfAnswer } from './description.testing.ts';

let server: TestSignIn;
beforeAll(async () => {
  server = await testSignIn();
});
afterAll(() => server.close());

const { paths }: { paths: Record<string, Record<string, { operationId?: string }>> } = JSON.parse(
  readFileSync(join(checkoutDirectory, 'openapi.json'), 'utf8'),
);

/** Operations and what they are sent, in an order in which each finds what it is about. */
const steps: [method: 'get' | 'post' | 'delete', path: string, body?: object][] = [
  ['post', '/projects', { name: 'described' }],
  ['post', '/projects/{project_id}', { name: 'renamed' }],
  ['post', '/projects/{project_id}/users', { user_id: '{user_id}', role: 'member' }],
  ['post', '/projects/{project_id}/users/{user_id}', { role: 'owner' }],
  ['post', '/projects/{project_id}/rate_limits/{rate_limit_id}', { max_requests_per_1_minute: 9 }],
  ['post', '/projects/{project_id}/api_keys', { name: 'robot' }],
  ['post', '/invites', { email: 'guest@example.com', role: 'owner' }],
  ['post', '/admin_api_keys', { name: 'ops' }],
  ['post', '/users/{user_id}', { role: 'owner' }],
  ['get', '/projects'],
  ['get', '/projects/{project_id}'],
  ['get', '/projects/{project_id}/users'],
  ['get', '/projects/{project_id}/users/{user_id}'],
  ['get', '/projects/{project_id}/rate_limits'],
  ['get', '/projects/{project_id}/api_keys'],
  ['get', '/projects/{project_id}/api_keys/{api_key_id}'],
  ['get', '/users'],
  ['get', '/users/{user_id}'],
  ['get', '/invites'],
  ['get', '/invites/{invite_id}'],
  ['get', '/admin_api_keys'],
  ['get', '/admin_api_keys/{key_id}'],
  ['get', '/audit_logs'],
  ['get', '/usage/completions'],
  ['get', '/costs'],
  ['delete', '/projects/{project_id}/users/{user_id}'],
  ['delete', '/projects/{project_id}/api_keys/{api_key_id}'],
  ['delete', '/users/{user_id}'],
  ['delete', '/invites/{invite_id}'],
  ['delete', '/admin_api_keys/{key_id}'],
  ['post', '/projects/{project_id}/archive'],
];

test('every answer to an operation that OpenAI has is as its description says', async () => {
  await server.welcomeOwner();
  // Of WeAI's roles OpenAI has this one.
  await server.join('second', 'owner');
  const headers = { authorization: `Bearer ${server.adminKey}` };
  const { body: users } = await server.send(
    'GET',
    '/v1/organization/users?emails=second@example.com',
    undefined,
    headers,
  );
  const ids: Record<string, string> = { user_id: users.data[0].id, rate_limit_id: 'rl-all' };
  const named = (text: string) =>
    text.replaceAll(/\{(\w+_id)\}/g, (whole, name: string) => ids[name] ?? whole);
  const made: Record<string, string> = {
    '/projects': 'project_id',
    '/projects/{project_id}/api_keys': 'api_key_id',
    '/invites': 'invite_id',
    '/admin_api_keys': 'key_id',
  };
  const checked = new Set<string>();
  const problems: string[] = [];
  for (const [method, path, given] of steps) {
    const operationId = paths[`/v1/organization${path}`]?.[method]?.operationId ?? 'none';
    const query = path === '/usage/completions' || path === '/costs' ? '?start_time=1700000000&limit=1' : '';
    const body = given && JSON.parse(named(JSON.stringify(given)));
    const url = `/v1/organization${named(path)}${query}`;
    const answer = await server.send(method.toUpperCase(), url, body, headers);
    expect([operationId, answer.status]).toEqual([operationId, 200]);
    const name = method === 'post' ? made[path] : undefined;
    if (name !== undefined) ids[name] = answer.body.id;
    const schema = schemaOfAnswer(operationId);
    if (schema === null) continue;
    checked.add(`${method} ${path}`);
    for (const problem of descriptionProblems(schema, answer.body))
      problems.push(`${operationId} ${schema}: ${problem}`);
  }
  expect(problems).toEqual([]);
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(
        ([, operation]) =>
          operation.operationId !== undefined && schemaOfAnswer(operation.operationId) !== null,
      )
      .map(([method]) => `${method} ${path.replace('/v1/organization', '')}`)
      .filter(() => path.startsWith('/v1/organization')),
  );
  expect([...checked].toSorted()).toEqual(described.toSorted());
});
