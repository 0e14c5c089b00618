import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { createKey, revokeKey } from '../keys/keys.ts';
import { getProject } from '../projects/administration.ts';
import { actorOf } from './access.ts';
import { booleanSchema, nameSchema, pageFields, parseBody, parseQuery } from './fields.ts';
import { beyond, listPage, refuseUnknownCursor, unixSeconds } from './list.ts';
import { referenceOf } from './project-routes.ts';

const listQuery = z.strictObject({
  ...pageFields,
  owner_project_access: z.enum(['active', 'inactive', 'any']).optional(),
  /** Extension. */
  include_revoked: booleanSchema.optional(),
});
/** What makes an API key. */
export const keyBody = z.strictObject({ name: nameSchema });
const list = '/v1/organization/projects/:project_id/api_keys';
const single = `${list}/:api_key_id`;

interface WithProject {
  Params: { project_id: string };
}

interface WithKey {
  Params: { project_id: string; api_key_id: string };
}

/**
 * /v1/organization/projects/{project_id}/api_keys. Making a key there with POST is an extension: OpenAI makes keys in its console,
 * or with a service account, which WeAI does not have.
 */
export function apiKeyRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get<WithProject>(list, async (request) => {
    const { id: projectId } = await getProject(kysely, referenceOf(request));
    const query = parseQuery(listQuery, request.query);
    const { limit = 20, after, owner_project_access: access, include_revoked: revoked = false } = query;
    const all = keysOf(projectId);
    if (after !== undefined)
      refuseUnknownCursor('after', await all.where('id', '=', after).executeTakeFirst());
    const found = await all
      .$if(!revoked, (query) => query.where('revoked_at', 'is', null))
      // A key's owner is the key's own service account, which has access for as long as the key works.
      .$if(access === 'inactive', (query) => query.limit(0))
      .$if(access !== 'inactive', (query) => query.limit(limit + 1))
      .$if(after !== undefined, (query) => query.where(beyond('api_keys', after ?? '', '>')))
      .orderBy('created_at')
      .orderBy('id')
      .execute();
    return listPage(found.map(keyObject), limit);
  });

  app.post<WithProject>(list, async (request) => {
    const { name } = parseBody(keyBody, request.body);
    const { id: projectId } = await getProject(kysely, referenceOf(request));
    const { id, key: value } = await createKey(kysely, { projectId, name, actor: actorOf(request) });
    const made = await keysOf(projectId).where('id', '=', id).executeTakeFirstOrThrow();
    return { ...keyObject(made), value };
  });

  app.get<WithKey>(single, async (request) => {
    const { id: projectId } = await getProject(kysely, referenceOf(request));
    return keyObject(await activeKey(projectId, request.params.api_key_id));
  });

  app.delete<WithKey>(single, async (request) => {
    const { id: projectId } = await getProject(kysely, referenceOf(request));
    const { id } = await activeKey(projectId, request.params.api_key_id);
    const { outcome } = await revokeKey(kysely, id, actorOf(request));
    if (outcome !== 'revoked') throw keyNotFound(id);
    return { object: 'organization.project.api_key.deleted', id, deleted: true };
  });

  function keysOf(projectId: string) {
    return kysely
      .selectFrom('api_keys')
      .select(['id', 'name', 'prefix', 'created_at as createdAt', 'last_used_at as lastUsedAt'])
      .select('revoked_at as revokedAt')
      .where('project_id', '=', projectId);
  }

  async function activeKey(projectId: string, id: string): Promise<ProjectKey> {
    const key = await keysOf(projectId)
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (key === undefined) throw keyNotFound(id);
    return key;
  }
}

interface ProjectKey {
  id: string;
  name: string;
  prefix: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

function keyNotFound(id: string): ApiError {
  return new ApiError('not_found', `No API key found with id '${id}'.`, { param: 'api_key_id' });
}

function keyObject({ id, name, prefix, createdAt, lastUsedAt, revokedAt }: ProjectKey) {
  const created_at = unixSeconds(createdAt);
  return {
    object: 'organization.project.api_key',
    id,
    name,
    redacted_value: `${prefix}...`,
    created_at,
    last_used_at: lastUsedAt === null ? null : unixSeconds(lastUsedAt),
    revoked_at: revokedAt === null ? null : unixSeconds(revokedAt),
    owner_project_access: revokedAt === null ? 'active' : 'inactive',
    owner: { type: 'service_account', service_account: { id, name, created_at, role: 'member' } },
  };
}
