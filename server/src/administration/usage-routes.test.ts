import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LedgerRow } from '../ledger/row.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import { descriptionProblems } from './description.testing.ts';
import { testAdministration, type TestAdministration } from './testing.ts';

const day = Date.UTC(2026, 9, 31) / 1000;
let server: TestAdministration;

/** A row of 10 prompt tokens, 4 of them cached, and 5 generated. */
function row(second: number, fields: Partial<LedgerRow> = {}): LedgerRow {
  const start = started({
    started_at: new Date((day + second) * 1000).toISOString(),
    organization_id: server.project.organizationId,
    project_id: 'proj-a',
    key_id: 'key-a',
    model: 'small',
    ...fields,
  });
  return settled(start);
}

beforeAll(async () => {
  server = await testAdministration();
  const { kysely } = server.database;
  await ensurePartition(kysely, '2026-10');
  await ensurePartition(kysely, '2026-11');
  await insertRows(
    kysely,
    recordsOf([
      row(0),
      row(59),
      row(3600, { model: 'large' }),
      row(7199, { key_id: 'key-b' }),
      row(86_399, { project_id: 'proj-b', key_id: 'key-c' }),
      row(86_400),
      row(10, { organization_id: 'org-other' }),
      row(2 * 86_400, { key_id: 'user-ann' }),
      row(2 * 86_400 + 1),
    ]),
  );
});
afterAll(() => server.close());

async function buckets(path: string): Promise<[number, Record<string, unknown>[]][]> {
  const { status, body } = await server.send('GET', path);
  expect([status, body.error]).toEqual([200, undefined]);
  expect(descriptionProblems('UsageResponse', body)).toEqual([]);
  return body.data.map((bucket: { start_time: number; results: Record<string, unknown>[] }) => [
    (bucket.start_time - day) / 60,
    bucket.results,
  ]);
}

function requests(found: [number, Record<string, unknown>[]][]): [number, unknown[]][] {
  return found
    .filter(([, results]) => results.length > 0)
    .map(([minute, results]) => [minute, results.map((result) => result['num_model_requests'])]);
}

function sum(counts: unknown[]): number {
  return counts.reduce<number>((total, count) => total + Number(count), 0);
}

describe('usage of completions', () => {
  test('by day sums what the organization used, with empty days', async () => {
    const found = await buckets(`/usage/completions?start_time=${day - 86_400}&end_time=${day + 2 * 86_400}`);
    expect(found.map(([minute]) => minute)).toEqual([-1440, 0, 1440]);
    expect(found[1]?.[1]).toEqual([
      {
        object: 'organization.usage.completions.result',
        input_tokens: 50,
        input_cached_tokens: 20,
        input_uncached_tokens: 30,
        output_tokens: 25,
        input_audio_tokens: 0,
        output_audio_tokens: 0,
        num_model_requests: 5,
        project_id: null,
        user_id: null,
        api_key_id: null,
        model: null,
        batch: null,
        service_tier: null,
      },
    ]);
  });

  test.each([
    [
      '1h',
      86_400,
      [
        [0, [2]],
        [60, [2]],
        [1380, [1]],
      ],
    ],
    [
      '1m',
      7200,
      [
        [0, [2]],
        [60, [1]],
        [119, [1]],
      ],
    ],
  ])('by %s', async (width, seconds, expected) => {
    const limit = width === '1m' ? 1440 : 168;
    const range = `start_time=${day}&end_time=${day + seconds}&bucket_width=${width}&limit=${limit}`;
    expect(requests(await buckets(`/usage/completions?${range}`))).toEqual(expected);
  });

  test.each([
    ['group_by=model', [[0, [1, 4]]]],
    ['group_by[]=project_id&group_by[]=api_key_id', [[0, [3, 1, 1]]]],
    ['group_by=batch', [[0, [5]]]],
    ['models=large', [[0, [1]]]],
    ['project_ids[]=proj-a&project_ids[]=proj-b', [[0, [5]]]],
    ['api_key_ids=key-b&models=small', [[0, [1]]]],
    ['project_ids=proj-unknown', []],
    ['user_ids=someone', []],
    ['batch=true', []],
    ['batch=false', [[0, [5]]]],
  ])('with %s', async (query, expected) => {
    const path = `/usage/completions?start_time=${day}&end_time=${day + 86_400}&${query}`;
    expect(requests(await buckets(path))).toEqual(expected);
    const byHour = requests(await buckets(`${path}&bucket_width=1h`)).flatMap(([, counts]) => counts);
    expect(sum(byHour)).toBe(sum(expected.flatMap(([, counts]) => counts)));
  });

  test('tells the users of sessions apart, and none for keys', async () => {
    const path = `/usage/completions?start_time=${day + 2 * 86_400}&end_time=${day + 3 * 86_400}`;
    const [[, results] = []] = await buckets(`${path}&group_by=user_id`);
    expect(results?.map(({ user_id: user, num_model_requests: count }) => [user, count])).toEqual([
      ['user-ann', 1],
      [null, 1],
    ]);
    expect(requests(await buckets(`${path}&user_ids=user-ann`))).toEqual([[2880, [1]]]);
    expect(requests(await buckets(`${path}&user_ids=key-a`))).toEqual([]);
  });

  test('is paged without a gap', async () => {
    const starts: number[] = [];
    const range = `start_time=${day}&end_time=${day + 5 * 3600}&bucket_width=1h&limit=2`;
    let page = '';
    for (let more = true; more;) {
      const { body } = await server.send('GET', `/usage/completions?${range}${page}`);
      starts.push(...body.data.map((bucket: { start_time: number }) => (bucket.start_time - day) / 3600));
      more = body.has_more;
      page = `&page=${body.next_page}`;
    }
    expect(starts).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('costs', () => {
  test('by day and line item', async () => {
    // 6 + 4/2 tokens in at $1 and 5 out at $2 for a million: $0.000018 a request.
    const found = await buckets(`/costs?start_time=${day}&end_time=${day + 86_400}&group_by=line_item`);
    expect(found[0]?.[1][1]).toMatchObject({
      object: 'organization.costs.result',
      amount: { value: 0.000072, currency: 'usd' },
      line_item: 'small',
      project_id: null,
      quantity: 60,
      quantity_unit: 'tokens',
      weai: { amount_usd: '0.000072', machine_usd: '0.002', idle_usd: '0.00' },
    });
    const [[, whole] = []] = await buckets(`/costs?start_time=${day}&end_time=${day + 1}`);
    expect(whole).toMatchObject([{ amount: { value: 0.00009 }, line_item: null, quantity: null }]);
    const [[, small] = []] = await buckets(`/costs?start_time=${day}&end_time=${day + 1}&models=small`);
    expect(small).toMatchObject([{ amount: { value: 0.000072 } }]);
  });
});

describe('idle machines', () => {
  const today = day + 10 * 86_400;
  beforeAll(async () => {
    const { kysely } = server.database;
    const idle = { day: '2026-11-10', up_seconds: 7200, used_seconds: 1800, used_cost: 500_000_000 };
    await kysely
      .insertInto('deployment_days')
      .values([
        { ...idle, deployment_id: 'embedded/small', up_cost: 2_000_000_000 },
        { ...idle, deployment_id: 'remote/large/1', up_cost: 3_000_000_000 },
      ])
      .execute();
    await insertRows(kysely, recordsOf([row(10 * 86_400 + 5)]));
  });

  test.each([
    ['', [[null, '0.000018', '4.00']]],
    [
      '&group_by=project_id',
      [
        [null, '0.000018', '0.00'],
        [null, '0.00', '4.00'],
      ],
    ],
    [
      '&group_by=line_item',
      [
        ['small', '0.000018', '0.00'],
        ['idle embedded/small', '0.00', '1.50'],
        ['idle remote/large/1', '0.00', '2.50'],
      ],
    ],
    ['&project_ids=proj-a', [[null, '0.000018', '0.00']]],
  ])('are shown apart in costs%s', async (query, expected) => {
    const [[, results] = []] = await buckets(`/costs?start_time=${today}&end_time=${today + 86_400}${query}`);
    const shown = results?.map(({ line_item: item, weai }) => {
      const { amount_usd: amount, idle_usd: idle } = weai as Record<string, string>;
      return [item, amount, idle];
    });
    expect(shown).toEqual(expected);
  });

  test('of the organization that owns them, and of no other', async () => {
    const other = await server.otherOrganization('renter');
    const path = `/costs?start_time=${today}&end_time=${today + 86_400}`;
    const { body } = await server.send('GET', path, undefined, other.adminKey);
    expect(body.data[0]?.results).toEqual([]);
  });
});

describe('bad input', () => {
  test.each([
    ['', 'start_time'],
    ['start_time=soon', 'start_time'],
    ['start_time=-5', 'start_time'],
    ['start_time=1e9', 'start_time'],
    ['start_time=999999999999999', 'start_time'],
    ['start_time=200&end_time=100', 'end_time'],
    ['start_time=200&end_time=200', 'end_time'],
    ['start_time=0&limit=32', 'limit'],
    ['start_time=0&limit=0', 'limit'],
    ['start_time=0&bucket_width=1w', 'bucket_width'],
    ['start_time=0&group_by=colour', 'group_by.0'],
    ['start_time=0&page=page_made-up', 'page'],
    ['start_time=0&page=page_MQ', 'page'],
    ['start_time=86400&page=page_MA', 'page'],
    ['start_time=0&models=%00', 'models.0'],
    ['start_time=0&colour=blue', 'colour'],
  ])('%s is refused, naming %s', async (query, param) => {
    const { status, body } = await server.send('GET', `/usage/completions?${query}`);
    expect([status, body.error.param]).toEqual([400, param]);
  });

  test('costs are by day alone', async () => {
    const { status, body } = await server.send('GET', '/costs?start_time=0&bucket_width=1h');
    expect([status, body.error.param]).toEqual([400, 'bucket_width']);
  });
});
