import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** Any numbers, the same in every server. */
export const advisoryLocks = { migration: 7_393_201, firstStart: 7_393_203 };

/** Runs work while no other process runs work under the same lock of this database. */
export async function alone<Result>(
  database: Kysely<Tables>,
  lock: keyof typeof advisoryLocks,
  work: (connection: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  return database.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(${advisoryLocks[lock]})`.execute(connection);
    try {
      return await work(connection);
    } finally {
      // With a connection that was lost the lock is gone too: what has to be told is why it was lost.
      await sql`select pg_advisory_unlock(${advisoryLocks[lock]})`.execute(connection).catch(() => undefined);
    }
  });
}
