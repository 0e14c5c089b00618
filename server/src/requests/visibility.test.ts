import { afterAll, beforeAll, expect, test } from 'vitest';
import { insertContents } from '../contents/store.ts';
import { announceChange } from '../db/changes.ts';
import type { Role } from '../db/people-tables.ts';
import { ensurePartition, insertRows, monthOf } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import { testSignIn, type TestSignIn } from '../sign-in/server.testing.ts';

let server: TestSignIn;
let cookie: string;
const other = 'proj-other';

beforeAll(async () => {
  server = await testSignIn();
  cookie = await server.welcomeOwner();
  const { kysely } = server.database;
  const { id: own, organizationId } = server.project;
  await kysely
    .insertInto('projects')
    .values({ id: other, organization_id: organizationId, name: 'other', store_content: true })
    .execute();
  await kysely.updateTable('projects').set({ store_content: true }).where('id', '=', own).execute();
  await ensurePartition(kysely, monthOf(new Date().toISOString()));
  for (const [id, projectId] of [
    ['request-own', own],
    ['request-other', other],
  ] as const) {
    const row = settled(started({ id, organization_id: organizationId, project_id: projectId }));
    await insertRows(kysely, recordsOf([row]));
    const content = {
      id,
      project_id: projectId,
      created_at: row.started_at,
      model: 'm',
      truncated: false,
      stored: false,
    };
    const json = JSON.stringify({ ...content, request: { messages: [{ role: 'user', content: id }] } });
    await insertContents(kysely, [{ projectId, json }]);
  }
});
afterAll(() => server.close());

/** Makes the person who is signed in something else; only of a project where one is given. */
async function become(role: Role, projectId: string | null): Promise<void> {
  const { kysely } = server.database;
  const { user_id: userId } = await kysely.selectFrom('members').select('user_id').executeTakeFirstOrThrow();
  await kysely.transaction().execute(async (transaction) => {
    await transaction.updateTable('members').set({ role }).execute();
    await transaction.deleteFrom('project_members').execute();
    if (projectId !== null)
      await transaction
        .insertInto('project_members')
        .values({ project_id: projectId, user_id: userId, role: 'member' })
        .execute();
    await announceChange(transaction, 'members');
  });
  const sees = role === 'owner' || role === 'admin' ? 2 : projectId === null ? 0 : 1;
  await expect
    .poll(async () => {
      const { body } = await get('/v1/me');
      return [body.organization.role, body.projects.length];
    })
    .toEqual([role, sees]);
}

async function get(path: string) {
  return server.send('GET', path, undefined, { cookie });
}

async function listed(query = ''): Promise<string[]> {
  const { status, body } = await get(`/v1/organization/requests${query}`);
  expect([status, body.error]).toEqual([200, undefined]);
  return body.data.map(({ id }: { id: string }) => id).toSorted();
}

test.each(['owner', 'admin'] as const)('an %s sees the requests of every project', async (role) => {
  await become(role, null);
  expect(await listed()).toEqual(['request-other', 'request-own']);
  expect(
    (await get('/v1/organization/requests/request-other')).body.content.request.messages[0].content,
  ).toBe('request-other');
});

test.each(['member', 'viewer'] as const)('a %s sees those of own projects alone', async (role) => {
  await become(role, server.project.id);
  expect(await listed()).toEqual(['request-own']);
  expect(await listed(`?project_ids=${other}`)).toEqual([]);
  expect(await listed(`?project_ids=${other}&project_ids=${server.project.id}`)).toEqual(['request-own']);
  const { body } = await get('/v1/organization/requests/request-own');
  expect(body.content.request.messages[0].content).toBe('request-own');
  const { status, body: refused } = await get('/v1/organization/requests/request-other');
  expect([status, refused.error.code]).toEqual([404, 'not_found']);
});

test('a member of no project sees nothing', async () => {
  await become('member', null);
  expect(await listed()).toEqual([]);
  expect((await get('/v1/organization/requests/request-own')).status).toBe(404);
});

test('what a session keeps in the playground has the name of the person; a viewer keeps nothing', async () => {
  await become('member', server.project.id);
  const path = '/v1/playground/conversations';
  const made = await server.send('POST', path, { title: 'By session', visibility: 'project' }, { cookie });
  expect(made.body).toMatchObject({
    created_by: expect.stringMatching(/^user-/),
    created_by_name: 'Olga Owner',
  });
  const byKey = { authorization: `Bearer ${server.projectKey}` };
  const { body: shared } = await server.send('GET', `${path}/${made.body.id}`, undefined, byKey);
  expect(shared).toMatchObject({ title: 'By session', can_edit: false });
  await become('viewer', server.project.id);
  expect((await get(`${path}/${made.body.id}`)).status).toBe(200);
  const refused = await server.send('POST', path, {}, { cookie });
  expect([refused.status, refused.body.error.code]).toEqual([403, 'insufficient_permissions']);
  const withoutProof = await server.send('POST', path, {}, { cookie, 'x-weai-csrf': '' });
  expect(withoutProof.status).toBe(403);
});
