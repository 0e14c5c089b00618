import { type Kysely, sql } from 'kysely';
import type { Tables } from '../db/tables.ts';
import { addToSums, groupedRows, sumTables } from '../ledger/sums.ts';
import { ensurePartition } from '../ledger/table.ts';

/** How large a made-up ledger is. */
export interface LedgerSize {
  rows: number;
  keys: number;
}

export const projects = 40;
export const models = 8;
export const people = 60;
export const days = 30;
/** Unix seconds. */
export const start = Date.UTC(2025, 8, 1) / 1000;

/**
 * Fills a ledger as use does: most requests are of few keys and few models, more by day than by night, one of twenty by a
 * session. Each key is of one project, people use two. Sums lie in the order of time, as they do when they grow with it.
 */
export async function fillLedger(
  kysely: Kysely<Tables>,
  organizationId: string,
  { rows, keys }: LedgerSize,
): Promise<void> {
  await ensurePartition(kysely, '2025-09');
  await sql`
    insert into ledger
    select 'row-' || n, at, at + interval '1 second', 'req-' || n, ${organizationId},
      'proj-' || case when by_session then who * (1 + 6 * (n % 2)) else who end % ${sql.lit(projects)},
      case when by_session then 'user-' else 'key-' end || who, 'asked',
      'model-' || floor(${sql.lit(models)} * power(model, 2)), 'embedded/model', '[]', 'completed', 'stop', null,
      100, 10, 50, 0, 'engine', 1, 1, 1, 1000, 1, 10, 0.5, 1, 20, 300
    from (
      select n, by_session, model,
        floor(case when by_session then ${sql.lit(people)} else ${sql.lit(keys)} end * power(who, 2))::int as who,
        to_timestamp(${sql.lit(start)} + 86400 * (day + 0.5 + 0.5 * sign(hour - 0.5) * power(abs(2 * hour - 1), 1.5))) as at
      from (
        select n, random() < 0.05 as by_session, random() as model, random() as who, random() as hour,
          floor(${sql.lit(days)} * random()) as day
        from generate_series(1, ${sql.lit(rows)}) as n
      ) as drawn
      order by at
    ) as made`.execute(kysely);
  const sums = sumTables.map(
    (table) => sql`${sql.ref(`new_${table.name}`)} as (${addToSums(table, sql.table('groups'))})`,
  );
  await sql`
    with groups as (${groupedRows(sql.table('ledger'))}), ${sql.join(sums)}
    insert into deployment_days
    select (started_at at time zone 'UTC')::date, 'embedded/' || model, 86400, 24000000000, sum(engine_seconds), sum(machine_cost)
    from ledger group by 1, 2 order by 1, 2`.execute(kysely);
  const tables = ['ledger', 'deployment_days', ...sumTables.map(({ name }) => name)];
  await sql`vacuum analyze ${sql.join(tables.map((name) => sql.table(name)))}`.execute(kysely);
}
