import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/** What was asked and answered, of projects that store it: off until someone turns it on. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    alter table projects
      add column store_content boolean not null default false,
      add column content_retention_days integer not null default 30 check (content_retention_days between 1 and 3650)`.execute(
    database,
  );
  await sql`
    create table request_contents (
      id text primary key,
      project_id text not null references projects (id),
      created_at timestamptz(3) not null,
      model text not null,
      request json not null,
      answer json,
      truncated boolean not null,
      completion_id text,
      stored boolean not null,
      metadata jsonb
    )`.execute(database);
  await sql`create index request_contents_by_time on request_contents (project_id, created_at)`.execute(
    database,
  );
  await sql`
    create unique index request_contents_stored on request_contents (project_id, completion_id)
    where stored`.execute(database);
}
