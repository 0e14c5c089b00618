import { sql } from 'kysely';
import type { CompiledQuery, Kysely } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { Records } from './record.ts';
import { addToSums, groupedColumns, groupedRows, sumTables } from './sums.ts';

/** Any number, the same in every server: only one of them makes partitions at a time. */
const partitionLock = 7_393_202;

/** The month that an ISO time is in (UTC), as in `2026-11`. */
export function monthOf(time: string): string {
  return time.slice(0, 7);
}

/** The months from this one on that should have a partition before they begin. */
export function monthsAhead(now: Date, count: number): string[] {
  return Array.from({ length: count + 1 }, (_, ahead) =>
    monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString()),
  );
}

/** Makes the partition of a month (`2026-11`) where there is none; safe when servers race. */
export async function ensurePartition(kysely: Kysely<Tables>, month: string): Promise<void> {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) throw new RangeError(`"${month}" is not a month`);
  const first = `${month}-01T00:00:00Z`;
  const year = Number(month.slice(0, 4));
  const next = new Date(Date.UTC(year, Number(month.slice(5)), 1)).toISOString();
  await kysely.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(${partitionLock})`.execute(transaction);
    await sql`
      create table if not exists ${sql.table(`ledger_${month.replace('-', '_')}`)}
      partition of ledger for values from (${sql.lit(first)}) to (${sql.lit(next)})`.execute(transaction);
  });
}

/**
 * Inserts rows. The sums by hour, day and deployment grow by what was really inserted, in the same
 * statement. Returns nothing: once it resolves, all rows are there.
 * @param mayBeThere whether some of them may be in the table already, which are left alone then; looking for them first costs a
 * tenth of the statement. Throws for such a row where this is false, and nothing is inserted.
 */
export async function insertRows(kysely: Kysely<Tables>, records: Records, mayBeThere = true): Promise<void> {
  const parameters = [records.array];
  await kysely.executeQuery({ ...insertion(kysely, mayBeThere), parameters });
}

const insertions = new Map<boolean, CompiledQuery>();

/**
 * The statement, with the records as its only parameter, put together once: that takes a millisecond. Bytes are
 * sent as a text, which is read in a query of its own: PostgreSQL would read it to plan the statement as well.
 */
function insertion(kysely: Kysely<Tables>, mayBeThere: boolean): CompiledQuery {
  let known = insertions.get(mayBeThere);
  if (known === undefined) {
    const groups = sql.table('groups');
    const sums = sumTables.map(
      (table) => sql`${sql.ref(`new_${table.name}`)} as (${addToSums(table, groups)})`,
    );
    known = sql`
      with inserted as (
        insert into ledger select * from unnest((select ${''}::text::ledger[]))
        ${mayBeThere ? sql`on conflict do nothing` : sql``} returning ${groupedColumns}
      ), groups as (${groupedRows(sql.table('inserted'))}), ${sql.join(sums)}
      insert into deployment_days (day, deployment_id, used_seconds, used_cost)
      select day, deployment_id, sum(engine_seconds), sum(machine_cost)
      from groups where deployment_id is not null group by 1, 2 order by 1, 2
      on conflict (day, deployment_id) do update set
        used_seconds = deployment_days.used_seconds + excluded.used_seconds,
        used_cost = deployment_days.used_cost + excluded.used_cost`.compile(kysely);
    insertions.set(mayBeThere, known);
  }
  return known;
}
