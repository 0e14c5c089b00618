import type { Migration } from 'kysely/migration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as projectSums from '../db/migrations/0015_project_sums.ts';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { differingSums, sumTables } from './sums.ts';
import { ensurePartition, insertRows } from './table.ts';
import type { LedgerRow } from './row.ts';
import { recordsOf, settled, started } from './testing.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await ensurePartition(database.kysely, '2026-10');
});
afterAll(() => database.close());

/** Rows of two projects, four keys, a session and three models in two hours around midnight. */
function batch(server: number, number: number): LedgerRow[] {
  return Array.from({ length: 60 }, (_, index) =>
    settled(
      started({
        id: `${server}-${number}-${index}`,
        started_at: new Date(Date.UTC(2026, 9, 5, 23 + (index % 2))).toISOString(),
        project_id: `proj-${index % 2}`,
        key_id: index % 5 === 4 ? 'user-ann' : `key-${index % 5}`,
        model: `model-${index % 3}`,
      }),
    ),
  );
}

const noneDiffer = new Map(sumTables.map(({ name }) => [name, 0]));

test('servers that ship at once into the same sums lose nothing and hold up nobody', async () => {
  const { kysely } = database;
  const servers = Array.from({ length: 4 }, async (_, server) => {
    for (let number = 0; number < 10; number += 1) {
      const rows = batch(server, number);
      await insertRows(kysely, recordsOf(server % 2 === 0 ? rows : rows.toReversed()));
    }
  });
  await Promise.all(servers);
  expect(await differingSums(kysely)).toEqual(noneDiffer);
  const total = await kysely
    .selectFrom('project_hours')
    .select(({ fn }) => fn.sum('requests').as('requests'))
    .executeTakeFirstOrThrow();
  expect(Number(total.requests)).toBe(4 * 10 * 60);
});

test('a ledger from before there were sums without keys gets them', async () => {
  const { kysely } = database;
  await insertRows(kysely, recordsOf(batch(9, 0)));
  await kysely.schema.dropTable('project_hours').execute();
  await kysely.schema.dropTable('project_days').execute();
  const migration: Migration = projectSums;
  await migration.up(kysely);
  expect(await differingSums(kysely)).toEqual(noneDiffer);
  await insertRows(kysely, recordsOf(batch(9, 1)));
  expect(await differingSums(kysely)).toEqual(noneDiffer);
  const users = await kysely
    .selectFrom('project_days')
    .select('user_id')
    .distinct()
    .orderBy('user_id')
    .execute();
  expect(users.map(({ user_id: user }) => user)).toEqual(['', 'user-ann']);
});
