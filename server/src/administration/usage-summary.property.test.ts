import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import type { LedgerRow } from '../ledger/row.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import { usageDimensions, type UsageFigures } from './usage-rows.ts';
import { type GroupCursor, summarizeUsage, usageOrders } from './usage-summary.ts';

const daySeconds = 86_400;
const first = Date.UTC(2026, 9, 30) / 1000;
const projects = ['proj-a', 'proj-b'];
const keys = ['key-a', 'key-b', 'Key-b', 'user', 'user-ann', 'user-bob'];
const models = ['large', 'small'];

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  for (const month of ['2026-10', '2026-11']) await ensurePartition(database.kysely, month);
});
afterAll(() => database.close());

const request = fc.record({
  second: fc.integer({ min: 0, max: 5 * daySeconds - 1 }),
  organization: fc.constantFrom('', '-other'),
  project_id: fc.constantFrom(...projects),
  key_id: fc.constantFrom(...keys),
  model: fc.constantFrom(...models),
  prompt_tokens: fc.integer({ min: 0, max: 3 }).map((count) => count * 1000),
  completion_tokens: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  engine_seconds: fc.nat(64).map((count) => count / 64),
});

function someOf(values: readonly string[]) {
  return fc.option(fc.subarray([...values, 'nobody']), { nil: undefined });
}

const query = fc.record({
  from: fc.nat(5),
  days: fc.integer({ min: 1, max: 5 }),
  groupBy: fc.constantFrom(null, ...usageDimensions),
  orderBy: fc.constantFrom(...usageOrders),
  limit: fc.integer({ min: 1, max: 4 }),
  daysOf: fc.nat(3),
  projectIds: someOf(projects),
  userIds: someOf(keys),
  apiKeyIds: someOf(keys),
  models: someOf(models),
});

let runs = 0;

test('a summary is of its rows, and its pages have every group once, the largest first', async () => {
  const { kysely } = database;
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { maxLength: 30 }),
      fc.array(query, { minLength: 6, maxLength: 6 }),
      async (requests, queries) => {
        runs += 1;
        const organizationId = `org-${runs}`;
        const rows = requests.map(({ second, organization, project_id, key_id, model, ...counts }, index) =>
          settled(
            started({
              id: `${runs}-${index}`,
              started_at: new Date((first + second) * 1000).toISOString(),
              organization_id: `${organizationId}${organization}`,
              project_id,
              key_id,
              model,
            }),
            { ...counts, cached_tokens: Math.floor(counts.prompt_tokens / 3) },
          ),
        );
        await insertRows(kysely, recordsOf(rows));
        for (const { from, days, ...rest } of queries) {
          const start = first + from * daySeconds;
          const asked = { ...rest, organizationId, start, end: start + days * daySeconds };
          const fitting = rows.filter((row) => fits(row, asked));
          const { groupBy, orderBy, daysOf, limit } = rest;
          const expected = [...Map.groupBy(fitting, (row) => groupOf(row, groupBy))]
            .map(([group, of]) => ({ group, figures: sumOf(of), of }))
            .toSorted(
              (one, other) =>
                compare(measured(other.figures)[orderBy], measured(one.figures)[orderBy]) ||
                compare(one.group ?? '', other.group ?? ''),
            )
            .map(({ group, figures, of }, index) => ({
              group,
              ...figures,
              days: index < daysOf ? byDay(of) : [],
            }));
          const found: unknown[] = [];
          let after: GroupCursor | null = null;
          do {
            const { groups, next, ...rest } = await summarizeUsage(kysely, { ...asked, after });
            expect(rest).toEqual({
              total: sumOf(fitting),
              days: byDay(fitting),
              groupCount: expected.length,
            });
            expect(groups.length).toBe(Math.min(limit, expected.length - found.length));
            found.push(...groups.map(({ name: _name, revokedAt: _revokedAt, ...group }) => group));
            after = next;
          } while (after !== null);
          expect(found).toEqual(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);

interface Asked {
  organizationId: string;
  start: number;
  end: number;
  projectIds?: string[] | undefined;
  userIds?: string[] | undefined;
  apiKeyIds?: string[] | undefined;
  models?: string[] | undefined;
}

function fits(row: LedgerRow, asked: Asked): boolean {
  const at = Date.parse(row.started_at) / 1000;
  return (
    row.organization_id === asked.organizationId &&
    at >= asked.start &&
    at < asked.end &&
    (asked.projectIds?.includes(row.project_id) ?? true) &&
    (asked.userIds?.includes(userOf(row) ?? '') ?? true) &&
    (asked.apiKeyIds?.includes(row.key_id) ?? true) &&
    (asked.models?.includes(row.model) ?? true)
  );
}

function userOf(row: LedgerRow): string | null {
  return row.key_id.startsWith('user-') ? row.key_id : null;
}

function groupOf(row: LedgerRow, groupBy: (typeof usageDimensions)[number] | null): string | null {
  if (groupBy === 'user_id') return userOf(row);
  return groupBy === null ? null : groupBy === 'api_key_id' ? row.key_id : row[groupBy];
}

/** One row at a time. */
function sumOf(rows: readonly LedgerRow[]): UsageFigures {
  const sum = {
    requests: 0,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    cost: 0n,
    machineCost: 0n,
  };
  for (const row of rows) {
    sum.requests += 1;
    sum.promptTokens += row.prompt_tokens;
    sum.cachedTokens += row.cached_tokens;
    sum.completionTokens += row.completion_tokens;
    sum.cost += BigInt(row.cost);
    sum.machineCost += BigInt(row.machine_cost);
  }
  return sum;
}

function byDay(rows: readonly LedgerRow[]) {
  const dayOf = (row: LedgerRow) => Math.floor(Date.parse(row.started_at) / 1000 / daySeconds) * daySeconds;
  return [...Map.groupBy(rows, dayOf)]
    .toSorted(([one], [other]) => one - other)
    .map(([day, of]) => ({ day, ...sumOf(of) }));
}

function measured(figures: UsageFigures) {
  return {
    num_model_requests: figures.requests,
    tokens: figures.promptTokens + figures.completionTokens,
    amount_usd: figures.cost,
    machine_usd: figures.machineCost,
  };
}

function compare(one: number | bigint | string, other: number | bigint | string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
