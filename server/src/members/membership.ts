import { ApiError } from '@weai/protocol/errors';
import type { Kysely } from 'kysely';
import { type Actor, recordAct } from '../audit/audit.ts';
import type { Role } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';
import { mayAssign } from './roles.ts';

/** Who changes whose membership. The role of an admin key, or of a person at the machine, is that of an owner. */
export interface MemberChange {
  organizationId: string;
  userId: string;
  actor: Actor;
  actorRole: Role;
}

/** A member as the organization sees it. */
export interface MemberState {
  id: string;
  name: string;
  email: string;
  role: Role;
  addedAt: Date;
}

/** The columns of a `MemberState`, of members joined with users. */
export const memberColumns = [
  'users.id',
  'users.name',
  'users.email',
  'members.role',
  'members.added_at as addedAt',
] as const;

/** The members of an organization. */
export function membersOf(kysely: Kysely<Tables>, organizationId: string) {
  return kysely
    .selectFrom('members')
    .innerJoin('users', 'users.id', 'members.user_id')
    .where('members.organization_id', '=', organizationId);
}

/** Gives a member another role. Throws ApiError not_found, insufficient_permissions, or conflict for the last owner. */
export async function changeRole(
  kysely: Kysely<Tables>,
  { role, ...change }: MemberChange & { role: Role },
): Promise<MemberState> {
  return changeMember(kysely, change, async (transaction, member) => {
    if (!mayAssign(change.actorRole, role)) throw mayNotAssign(role);
    if (member.role === role) return member;
    await transaction.updateTable('members').set({ role }).where('user_id', '=', member.id).execute();
    const resource = { actor: change.actor, organizationId: change.organizationId, resourceId: member.id };
    const changed = { before: { role: member.role }, after: { role } };
    await recordAct(transaction, { type: 'user.updated', ...resource, projectId: null, ...changed });
    return { ...member, role };
  });
}

/**
 * Removes a member, and with it the sessions and every way to sign in. Who is invited again starts anew.
 * Throws ApiError as `changeRole` does.
 */
export async function removeMember(kysely: Kysely<Tables>, change: MemberChange): Promise<MemberState> {
  return changeMember(kysely, change, async (transaction, member) => {
    await transaction.deleteFrom('users').where('id', '=', member.id).execute();
    const resource = { actor: change.actor, organizationId: change.organizationId, resourceId: member.id };
    const changed = { before: { role: member.role, email: member.email }, after: null };
    await recordAct(transaction, { type: 'user.deleted', ...resource, projectId: null, ...changed });
    return member;
  });
}

/** One change of an organization's members at a time: two owners who remove each other can't both succeed. */
async function changeMember(
  kysely: Kysely<Tables>,
  { organizationId, userId, actorRole }: MemberChange,
  apply: (transaction: Kysely<Tables>, member: MemberState) => Promise<MemberState>,
): Promise<MemberState> {
  return kysely.transaction().execute(async (transaction) => {
    await transaction
      .selectFrom('organizations')
      .select('id')
      .where('id', '=', organizationId)
      .forUpdate()
      .execute();
    const member = await membersOf(transaction, organizationId)
      .select(memberColumns)
      .where('users.id', '=', userId)
      .executeTakeFirst();
    if (member === undefined) throw memberNotFound(userId);
    if (!mayAssign(actorRole, member.role)) throw mayNotAssign(member.role);
    const changed = await apply(transaction, member);
    const owner = await membersOf(transaction, organizationId)
      .select('users.id')
      .where('members.role', '=', 'owner')
      .limit(1)
      .executeTakeFirst();
    if (member.role === 'owner' && owner === undefined)
      throw new ApiError('conflict', 'This is the last owner: make somebody else an owner first.');
    return changed;
  });
}

/** A role is above the one who gives or takes it. */
export function mayNotAssign(role: Role): ApiError {
  return new ApiError(
    'insufficient_permissions',
    `Only an owner may make, change or remove a member of role ${role}.`,
  );
}

/** There is no such member. */
export function memberNotFound(id: string): ApiError {
  return new ApiError('not_found', `No user found with id '${id}'.`, { param: 'user_id' });
}
