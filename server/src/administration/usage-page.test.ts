import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import { bucketRange } from './buckets.ts';
import { sumUsagePage } from './usage-page.ts';

const daySeconds = 86_400;
const start = Date.UTC(2026, 9, 1) / 1000;
let database: Database;

/** 30 days: none in the first 3, then 10 keys a day, and 100 keys a day from the 20th. */
beforeAll(async () => {
  database = await openTestDatabase();
  await ensurePartition(database.kysely, '2026-10');
  const rows = Array.from({ length: 27 }, (_, index) => 3 + index).flatMap((day) =>
    Array.from({ length: day < 20 ? 10 : 100 }, (_, key) =>
      settled(
        started({
          organization_id: 'org',
          key_id: `key-${key}`,
          started_at: new Date((start + day * daySeconds) * 1000).toISOString(),
        }),
      ),
    ),
  );
  await insertRows(database.kysely, recordsOf(rows));
});
afterAll(() => database.close());

async function pagesOf(groupBy: readonly ('api_key_id' | 'model')[], most: number) {
  const pages: { days: number; results: number; buckets: number[] }[] = [];
  let cursor: string | null = null;
  do {
    const page: string | undefined = cursor ?? undefined;
    const asked = bucketRange({ start_time: start, end_time: start + 30 * daySeconds, page }, '1d', {
      '1d': { usual: 31, most: 31 },
    });
    const { range, sums } = await sumUsagePage(
      database.kysely,
      asked,
      { organizationId: 'org', groupBy },
      most,
    );
    pages.push({
      days: (range.end - range.start) / daySeconds,
      results: sums.length,
      buckets: sums.map(({ bucket }) => (bucket - start) / daySeconds),
    });
    cursor = range.nextPage;
  } while (cursor !== null);
  return pages;
}

test('a page ends with the last whole bucket within the most results, and the pages have every bucket once', async () => {
  const pages = await pagesOf(['api_key_id'], 50);
  const days = pages.flatMap(({ buckets }) => [...new Set(buckets)]);
  expect(days).toEqual(Array.from({ length: 27 }, (_, index) => 3 + index));
  // A bucket isn't divided, so those of 100 have pages of their own.
  expect(pages.map(({ days: count, results }) => [count, results])).toEqual([
    [8, 50],
    [5, 50],
    [5, 50],
    [2, 20],
    ...Array.from({ length: 10 }, () => [1, 100]),
  ]);
});

test('few groups are one page', async () => {
  expect(await pagesOf(['model'], 27)).toMatchObject([{ days: 30, results: 27 }]);
  expect(await pagesOf([], 27)).toMatchObject([{ days: 30, results: 27 }]);
});
