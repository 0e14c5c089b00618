import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { ledgerColumns, type LedgerRow } from './row.ts';
import { recordsOf, settled, started } from './testing.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** Rows as PostgreSQL reads their records, in JSON. */
async function readBack(rows: readonly LedgerRow[]): Promise<LedgerRow[]> {
  const records = recordsOf(rows).array;
  const { rows: read } = await sql<{ row: LedgerRow }>`
    select to_json(record) as row from unnest(${records}::text::ledger[]) as record`.execute(database.kysely);
  return read.map(({ row }) => ({
    ...row,
    started_at: new Date(row.started_at).toISOString(),
    settled_at: new Date(row.settled_at).toISOString(),
  }));
}

test('PostgreSQL reads the values that were written, whatever a name has in it', async () => {
  const text = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      'null',
      'NULL',
      '()',
      '{}',
      '"',
      '\\',
      '\\"',
      ',',
      'a,b',
      '\n',
      '\t',
      "'",
      '$1',
      'ä 🙂',
      '%',
    ),
    // What no text of PostgreSQL can hold is put aside by the shipper.
    fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0')),
  );
  const plain = fc.oneof(
    fc.constantFrom('null', 'NULL', 'a/b:c.d@e+f-1'),
    fc.stringMatching(/^[\w.:/@+-]{1,20}$/),
  );
  const rowOf = (name: fc.Arbitrary<string>, seconds: fc.Arbitrary<number>, failed: boolean) =>
    fc
      .record({ model: name, asked: name, deployment: fc.option(name), finish: fc.option(name), seconds })
      .map((made) =>
        settled(started({ model: made.model, model_requested: made.asked, input_price: null }), {
          deployment_id: made.deployment,
          finish_reason: made.finish,
          engine_seconds: made.seconds,
          route: failed ? [{ deploymentId: made.asked, code: 'engine_error' }] : [],
        }),
      );
  const row = fc.oneof(
    rowOf(
      plain,
      fc.nat(1e6).map((ms) => ms / 1000),
      false,
    ),
    rowOf(text, fc.double({ min: 0, max: 1e6, noNaN: true }), false),
    rowOf(text, fc.nat(), true),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      expect(await readBack(rows)).toEqual(rows);
    }),
  );
});

test("a row's values are in the order of the table's columns", async () => {
  const { rows } = await sql<{ name: string }>`
    select attname as name from pg_attribute
    where attrelid = 'ledger'::regclass and attnum > 0 and not attisdropped order by attnum`.execute(
    database.kysely,
  );
  expect(rows.map(({ name }) => name)).toEqual(ledgerColumns);
  expect(Object.keys(settled(started())).toSorted()).toEqual([...ledgerColumns].toSorted());
});
