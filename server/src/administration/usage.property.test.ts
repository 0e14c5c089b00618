import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { differingSums } from '../ledger/sums.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import type { BucketWidth } from './buckets.ts';
import type { UsageDimension } from './usage-rows.ts';
import { sumUsage, type UsageQuery, type UsageSum } from './usage.ts';

const seconds: Record<BucketWidth, number> = { '1m': 60, '1h': 3600, '1d': 86_400 };
const dimensions: UsageDimension[] = ['project_id', 'user_id', 'api_key_id', 'model'];
const projects = ['proj-a', 'proj-b'];
/** Those of sessions begin with "user-"; the others are keys. */
const keys = ['key-a', 'key-b', 'user', 'user-ann', 'user-bob'];
const models = ['large', 'small'];

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  for (const month of ['2026-09', '2026-10', '2026-11']) await ensurePartition(database.kysely, month);
});
afterAll(() => database.close());

/** Times near where minutes, hours, days and months end. */
const time = fc
  .tuple(
    fc.constantFrom(
      '2026-09-30T23:59:00Z',
      '2026-10-01T00:00:00Z',
      '2026-10-01T00:59:00Z',
      '2026-11-01T00:00:00Z',
    ),
    fc.constantFrom(-60_000, -1, 0, 1, 59_999, 60_000),
  )
  .map(([edge, ms]) => new Date(Date.parse(edge) + ms).toISOString());

const request = fc.record({
  id: fc.integer({ min: 0, max: 30 }),
  organization: fc.constantFrom('', '-other'),
  started_at: time,
  project_id: fc.constantFrom(...projects),
  key_id: fc.constantFrom(...keys),
  model: fc.constantFrom(...models),
  prompt_tokens: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  completion_tokens: fc.nat(100_000),
  engine_seconds: fc.nat(64).map((count) => count / 64),
});

/** What is shipped: some of it again, some settled anew with other counts, and some in a transaction that is rolled back. */
const shipment = fc.record({
  requests: fc.array(request, { minLength: 1, maxLength: 12 }),
  crashes: fc.boolean(),
  again: fc.boolean(),
});

function someOf(values: readonly string[]) {
  return fc.option(fc.subarray([...values, 'nobody']), { nil: undefined });
}

const query = fc.record({
  width: fc.constantFrom<BucketWidth>('1m', '1h', '1d'),
  groupBy: fc.subarray(dimensions),
  costs: fc.boolean(),
  from: time,
  buckets: fc.constantFrom(1, 2, 60, 1440),
  projectIds: someOf(projects),
  userIds: someOf(keys),
  apiKeyIds: someOf(keys),
  models: someOf(models),
});

let runs = 0;

test('sums of any query are those of the rows, whatever is shipped how often', async () => {
  const { kysely } = database;
  await fc.assert(
    fc.asyncProperty(
      fc.array(shipment, { maxLength: 6 }),
      fc.array(query, { minLength: 12, maxLength: 12 }),
      async (shipments, queries) => {
        runs += 1;
        const organizationId = `org-${runs}`;
        const kept = new Map<string, LedgerRow>();
        const ids = new Map<number, string>();
        for (const { requests, crashes, again } of shipments) {
          const rows = requests.map(
            ({ id, organization, started_at: time, project_id, key_id, model, ...counts }) => {
              // A request keeps its time; its other figures may be settled anew, which must change nothing.
              const startedAt = ids.get(id) ?? time;
              ids.set(id, startedAt);
              return settled(
                started({
                  id: `${runs}-${id}`,
                  started_at: startedAt,
                  organization_id: `${organizationId}${organization}`,
                  project_id,
                  key_id,
                  model,
                }),
                { ...counts, cached_tokens: Math.floor(counts.prompt_tokens / 3) },
              );
            },
          );
          if (crashes) {
            const killed = new Error('killed before the commit');
            await kysely
              .transaction()
              .execute(async (transaction) => {
                await insertRows(transaction, recordsOf(rows));
                throw killed;
              })
              .catch((error: unknown) => {
                if (error !== killed) throw error;
              });
            continue;
          }
          for (const row of rows) if (!kept.has(row.id)) kept.set(row.id, row);
          await insertRows(kysely, recordsOf(rows));
          if (again) await insertRows(kysely, recordsOf(rows.toReversed()));
        }
        expect([...(await differingSums(kysely)).values()]).toEqual([0, 0, 0, 0]);
        for (const { from, buckets, ...rest } of queries) {
          const width = seconds[rest.width];
          const start = Math.floor(Date.parse(from) / 1000 / width) * width;
          const asked = { ...rest, organizationId, start, end: start + buckets * width };
          expect(await sumUsage(kysely, asked)).toEqual(sumsOf([...kept.values()], asked));
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

/** The same, one row at a time. */
function sumsOf(rows: readonly LedgerRow[], asked: UsageQuery): UsageSum[] {
  const sums = new Map<string, UsageSum>();
  const width = seconds[asked.width];
  for (const row of rows) {
    const at = Date.parse(row.started_at) / 1000;
    const told = {
      project_id: row.project_id,
      user_id: row.key_id.startsWith('user-') ? row.key_id : null,
      api_key_id: row.key_id,
      model: row.model,
    };
    const isAsked =
      row.organization_id === asked.organizationId &&
      at >= asked.start &&
      at < asked.end &&
      isIn(asked.projectIds, told.project_id) &&
      isIn(asked.userIds, told.user_id) &&
      isIn(asked.apiKeyIds, told.api_key_id) &&
      isIn(asked.models, told.model);
    if (!isAsked) continue;
    const bucket = Math.floor(at / width) * width;
    const [project, user, key, model] = dimensions.map((name) =>
      asked.groupBy.includes(name) ? told[name] : null,
    );
    const group = JSON.stringify([bucket, project, user, key, model]);
    const sum = sums.get(group) ?? {
      bucket,
      project_id: project ?? null,
      user_id: user ?? null,
      api_key_id: key ?? null,
      model: model ?? null,
      requests: 0,
      promptTokens: 0,
      cachedTokens: 0,
      completionTokens: 0,
      cost: 0n,
      machineCost: 0n,
    };
    sum.requests += 1;
    sum.promptTokens += row.prompt_tokens;
    sum.cachedTokens += row.cached_tokens;
    sum.completionTokens += row.completion_tokens;
    if (asked.costs === true && asked.width === '1d') {
      sum.cost += BigInt(row.cost);
      sum.machineCost += BigInt(row.machine_cost);
    }
    sums.set(group, sum);
  }
  return [...sums.values()].toSorted((a, b) => {
    if (a.bucket !== b.bucket) return a.bucket - b.bucket;
    for (const name of dimensions) {
      // As the database has it: what is told apart by nothing comes last.
      const [one, other] = [a[name] ?? '\uffff', b[name] ?? '\uffff'];
      if (one !== other) return one < other ? -1 : 1;
    }
    return 0;
  });
}

function isIn(asked: readonly string[] | undefined, value: string | null): boolean {
  return asked === undefined || (value !== null && asked.includes(value));
}
