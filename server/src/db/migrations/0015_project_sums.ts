import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * The ledger's sums by hour and by day (UTC) without its keys: most usage queries don't ask for keys, and read a part of the rows
 * from these. What sessions used is under their user, what keys used under the empty one.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table project_hours (
      hour timestamptz not null,
      organization_id text not null,
      project_id text not null,
      user_id text not null,
      model text not null,
      requests bigint not null,
      prompt_tokens bigint not null,
      cached_tokens bigint not null,
      completion_tokens bigint not null,
      primary key (organization_id, hour, project_id, user_id, model)
    )`.execute(database);
  await sql`
    create table project_days (
      day date not null,
      organization_id text not null,
      project_id text not null,
      user_id text not null,
      model text not null,
      requests bigint not null,
      prompt_tokens bigint not null,
      cached_tokens bigint not null,
      completion_tokens bigint not null,
      cost bigint not null,
      machine_cost bigint not null,
      primary key (organization_id, day, project_id, user_id, model)
    )`.execute(database);
  // The sums by key are exact, and a part of the ledger's rows.
  const userId = sql`case when key_id like 'user-%' then key_id else '' end`;
  await sql`
    insert into project_hours
    select hour, organization_id, project_id, ${userId}, model, sum(requests), sum(prompt_tokens), sum(cached_tokens),
      sum(completion_tokens)
    from ledger_hours group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`.execute(database);
  await sql`
    insert into project_days
    select day, organization_id, project_id, ${userId}, model, sum(requests), sum(prompt_tokens), sum(cached_tokens),
      sum(completion_tokens), sum(cost), sum(machine_cost)
    from ledger_days group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5`.execute(database);
}
