import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * The ledger: a row for each request that reached an engine, partitioned by the month of its start (the partitions are
 * made by `ledger/partitions.ts`), and its sums by day, kept in the same transaction.
 * Money is in nano-dollars; prices are nano-dollars for a million tokens, or for an hour of the machine.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table ledger (
      id text not null,
      started_at timestamptz not null,
      settled_at timestamptz not null,
      request_id text not null,
      organization_id text not null,
      project_id text not null,
      key_id text not null,
      model_requested text not null,
      model text not null,
      deployment_id text,
      route jsonb not null,
      status text not null check (status in ('completed', 'length', 'cancelled', 'interrupted', 'failed')),
      finish_reason text,
      error_code text,
      prompt_tokens integer not null,
      cached_tokens integer not null,
      completion_tokens integer not null,
      reasoning_tokens integer not null,
      counts_from text not null check (counts_from in ('engine', 'stream')),
      input_price bigint,
      cached_input_price bigint,
      output_price bigint,
      cost bigint not null,
      machine_price bigint not null,
      machine_cost bigint not null,
      engine_seconds double precision not null,
      queue_ms integer,
      time_to_first_token_ms integer,
      duration_ms integer not null,
      primary key (id, started_at)
    ) partition by range (started_at)`.execute(database);
  await sql`create index ledger_by_project on ledger (project_id, started_at desc)`.execute(database);
  await sql`create index ledger_by_key on ledger (key_id, started_at desc)`.execute(database);
  await sql`create index ledger_by_time on ledger (started_at desc)`.execute(database);
  await sql`
    create table ledger_days (
      day date not null,
      organization_id text not null,
      project_id text not null,
      key_id text not null,
      model text not null,
      requests bigint not null,
      prompt_tokens bigint not null,
      cached_tokens bigint not null,
      completion_tokens bigint not null,
      reasoning_tokens bigint not null,
      cost bigint not null,
      machine_cost bigint not null,
      engine_seconds double precision not null,
      primary key (day, organization_id, project_id, key_id, model)
    )`.execute(database);
}
