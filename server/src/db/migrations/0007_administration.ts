import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Admin keys, archived projects, what was done by whom, and the ledger's sums by hour (UTC) for usage queries. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`alter table projects add column archived_at timestamptz`.execute(database);
  await sql`
    create table admin_keys (
      id text primary key,
      organization_id text not null references organizations (id),
      name text not null,
      hash bytea not null unique,
      prefix text not null,
      created_at timestamptz not null default now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      last_used_at timestamptz
    )`.execute(database);
  await sql`
    create table audit_logs (
      id text primary key,
      organization_id text not null references organizations (id),
      effective_at timestamptz not null default clock_timestamp(),
      type text not null,
      actor_kind text not null check (actor_kind in ('api_key', 'session')),
      actor_id text not null,
      project_id text,
      resource_id text not null,
      before jsonb,
      after jsonb
    )`.execute(database);
  await sql`create index audit_logs_by_time on audit_logs (organization_id, effective_at, id)`.execute(
    database,
  );
  await sql`
    create table ledger_hours (
      hour timestamptz not null,
      organization_id text not null,
      project_id text not null,
      key_id text not null,
      model text not null,
      requests bigint not null,
      prompt_tokens bigint not null,
      cached_tokens bigint not null,
      completion_tokens bigint not null,
      primary key (organization_id, hour, project_id, key_id, model)
    )`.execute(database);
  await sql`
    insert into ledger_hours
    select date_trunc('hour', started_at, 'UTC'), organization_id, project_id, key_id, model, count(*),
      sum(prompt_tokens), sum(cached_tokens), sum(completion_tokens)
    from ledger group by 1, 2, 3, 4, 5`.execute(database);
}
