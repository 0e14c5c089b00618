import { ApiError } from '@weai/protocol/errors';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../db/tables.ts';
import type { RequestContent } from './store.ts';

/** Which stored completions, and in which order of their time. */
export interface StoredQuery {
  limit: number;
  order: 'asc' | 'desc';
  /** Id of the completion before the page. */
  after?: string | undefined;
  model?: string | undefined;
  /** Pairs that their metadata must have. */
  metadata?: Record<string, string> | undefined;
}

/** The stored completions of a project, one more than `limit` where there is more. Throws ApiError for a cursor that is none. */
export async function listStored(
  kysely: Kysely<Tables>,
  projectId: string,
  { limit, order, after, model, metadata }: StoredQuery,
): Promise<RequestContent[]> {
  const cursor = after === undefined ? undefined : await findStored(kysely, projectId, after);
  if (after !== undefined && cursor === undefined)
    throw new ApiError('invalid_value', "Invalid 'after': expected the id of an object of this list.", {
      param: 'after',
    });
  const beyond = sql.raw(order === 'asc' ? '>' : '<');
  return storedOf(kysely, projectId)
    .$if(model !== undefined, (query) => query.where('request_contents.model', '=', model ?? ''))
    .$if(metadata !== undefined, (query) =>
      query.where(sql<boolean>`request_contents.metadata @> ${JSON.stringify(metadata)}::jsonb`),
    )
    .$if(cursor !== undefined, (query) =>
      query.where(
        sql<boolean>`(request_contents.created_at, request_contents.id) ${beyond} (${cursor?.created_at}::timestamptz, ${cursor?.id})`,
      ),
    )
    .orderBy('request_contents.created_at', order)
    .orderBy('request_contents.id', order)
    .limit(limit + 1)
    .execute();
}

/** A stored completion by its id; undefined where the project has none. */
export async function findStored(
  kysely: Kysely<Tables>,
  projectId: string,
  completionId: string,
): Promise<RequestContent | undefined> {
  return storedOf(kysely, projectId).where('completion_id', '=', completionId).executeTakeFirst();
}

/** Replaces its metadata; undefined where the project has none of that id. */
export async function updateStored(
  kysely: Kysely<Tables>,
  projectId: string,
  { completionId, metadata }: { completionId: string; metadata: Record<string, string> | null },
): Promise<RequestContent | undefined> {
  return kysely
    .updateTable('request_contents')
    .set({ metadata: metadata === null ? sql`null` : JSON.stringify(metadata) })
    .where('project_id', '=', projectId)
    .where('completion_id', '=', completionId)
    .where('stored', 'is', true)
    .where(sql<boolean>`exists (select from projects where id = ${projectId} and store_content)`)
    .returningAll()
    .executeTakeFirst();
}

/** Deletes it, in the request log too; says whether there was one. */
export async function deleteStored(
  kysely: Kysely<Tables>,
  projectId: string,
  completionId: string,
): Promise<boolean> {
  const { numDeletedRows } = await kysely
    .deleteFrom('request_contents')
    .where('project_id', '=', projectId)
    .where('completion_id', '=', completionId)
    .where('stored', 'is', true)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function storedOf(kysely: Kysely<Tables>, projectId: string) {
  return kysely
    .selectFrom('request_contents')
    .innerJoin('projects', 'projects.id', 'request_contents.project_id')
    .selectAll('request_contents')
    .where('request_contents.project_id', '=', projectId)
    .where('request_contents.stored', 'is', true)
    .where('projects.store_content', 'is', true);
}
