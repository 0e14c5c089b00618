import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensurePartition, insertRows, monthOf } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { requestDetailSchema } from '../requests/request-object.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

let server: TestAdministration;
let other: Awaited<ReturnType<TestAdministration['otherOrganization']>>;

/** A request that began so many seconds after midnight of the first of October 2026. */
function requestAt(seconds: number, fields: Partial<LedgerRow> = {}): LedgerRow {
  const { id, ...rest } = fields;
  const start = started({
    ...(id === undefined ? {} : { id }),
    started_at: new Date(Date.UTC(2026, 9, 1) + seconds * 1000).toISOString(),
    organization_id: rest.organization_id ?? server.project.organizationId,
    project_id: rest.project_id ?? server.project.id,
  });
  return { ...settled(start), ...rest };
}

beforeAll(async () => {
  server = await testAdministration();
  other = await server.otherOrganization('other');
  const { kysely } = server.database;
  const rows = [
    // Before October: in the partition of September.
    requestAt(-5, { id: 'september' }),
    requestAt(10, { id: 'first', model: 'big', key_id: 'key-2', request_id: 'req-first' }),
    requestAt(20, { id: 'twin-a' }),
    requestAt(20, { id: 'twin-b' }),
    requestAt(20, { id: 'twin-c' }),
    requestAt(30, {
      id: 'slow',
      project_id: 'proj-green',
      queue_ms: 250,
      time_to_first_token_ms: 1250,
      duration_ms: 5250,
      completion_tokens: 41,
      cost: 1_500_000,
      machine_cost: 250_000_000,
    }),
    requestAt(40, {
      id: 'failed',
      status: 'failed',
      error_code: 'engine_crashed',
      deployment_id: null,
      route: [{ deploymentId: 'remote/a/1', code: 'engine_crashed' }],
      completion_tokens: 0,
      queue_ms: null,
      time_to_first_token_ms: null,
      duration_ms: 12,
    }),
    requestAt(50, { id: 'theirs', organization_id: other.organizationId, project_id: other.projectId }),
  ];
  for (const month of ['2026-09', '2026-10', monthOf(new Date().toISOString())])
    await ensurePartition(kysely, month);
  await insertRows(kysely, recordsOf(rows));
});
afterAll(() => server.close());

async function ids(query: string): Promise<string[]> {
  const { status, body } = await server.send('GET', `/requests?${query}`);
  expect([status, body.error]).toEqual([200, undefined]);
  return body.data.map(({ id }: { id: string }) => id);
}

const all = ['failed', 'slow', 'twin-c', 'twin-b', 'twin-a', 'first', 'september'];
const october = Date.UTC(2026, 9, 1) / 1000;

describe('the request log', () => {
  test.each([
    ['', all],
    ['project_ids=proj-green', ['slow']],
    ['models=big', ['first']],
    ['models[]=big&models[]=served&limit=2', ['failed', 'slow']],
    ['api_key_ids=key-2', ['first']],
    ['request_ids=req-first', ['first']],
    ['request_ids=req-first&request_ids=request-1', all],
    ['statuses=failed', ['failed']],
    ['statuses=failed&statuses=cancelled', ['failed']],
    ['min_duration_ms=5000', ['slow']],
    [`start_time=${october + 20}&end_time=${october + 40}`, ['slow', 'twin-c', 'twin-b', 'twin-a']],
    [`end_time=${october}`, ['september']],
    ['statuses=failed&min_duration_ms=100', []],
    ['models=big&models=served&min_duration_ms=0&statuses=failed&statuses=completed', all],
    [`${Array.from({ length: 13 }, (_, at) => `models=m${at}`).join('&')}&models=big`, ['first']],
    ['min_duration_ms=2147483647', []],
  ])('with "%s" has what it asks for, the latest first', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test.each([1, 2, 3, 6, 7])('has each request once in pages of %i', async (limit) => {
    const found: string[] = [];
    for (let after = ''; found.length <= all.length;) {
      const { body } = await server.send('GET', `/requests?limit=${limit}${after}`);
      found.push(...body.data.map(({ id }: { id: string }) => id));
      expect(body.has_more).toBe(body.next_cursor !== null);
      if (body.next_cursor === null) break;
      after = `&after=${body.next_cursor}`;
    }
    expect(found).toEqual(all);
  });

  test('tells where the time went, and what it cost', async () => {
    const { body } = await server.send('GET', '/requests/slow');
    expect(requestDetailSchema.strict().safeParse(body).error).toBeUndefined();
    expect(body).toMatchObject({
      project_id: 'proj-green',
      started_at_ms: (october + 30) * 1000,
      timing: {
        queue_ms: 250,
        prompt_ms: 1000,
        time_to_first_token_ms: 1250,
        generation_ms: 4000,
        duration_ms: 5250,
        tokens_per_second: 10,
      },
      cost: { tokens_usd: '0.0015', machine_usd: '0.25', input_usd: '1.00', machine_usd_per_hour: '3.60' },
    });
  });

  test('tells what failed', async () => {
    const { body } = await server.send('GET', '/requests/failed');
    expect(body).toMatchObject({
      status: 'failed',
      error_code: 'engine_crashed',
      deployment_id: null,
      failed_attempts: [{ deployment_id: 'remote/a/1', code: 'engine_crashed' }],
      timing: {
        queue_ms: null,
        prompt_ms: null,
        generation_ms: null,
        tokens_per_second: null,
        duration_ms: 12,
      },
    });
  });

  test('of another organization is not found', async () => {
    expect((await server.send('GET', '/requests/theirs')).status).toBe(404);
    expect(await ids(`project_ids=${other.projectId}`)).toEqual([]);
    const { body } = await server.send('GET', '/requests', undefined, other.adminKey);
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual(['theirs']);
    expect((await server.send('GET', '/requests/slow', undefined, other.adminKey)).status).toBe(404);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['after=made-up', 'after'],
    ['after=%00', 'after'],
    ['statuses=lost', 'statuses.0'],
    ['min_duration_ms=-1', 'min_duration_ms'],
    ['min_duration_ms=1.5', 'min_duration_ms'],
    ['start_time=yesterday', 'start_time'],
    ['start_time=20&end_time=20', 'end_time'],
    ['models=', 'models.0'],
    ['models=%00', 'models.0'],
    ['colour=blue', 'colour'],
  ])('refuses "%s"', async (query, param) => {
    const { status, body } = await server.send('GET', `/requests?${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test.each(['nothing', '%00', '..%2f', 'a%20b'])('has no request %s', async (id) => {
    const { status, body } = await server.send('GET', `/requests/${id}`);
    expect([status, body.error.code, body.error.param]).toEqual([404, 'not_found', 'request_id']);
  });
});
