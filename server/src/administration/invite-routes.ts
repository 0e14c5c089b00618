import type { FastifyInstance } from 'fastify';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import { ownUrl } from '../http/own-url.ts';
import {
  createInvite,
  deleteInvite,
  type Invite,
  inviteColumns,
  inviteNotFound,
} from '../members/invites.ts';
import { roles } from '../members/roles.ts';
import { actorOf, actorRoleOf, administratorOf } from './access.ts';
import { emailSchema, pageFields, parseBody, parseQuery, textSchema } from './fields.ts';
import { beyond, listPage, refuseUnknownCursor, unixSeconds } from './list.ts';

const listQuery = z.strictObject(pageFields);
const project = z.strictObject({ id: textSchema, role: z.enum(['owner', 'member']) });
/** What invites somebody; without `projects`, to the default one. */
export const inviteBody = z.strictObject({
  email: emailSchema,
  role: z.enum(roles),
  projects: z
    .array(project)
    .max(100)
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'expected each project once')
    .optional(),
});
/** An invitation. */
export const inviteSchema = z.object({
  object: z.literal('organization.invite'),
  id: z.string(),
  email: z.string(),
  role: z.enum(roles),
  status: z.enum(['pending', 'accepted', 'expired']),
  created_at: z.int(),
  expires_at: z.int(),
  accepted_at: z.int().nullable(),
  projects: z.array(z.object({ id: z.string(), role: z.enum(['owner', 'member']) })),
  url: z.string().optional().describe('The one-time link, told when the invitation is made and never again'),
});

const list = '/v1/organization/invites';
const single = `${list}/:invite_id`;

interface WithInvite {
  Params: { invite_id: string };
}

/** /v1/organization/invites. No mail is sent: the answer that makes an invitation has its link, `url`, an extension. */
export function inviteRoutes(
  app: FastifyInstance,
  { kysely, publicUrl }: { kysely: Kysely<Tables>; publicUrl: string | null },
): void {
  app.get(list, async (request) => {
    const { limit = 20, after } = parseQuery(listQuery, request.query);
    const all = invitesOf(administratorOf(request).organizationId);
    if (after !== undefined)
      refuseUnknownCursor('after', await all.where('id', '=', after).executeTakeFirst());
    const found = await all
      .$if(after !== undefined, (query) => query.where(beyond('invites', after ?? '', '>')))
      .orderBy('created_at')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    return listPage(found.map(inviteObject), limit);
  });

  app.post(list, async (request) => {
    const { organizationId } = administratorOf(request);
    const body = parseBody(inviteBody, request.body);
    const by = { actor: actorOf(request), actorRole: actorRoleOf(request) };
    const { token, ...invite } = await createInvite(kysely, { organizationId, ...body, ...by });
    return { ...inviteObject(invite), url: `${publicUrl ?? ownUrl(request)}/invite?token=${token}` };
  });

  app.get<WithInvite>(single, async (request) => {
    const { invite_id: id } = request.params;
    const invite = await invitesOf(administratorOf(request).organizationId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (invite === undefined) throw inviteNotFound(id);
    return inviteObject(invite);
  });

  app.delete<WithInvite>(single, async (request) => {
    const { organizationId } = administratorOf(request);
    const { invite_id: id } = request.params;
    await deleteInvite(kysely, { organizationId, id, actor: actorOf(request) });
    return { object: 'organization.invite.deleted', id, deleted: true };
  });

  function invitesOf(organizationId: string) {
    return kysely.selectFrom('invites').select(inviteColumns).where('organization_id', '=', organizationId);
  }
}

function inviteObject(invite: Invite): z.output<typeof inviteSchema> {
  const { acceptedAt, expiresAt } = invite;
  const open = expiresAt.getTime() > Date.now() ? 'pending' : 'expired';
  return {
    object: 'organization.invite',
    id: invite.id,
    email: invite.email,
    role: invite.role,
    status: acceptedAt === null ? open : 'accepted',
    created_at: unixSeconds(invite.createdAt),
    expires_at: unixSeconds(expiresAt),
    accepted_at: acceptedAt === null ? null : unixSeconds(acceptedAt),
    projects: [...invite.projects],
  };
}
