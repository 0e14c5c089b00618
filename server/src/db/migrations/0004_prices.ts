import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Token prices of models, in nano-dollars for a million tokens, each in effect from a time until the next. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('prices')
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('effective_from', 'timestamptz', (column) => column.notNull())
    .addColumn('input', 'bigint', (column) => column.notNull().check(sql`input >= 0`))
    .addColumn('cached_input', 'bigint', (column) => column.notNull().check(sql`cached_input >= 0`))
    .addColumn('output', 'bigint', (column) => column.notNull().check(sql`output >= 0`))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('prices_pkey', ['model', 'effective_from'])
    .execute();
}
