import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerRow } from '../ledger/row.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import { usageSummarySchema } from './answers.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

const day = Date.UTC(2026, 10, 10) / 1000;
const range = `start_time=${day}&end_time=${day + 2 * 86_400}`;
let server: TestAdministration;
let key: string;

/** A row of 10 prompt tokens, 4 of them cached, and 5 generated: $0.000018, and $0.0005 of the machine. */
function row(second: number, fields: Partial<LedgerRow> = {}): LedgerRow {
  const start = started({
    started_at: new Date((day + second) * 1000).toISOString(),
    organization_id: server.project.organizationId,
    project_id: server.project.id,
    key_id: key,
    model: 'small',
    ...fields,
  });
  return settled(start);
}

beforeAll(async () => {
  server = await testAdministration();
  const { kysely } = server.database;
  const made = await server.send('POST', `/projects/${server.project.id}/api_keys`, { name: 'nightly' });
  key = made.body.id;
  await ensurePartition(kysely, '2026-11');
  await insertRows(
    kysely,
    recordsOf([
      row(0),
      row(86_399, { model: 'large' }),
      row(86_400),
      row(86_401, { key_id: 'key-b' }),
      row(86_402, { key_id: 'key-c', project_id: 'proj-b' }),
      row(2 * 86_400),
      row(5, { organization_id: 'org-other' }),
    ]),
  );
  await kysely
    .insertInto('deployment_days')
    .values(
      ['2026-11-10', '2026-11-11'].map((of) => ({
        day: of,
        deployment_id: 'embedded/small',
        up_seconds: 7200,
        used_seconds: 1800,
        up_cost: 2_000_000_000,
        used_cost: 500_000_000,
      })),
    )
    .execute();
});
afterAll(() => server.close());

async function summary(query: string, adminKey?: string) {
  const { status, body } = await server.send('GET', `/usage/summary?${query}`, undefined, adminKey);
  expect([status, body.error]).toEqual([200, undefined]);
  return usageSummarySchema.strict().parse(body);
}

test('of a range in all, with exact money and what was idle', async () => {
  expect(await summary(range)).toEqual({
    object: 'organization.usage.summary',
    start_time: day,
    end_time: day + 2 * 86_400,
    total: {
      num_model_requests: 5,
      input_tokens: 50,
      input_cached_tokens: 20,
      output_tokens: 25,
      amount_usd: '0.00009',
      machine_usd: '0.0025',
      idle_usd: '3.00',
    },
    idle: [{ deployment_id: 'embedded/small', idle_usd: '3.00' }],
    days: null,
    data: [],
    total_count: 0,
    has_more: false,
    next_page: null,
  });
});

test('by group, the largest first and by day, with names; page after page', async () => {
  const query = `${range}&group_by=api_key_id&order_by=num_model_requests&days_of=1&limit=2`;
  const first = await summary(query);
  const dayOf = (start: number, requests: number) =>
    expect.objectContaining({ start_time: start, num_model_requests: requests });
  expect(first).toMatchObject({ total: { num_model_requests: 5 }, total_count: 3, has_more: true });
  expect(first.days).toEqual([dayOf(day, 2), dayOf(day + 86_400, 3)]);
  expect(first.data).toMatchObject([
    { api_key_id: key, model: null, name: 'nightly', revoked_at: null, num_model_requests: 3 },
    { api_key_id: 'key-b', name: null, amount_usd: '0.000018', days: [] },
  ]);
  expect(first.data[0]?.days).toEqual([dayOf(day, 2), dayOf(day + 86_400, 1)]);
  const second = await summary(`${query}&page=${first.next_page}`);
  expect(second.data.map((group) => group.api_key_id)).toEqual(['key-c']);
  expect([second.total_count, second.has_more, second.next_page]).toEqual([3, false, null]);
});

test.each([
  ['models=large', 1, '0.00'],
  ['project_ids=proj-b', 1, '0.00'],
  ['user_ids=user-ann', 0, '0.00'],
  ['api_key_ids[]=key-b&api_key_ids[]=key-c', 2, '0.00'],
])('filtered by %s, without idle time, which is nobody’s', async (filter, requests, idle) => {
  const { total, idle: deployments } = await summary(`${range}&${filter}`);
  expect([total.num_model_requests, total.idle_usd, deployments]).toEqual([requests, idle, []]);
});

test('a revoked key keeps its name and tells when it was revoked', async () => {
  await server.send('DELETE', `/projects/${server.project.id}/api_keys/${key}`);
  const { data } = await summary(`${range}&group_by=api_key_id`);
  const revoked = data.find((group) => group.api_key_id === key);
  expect(revoked?.name).toBe('nightly');
  expect(revoked?.revoked_at).toBeGreaterThan(0);
});

test('tells another organization nothing', async () => {
  const other = await server.otherOrganization('renter');
  const found = await summary(`${range}&group_by=model`, other.adminKey);
  expect([found.total.num_model_requests, found.idle, found.data]).toEqual([0, [], []]);
});

describe('bad input', () => {
  const cursor = (text: string) => `page_${Buffer.from(text).toString('base64url')}`;
  test.each([
    ['', 'start_time'],
    ['start_time=200&end_time=100', 'end_time'],
    ['start_time=0', 'start_time'],
    [`start_time=0&end_time=${367 * 86_400}`, 'end_time'],
    [`${range}&group_by=colour`, 'group_by'],
    [`${range}&order_by=colour`, 'order_by'],
    [`${range}&limit=0`, 'limit'],
    [`${range}&limit=1001`, 'limit'],
    [`${range}&days_of=21`, 'days_of'],
    [`${range}&models=%00`, 'models.0'],
    [`${range}&bucket_width=1d`, 'bucket_width'],
    [`${range}&page=page_made-up`, 'page'],
    [`${range}&page=${cursor('tokens.5.key-a')}`, 'page'],
    [`${range}&page=${cursor('amount_usd.5.a\0b')}`, 'page'],
    [`${range}&page=${cursor(`amount_usd.${'9'.repeat(31)}.key-a`)}`, 'page'],
  ])('%s is refused, naming %s', async (query, param) => {
    const { status, body } = await server.send('GET', `/usage/summary?${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
  });
});
