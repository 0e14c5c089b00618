import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Remote deployments: engines elsewhere that answer for a model. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('deployments')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('model_id', 'text', (column) => column.notNull())
    .addColumn('upstream_model', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('base_url', 'text', (column) => column.notNull())
    .addColumn('api_key_env', 'text')
    .addColumn('context_tokens', 'integer')
    .addColumn('image_input', 'boolean', (column) => column.notNull().defaultTo(false))
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
    .addUniqueConstraint('deployments_upstream', ['model_id', 'base_url', 'upstream_model'])
    .execute();
}
