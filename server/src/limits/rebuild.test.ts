import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { ensurePartition, insertRows } from '../ledger/table.ts';
import { recordsOf, settled, started } from '../ledger/testing.ts';
import { spentInLedger } from './rebuild.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  for (const month of ['2028-01', '2028-02', '2028-03']) await ensurePartition(database.kysely, month);
});
afterAll(() => database.close());

test('what a subject spent ends with the last moment of a day or month, also of a leap year', async () => {
  const made = [
    { started_at: '2028-01-31T23:59:59.999Z', cost: 1 },
    { started_at: '2028-02-01T00:00:00.000Z', cost: 10 },
    { started_at: '2028-02-29T23:59:59.999Z', cost: 100 },
    { started_at: '2028-03-01T00:00:00.000Z', cost: 1000 },
    { started_at: '2028-02-29T12:00:00.000Z', cost: 10_000, key_id: 'key-2' },
    { started_at: '2028-02-29T12:00:00.000Z', cost: 100_000, key_id: 'key-3', project_id: 'project-2' },
  ];
  await insertRows(
    database.kysely,
    recordsOf(made.map(({ cost, ...start }) => ({ ...settled(started(start)), cost }))),
  );
  const spent = async (subject: string, period: string) => spentInLedger(database.kysely, subject, period);
  expect(await spent('key:key-1', '2028-02')).toBe(110);
  expect(await spent('key:key-1', '2028-02-29')).toBe(100);
  expect(await spent('key:key-1', '2028-01')).toBe(1);
  expect(await spent('project:project-1', '2028-02')).toBe(10_110);
  expect(await spent('organization:organization-1', '2028-02-29')).toBe(110_100);
  expect(await spent('organization:organization-1', '2028-12')).toBe(0);
});
