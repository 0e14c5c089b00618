import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import {
  changeRole,
  memberColumns,
  memberNotFound,
  membersOf,
  type MemberState,
  removeMember,
} from '../members/membership.ts';
import { roles } from '../members/roles.ts';
import { actorOf, actorRoleOf, administratorOf } from './access.ts';
import { pageFields, parseBody, parseQuery, textsSchema } from './fields.ts';
import { beyond, listPage, refuseUnknownCursor, unixSeconds } from './list.ts';

const listQuery = z.strictObject({ ...pageFields, emails: textsSchema });
/** What changes a member's role. */
export const userRoleBody = z.strictObject({ role: z.enum(roles) });
/** A member of the organization. */
export const userSchema = z.object({
  object: z.literal('organization.user'),
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(roles),
  added_at: z.int(),
});

const list = '/v1/organization/users';
const single = `${list}/:user_id`;

interface WithUser {
  Params: { user_id: string };
}

/** /v1/organization/users. Roles are WeAI's four, where OpenAI has `owner` and `reader`. */
export function userRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get(list, async (request) => {
    const { limit = 20, after, emails } = parseQuery(listQuery, request.query);
    const all = membersOf(kysely, administratorOf(request).organizationId).select(memberColumns);
    if (after !== undefined)
      refuseUnknownCursor('after', await all.where('users.id', '=', after).executeTakeFirst());
    const lowered = (emails ?? []).map((email) => email.toLowerCase());
    const found = await all
      .$if(emails !== undefined, (query) =>
        query.where('users.email', '=', sql<string>`any(${lowered}::text[])`),
      )
      .$if(after !== undefined, (query) => query.where(beyond('members', after ?? '', '>')))
      .orderBy('members.added_at')
      .orderBy('members.user_id')
      .limit(limit + 1)
      .execute();
    return listPage(found.map(userObject), limit);
  });

  app.get<WithUser>(single, async (request) => {
    const { user_id: id } = request.params;
    const member = await membersOf(kysely, administratorOf(request).organizationId)
      .select(memberColumns)
      .where('users.id', '=', id)
      .executeTakeFirst();
    if (member === undefined) throw memberNotFound(id);
    return userObject(member);
  });

  app.post<WithUser>(single, async (request) => {
    const { role } = parseBody(userRoleBody, request.body);
    return userObject(await changeRole(kysely, { ...changeOf(request, request.params.user_id), role }));
  });

  app.delete<WithUser>(single, async (request) => {
    const { id } = await removeMember(kysely, changeOf(request, request.params.user_id));
    return { object: 'organization.user.deleted', id, deleted: true };
  });
}

function changeOf(request: FastifyRequest, userId: string) {
  const { organizationId } = administratorOf(request);
  return { organizationId, userId, actor: actorOf(request), actorRole: actorRoleOf(request) };
}

function userObject({ id, name, email, role, addedAt }: MemberState): z.output<typeof userSchema> {
  return { object: 'organization.user', id, name, email, role, added_at: unixSeconds(addedAt) };
}
