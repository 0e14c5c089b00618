import { type Kysely, type Selectable, sql } from 'kysely';
import type { RequestContentsTable, Tables } from '../db/tables.ts';

export type RequestContent = Selectable<RequestContentsTable>;

/** A row as JSON text. */
export interface ContentRow {
  projectId: string;
  json: string;
}

/** Rows that a statement deletes: it holds locks for as long as it takes. */
const deletedAtOnce = 1000;

/**
 * Inserts contents. Those of projects that don't store content any more are left out: the project's row is locked meanwhile, so that
 * none slips in after its contents were deleted.
 */
export async function insertContents(kysely: Kysely<Tables>, rows: readonly ContentRow[]): Promise<void> {
  const projects = [...new Set(rows.map(({ projectId }) => projectId))];
  await sql`
    with storing as (
      select id from projects where id = any(${projects}::text[]) and store_content for share
    )
    insert into request_contents
    select given.* from json_populate_recordset(null::request_contents, ${`[${rows.map(({ json }) => json).join(',')}]`}::json) as given
    join storing on storing.id = given.project_id
    on conflict do nothing`.execute(kysely);
}

/** What was asked and answered in a request; undefined when its project doesn't store that. */
export async function findContent(
  kysely: Kysely<Tables>,
  { projectId, id }: { projectId: string; id: string },
): Promise<RequestContent | undefined> {
  return kysely
    .selectFrom('request_contents')
    .innerJoin('projects', 'projects.id', 'request_contents.project_id')
    .selectAll('request_contents')
    .where('request_contents.id', '=', id)
    .where('projects.id', '=', projectId)
    .where('projects.store_content', 'is', true)
    .executeTakeFirst();
}

/** Deletes what is older than its project keeps it, and all of projects that store none. Returns how many. */
export async function sweepContents(kysely: Kysely<Tables>, projectId?: string): Promise<number> {
  let deleted = 0;
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      delete from request_contents where id in (
        select old.id from projects cross join lateral (
          select id from request_contents
          where project_id = projects.id and created_at < case
            when projects.store_content then now() - projects.content_retention_days * interval '1 day'
            else 'infinity' end
          limit ${deletedAtOnce}
        ) as old
        where projects.id = coalesce(${projectId ?? null}, projects.id)
        limit ${deletedAtOnce}
      )`.execute(kysely);
    deleted += Number(numAffectedRows);
    if (numAffectedRows < deletedAtOnce) return deleted;
  }
}
