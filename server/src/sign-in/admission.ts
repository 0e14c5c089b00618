import type { Kysely } from 'kysely';
import { recordAct } from '../audit/audit.ts';
import type { Tables } from '../db/tables.ts';
import { addMember } from '../members/people.ts';
import { activeProjectNames } from '../projects/projects.ts';

/** Whether an OpenID provider's account may become a user: its email, which the provider has to vouch for, is invited or a user's. */
export async function isExpected(
  kysely: Kysely<Tables>,
  user: { email?: string | undefined; emailVerified?: boolean | undefined },
): Promise<boolean> {
  if (user.email === undefined || user.emailVerified !== true) return false;
  const email = user.email.toLowerCase();
  const known = await kysely.selectFrom('users').select('id').where('email', '=', email).executeTakeFirst();
  return known !== undefined || (await openInvite(kysely, email)) !== undefined;
}

/**
 * Whether a user may have a session: as a member, which an invitation to the user's email makes. Only a provider that vouches for
 * the email gets here without being one already.
 */
export async function admitUser(kysely: Kysely<Tables>, userId: string): Promise<boolean> {
  return kysely.transaction().execute(async (transaction) => {
    if ((await organizationOf(transaction, userId)) !== null) return true;
    const user = await transaction
      .selectFrom('users')
      .select('email')
      .where('id', '=', userId)
      .executeTakeFirst();
    const invite = user && (await openInvite(transaction, user.email));
    if (invite === undefined) return false;
    await acceptInvite(transaction, invite, userId);
    return true;
  });
}

/** Writes down that a session began. */
export async function recordSignIn(kysely: Kysely<Tables>, userId: string): Promise<void> {
  await recordSessionAct(kysely, 'login.succeeded', userId);
}

/** Writes down what happened to a user's sessions. */
export async function recordSessionAct(
  kysely: Kysely<Tables>,
  type: 'login.succeeded' | 'login.failed' | 'logout.succeeded' | 'user.updated',
  userId: string,
): Promise<void> {
  const organizationId = await organizationOf(kysely, userId);
  if (organizationId === null) return;
  const actor = { kind: 'session', id: userId } as const;
  const act = { type, actor, organizationId, projectId: null, resourceId: userId };
  await recordAct(kysely, { ...act, before: null, after: null });
}

/** An invitation as accepting it needs it. */
export interface OpenInvite {
  id: string;
  organizationId: string;
  role: Parameters<typeof addMember>[1]['role'];
  projects: Parameters<typeof addMember>[1]['projects'];
}

/** Makes a user the member that an invitation, locked by the caller, promises. Projects archived since are left out. */
export async function acceptInvite(
  transaction: Kysely<Tables>,
  { id, organizationId, role, projects }: OpenInvite,
  userId: string,
): Promise<void> {
  await transaction.updateTable('invites').set({ accepted_at: new Date() }).where('id', '=', id).execute();
  const active = await activeProjectNames(transaction, organizationId);
  const joined = projects.filter((project) => active.has(project.id));
  const actor = { kind: 'session', id: userId } as const;
  const act = { type: 'invite.accepted', actor, organizationId, projectId: null, resourceId: id } as const;
  await recordAct(transaction, { ...act, before: null, after: null });
  await addMember(transaction, { userId, organizationId, role, projects: joined, actor });
}

async function openInvite(kysely: Kysely<Tables>, email: string): Promise<OpenInvite | undefined> {
  return kysely
    .selectFrom('invites')
    .select(['id', 'organization_id as organizationId', 'role', 'projects'])
    .where('email', '=', email)
    .where('accepted_at', 'is', null)
    .where('expires_at', '>', new Date())
    .orderBy('created_at', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
}

async function organizationOf(kysely: Kysely<Tables>, userId: string): Promise<string | null> {
  const member = await kysely
    .selectFrom('members')
    .select('organization_id')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return member?.organization_id ?? null;
}
