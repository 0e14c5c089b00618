import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdminKey } from './admin-keys.ts';
import { testSignIn, type TestSignIn, type TestServer } from '../sign-in/server.testing.ts';

let server: TestSignIn;
let other: TestServer;
beforeAll(async () => {
  server = await testSignIn();
  other = await server.another();
});
afterAll(() => server.close());

const keys = () => `/v1/organization/projects/${server.project.id}/api_keys`;

async function post(path: string, body: object | undefined, key: string, to: TestServer = server) {
  const headers = { authorization: `Bearer ${server.adminKey}`, 'idempotency-key': key };
  return to.send('POST', path, body, headers);
}

test('50 equal requests to make a key, on two servers, make one', async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      post(keys(), { name: 'once' }, 'fifty', index % 2 === 0 ? server : other),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  const values = answers.flatMap(({ body }) => body.value ?? []);
  expect(new Set(values).size).toBe(1);
  const listed = await server.send('GET', keys(), undefined, { authorization: `Bearer ${server.adminKey}` });
  expect(listed.body.data.filter(({ name }: { name: string }) => name === 'once')).toHaveLength(1);
});

test('who asks again gets the answer without what is shown once, which is not kept', async () => {
  const email = 'new@example.com';
  for (const [path, body, secret] of [
    [keys(), { name: 'again' }, 'value'],
    ['/v1/organization/admin_api_keys', { name: 'again' }, 'value'],
    ['/v1/organization/invites', { email, role: 'member' }, 'url'],
  ] as const) {
    const { [secret]: shown, ...rest } = (await post(path, body, path)).body;
    expect(shown).toBeTypeOf('string');
    const again = await post(path, body, path, other);
    expect(again.body).toEqual(rest);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const rows = await server.database.kysely.selectFrom('idempotency_keys').select('body').execute();
    expect(rows.some((row) => row.body?.includes(shown))).toBe(false);
  }
});

test('requests without a body are told apart, another body is refused, and errors are not kept', async () => {
  const { body: made } = await post('/v1/organization/projects', { name: 'short' }, 'make');
  const archive = `/v1/organization/projects/${made.id}/archive`;
  const [first, second] = [await post(archive, undefined, 'end'), await post(archive, undefined, 'end')];
  expect(second.body).toEqual(first.body);
  const refused = await post('/v1/organization/projects', { name: 'other' }, 'make');
  expect([refused.status, refused.body.error.param]).toEqual([400, 'Idempotency-Key']);
  expect((await post('/v1/organization/projects', { name: '' }, 'mended')).status).toBe(400);
  expect((await post('/v1/organization/projects', { name: 'mended' }, 'mended')).status).toBe(200);
});

test('the same key of another administrator is another request', async () => {
  const { organizationId } = server.project;
  const actor = { kind: 'session', id: 'test' } as const;
  const { value } = await createAdminKey(server.database.kysely, { organizationId, name: 'two', actor });
  await expect
    .poll(
      async () => (await server.send('GET', keys(), undefined, { authorization: `Bearer ${value}` })).status,
    )
    .toBe(200);
  const mine = await post(keys(), { name: 'shared' }, 'shared');
  const theirs = await server.send(
    'POST',
    keys(),
    { name: 'shared' },
    { authorization: `Bearer ${value}`, 'idempotency-key': 'shared' },
  );
  expect(theirs.body.id).not.toBe(mine.body.id);
});
