import { afterAll, beforeAll, expect, test } from 'vitest';
import { routeActions } from '../members/route-actions.ts';
import { testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';

let server: TestSignIn;
beforeAll(async () => {
  server = await testSignIn();
});
afterAll(() => server.close());

/** Routes that change something, in an order in which each finds what it changes, and the act that each leaves. */
const acts: [route: string, act: string, body?: object][] = [
  ['POST /projects', 'project.created', { name: 'audited' }],
  ['POST /projects/:project_id', 'project.updated', { name: 'renamed' }],
  ['POST /projects/:project_id/api_keys', 'api_key.created', { name: 'robot' }],
  [
    'POST /projects/:project_id/rate_limits/:rate_limit_id',
    'rate_limit.updated',
    { max_requests_per_1_minute: 9 },
  ],
  ['POST /limits/:kind/:subject_id', 'rate_limit.updated', { usd_per_day: '1' }],
  ['POST /projects/:project_id/users', 'user.added', { user_id: ':user_id', role: 'member' }],
  ['POST /projects/:project_id/users/:user_id', 'user.updated', { role: 'owner' }],
  ['DELETE /projects/:project_id/users/:user_id', 'user.deleted'],
  ['POST /users/:user_id', 'user.updated', { role: 'viewer' }],
  ['DELETE /users/:user_id', 'user.deleted'],
  ['POST /invites', 'invite.sent', { email: 'guest@example.com', role: 'member' }],
  ['DELETE /invites/:invite_id', 'invite.deleted'],
  ['POST /admin_api_keys', 'api_key.created', { name: 'ops' }],
  ['DELETE /admin_api_keys/:key_id', 'api_key.deleted'],
  ['DELETE /projects/:project_id/api_keys/:api_key_id', 'api_key.deleted'],
  ['POST /projects/:project_id/archive', 'project.archived'],
];

/** The tests of their routes look into the log; a trial changes nothing. */
const elsewhere = [
  'POST /models/:model_id/pull',
  'POST /models/:model_id/pull/cancel',
  'POST /deployments',
  'POST /deployments/test',
  'DELETE /deployments/*',
];

/** Which id an answer has, by what it made. */
const idNames: Record<string, string> = {
  'POST /projects': 'project_id',
  'POST /projects/:project_id/api_keys': 'api_key_id',
  'POST /invites': 'invite_id',
  'POST /admin_api_keys': 'key_id',
};

test('every route that changes something leaves one row that says who did what to what', async () => {
  const prefix = '/v1/organization';
  const changing = Object.keys(routeActions)
    .filter((route) => route.includes(` ${prefix}/`) && !route.startsWith('GET '))
    .map((route) => route.replace(prefix, ''));
  expect([...acts.map(([route]) => route), ...elsewhere].toSorted()).toEqual(changing.toSorted());

  await server.welcomeOwner();
  await server.join('member', 'member');
  const headers = { authorization: `Bearer ${server.adminKey}` };
  const send = (method: string, path: string, body?: object) =>
    server.send(method, `${prefix}${path}`, body, headers);
  const { body: users } = await send('GET', '/users?emails=member@example.com');
  const ids: Record<string, string> = { kind: 'project', rate_limit_id: 'rl-all', user_id: users.data[0].id };
  const named = (text: string) => text.replaceAll(/:(\w+)/g, (whole, name: string) => ids[name] ?? whole);
  const logged = async () => (await send('GET', '/audit_logs?limit=100')).body.data;

  for (const [route, act, given] of acts) {
    const before = await logged();
    const [method = '', path = ''] = route.split(' ');
    const body = given && JSON.parse(named(JSON.stringify(given)));
    const { status, body: answer } = await send(method, named(path), body);
    expect([route, status, answer.error]).toEqual([route, 200, undefined]);
    const idName = idNames[route];
    if (idName !== undefined) ids[idName] = answer.id;
    ids['subject_id'] ??= answer.id;
    const after = await logged();
    expect([route, after.length - before.length]).toEqual([route, 1]);
    expect([route, after[0].type, after[0].actor.type]).toEqual([route, act, 'api_key']);
    expect(Object.values(ids)).toContain(after[0][act].id);
    const { before: old, after: now } = after[0].weai;
    expect([route, old !== null || now !== null]).toEqual([route, true]);
  }
});
