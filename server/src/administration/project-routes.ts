import type { FastifyInstance } from 'fastify';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import {
  archiveProject,
  createProject,
  getProject,
  projectColumns,
  type ProjectState,
  updateProject,
} from '../projects/administration.ts';
import { actorOf, administratorOf, visibleProjects } from './access.ts';
import { booleanSchema, nameSchema, pageFields, parseBody, parseQuery } from './fields.ts';
import { beyond, listPage, refuseUnknownCursor, unixSeconds } from './list.ts';

const listQuery = z.strictObject({ ...pageFields, include_archived: booleanSchema.optional() });
/** What makes a project. */
export const projectBody = z.strictObject({ name: nameSchema });
/** What changes a project. Beside the name, an extension of OpenAI's API. */
export const projectUpdateBody = z.strictObject({
  name: nameSchema.optional(),
  store_content: z
    .boolean()
    .optional()
    .describe(
      'Whether what is asked and answered is kept and shown in the request log. Off unless turned on. Turning it off deletes all that was kept, stored completions too, before the answer comes. Not meant are the answers to requests with an Idempotency-Key, kept for a day for whoever retries, and what people save in the playground',
    ),
  content_retention_days: z
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe('After how many days what was kept is deleted; a shorter time holds for older content too'),
});

/** A project as the API answers it, in OpenAI's shape. */
export const projectSchema = z.object({
  id: z.string(),
  object: z.literal('organization.project'),
  name: z.string(),
  created_at: z.int().describe('Unix seconds'),
  archived_at: z.int().nullable().describe('Unix seconds'),
  status: z.enum(['active', 'archived']),
  external_key_id: z.null(),
  store_content: z.boolean(),
  content_retention_days: z.int(),
});

interface WithProject {
  Params: { project_id: string };
}

/** /v1/organization/projects */
export function projectRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get('/v1/organization/projects', async (request) => {
    const { organizationId } = administratorOf(request);
    const { limit = 20, after, include_archived } = parseQuery(listQuery, request.query);
    const visible = visibleProjects(request);
    const all = kysely
      .selectFrom('projects')
      .select(projectColumns)
      .where('organization_id', '=', organizationId)
      .$if(visible !== undefined, (query) =>
        query.where('id', '=', sql<string>`any(${[...(visible ?? [])]}::text[])`),
      );
    if (after !== undefined)
      refuseUnknownCursor('after', await all.where('id', '=', after).executeTakeFirst());
    const found = await all
      .$if(include_archived !== true, (query) => query.where('archived_at', 'is', null))
      .$if(after !== undefined, (query) => query.where(beyond('projects', after ?? '', '>')))
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return listPage(found.map(projectObject), limit);
  });

  app.post('/v1/organization/projects', async (request) => {
    const { organizationId } = administratorOf(request);
    const { name } = parseBody(projectBody, request.body);
    return projectObject(await createProject(kysely, { organizationId, name, actor: actorOf(request) }));
  });

  app.get<WithProject>('/v1/organization/projects/:project_id', async (request) =>
    projectObject(await getProject(kysely, referenceOf(request))),
  );

  app.post<WithProject>('/v1/organization/projects/:project_id', async (request) => {
    const given = parseBody(projectUpdateBody, request.body);
    const change = {
      ...(given.name === undefined ? {} : { name: given.name }),
      ...(given.store_content === undefined ? {} : { storeContent: given.store_content }),
      ...(given.content_retention_days === undefined
        ? {}
        : { contentRetentionDays: given.content_retention_days }),
    };
    return projectObject(
      await updateProject(kysely, { ...referenceOf(request), ...change, actor: actorOf(request) }),
    );
  });

  app.post<WithProject>('/v1/organization/projects/:project_id/archive', async (request) =>
    projectObject(await archiveProject(kysely, { ...referenceOf(request), actor: actorOf(request) })),
  );
}

/** The project that a path names, looked for in the administrator's organization alone. */
export function referenceOf(
  request: Parameters<typeof administratorOf>[0] & { params: WithProject['Params'] },
): {
  organizationId: string;
  id: string;
} {
  return { organizationId: administratorOf(request).organizationId, id: request.params.project_id };
}

function projectObject({ id, name, createdAt, archivedAt, ...content }: ProjectState) {
  return {
    id,
    object: 'organization.project',
    name,
    created_at: unixSeconds(createdAt),
    archived_at: archivedAt === null ? null : unixSeconds(archivedAt),
    status: archivedAt === null ? 'active' : 'archived',
    external_key_id: null,
    store_content: content.storeContent,
    content_retention_days: content.contentRetentionDays,
  } satisfies z.output<typeof projectSchema>;
}
