import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Finds the requests that an x-request-id belongs to: what someone has who asks why a request failed. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`create index ledger_by_request_id on ledger using hash (request_id)`.execute(database);
}
