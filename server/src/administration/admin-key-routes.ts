import { ApiError } from '@weai/protocol/errors';
import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { actorOf, administratorOf } from './access.ts';
import { type AdminKey, adminKeyColumns, createAdminKey, revokeAdminKey } from './admin-keys.ts';
import { nameSchema, pageFields, parseBody, parseQuery } from './fields.ts';
import { beyond, listPage, refuseUnknownCursor, unixSeconds } from './list.ts';

const listQuery = z.strictObject({ ...pageFields, order: z.enum(['asc', 'desc']).optional() });
/** What makes an admin key. */
export const adminKeyBody = z.strictObject({
  name: nameSchema,
  expires_in_seconds: z.int().min(1).max(31_536_000).optional(),
});
const list = '/v1/organization/admin_api_keys';
const single = `${list}/:key_id`;

interface WithKey {
  Params: { key_id: string };
}

/** /v1/organization/admin_api_keys */
export function adminKeyRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get(list, async (request) => {
    const { limit = 20, after, order = 'asc' } = parseQuery(listQuery, request.query);
    const all = keysOf(administratorOf(request).organizationId);
    if (after !== undefined)
      refuseUnknownCursor('after', await all.where('id', '=', after).executeTakeFirst());
    const direction = order === 'asc' ? '>' : '<';
    const found = await all
      .where('revoked_at', 'is', null)
      .$if(after !== undefined, (query) => query.where(beyond('admin_keys', after ?? '', direction)))
      .orderBy('created_at', order)
      .orderBy('id', order)
      .limit(limit + 1)
      .execute();
    return listPage(found.map(adminKeyObject), limit);
  });

  app.post(list, async (request) => {
    const { organizationId } = administratorOf(request);
    const { name, expires_in_seconds: expiresInSeconds } = parseBody(adminKeyBody, request.body);
    const options = { organizationId, name, expiresInSeconds, actor: actorOf(request) };
    const { value, ...key } = await createAdminKey(kysely, options);
    return { ...adminKeyObject(key), value };
  });

  app.get<WithKey>(single, async (request) => {
    const { key_id: id } = request.params;
    const key = await keysOf(administratorOf(request).organizationId)
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst();
    if (key === undefined) throw keyNotFound(id);
    return adminKeyObject(key);
  });

  app.delete<WithKey>(single, async (request) => {
    const { organizationId } = administratorOf(request);
    const { key_id: id } = request.params;
    const deleted = await revokeAdminKey(kysely, { organizationId, id, actor: actorOf(request) });
    if (!deleted) throw keyNotFound(id);
    return { id, object: 'organization.admin_api_key.deleted', deleted };
  });

  function keysOf(organizationId: string) {
    return kysely
      .selectFrom('admin_keys')
      .select(adminKeyColumns)
      .where('organization_id', '=', organizationId);
  }
}

function keyNotFound(id: string): ApiError {
  return new ApiError('not_found', `No admin key found with id '${id}'.`, { param: 'key_id' });
}

function adminKeyObject({ id, name, prefix, createdAt, expiresAt, lastUsedAt }: AdminKey) {
  const created_at = unixSeconds(createdAt);
  return {
    object: 'organization.admin_api_key',
    id,
    name,
    redacted_value: `${prefix}...`,
    created_at,
    expires_at: expiresAt === null ? null : unixSeconds(expiresAt),
    last_used_at: lastUsedAt === null ? null : unixSeconds(lastUsedAt),
    owner: {
      type: 'service_account',
      object: 'organization.service_account',
      id,
      name,
      created_at,
      role: 'owner',
    },
  };
}
