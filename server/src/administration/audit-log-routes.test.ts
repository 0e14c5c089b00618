import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey, revokeKey } from '../keys/keys.ts';
import { setLimits } from '../limits/limits.ts';
import { setPrice } from '../prices/prices.ts';
import { descriptionProblems } from './description.testing.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

interface Event {
  id: string;
  type: string;
  [detail: string]: unknown;
}

let server: TestAdministration;
beforeAll(async () => {
  server = await testAdministration();
});
afterAll(() => server.close());

async function events(query = ''): Promise<Event[]> {
  const { status, body } = await server.send('GET', `/audit_logs?limit=100${query}`);
  expect([status, body.error]).toEqual([200, undefined]);
  return body.data;
}

describe('the audit log', () => {
  test('tells of every act, by API or command line, the latest first, without secrets', async () => {
    const { kysely } = server.database;
    const { body: project } = await server.send('POST', '/projects', { name: 'audited' });
    const path = `/projects/${project.id}`;
    await server.send('POST', path, { name: 'renamed' });
    const { body: key } = await server.send('POST', `${path}/api_keys`, { name: 'by API' });
    await server.send('POST', `${path}/rate_limits/rl-all`, { max_requests_per_1_minute: 9 });
    await server.send('DELETE', `${path}/api_keys/${key.id}`);
    const made = await createKey(kysely, { projectId: project.id, name: 'by command' });
    await setLimits(kysely, 'key', made.id, { tokensPerMinute: 5 });
    await revokeKey(kysely, made.id);
    const price = { input: 1, cachedInput: 1, output: 1, effectiveFrom: new Date() };
    await setPrice(kysely, { model: 'm', ...price });
    await server.send('POST', `${path}/archive`);
    const told = await events();
    expect(told.map(({ type }) => type)).toEqual([
      'project.archived',
      'price.updated',
      'api_key.deleted',
      'rate_limit.updated',
      'api_key.created',
      'api_key.deleted',
      'rate_limit.updated',
      'api_key.created',
      'project.updated',
      'project.created',
      'api_key.created',
    ]);
    expect(told[8]).toMatchObject({
      project: { id: project.id, name: 'renamed' },
      actor: { type: 'api_key', api_key: { type: 'service_account' } },
      'project.updated': { id: project.id, changes_requested: { name: 'renamed' } },
      weai: { before: { name: 'audited' }, after: { name: 'renamed' } },
    });
    expect(told[6]).toMatchObject({
      'rate_limit.updated': { changes_requested: { max_requests_per_1_minute: 9 } },
    });
    expect(told[4]).toMatchObject({ actor: { session: { user: { id: expect.stringMatching(/^cli:./) } } } });
    const text = JSON.stringify(told);
    for (const secret of [key.value, made.key]) expect(text).not.toContain(secret);
    const openaiTypes = told.filter(({ type }) => type !== 'price.updated');
    const list = { object: 'list', data: openaiTypes, has_more: false };
    expect(descriptionProblems('ListAuditLogsResponse', list)).toEqual([]);
  });

  test('is filtered', async () => {
    const [latest, ...rest] = await events();
    expect(latest).toBeDefined();
    const actor = (rest.at(-2)?.['actor'] as { api_key: { id: string } } | undefined)?.api_key.id;
    expect((await events('&event_types[]=price.updated')).map(({ type }) => type)).toEqual(['price.updated']);
    expect(await events('&event_types[]=price.updated&event_types[]=project.archived')).toHaveLength(2);
    expect(await events(`&actor_ids[]=${actor}`)).toHaveLength(6);
    expect(await events('&resource_ids[]=m')).toHaveLength(1);
    expect(await events('&project_ids[]=proj-unknown')).toEqual([]);
    expect(await events('&actor_emails[]=a@b.c')).toEqual([]);
    expect(await events('&tenant_only=true')).toEqual([]);
    const now = Math.floor(Date.now() / 1000);
    expect(await events(`&effective_at[gte]=${now - 60}&effective_at[lte]=${now}`)).toHaveLength(11);
    expect(await events(`&effective_at[gt]=${now}`)).toEqual([]);
    expect(await events(`&effective_at[lt]=${now - 60}`)).toEqual([]);
  });

  test('is paged forwards and backwards', async () => {
    const ids = (await events()).map(({ id }) => id);
    const { body: page } = await server.send('GET', `/audit_logs?limit=3&after=${ids[1]}`);
    expect(page.data.map(({ id }: Event) => id)).toEqual(ids.slice(2, 5));
    expect([page.first_id, page.last_id, page.has_more]).toEqual([ids[2], ids[4], true]);
    const { body: back } = await server.send('GET', `/audit_logs?limit=3&before=${ids[4]}`);
    expect(back.data.map(({ id }: Event) => id)).toEqual(ids.slice(1, 4));
    expect([back.first_id, back.last_id, back.has_more]).toEqual([ids[1], ids[3], true]);
  });

  test('of one organization tells nothing of another', async () => {
    const { adminKey } = await server.otherOrganization('other');
    const { body } = await server.send('GET', '/audit_logs', undefined, adminKey);
    expect(body.data.map(({ type }: Event) => type)).toEqual(['api_key.created']);
    const [mine] = await events();
    const { status } = await server.send('GET', `/audit_logs?after=${mine?.id}`, undefined, adminKey);
    expect(status).toBe(400);
  });

  test.each([
    ['after=made-up', 'after'],
    ['before=made-up', 'before'],
    ['after=a&before=b', 'before'],
    ['limit=101', 'limit'],
    ['effective_at[gt]=20&effective_at[lt]=10', 'effective_at'],
    ['effective_at[gt]=20&effective_at[lt]=21', 'effective_at'],
    ['effective_at[gt]=-1', 'effective_at.gt'],
    ['effective_at[near]=1', 'effective_at.near'],
    ['event_types[]=%07', 'event_types.0'],
  ])('refuses %s, naming %s', async (query, param) => {
    const { status, body } = await server.send('GET', `/audit_logs?${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
  });
});
