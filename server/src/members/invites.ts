import { randomUUID } from 'node:crypto';
import { ApiError } from '@weai/protocol/errors';
import type { Kysely } from 'kysely';
import { type Act, type Actor, recordAct } from '../audit/audit.ts';
import type { ProjectRole, Role } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';
import { activeProjectNames, ensureDefaultProject } from '../projects/projects.ts';
import { hashLinkToken, newLinkToken } from './link-token.ts';
import { mayNotAssign } from './membership.ts';
import { emailTaken } from './people.ts';
import { mayAssign } from './roles.ts';

const validityMs = 7 * 24 * 3600 * 1000;

/** An invitation; its token is in the link alone. */
export interface Invite {
  id: string;
  email: string;
  role: Role;
  projects: readonly { id: string; role: ProjectRole }[];
  createdAt: Date;
  expiresAt: Date;
  acceptedAt: Date | null;
}

/** The columns of an `Invite`. */
export const inviteColumns = [
  'id',
  'email',
  'role',
  'projects',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'accepted_at as acceptedAt',
] as const;

/**
 * Invites somebody; without projects, to the default one. The token in the answer can't be had again; no mail is sent.
 * An invitation that is out of date makes room for the new one. Throws ApiError not_found for a project that isn't there,
 * insufficient_permissions, or conflict when the email is a member's or is invited already.
 */
export async function createInvite(
  kysely: Kysely<Tables>,
  options: {
    organizationId: string;
    email: string;
    role: Role;
    projects?: readonly { id: string; role: ProjectRole }[] | undefined;
    actor: Actor;
    actorRole: Role;
  },
): Promise<Invite & { token: string }> {
  const { organizationId, email, role, actor, actorRole } = options;
  if (!mayAssign(actorRole, role)) throw mayNotAssign(role);
  const projects = options.projects ?? (await defaultProjects(kysely, organizationId));
  const token = newLinkToken();
  return kysely.transaction().execute(async (transaction) => {
    await refuseUnknownProjects(transaction, organizationId, projects);
    const user = await transaction
      .selectFrom('users')
      .select('id')
      .where('email', '=', email)
      .executeTakeFirst();
    if (user !== undefined) throw emailTaken();
    await transaction
      .deleteFrom('invites')
      .where('organization_id', '=', organizationId)
      .where('email', '=', email)
      .where('accepted_at', 'is', null)
      .where('expires_at', '<', new Date())
      .execute();
    const invite = await transaction
      .insertInto('invites')
      .values({
        id: `invite-${randomUUID()}`,
        organization_id: organizationId,
        email,
        role,
        projects: JSON.stringify(projects),
        hash: hashLinkToken(token),
        expires_at: new Date(Date.now() + validityMs),
        accepted_at: null,
      })
      .onConflict((conflict) =>
        conflict.columns(['organization_id', 'email']).where('accepted_at', 'is', null).doNothing(),
      )
      .returning(inviteColumns)
      .executeTakeFirst();
    if (invite === undefined)
      throw new ApiError('conflict', 'There is an open invitation for this email: withdraw it first.', {
        param: 'email',
      });
    const change = { before: null, after: { email, role } };
    await recordInvite(transaction, 'invite.sent', { organizationId, actor, id: invite.id }, change);
    return { ...invite, token };
  });
}

/** Withdraws an invitation. Throws ApiError not_found, or conflict when it was accepted. */
export async function deleteInvite(
  kysely: Kysely<Tables>,
  { organizationId, id, actor }: { organizationId: string; id: string; actor: Actor },
): Promise<void> {
  await kysely.transaction().execute(async (transaction) => {
    const invite = await transaction
      .selectFrom('invites')
      .select(['email', 'role', 'accepted_at'])
      .where('organization_id', '=', organizationId)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (invite === undefined) throw inviteNotFound(id);
    if (invite.accepted_at !== null)
      throw new ApiError('conflict', 'This invitation was accepted: remove the member instead.', {
        param: 'invite_id',
      });
    await transaction.deleteFrom('invites').where('id', '=', id).execute();
    const { email, role } = invite;
    const change = { before: { email, role }, after: null };
    await recordInvite(transaction, 'invite.deleted', { organizationId, actor, id }, change);
  });
}

/** There is no such invitation. */
export function inviteNotFound(id: string): ApiError {
  return new ApiError('not_found', `No invite found with id '${id}'.`, { param: 'invite_id' });
}

async function recordInvite(
  transaction: Kysely<Tables>,
  type: 'invite.sent' | 'invite.deleted',
  { organizationId, actor, id }: { organizationId: string; actor: Actor; id: string },
  change: Pick<Act, 'before' | 'after'>,
): Promise<void> {
  await recordAct(transaction, {
    type,
    actor,
    organizationId,
    projectId: null,
    resourceId: id,
    ...change,
  });
}

async function defaultProjects(kysely: Kysely<Tables>, organizationId: string) {
  const project = await ensureDefaultProject(kysely);
  return project.organizationId === organizationId ? [{ id: project.id, role: 'member' } as const] : [];
}

async function refuseUnknownProjects(
  transaction: Kysely<Tables>,
  organizationId: string,
  projects: readonly { id: string }[],
): Promise<void> {
  const active = await activeProjectNames(transaction, organizationId);
  for (const [index, { id }] of projects.entries()) {
    if (!active.has(id))
      throw new ApiError('not_found', `No project found with id '${id}'.`, { param: `projects.${index}.id` });
  }
}
