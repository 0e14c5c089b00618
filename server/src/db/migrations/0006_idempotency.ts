import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Requests that were sent with an Idempotency-Key: one that runs has a lease, one that is over has its answer. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency_keys (
      project_id text not null,
      key text not null,
      request_hash bytea not null,
      created_at timestamptz not null default now(),
      lease_until timestamptz not null,
      status integer,
      headers jsonb,
      body bytea,
      primary key (project_id, key)
    )`.execute(database);
  await sql`create index idempotency_keys_by_time on idempotency_keys (created_at)`.execute(database);
}
