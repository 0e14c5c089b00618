import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * Indexes for the request log: each of its filters finds its page of the latest requests without reading the others. What is
 * read by time alone (the last minute, at start) is at the end of the table: a BRIN index finds that and costs inserts nothing.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`drop index ledger_by_time`.execute(database);
  await sql`create index ledger_by_time on ledger using brin (started_at)`.execute(database);
  await sql`create index ledger_by_organization on ledger (organization_id, started_at desc, id desc)`.execute(
    database,
  );
  await sql`create index ledger_by_model on ledger (organization_id, model, started_at desc)`.execute(
    database,
  );
  await sql`
    create index ledger_unusual on ledger (organization_id, status, started_at desc)
    where status <> 'completed'`.execute(database);
  // Slow requests are few, and estimates of how few are bad: in a class of like durations they are found by time.
  await sql`
    create index ledger_by_duration on ledger (
      organization_id, (least(greatest(ceil(ln(duration_ms + 1))::int, 7), 14)), started_at desc
    )`.execute(database);
}
