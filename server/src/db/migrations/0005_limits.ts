import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** Limits of keys, projects and organizations; null where there is none. Money is in nano-dollars. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table limits (
      subject_kind text not null check (subject_kind in ('key', 'project', 'organization')),
      subject_id text not null,
      requests_per_minute integer check (requests_per_minute >= 0),
      tokens_per_minute integer check (tokens_per_minute >= 0),
      concurrent_requests integer check (concurrent_requests >= 0),
      nanos_per_day bigint check (nanos_per_day >= 0),
      nanos_per_month bigint check (nanos_per_month >= 0),
      allowed_models text[],
      primary key (subject_kind, subject_id)
    )`.execute(database);
}
