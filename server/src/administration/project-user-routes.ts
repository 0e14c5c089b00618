import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../db/tables.ts';
import {
  addProjectMember,
  changeProjectRole,
  getProjectMember,
  type ProjectMember,
  projectMembersOf,
  removeProjectMember,
} from '../members/project-members.ts';
import { getProject } from '../projects/administration.ts';
import { actorOf } from './access.ts';
import { pageFields, parseBody, parseQuery, textSchema } from './fields.ts';
import { listPage, refuseUnknownCursor, unixSeconds } from './list.ts';
import { referenceOf } from './project-routes.ts';

const listQuery = z.strictObject(pageFields);
const role = z.enum(['owner', 'member']);
/** What adds a member of the organization to a project. */
export const projectUserBody = z.strictObject({ user_id: textSchema, role });
/** What changes the role in the project. */
export const projectUserRoleBody = z.strictObject({ role });
/** A member of a project. */
export const projectUserSchema = z.object({
  object: z.literal('organization.project.user'),
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role,
  added_at: z.int(),
});

const list = '/v1/organization/projects/:project_id/users';
const single = `${list}/:user_id`;

interface WithProject {
  Params: { project_id: string };
}

interface WithUser {
  Params: { project_id: string; user_id: string };
}

/** /v1/organization/projects/{project_id}/users: who is listed for a project. Owners and admins may use it without being so. */
export function projectUserRoutes(app: FastifyInstance, { kysely }: { kysely: Kysely<Tables> }): void {
  app.get<WithProject>(list, async (request) => {
    const { id } = await getProject(kysely, referenceOf(request));
    const { limit = 20, after } = parseQuery(listQuery, request.query);
    const all = projectMembersOf(kysely, id);
    if (after !== undefined)
      refuseUnknownCursor('after', await all.where('users.id', '=', after).executeTakeFirst());
    const found = await all
      .$if(after !== undefined, (query) =>
        query.where(
          sql<boolean>`(project_members.added_at, project_members.user_id) >
            (select added_at, user_id from project_members where project_id = ${id} and user_id = ${after})`,
        ),
      )
      .orderBy('project_members.added_at')
      .orderBy('project_members.user_id')
      .limit(limit + 1)
      .execute();
    return listPage(found.map(projectUserObject), limit);
  });

  app.post<WithProject>(list, async (request) => {
    const { user_id: userId, role } = parseBody(projectUserBody, request.body);
    return projectUserObject(await addProjectMember(kysely, { ...changeOf(request, userId), role }));
  });

  app.get<WithUser>(single, async (request) => {
    const { id: projectId } = await getProject(kysely, referenceOf(request));
    return projectUserObject(await getProjectMember(kysely, { projectId, userId: request.params.user_id }));
  });

  app.post<WithUser>(single, async (request) => {
    const { role } = parseBody(projectUserRoleBody, request.body);
    const change = { ...changeOf(request, request.params.user_id), role };
    return projectUserObject(await changeProjectRole(kysely, change));
  });

  app.delete<WithUser>(single, async (request) => {
    const { user_id: id } = request.params;
    await removeProjectMember(kysely, changeOf(request, id));
    return { object: 'organization.project.user.deleted', id, deleted: true };
  });
}

function changeOf(request: FastifyRequest & { params: WithProject['Params'] }, userId: string) {
  const { organizationId, id: projectId } = referenceOf(request);
  return { organizationId, projectId, userId, actor: actorOf(request) };
}

function projectUserObject(member: ProjectMember): z.output<typeof projectUserSchema> {
  const { id, name, email, role, addedAt } = member;
  return { object: 'organization.project.user', id, name, email, role, added_at: unixSeconds(addedAt) };
}
