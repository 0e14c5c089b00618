import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../db/open.ts';
import { openTestDatabase } from '../db/testing.ts';
import { recordOf } from './record.ts';
import { ledgerColumns, type LedgerRow, valuesOf } from './row.ts';
import { settled, started } from './testing.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** Rows as PostgreSQL reads their records, in JSON. */
async function readBack(rows: readonly LedgerRow[]): Promise<LedgerRow[]> {
  const records = `{${rows.map((row) => recordOf(valuesOf(row))).join(',')}}`;
  const { rows: read } = await sql<{ row: LedgerRow }>`
    select to_json(record) as row from unnest(${records}::ledger[]) as record`.execute(database.kysely);
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
  const row = fc
    .record({
      model: text,
      asked: text,
      deployment: fc.option(text),
      finish: fc.option(text),
      seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    })
    .map(({ model, asked, deployment, finish, seconds }) =>
      settled(started({ model, model_requested: asked, input_price: null }), {
        deployment_id: deployment,
        finish_reason: finish,
        engine_seconds: seconds,
        route: [{ deploymentId: asked, code: 'engine_error' }],
      }),
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
