import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * The ledger's indexes in the order in which rows come. What is new then goes to the end of an index, or of its key's part of it,
 * where PostgreSQL keeps its place; at a falling one's front it looks for it, and splits pages in half that never fill. Read
 * backwards they give the latest first as well. Ids of requests are made in the order of time too; a client's own go anywhere.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    drop index ledger_by_project, ledger_by_key, ledger_by_organization, ledger_by_model, ledger_by_duration,
      ledger_by_request_id`.execute(database);
  await sql`create index ledger_by_project on ledger (project_id, started_at)`.execute(database);
  await sql`create index ledger_by_key on ledger (key_id, started_at)`.execute(database);
  await sql`create index ledger_by_organization on ledger (organization_id, started_at, id)`.execute(
    database,
  );
  await sql`create index ledger_by_model on ledger (organization_id, model, started_at)`.execute(database);
  await sql`create index ledger_by_request_id on ledger (request_id text_pattern_ops)`.execute(database);
  // The shortest class has all that takes up to a second: they are found by the organization's index as well.
  const durationClass = sql`least(greatest(ceil(ln(duration_ms + 1))::int, 7), 14)`;
  await sql`
    create index ledger_by_duration on ledger (organization_id, (${durationClass}), started_at)
    where ${durationClass} > 7`.execute(database);
}
