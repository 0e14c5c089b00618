import { ApiError } from '@weai/protocol/errors';
import type { Kysely } from 'kysely';
import { type Actor, recordAct } from '../audit/audit.ts';
import type { ProjectRole } from '../db/people-tables.ts';
import type { Tables } from '../db/tables.ts';
import { getProject, refuseArchived } from '../projects/administration.ts';
import { memberNotFound, membersOf } from './membership.ts';

/** Which member of which project is changed by whom. */
export interface ProjectMemberChange {
  organizationId: string;
  projectId: string;
  userId: string;
  actor: Actor;
}

/** A member of a project. */
export interface ProjectMember {
  id: string;
  name: string;
  email: string;
  role: ProjectRole;
  addedAt: Date;
}

/** The members of a project, who are listed for it. Owners and admins of the organization may use it without being so. */
export function projectMembersOf(kysely: Kysely<Tables>, projectId: string) {
  return kysely
    .selectFrom('project_members')
    .innerJoin('users', 'users.id', 'project_members.user_id')
    .select([
      'users.id',
      'users.name',
      'users.email',
      'project_members.role',
      'project_members.added_at as addedAt',
    ])
    .where('project_members.project_id', '=', projectId);
}

/** Adds a member of the organization to a project. Throws ApiError not_found, or conflict when already there or archived. */
export async function addProjectMember(
  kysely: Kysely<Tables>,
  change: ProjectMemberChange & { role: ProjectRole },
): Promise<ProjectMember> {
  const { organizationId, projectId, userId, role } = change;
  return kysely.transaction().execute(async (transaction) => {
    await lockProject(transaction, change);
    const member = await membersOf(transaction, organizationId)
      .select('users.id')
      .where('users.id', '=', userId)
      .forShare('members')
      .executeTakeFirst();
    if (member === undefined) throw memberNotFound(userId);
    const added = await transaction
      .insertInto('project_members')
      .values({ project_id: projectId, user_id: userId, role })
      .onConflict((conflict) => conflict.doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (added === undefined)
      throw new ApiError('conflict', 'This user is in the project already.', { param: 'user_id' });
    await record(transaction, change, 'user.added', { before: null, after: { role } });
    return getProjectMember(transaction, change);
  });
}

/** Gives a member of a project another role there. Throws ApiError not_found. */
export async function changeProjectRole(
  kysely: Kysely<Tables>,
  change: ProjectMemberChange & { role: ProjectRole },
): Promise<ProjectMember> {
  return kysely.transaction().execute(async (transaction) => {
    await lockProject(transaction, change);
    const before = await getProjectMember(transaction, change);
    if (before.role === change.role) return before;
    await transaction
      .updateTable('project_members')
      .set({ role: change.role })
      .where('project_id', '=', change.projectId)
      .where('user_id', '=', change.userId)
      .execute();
    const changed = { before: { role: before.role }, after: { role: change.role } };
    await record(transaction, change, 'user.updated', changed);
    return { ...before, role: change.role };
  });
}

/** Takes a member out of a project. Throws ApiError not_found. */
export async function removeProjectMember(
  kysely: Kysely<Tables>,
  change: ProjectMemberChange,
): Promise<void> {
  await kysely.transaction().execute(async (transaction) => {
    await lockProject(transaction, change);
    const { role } = await getProjectMember(transaction, change);
    await transaction
      .deleteFrom('project_members')
      .where('project_id', '=', change.projectId)
      .where('user_id', '=', change.userId)
      .execute();
    await record(transaction, change, 'user.deleted', { before: { role }, after: null });
  });
}

/** One of them. Throws ApiError not_found. */
export async function getProjectMember(
  kysely: Kysely<Tables>,
  { projectId, userId }: Pick<ProjectMemberChange, 'projectId' | 'userId'>,
): Promise<ProjectMember> {
  const member = await projectMembersOf(kysely, projectId).where('users.id', '=', userId).executeTakeFirst();
  if (member === undefined) throw memberNotFound(userId);
  return member;
}

async function lockProject(
  transaction: Kysely<Tables>,
  { organizationId, projectId }: ProjectMemberChange,
): Promise<void> {
  refuseArchived(await getProject(transaction, { organizationId, id: projectId }, true));
}

async function record(
  transaction: Kysely<Tables>,
  { organizationId, projectId, userId, actor }: ProjectMemberChange,
  type: 'user.added' | 'user.updated' | 'user.deleted',
  changed: { before: { role: ProjectRole } | null; after: { role: ProjectRole } | null },
): Promise<void> {
  await recordAct(transaction, { type, actor, organizationId, projectId, resourceId: userId, ...changed });
}
