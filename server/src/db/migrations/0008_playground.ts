import { sql } from 'kysely';
import type { Kysely } from 'kysely';

/**
 * What people keep from the playground. `search` has the words of a document as `playground/search-terms.ts` makes them, and one
 * lexeme that names kind and project, so that the index alone finds the documents of one project. Times are in milliseconds,
 * which JavaScript and cursors can hold exactly.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    create table playground_documents (
      id text primary key,
      kind text not null check (kind in ('conversation', 'preset', 'comparison')),
      project_id text not null references projects (id),
      creator_id text not null,
      visibility text not null check (visibility in ('private', 'project')),
      title text not null,
      version integer not null default 1,
      summary jsonb not null,
      content json not null,
      search tsvector not null,
      created_at timestamptz(3) not null default clock_timestamp(),
      updated_at timestamptz(3) not null default clock_timestamp()
    )`.execute(database);
  await sql`
    create index playground_documents_by_time
    on playground_documents (project_id, kind, updated_at desc, id desc)`.execute(database);
  // Without a list of pending entries, which every search would have to read.
  await sql`
    create index playground_documents_search
    on playground_documents using gin (search) with (fastupdate = off)`.execute(database);
}
