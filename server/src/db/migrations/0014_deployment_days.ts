import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * What each deployment's machine cost by day (UTC) while it was up, and what its requests used of that; and until when
 * its time has been counted, so that servers that watch the same one count it once.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table deployment_days (
      day date not null,
      deployment_id text not null,
      up_seconds double precision not null default 0,
      up_cost bigint not null default 0,
      used_seconds double precision not null default 0,
      used_cost bigint not null default 0,
      primary key (day, deployment_id)
    )`.execute(database);
  await sql`
    create table deployment_uptimes (
      deployment_id text not null,
      machine_id text not null,
      counted_until timestamptz not null,
      counted_seconds double precision not null,
      primary key (deployment_id, machine_id)
    )`.execute(database);
  await sql`
    insert into deployment_days (day, deployment_id, used_seconds, used_cost)
    select (started_at at time zone 'UTC')::date, deployment_id, sum(engine_seconds), sum(machine_cost)
    from ledger where deployment_id is not null group by 1, 2`.execute(database);
}
